"""Rows that are declared together get what the CDK gives its own constructs."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, CfnResource
from constructs import Construct

from paved_road.estate import EstateStack, Region, declare, published
from paved_road.estate.references import attribute, logical_id, path_in_stack, ref, ref_number
from paved_road_contract.stacks import Kind
from tests.findings import unexplained_findings
from tests.templates import template

REGION = Region(estate="acme", name="us-east-1", zones="abc")
TOPIC = "AWS::SNS::Topic"


@pytest.mark.parametrize(
    "ids",
    [
        ("Topic",),
        ("To-pic",),
        ("Service", "Topic"),
        ("Service", "Resource"),
        ("Service", "Default"),
        ("Service", "Default", "Topic"),
        ("MyTopic", "Topic"),
        ("A-b", "C_d", "Topic"),
        ("Long" * 40, "Longer" * 40, "Topic"),
    ],
)
def test_a_logical_id_is_the_one_that_the_cdk_gives(ids: tuple[str, ...]) -> None:
    def fill(stack: EstateStack) -> None:
        scope: Construct = stack
        for id in ids[:-1]:
            scope = Construct(scope, id)
        made = CfnResource(scope, ids[-1], type=TOPIC)
        CfnOutput(stack, "Path", value=path_in_stack(made))

    found = template(REGION, Kind.SERVICE, fill)
    assert [logical_id("/".join(ids))] == list(found["Resources"])
    assert found["Outputs"]["Path"]["Value"] == "/".join(ids)


def test_rows_stand_in_the_template_under_their_ids_with_their_stacks_tags() -> None:
    def fill(stack: EstateStack) -> None:
        CfnResource(stack, "Outside", type=TOPIC)
        declare(
            stack,
            "Rows",
            parameters={"Size": {"Type": "Number", "Default": 3}},
            resources={
                "Inside": {
                    "Type": TOPIC,
                    "DependsOn": ["Second"],
                    "Properties": {
                        "DisplayName": f"{ref('AWS::Region')}: {ref('Outside')}",
                        "TopicName": attribute("Outside", "TopicName"),
                    },
                },
                "Second": {"Type": TOPIC, "DeletionPolicy": "Retain"},
                "Queue": {
                    "Type": "AWS::SQS::Queue",
                    "Properties": {"DelaySeconds": ref_number("Size")},
                },
            },
            outputs=published(("Name", ref("Inside"), "The topic")),
        )

    found = template(REGION, Kind.SERVICE, fill)
    rows: dict[str, Any] = found["Resources"]
    inside = rows["Inside"]["Properties"]
    assert found["Parameters"]["Size"] == {"Type": "Number", "Default": 3}
    assert found["Outputs"]["Name"] == {"Description": "The topic", "Value": {"Ref": "Inside"}}
    assert inside["DisplayName"] == {
        "Fn::Join": ["", [{"Ref": "AWS::Region"}, ": ", {"Ref": "Outside"}]]
    }
    assert inside["TopicName"] == {"Fn::GetAtt": ["Outside", "TopicName"]}
    assert rows["Inside"]["DependsOn"] == ["Second"]
    assert rows["Second"]["DeletionPolicy"] == "Retain"
    assert rows["Queue"]["Properties"]["DelaySeconds"] == {"Ref": "Size"}
    assert {"Key": "paved-road:estate", "Value": "acme"} in inside["Tags"]


def test_a_row_that_refers_to_nothing_is_refused() -> None:
    with pytest.raises(RuntimeError, match="Nowhere"):
        template(
            REGION,
            Kind.SERVICE,
            lambda stack: declare(
                stack,
                "Rows",
                resources={"A": {"Type": TOPIC, "Properties": {"TopicName": {"Ref": "Nowhere"}}}},
            ),
        )


def test_a_property_of_the_wrong_kind_is_refused() -> None:
    def fill(stack: EstateStack) -> None:
        row = {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": ["three"]}}
        declare(stack, "Rows", resources={"Queue": row})

    with pytest.raises(RuntimeError, match="delaySeconds"):
        template(REGION, Kind.SERVICE, fill)


def test_a_property_that_does_not_exist_is_found(tmp_path: Path) -> None:
    def fill(app: App) -> None:
        stack = EstateStack(app, REGION, Kind.SERVICE, owner="platform", description="under test")
        properties = {"GroupDescription": "right", "VpcIdd": "vpc-0123456789abcdef0"}
        row = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
        declare(stack, "Rows", resources={"Group": row})

    assert any("VpcIdd" in finding for finding in unexplained_findings(tmp_path, fill))
