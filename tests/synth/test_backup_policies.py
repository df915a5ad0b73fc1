"""What a node may do to backups by all policies together, and what nobody on one may."""

from typing import Any

import pytest
from aws_cdk import aws_iam as iam

from paved_road.backup import BackupBucket
from paved_road.estate import EstateStack
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.contract import backup_prefix
from tests.synth.backups import EAST, WEST, backup
from tests.synth.policies import Call, Statement, allowed, resolved
from tests.templates import of_type, template

ACCOUNT = "123456789012"
ARN = f"arn:aws:s3:::acme-us-east-1-backup-{ACCOUNT}"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/0123"
OWN = f"{ARN}/rings/orders/us-east-1-g1/one/slots/a/0000/0000000001/20251125T120000Z"
NODE = {
    "aws:SecureTransport": "true",
    "s3:TlsVersion": "1.3",
    "ec2:SourceInstanceARN": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0",
}
CREATES = {**NODE, "s3:ObjectCreationOperation": "true"}
ONCE = {**CREATES, "s3:if-none-match": "*"}
PART = {**NODE, "s3:ObjectCreationOperation": "false"}

EVERYTHING: Statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.fixture(scope="module")
def bucket() -> list[Statement]:
    """The backup bucket's own policy."""
    found = backup(replicate_to=WEST)
    names = {"AWS::AccountId": ACCOUNT}
    for name, one in of_type(found, "AWS::S3::Bucket").items():
        if "BucketName" in one:
            names |= {f"{name}.Arn": ARN, name: ARN.rpartition(":")[2]}
        else:
            names |= {f"{name}.Arn": "arn:aws:s3:::logs", name: "logs"}
    policies = resolved([*of_type(found, "AWS::S3::BucketPolicy").values()], names)
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


@pytest.fixture(scope="module")
def role() -> list[Statement]:
    """What the role of the nodes of ring orders is granted."""

    def fill(stack: EstateStack) -> None:
        node = iam.Role(stack, "Node", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        BackupBucket.from_estate(stack, EAST).grant_write(node, prefix=backup_prefix("orders"))

    (policy,) = of_type(template(EAST, Kind.RING, fill), "AWS::IAM::Policy").values()
    statements = policy["PolicyDocument"]["Statement"]
    ours = [one for one in statements if "s3:" in str(one["Action"])]
    found: list[Statement] = resolved(ours, {"AWS::AccountId": ACCOUNT})
    return found


@pytest.fixture(scope="module")
def key() -> list[Statement]:
    """The bucket's key's own policy; what it allows the account, policies of the account may."""
    (one,) = of_type(backup(replicate_to=WEST), "AWS::KMS::Key").values()
    found: list[Statement] = one["KeyPolicy"]["Statement"]
    return [statement for statement in found if statement["Effect"] == "Deny"]


def listing(prefix: str) -> dict[str, str]:
    return {**NODE, "s3:prefix": prefix}


@pytest.mark.parametrize(
    "call",
    [
        Call("s3:PutObject", f"{OWN}/manifest.json", ONCE),
        Call("s3:PutObject", f"{OWN}/aa", PART),
        Call("s3:GetObject", f"{OWN}/aa", NODE),
        Call("s3:AbortMultipartUpload", f"{OWN}/aa", NODE),
        Call("s3:ListBucket", ARN, listing("rings/orders/us-east-1-g1/")),
    ],
)
def test_a_node_may_do_what_its_backups_need(
    call: Call, role: list[Statement], bucket: list[Statement]
) -> None:
    assert allowed(call, [*role, *bucket])


@pytest.mark.parametrize(
    "call",
    [
        Call("s3:PutObject", f"{OWN}/manifest.json", CREATES),
        Call("s3:PutObject", f"{ARN}/rings/orders2/x", ONCE),
        Call("s3:GetObject", f"{ARN}/rings/payments/x", NODE),
        Call("s3:GetObject", f"{OWN}/aa", {**NODE, "aws:SecureTransport": "false"}),
        Call("s3:ListBucket", ARN, listing("rings/payments/")),
        Call("s3:ListBucket", ARN, NODE),
        Call("s3:DeleteObject", f"{OWN}/aa", NODE),
        Call("s3:DeleteObjectVersion", f"{OWN}/aa", NODE),
        Call("s3:PutObjectRetention", f"{OWN}/aa", NODE),
        Call("s3:PutLifecycleConfiguration", ARN, NODE),
        Call("s3:PutBucketPolicy", ARN, NODE),
    ],
)
def test_a_node_may_neither_look_elsewhere_nor_write_over_nor_delete(
    call: Call, role: list[Statement], bucket: list[Statement]
) -> None:
    assert not allowed(call, [*role, *bucket])


@pytest.mark.parametrize(
    "call",
    [
        Call("s3:PutObject", f"{OWN}/manifest.json", CREATES),
        Call("s3:DeleteObjectVersion", f"{OWN}/aa", NODE),
        Call("s3:BypassGovernanceRetention", f"{OWN}/aa", NODE),
        Call("s3:PutObjectRetention", f"{OWN}/aa", NODE),
        Call("s3:PutObjectLegalHold", f"{OWN}/aa", NODE),
        Call("s3:PutBucketVersioning", ARN, NODE),
        Call("s3:PutBucketObjectLockConfiguration", ARN, NODE),
        Call("s3:PutLifecycleConfiguration", ARN, NODE),
        Call("s3:PutReplicationConfiguration", ARN, NODE),
        Call("s3:DeleteBucket", ARN, NODE),
        Call("s3:PutBucketPolicy", ARN, NODE),
        Call("s3:DeleteBucketPolicy", ARN, NODE),
        Call("s3:PutEncryptionConfiguration", ARN, NODE),
    ],
)
def test_not_even_an_instance_that_was_granted_everything_destroys_what_is_stored(
    call: Call, bucket: list[Statement]
) -> None:
    assert not allowed(call, [EVERYTHING, *bucket])


@pytest.mark.parametrize(
    "action",
    ["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "kms:CreateGrant"],
)
def test_not_even_an_instance_that_was_granted_everything_takes_the_key_away(
    action: str, key: list[Statement]
) -> None:
    whole: Statement = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    assert not allowed(Call(action, KEY, NODE), [whole, *key])
    assert allowed(Call(action, KEY), [whole, *key])
    for use in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert allowed(Call(use, KEY, NODE), [whole, *key])


def test_an_administrator_is_not_held_to_it(bucket: list[Statement]) -> None:
    person: dict[str, Any] = {
        key: value for key, value in NODE.items() if key != "ec2:SourceInstanceARN"
    }
    for action in ("s3:PutLifecycleConfiguration", "s3:DeleteObjectVersion"):
        assert allowed(Call(action, ARN, person), [EVERYTHING, *bucket])
