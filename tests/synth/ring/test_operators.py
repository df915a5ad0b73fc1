"""Who restores a ring and who purges its backups: two roles, each as narrow as its command."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from paved_road.backup import BackupBucket, ReplicaBucket
from paved_road.estate import EstateStack
from paved_road_contract.stacks import Kind
from tests.synth.backups import WEST
from tests.synth.policies import Call, Statement, allowed, resolved
from tests.synth.ring.rings import in_region, ring
from tests.templates import Template, of_type, template

ACCOUNT = "123456789012"
BUCKET = f"arn:aws:s3:::acme-us-east-1-backup-{ACCOUNT}"
COPIES = f"arn:aws:s3:::acme-us-east-1-replica-{ACCOUNT}"
COPIES_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/copies"
COPY = f"{COPIES}/rings/orders/us-west-2-g1/one/sets/20251125T120000Z.json"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/slots"
GROUP = f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:autoScalingGroup:1:autoScalingGroupName/rack"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/ring"
BIRTH = {"dynamodb:LeadingKeys": "ring#us-east-1-g1"}
SLOT = {"dynamodb:LeadingKeys": "slot#us-east-1-g1#us-east-1a#0000"}
OBJECT = f"{BUCKET}/rings/orders/us-east-1-g1/one/sets/20251125T120000Z.json"
OTHERS = f"{BUCKET}/rings/orders2/x"
RESTORE, PURGE = (f"acme-us-east-1-ring-orders-{does}" for does in ("restore", "purge"))


def tagged(name: str) -> dict[str, str]:
    return {
        "autoscaling:ResourceTag/paved-road:estate": "acme",
        "autoscaling:ResourceTag/paved-road:ring": name,
    }


class Anything(dict[str, str]):
    """Names that no test here looks at."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


@cache
def template_of_ring() -> Template:
    def fill(stack: EstateStack) -> None:
        backup = BackupBucket.from_estate(stack, in_region())
        ring(stack, backup=backup, copies=ReplicaBucket.from_estate(stack, in_region(), [WEST]))

    return template(in_region(), Kind.RING, fill)


def statements(role: str | None) -> list[Statement]:
    """All that the role of that name is granted; without a name, that of the nodes."""
    found = template_of_ring()
    roles = of_type(found, "AWS::IAM::Role")
    (id,) = (id for id, one in roles.items() if one.get("RoleName") == role)
    names = Anything({"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws"})
    names["acme-us-east-1-vault.KeyArn"] = COPIES_KEY
    for table in of_type(found, "AWS::DynamoDB::Table"):
        names[f"{table}.Arn"] = TABLE
    for key in of_type(found, "AWS::KMS::Key"):
        names[f"{key}.Arn"] = KEY
    return granted_to(found, id, names)


def granted_to(found: Template, role: str, names: Mapping[str, str]) -> list[Statement]:
    """Of the role of that logical id, with names put in for what refers to other things."""
    policies = [
        one
        for kind in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
        for one in of_type(found, kind).values()
        if {"Ref": role} in one.get("Roles", ())
    ]
    return [one for p in resolved_all(policies, names) for one in p["PolicyDocument"]["Statement"]]


def resolved_all(policies: list[Any], names: Mapping[str, str]) -> list[Any]:
    return [resolved({"PolicyDocument": one["PolicyDocument"]}, names) for one in policies]


LOOKS = [
    Call("s3:GetObject", OBJECT),
    Call("s3:ListBucket", BUCKET, {"s3:prefix": "rings/orders/us-east-1-g1/"}),
    Call("dynamodb:GetItem", TABLE, BIRTH),
    Call("kms:Decrypt", KEY, {"kms:ViaService": "dynamodb.us-east-1.amazonaws.com"}),
    Call(
        "cloudformation:DescribeStacks",
        f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/acme-us-east-1-ring-orders/1",
    ),
    Call(
        "cloudformation:DescribeStacks",
        f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/acme-us-east-1-backup/1",
    ),
]
READS_COPIES = [
    Call("s3:GetObject", COPY),
    Call("s3:ListBucket", COPIES, {"s3:prefix": "rings/orders/us-west-2-g1/"}),
    Call("kms:Decrypt", COPIES_KEY),
]
VAULT = Call(
    "cloudformation:DescribeStacks",
    f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/acme-us-east-1-vault/1",
)
CHANGES_COPIES = [
    Call(action, COPY)
    for action in ("s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObjectAcl")
] + [
    Call("s3:GetObject", f"{COPIES}/rings/orders2/x"),
    Call("s3:ListBucket", COPIES, {"s3:prefix": "rings/orders2/"}),
    Call("s3:ListBucket", COPIES),
    Call("kms:Encrypt", COPIES_KEY),
    Call("kms:GenerateDataKey", COPIES_KEY),
]
RESTORES = [
    Call("dynamodb:PutItem", TABLE, BIRTH),
    Call("dynamodb:BatchGetItem", TABLE, SLOT),
    Call("ec2:DescribeInstances", "*"),
    Call("autoscaling:DescribeAutoScalingGroups", "*"),
    Call("autoscaling:TerminateInstanceInAutoScalingGroup", GROUP, tagged("orders")),
]
PURGES = [
    Call("s3:DeleteObject", OBJECT),
    Call("s3:GetBucketObjectLockConfiguration", BUCKET),
]
NOBODY = [
    Call("s3:GetObject", OTHERS),
    Call("s3:DeleteObject", OTHERS),
    Call("s3:PutObject", OBJECT),
    Call("s3:DeleteObjectVersion", OBJECT),
    Call("s3:BypassGovernanceRetention", OBJECT),
    Call("s3:PutLifecycleConfiguration", BUCKET),
    Call("s3:ListBucket", BUCKET, {"s3:prefix": "rings/orders2/"}),
    Call("s3:ListBucket", BUCKET),
    Call("dynamodb:PutItem", TABLE, SLOT),
    Call("dynamodb:PutItem", TABLE),
    Call("dynamodb:DeleteItem", TABLE, BIRTH),
    Call("autoscaling:TerminateInstanceInAutoScalingGroup", GROUP, tagged("payments")),
    Call("ec2:TerminateInstances", "*"),
    Call("secretsmanager:GetSecretValue", "*"),
    Call("kms:Decrypt", KEY, {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}),
]


@pytest.mark.parametrize("call", READS_COPIES, ids=str)
def test_nodes_and_who_restores_read_copies_and_who_purges_does_not(call: Call) -> None:
    assert allowed(call, statements(RESTORE))
    assert allowed(call, statements(None))
    assert not allowed(call, statements(PURGE))


@pytest.mark.parametrize("call", CHANGES_COPIES, ids=str)
def test_nobody_changes_copies_or_looks_at_other_rings(call: Call) -> None:
    for role in (RESTORE, PURGE, None):
        assert not allowed(call, statements(role))


def test_where_copies_are_is_told_to_who_restores_alone() -> None:
    assert allowed(VAULT, statements(RESTORE))
    assert not allowed(VAULT, statements(PURGE))


def test_without_copies_nobody_reads_any() -> None:
    def fill(stack: EstateStack) -> None:
        none = ReplicaBucket.from_estate(stack, in_region(), [])
        ring(stack, backup=BackupBucket.from_estate(stack, in_region()), copies=none)

    found = json.dumps(template(in_region(), Kind.RING, fill))
    assert "replica" not in found
    assert "vault" not in found


@pytest.mark.parametrize("call", [*LOOKS, *RESTORES], ids=str)
def test_who_restores_reads_backups_and_writes_the_birth(call: Call) -> None:
    assert allowed(call, statements(RESTORE))


@pytest.mark.parametrize("call", [*LOOKS, *PURGES], ids=str)
def test_who_purges_hides_what_is_under_the_rings_prefix(call: Call) -> None:
    assert allowed(call, statements(PURGE))


@pytest.mark.parametrize("call", [*PURGES, *NOBODY], ids=str)
def test_who_restores_hides_nothing_and_touches_no_slot(call: Call) -> None:
    assert not allowed(call, statements(RESTORE))


@pytest.mark.parametrize("call", [*RESTORES, *NOBODY], ids=str)
def test_who_purges_restores_nothing_and_destroys_nothing(call: Call) -> None:
    assert not allowed(call, statements(PURGE))


def test_the_accounts_own_rules_say_who_may_assume_them() -> None:
    roles = list(of_type(template_of_ring(), "AWS::IAM::Role").values())
    for name in (RESTORE, PURGE):
        (role,) = (one for one in roles if one.get("RoleName") == name)
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Action"] == "sts:AssumeRole"
        assert ":root" in str(statement["Principal"]["AWS"])


def test_a_ring_without_backups_has_neither() -> None:
    found = template(in_region(), Kind.RING, lambda stack: ring(stack, backup=None))
    assert not [one for one in of_type(found, "AWS::IAM::Role").values() if "RoleName" in one]
