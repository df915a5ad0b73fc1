"""What `paved-road estate` does to stacks that stand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paved_road_contract.assembly import Stack
from paved_road_contract.tags import DELETABLE, ESTATE
from paved_road_delivery.cloud import DeliveryError, RefusedError
from paved_road_delivery.release import Release
from paved_road_delivery.service import LiveService
from paved_road_estate.check import dangling
from paved_road_estate.empty import Emptying, empty_buckets
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab
from tests.lab.deployed_estate import paved_road

pytestmark = pytest.mark.slow


def test_an_estate_of_which_nothing_stands_is_not_checked(cloud: LabCloud) -> None:
    with pytest.raises(RefusedError, match="no stack of an estate nosuch stands in us-east-1"):
        dangling(cloud, "nosuch", ["us-east-1"])


def marks(estate: str, **more: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in {ESTATE: estate, **more}.items()]


def bucket(**more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {"VersioningConfiguration": {"Status": "Enabled"}, **more},
    }


@pytest.fixture
def filled(cloud: LabCloud, create: Callable[..., str]) -> Callable[..., tuple[str, str]]:
    """A stack with one bucket that holds two versions of a key and a delete marker."""

    def make(tags: list[dict[str, str]], *, suffix: str = "", **more: Any) -> tuple[str, str]:
        stack = create({"Resources": {"Kept": bucket(**more)}}, Tags=tags, suffix=suffix)
        cloudformation = cloud.client("cloudformation", "us-east-1")
        (resource,) = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        name = resource["PhysicalResourceId"]
        s3 = cloud.client("s3", "us-east-1")
        for body in (b"one", b"two"):
            s3.put_object(Bucket=name, Key="key", Body=body)
        s3.delete_object(Bucket=name, Key="key")
        return stack, name

    return make


def held(cloud: LabCloud, name: str) -> int:
    found = cloud.client("s3", "us-east-1").list_object_versions(Bucket=name)
    return len(found.get("Versions", ())) + len(found.get("DeleteMarkers", ()))


def test_every_version_goes_and_only_when_asked(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    stack, name = filled(marks("gone", **{DELETABLE: "true"}))
    _, others = filled(marks("other", **{DELETABLE: "true"}), suffix="-other")
    expected = [Emptying("us-east-1", stack, name, 3)]
    assert empty_buckets(cloud, "gone", ["us-east-1"], delete=False) == expected
    assert held(cloud, name) == 3
    assert empty_buckets(cloud, "gone", ["us-east-1"], delete=True) == expected
    assert (held(cloud, name), held(cloud, others)) == (0, 3)
    cloud.client("cloudformation", "us-east-1").delete_stack(StackName=stack)
    assert name not in {
        one["Name"] for one in cloud.client("s3", "us-east-1").list_buckets()["Buckets"]
    }


def test_more_than_one_listing_of_versions_go_too(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    """S3 lists a thousand at a time; moto ends a listing whose last key is gone meanwhile."""
    _, name = filled(marks("many", **{DELETABLE: "true"}))
    s3 = cloud.client("s3", "us-east-1")
    for number in range(1_100):
        s3.put_object(Bucket=name, Key=f"{number}", Body=b"")
    for delete in (False, True):
        (found,) = empty_buckets(cloud, "many", ["us-east-1"], delete=delete)
        assert found.versions == 1_103
    assert held(cloud, name) == 0


def test_one_stack_that_keeps_its_data_saves_all_of_the_estate(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    _, name = filled(marks("half", **{DELETABLE: "true"}))
    kept, _ = filled(marks("half"), suffix="-kept")
    with pytest.raises(RefusedError, match=f"nothing was deleted: half keeps its data: {kept} in"):
        empty_buckets(cloud, "half", ["us-east-1"], delete=True)
    assert held(cloud, name) == 3


def test_a_protected_stack_is_not_emptied(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    stack, name = filled(marks("shielded", **{DELETABLE: "true"}))
    cloud.client("cloudformation", "us-east-1").update_termination_protection(
        StackName=stack, EnableTerminationProtection=True
    )
    with pytest.raises(RefusedError, match="protected from termination"):
        empty_buckets(cloud, "shielded", ["us-east-1"], delete=True)
    assert held(cloud, name) == 3


def test_a_region_without_the_estate_is_refused_before_another_is_emptied(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    _, name = filled(marks("narrow", **{DELETABLE: "true"}))
    with pytest.raises(RefusedError, match="no stack of an estate narrow stands in us-west-2"):
        empty_buckets(cloud, "narrow", ["us-east-1", "us-west-2"], delete=True)
    assert held(cloud, name) == 3


def test_what_is_locked_is_said_and_kept(
    cloud: LabCloud, filled: Callable[..., tuple[str, str]]
) -> None:
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    _, name = filled(
        marks("locked", **{DELETABLE: "true"}),
        ObjectLockEnabled=True,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention},
    )
    with pytest.raises(DeliveryError, match=f"{name} keeps key"):
        empty_buckets(cloud, "locked", ["us-east-1"], delete=True)
    assert held(cloud, name) >= 2


def test_the_command_shows_first_and_refuses_with_2(
    lab: Lab, filled: Callable[..., tuple[str, str]]
) -> None:
    _, name = filled(marks("typed", **{DELETABLE: "true"}))
    words = ("paved-road", "estate", "empty", "--region", "us-east-1", "--json", "--estate")
    shown = paved_road("lab", "exec", "--folder", str(lab.folder), "--", *words, "typed")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["deleted"] is False
    assert json.loads(shown.stdout)["buckets"][0]["bucket"] == name
    refused = paved_road("lab", "exec", "--folder", str(lab.folder), "--", *words, "nosuch")
    assert refused.returncode == 2
    assert "no stack of an estate nosuch" in " ".join(refused.stderr.split())


def test_a_release_is_protected_as_its_assembly_says_and_never_updated(
    cloud: LabCloud, create: Callable[..., str], tmp_path: Path
) -> None:
    live = LiveService(cloud, "acme", "us-east-1", "place-order")
    cloudformation = cloud.client("cloudformation", "us-east-1")
    for protected in (True, False):
        name = create({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, suffix=f"-{protected}")
        stack = Stack(
            name=name,
            region="us-east-1",
            stage="releases",
            template_file=tmp_path / "unread",
            tags={},
            dependencies=(),
            termination_protection=protected,
        )
        Release(live, 1, tmp_path, stack).protect()
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert found.get("EnableTerminationProtection", False) is protected
        assert "Deny" in cloudformation.get_stack_policy(StackName=name)["StackPolicyBody"]
