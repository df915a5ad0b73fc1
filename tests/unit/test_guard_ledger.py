"""What the ledger records of a synth, and what it refuses of the next one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from paved_road.guard.finding import Subject
from paved_road.guard.ledger import REPLACED_BY, compare, ledger, written
from paved_road_contract import tags
from paved_road_contract.assembly import Stack

Found = Callable[..., Any]
NAME = "acme-us-east-1-x"
BUCKET = {"Type": "AWS::S3::Bucket"}


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """The ledger of a stack with these resources and outputs."""

    def make(outputs: dict[str, Any] | None = None, **resources: Any) -> Any:
        file = tmp_path / "template.json"
        values = {name: {"Value": value} for name, value in (outputs or {}).items()}
        file.write_text(json.dumps({"Resources": resources, "Outputs": values}))
        stack = Stack(
            name=NAME,
            region="us-east-1",
            stage="",
            template_file=file,
            tags={tags.COMPONENT: "network"},
            dependencies=(),
            termination_protection=True,
        )
        return ledger([Subject(stack)])

    return make


def refusals(recorded: Any, observed: Any) -> list[str]:
    return [str(finding) for finding in compare(recorded, observed)]


def test_additions_pass_and_removals_and_other_values_do_not(found: Found) -> None:
    recorded = found({"Id": "one"}, B=BUCKET, Q={"Type": "AWS::SQS::Queue"})
    assert refusals(recorded, found({"Id": "one", "Arn": "x"}, B=BUCKET, C=BUCKET)) == []
    assert refusals(recorded, found({"Id": "two"}, C=BUCKET)) == [
        f"{NAME}: stateful B: must not be removed or renamed",
        f"{NAME}: published Id: must not change from 'one', got 'two'",
    ]
    assert len(refusals(recorded, {})) == 1


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("EC2::Subnet", {"CidrBlock": "10.0.16.0/21"}, {"CidrBlock": "10.0.24.0/21"}),
        ("DynamoDB::Table", {"KeySchema": [{"A": "pk"}]}, {"KeySchema": [{"A": "id"}]}),
        ("S3::Bucket", {}, {"BucketName": "orders"}),
        ("ElasticLoadBalancingV2::LoadBalancer", {"Type": "application"}, {"Type": "network"}),
        ("SSM::Parameter", {"Name": "/a"}, {}),
    ],
)
def test_a_change_that_replaces_a_stateful_resource_is_refused(
    found: Found, kind: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    def one(properties: dict[str, Any]) -> Any:
        return found(R={"Type": f"AWS::{kind}", "Properties": properties})

    (name,) = {*before, *after}
    assert refusals(one(before), one(after)) == [
        f"{NAME}: stateful R: must not change {name} from {before.get(name)!r} to "
        f"{after.get(name)!r}, for which CloudFormation replaces the resource"
    ]
    assert refusals(one(before), one({**before, "Tags": []})) == []


@pytest.mark.parametrize(
    "value", [{"Fn::GetAtt": ["G", "GroupId"]}, {"Fn::Sub": ["", {"Ref": "G"}]}]
)
def test_what_is_published_is_as_good_as_stateful(found: Found, value: Any) -> None:
    def group(description: str) -> Any:
        return {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": description, "SecurityGroupIngress": []},
        }

    changed = [found({"Id": value}, G=group(text), Other=group(text)) for text in ("one", "two")]
    (refused,) = refusals(*changed)
    assert "stateful G: must not change GroupDescription from 'one' to 'two'" in refused


def test_another_port_of_members_is_refused(found: Found) -> None:
    (refused,) = refusals(found({"MemberPort": "8080"}), found({"MemberPort": "9000"}))
    assert "published MemberPort: must not change from '8080', got '9000'" in refused


def test_what_was_not_recorded_is_not_refused(found: Found) -> None:
    """A ledger of an earlier version knows fewer properties."""
    recorded = {NAME: {"stateful": {"B": {"Resource": "AWS::S3::Bucket"}}}}
    named = found(B={**BUCKET, "Properties": {"BucketName": "orders"}})
    assert refusals(recorded, named) == []


@pytest.mark.parametrize("kind", sorted(REPLACED_BY))
def test_properties_replace_as_cloudformations_own_schema_says(kind: str) -> None:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    replacing = {
        path.removeprefix("/properties/")
        for key in ("createOnlyProperties", "conditionalCreateOnlyProperties")
        for path in schema.get(key) or ()
    }
    assert set(REPLACED_BY[kind]) <= replacing


def test_a_ledger_has_a_line_for_each_resource_and_output(found: Found) -> None:
    recorded = found({"Id": "one", "Arn": {"Ref": "B"}}, B=BUCKET, C=BUCKET)
    text = written(recorded)
    assert json.loads(text) == recorded
    assert len([line for line in text.splitlines() if line.startswith("   ")]) == 4


def test_a_team_records_and_compares_with_one_command(tmp_path: Path) -> None:
    def synthesized(name: str, resource: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "s.template.json").write_text(json.dumps({"Resources": {resource: BUCKET}}))
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "properties": {"templateFile": "s.template.json", "stackName": "s", "tags": {}},
        }
        (folder / "manifest.json").write_text(json.dumps({"artifacts": {"s": stack}}))
        return str(folder)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "paved_road.guard.ledger", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    one, two = synthesized("one", "B"), synthesized("two", "C")
    record = tmp_path / "ledger.json"
    record.write_text(run(one).stdout)
    assert run(one, str(record)).returncode == 0
    refused = run(two, str(record))
    assert refused.returncode == 1
    assert "s: stateful B: must not be removed or renamed" in refused.stderr
    assert "Traceback" not in refused.stderr
