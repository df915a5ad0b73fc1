"""The scratch ring of drills, who drills, and what is watched about it."""

from functools import cache
from typing import Any

import pytest

from paved_road.backup import BackupBucket
from paved_road.estate import EstateStack
from paved_road.faults import PropsError
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.metric_names import METRICS
from tests.synth.policies import Call, allowed
from tests.synth.ring.rings import Bucket, in_region, ring
from tests.synth.ring.test_operators import (
    ACCOUNT,
    BIRTH,
    BUCKET,
    GROUP,
    OBJECT,
    OTHERS,
    SLOT,
    TABLE,
    Anything,
    granted_to,
    tagged,
)
from tests.templates import Template, of_type, template

SOURCE_TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/living"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:acme/rings"
ROLE = "acme-us-east-1-ring-orders-drill"
PROPS: dict[str, Any] = {"name": "orders-drill", "drills_of": "orders", "deletable": True}


@cache
def scratch() -> Template:
    def fill(stack: EstateStack) -> None:
        ring(stack, backup=BackupBucket.from_estate(stack, in_region()), **PROPS)

    return template(in_region(), Kind.RING, fill)


def granted() -> list[Any]:
    """All that the role of drills is granted."""
    found = scratch()
    (id,) = (
        id for id, one in of_type(found, "AWS::IAM::Role").items() if one.get("RoleName") == ROLE
    )
    names = Anything({"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws"})
    names["acme-us-east-1-ring-orders.SlotTableArn"] = SOURCE_TABLE
    for table in of_type(found, "AWS::DynamoDB::Table"):
        names[f"{table}.Arn"] = TABLE
    return granted_to(found, id, names)


DRILLS = [
    Call("s3:GetObject", OBJECT),
    Call("s3:PutObject", f"{BUCKET}/drills/orders/us-east-1-g1/20251125T120000Z.json"),
    Call("dynamodb:GetItem", SOURCE_TABLE, BIRTH),
    Call("dynamodb:BatchGetItem", SOURCE_TABLE, SLOT),
    Call("dynamodb:PutItem", TABLE, BIRTH),
    Call("dynamodb:PutItem", TABLE, {"dynamodb:LeadingKeys": "lease#us-east-1-g1#drill"}),
    Call("autoscaling:SetDesiredCapacity", GROUP, tagged("orders-drill")),
    Call("secretsmanager:GetSecretValue", f"{SECRET}/orders/superuser-a1B2c3"),
    Call("secretsmanager:GetSecretValue", f"{SECRET}/orders-drill/superuser-a1B2c3"),
    Call("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": METRICS}),
]
NEVER = [
    Call("s3:PutObject", OBJECT),
    Call("s3:DeleteObject", OBJECT),
    Call("s3:DeleteObjectVersion", OBJECT),
    Call("s3:GetObject", OTHERS),
    Call("dynamodb:PutItem", SOURCE_TABLE, BIRTH),
    Call("dynamodb:PutItem", TABLE, SLOT),
    Call("dynamodb:GetItem", SOURCE_TABLE, SLOT),
    Call("autoscaling:SetDesiredCapacity", GROUP, tagged("orders")),
    Call("autoscaling:TerminateInstanceInAutoScalingGroup", GROUP, tagged("orders")),
    Call("ec2:TerminateInstances", "*"),
    Call("secretsmanager:GetSecretValue", f"{SECRET}/orders/authority-a1B2c3"),
    Call("secretsmanager:GetSecretValue", f"{SECRET}/orders/clients/place-order/a-a1B2c3"),
    Call("secretsmanager:PutSecretValue", f"{SECRET}/orders/superuser-a1B2c3"),
    Call("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/S3"}),
]


@pytest.mark.parametrize("call", DRILLS, ids=str)
def test_who_drills_reads_the_ring_and_has_the_scratch_ring_to_himself(call: Call) -> None:
    assert allowed(call, granted())


@pytest.mark.parametrize("call", NEVER, ids=str)
def test_who_drills_changes_nothing_of_the_ring_nor_of_its_backups(call: Call) -> None:
    assert not allowed(call, granted())


def test_a_scratch_ring_has_no_instance_until_a_drill_gives_it_some() -> None:
    groups = of_type(scratch(), "AWS::AutoScaling::AutoScalingGroup").values()
    assert {(one["MinSize"], one["MaxSize"]) for one in groups} == {("0", "2")}
    # Said here, the next deploy would take a drill's instances away.
    assert not [one for one in groups if "DesiredCapacity" in one]


def test_its_nodes_only_read_the_backups_of_the_ring_and_make_none() -> None:
    bucket = Bucket()
    found = template(in_region(), Kind.RING, lambda stack: ring(stack, backup=bucket, **PROPS))
    # The nodes and who drills; both read, one says what it found.
    assert (bucket.granted, bucket.read, bucket.recorded, bucket.purged) == (
        [],
        ["rings/orders/", "rings/orders/"],
        ["drills/orders/"],
        [],
    )
    templates = of_type(found, "AWS::EC2::LaunchTemplate").values()
    assert all('\\"backup_bucket\\": null' in str(one).replace("\\\\", "\\") for one in templates)
    assert not of_type(found, "AWS::CloudWatch::Alarm")


def test_drills_are_watched_where_the_ring_says_how_often_they_are_due() -> None:
    def alarms(**given: Any) -> list[Any]:
        made = template(in_region(), Kind.RING, lambda stack: ring(stack, backup=Bucket(), **given))
        found = of_type(made, "AWS::CloudWatch::Alarm").values()
        return [one for one in found if one["MetricName"] == "DrillPassed"]

    assert alarms() == []
    failed, old = alarms(drilled_within_days=3)
    # What the last drill said stays said, for as long as nobody drills again.
    assert (failed["TreatMissingData"], failed["EvaluationPeriods"], failed["Period"]) == (
        "ignore",
        1,
        60,
    )
    assert (old["TreatMissingData"], old["EvaluationPeriods"], old["Period"]) == (
        "breaching",
        72,
        3_600,
    )
    for one in (failed, old):
        assert (one["ComparisonOperator"], one["Threshold"]) == ("LessThanThreshold", 1)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({**PROPS, "name": "orders2"}, "name must be 'orders-drill'.* got 'orders2'"),
        ({**PROPS, "deletable": False}, "deletable must be True.* got False"),
        ({**PROPS, "backup": None}, "backup must be given, to restore orders from"),
        ({**PROPS, "drilled_within_days": 3}, "drilled_within_days must stand at the ring"),
        ({"drilled_within_days": 8}, "drilled_within_days must be 1 to 7.* got 8"),
        ({"drilled_within_days": 0}, "drilled_within_days must be 1 to 7.* got 0"),
        ({"drilled_within_days": 3, "backup": None}, "backup must be given, so that there is"),
    ],
)
def test_what_cannot_be_drilled_is_refused(changed: dict[str, Any], words: str) -> None:
    given = {"backup": Bucket(), **changed}
    with pytest.raises(PropsError, match=words):
        template(in_region(), Kind.RING, lambda stack: ring(stack, **given))
