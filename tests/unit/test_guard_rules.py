"""The guard's own rules: each has a template that breaks it and one that does not."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from paved_road.guard.contracts import contracts, foreign_regions
from paved_road.guard.examine import examine
from paved_road.guard.limits import limits
from paved_road.guard.quotas import QUOTAS, over_quota, usage
from paved_road.guard.tagging import tagging
from paved_road_contract import tags
from tests.unit.guard_subjects import OWN, Make, resources

QUEUE = {"Type": "AWS::SQS::Queue"}


@pytest.mark.parametrize(("count", "found"), [(400, 0), (401, 1)])
def test_eighty_percent_of_the_resources_are_the_limit(
    subject: Make, count: int, found: int
) -> None:
    template = resources(**{f"Q{n}": QUEUE for n in range(count)})
    assert len(list(limits(subject(template)))) == found


def test_references_within_a_stack_and_to_pseudo_parameters_are_fine(subject: Make) -> None:
    template = {
        "Parameters": {"P": {"Type": "String"}},
        **resources(
            Q=QUEUE,
            R={
                "Type": "R",
                "Properties": {
                    "A": [{"Ref": "P"}, {"Ref": "AWS::Region"}],
                    "B": {"Fn::GetAtt": "Q.Arn"},
                    "C": {"Ref": "Absent", "Other": "a document of ours, no intrinsic"},
                },
            },
        ),
    }
    assert list(contracts(subject(template), {})) == []


def test_outputs_parameters_and_bytes_have_limits_too(subject: Make) -> None:
    template = {
        **resources(Q={"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "x" * 800_001}}),
        "Outputs": {f"O{n}": {"Value": "x"} for n in range(161)},
        "Parameters": {f"P{n}": {"Type": "String"} for n in range(161)},
    }
    assert {one.where for one in limits(subject(template))} == {
        "Outputs",
        "Parameters",
        "template",
    }


def test_sums_over_a_region_are_held_against_quotas(subject: Make) -> None:
    balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer"}
    bucket = {"Type": "AWS::S3::Bucket"}
    many = [
        subject(
            resources(**{f"B{n}": balancer for n in range(25)}, Bucket=bucket),
            name=f"acme-{region}-{number}",
            region=region,
        )
        for region, number in (("us-east-1", 1), ("us-east-1", 2), ("us-west-2", 1))
    ]
    used = usage(many, QUOTAS)
    (finding,) = over_quota(used)
    assert str(finding) == (
        "estate in us-east-1: AWS::ElasticLoadBalancingV2::LoadBalancer: must stay within 80% of "
        "the account's 50, got 50; have the quota raised and pass it to the guard"
    )
    raised = usage(many, {**QUOTAS, "AWS::ElasticLoadBalancingV2::LoadBalancer": 100})
    assert list(over_quota(raised)) == []
    assert {one.region: one.count for one in used if one.resource == "AWS::S3::Bucket"} == {
        "all": 3
    }


@pytest.mark.parametrize(
    "template",
    [
        {"Outputs": {"Id": {"Value": "x", "Export": {"Name": "id"}}}},
        {"Outputs": {"PublishOutputRefVpc": {"Value": "x"}}},
        {"Outputs": {"ExportsOutputRefVpc": {"Value": "x"}}},
        resources(Q={"Type": "Q", "Properties": {"A": {"Fn::ImportValue": "id"}}}),
        resources(Q={"Type": "Q", "Properties": {"A": {"Ref": "Absent"}}}),
        resources(Q={"Type": "Q", "Properties": {"A": {"Fn::GetAtt": ["Absent", "Arn"]}}}),
        resources(
            Q={
                "Type": "Q",
                "Properties": {
                    "A": {"Fn::GetStackOutput": {"StackName": "s", "OutputName": "PublishOutputX"}}
                },
            }
        ),
    ],
)
def test_exports_imports_and_generated_references_are_refused(
    subject: Make, template: dict[str, Any]
) -> None:
    assert len(list(contracts(subject(template), {}))) == 1


def test_reading_a_published_output_is_fine_after_its_producer(subject: Make) -> None:
    reader = subject(
        {
            "Outputs": {"VpcId": {"Value": "x"}},
            **resources(
                Q={
                    "Type": "Q",
                    "Properties": {
                        "A": {"Fn::GetStackOutput": {"StackName": "p", "OutputName": "VpcId"}}
                    },
                }
            ),
        }
    )
    name = reader.stack.name
    assert list(contracts(reader, {"p": (), name: ("p",)})) == []
    assert list(contracts(reader, {name: ()})) == []
    (finding,) = contracts(reader, {"p": (), name: ()})
    assert "must be defined after p" in str(finding)


def test_foreign_regions_are_refused_unless_the_stack_is_made_for_them(subject: Make) -> None:
    named = resources(Q={"Type": "Q", "Properties": {"Arn": "arn:aws:sqs:eu-west-1::x"}})
    (finding,) = foreign_regions(subject(named))
    assert "must not name eu-west-1" in str(finding)
    admitted = {"Metadata": {"ForeignRegions": ["eu-west-1"]}, **named}
    assert list(foreign_regions(subject(admitted))) == []


@pytest.mark.parametrize("as_map", [True, False])
def test_resources_without_an_owner_are_refused(subject: Make, as_map: bool) -> None:
    def bucket(keys: list[str]) -> dict[str, Any]:
        spelled = (
            dict.fromkeys(keys, "x") if as_map else [{"Key": key, "Value": "x"} for key in keys]
        )
        return resources(B={"Type": "AWS::S3::Bucket", "Properties": {"Tags": spelled}})

    assert list(tagging(subject(bucket(list(tags.MANDATORY))))) == []
    (finding,) = tagging(subject(bucket([tags.ESTATE, tags.COMPONENT])))
    assert tags.OWNER in str(finding)
    assert tags.COST_CENTER in str(finding)
    untagged = resources(B={"Type": "AWS::S3::Bucket"}, R={"Type": "AWS::EC2::Route"})
    assert [one.where for one in tagging(subject(untagged))] == ["B"]


def assembly(folder: Path, template: dict[str, Any], reason: str, **manifest: Any) -> Path:
    """A cloud assembly of one stack, by hand."""
    (folder / "s.template.json").write_text(json.dumps(template))
    acknowledged = {"type": "aws:cdk:acknowledged-rules", "data": {"Annotation::Rule-1": reason}}
    (folder / "s.metadata.json").write_text(json.dumps({"/s/B": [acknowledged]}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/us-east-1",
        "properties": {"templateFile": "s.template.json", "stackName": "s", "tags": OWN},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"s": stack}, **manifest}))
    return folder


def test_acknowledgments_are_listed_with_their_reasons(tmp_path: Path) -> None:
    reason = "It is the log bucket: logging itself would not end."
    assert examine(assembly(tmp_path, resources(Q=QUEUE), reason)) == []
    rows = list(csv.reader((tmp_path / "acknowledgments.csv").read_text().splitlines()))
    assert rows == [["rule", "construct", "reason"], ["Rule-1", "s/B", reason]]


def test_several_findings_come_together(tmp_path: Path) -> None:
    broken = {
        **resources(B={"Type": "AWS::S3::Bucket", "Properties": {"Region": "eu-west-1"}}),
        "Outputs": {"Id": {"Value": "x", "Export": {"Name": "id"}}},
    }
    found = examine(assembly(tmp_path, broken, "", missing=[{"key": "vpc-lookup"}]))
    text = "\n".join(map(str, found))
    for part in ("must carry the tags", "eu-west-1", "not exported", "looked up", "give a reason"):
        assert part in text
