"""What a backup bucket refuses, and that its names fit everywhere."""

from typing import Any

import pytest
from aws_cdk import aws_iam as iam

from paved_road.artifacts.view import ARTIFACTS
from paved_road.backup import BackupBucket, LockMode, ObjectLock
from paved_road.backup.names import BACKUP, REPLICA
from paved_road.buckets import bucket_name
from paved_road.estate import EstateStack, Region
from paved_road.estate.estate import LONGEST_ESTATE_NAME
from paved_road.estate.regions import REGIONS
from paved_road.faults import PropsError
from paved_road_contract.stacks import Kind
from tests.synth.backups import EAST, backup
from tests.templates import template


@pytest.mark.parametrize("prefix", ["", "/", "rings/orders", "*", "rings/*/"])
def test_a_prefix_that_holds_more_than_its_folder_is_refused(prefix: str) -> None:
    def fill(stack: EstateStack) -> None:
        role = iam.Role(stack, "Node", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        BackupBucket.from_estate(stack, EAST).grant_write(role, prefix=prefix)

    with pytest.raises(PropsError, match="prefix must be folders such as rings/orders/"):
        template(EAST, Kind.RING, fill)


def test_several_faults_of_a_backup_come_together() -> None:
    elsewhere = Region(estate="other", name="us-east-1", zones="abc")
    with pytest.raises(PropsError) as refused:
        backup(replicate_to=elsewhere, object_lock=None)
    assert len(refused.value.faults) == 3


def test_names_fit_for_every_region_and_the_longest_estate() -> None:
    for name, facts in REGIONS.items():
        region = Region(estate="a" * LONGEST_ESTATE_NAME, name=name, zones=facts.zones[:3])
        for role in (ARTIFACTS, BACKUP, REPLICA):
            without_account = bucket_name(region, role).split("${Token")[0]
            assert len(without_account) + len("123456789012") <= 63


@pytest.mark.parametrize(
    ("props", "sentence"),
    [
        ({"replicate_to": EAST}, "replicate_to must be another region.*got 'us-east-1'"),
        ({"object_lock": None}, "object_lock must be set unless the bucket is deletable"),
        (
            {"object_lock": ObjectLock(mode=LockMode.COMPLIANCE), "deletable": True},
            "object_lock must not be in compliance mode in a deletable stack",
        ),
        (
            {"replicate_to": Region(estate="other", name="us-west-2", zones="abc")},
            "replicate_to must be of the same estate and account",
        ),
        ({"object_lock": ObjectLock(days=0)}, "object_lock.days must be 1 to 36500 days, got 0"),
    ],
)
def test_a_backup_bucket_refuses_in_a_sentence(props: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PropsError, match=sentence):
        backup(**props)
