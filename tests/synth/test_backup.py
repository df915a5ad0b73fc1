"""Backup buckets and their copies."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_iam as iam

from paved_road.backup import BackupBucket, LockMode, ObjectLock, ReplicaBucket
from paved_road.estate import EstateStack, Region
from paved_road_contract.stacks import Kind
from tests.findings import unexplained_findings
from tests.synth.backups import EAST, WEST, backup
from tests.templates import Template, of_type, template


@pytest.fixture(scope="module")
def replicated() -> Template:
    return backup(replicate_to=WEST)


def main_bucket(found: Template) -> tuple[str, dict[str, Any]]:
    ((name, bucket),) = (
        (name, one)
        for name, one in of_type(found, "AWS::S3::Bucket").items()
        if "BucketName" in one
    )
    return name, bucket


def test_what_is_written_stays(replicated: Template) -> None:
    name, bucket = main_bucket(replicated)
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockEnabled"] is True
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": "GOVERNANCE",
        "Days": 35,
    }
    assert replicated["Resources"][name]["DeletionPolicy"] == "Retain"
    assert replicated["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_compliance_can_be_chosen() -> None:
    _, bucket = main_bucket(backup(object_lock=ObjectLock(days=7, mode=LockMode.COMPLIANCE)))
    retention = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert retention == {"Mode": "COMPLIANCE", "Days": 7}


def test_every_bucket_is_private_encrypted_and_tls_only(replicated: Template) -> None:
    buckets = of_type(replicated, "AWS::S3::Bucket")
    policies = of_type(replicated, "AWS::S3::BucketPolicy")
    assert {one["Bucket"]["Ref"] for one in policies.values()} == set(buckets)
    for bucket in buckets.values():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["BucketEncryption"]
    for policy in policies.values():
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        conditions = json.dumps([one["Condition"] for one in denied])
        assert "aws:SecureTransport" in conditions
        assert "s3:TlsVersion" in conditions


def test_backups_are_encrypted_with_a_rotating_key_of_their_own(replicated: Template) -> None:
    _, bucket = main_bucket(replicated)
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    (key,) = of_type(replicated, "AWS::KMS::Key").values()
    assert key["EnableKeyRotation"] is True


def test_versions_leave_only_after_the_lock(replicated: Template) -> None:
    _, bucket = main_bucket(replicated)
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert "ExpirationInDays" not in rule
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] > 35


def test_copies_go_to_the_other_regions_vault_under_its_key(replicated: Template) -> None:
    _, bucket = main_bucket(replicated)
    (rule,) = bucket["ReplicationConfiguration"]["Rules"]
    assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}
    assert "us-west-2-replica" in json.dumps(rule["Destination"]["Bucket"])
    assert "alias/acme-replica" in json.dumps(rule["Destination"]["EncryptionConfiguration"])
    assert rule["Destination"]["ReplicationTime"]["Time"] == {"Minutes": 15}
    vault = template(
        WEST,
        Kind.VAULT,
        lambda stack: ReplicaBucket(stack, "Replica", region=WEST, sources=[EAST]),
    )
    # S3 counts failures where objects come from, and measures the lag where they go.
    for found, metric in (
        (replicated, "OperationsFailedReplication"),
        (vault, "ReplicationLatency"),
    ):
        (alarm,) = of_type(found, "AWS::CloudWatch::Alarm").values()
        dimensions = json.dumps(alarm["Dimensions"])
        assert alarm["MetricName"] == metric
        assert "us-east-1-backup" in dimensions
        assert "us-west-2-replica" in dimensions
    _, copies = main_bucket(vault)
    assert copies["BucketName"] == {
        "Fn::Join": ["", ["acme-us-west-2-replica-", {"Ref": "AWS::AccountId"}]]
    }
    assert copies["ObjectLockEnabled"] is True
    (alias,) = of_type(vault, "AWS::KMS::Alias").values()
    assert alias["AliasName"] == "alias/acme-replica"


def test_replication_may_use_both_keys_for_these_buckets_only(replicated: Template) -> None:
    (role,) = of_type(replicated, "AWS::IAM::Role").values()
    statements = {one["Sid"]: one for one in role["Policies"][0]["PolicyDocument"]["Statement"]}
    # Bucket keys are made with the key's encryption and opened with its decryption.
    assert statements["ReadKey"]["Action"] == ["kms:Decrypt"]
    assert statements["WriteKey"]["Action"] == ["kms:Decrypt", "kms:Encrypt"]
    for name, bucket in (("ReadKey", "us-east-1-backup"), ("WriteKey", "us-west-2-replica")):
        context = statements[name]["Condition"]["StringEquals"]
        assert bucket in json.dumps(context["kms:EncryptionContext:aws:s3:arn"])


def test_a_backup_is_deployed_after_the_vault_that_copies_it() -> None:
    """S3 refuses a replication to a bucket that does not exist."""
    app = App()
    for region, kind in ((WEST, Kind.VAULT), (EAST, Kind.BACKUP)):
        stack = EstateStack(app, region, kind, owner="platform", description="under test")
        if kind is Kind.VAULT:
            ReplicaBucket(stack, "Replica", region=region, sources=[EAST])
        else:
            BackupBucket(stack, "Backup", region=region, replicate_to=WEST)
    needed = app.synth().get_stack_by_name(EAST.stack_name(Kind.BACKUP)).dependencies
    assert WEST.stack_name(Kind.VAULT) in {one.id for one in needed}


def test_a_node_writes_under_its_ring_only_and_cannot_delete_versions() -> None:
    def fill(stack: EstateStack) -> None:
        role = iam.Role(stack, "Node", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        BackupBucket.from_estate(stack, EAST).grant_write(role, prefix="rings/orders/")

    found = template(EAST, Kind.RING, fill)
    (policy,) = of_type(found, "AWS::IAM::Policy").values()
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = statement["Action"]
        if actions == "s3:ListBucket":
            assert statement["Condition"] == {"StringLike": {"s3:prefix": ["rings/orders/*"]}}
            continue
        assert not {"s3:DeleteObjectVersion", "s3:DeleteObject", "s3:*"} & set(actions)
        assert not any("Retention" in action or "LegalHold" in action for action in actions)
        if actions[0].startswith("s3:"):
            assert "/rings/orders/*" in json.dumps(statement["Resource"])


def test_instances_are_denied_what_loosens_a_lock(replicated: Template) -> None:
    text = json.dumps(of_type(replicated, "AWS::S3::BucketPolicy"))
    for action in ("s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"):
        assert action in text


def test_instances_create_objects_only_where_none_is(replicated: Template) -> None:
    statements = [
        statement
        for policy in of_type(replicated, "AWS::S3::BucketPolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement.get("Sid") == "InstancesWriteOnce"
    ]
    (once,) = statements
    assert (once["Effect"], once["Action"]) == ("Deny", "s3:PutObject")
    assert once["Condition"] == {
        "StringLike": {"ec2:SourceInstanceARN": "*"},
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }


@pytest.mark.parametrize("replicate_to", [None, WEST])
@pytest.mark.parametrize(
    ("object_lock", "deletable"), [(ObjectLock(), False), (ObjectLock(), True), (None, True)]
)
def test_no_finding_is_unexplained(
    tmp_path: Path, replicate_to: Region | None, object_lock: ObjectLock | None, deletable: bool
) -> None:
    def fill(app: App) -> None:
        for region, kind in ((EAST, Kind.BACKUP), (WEST, Kind.VAULT)):
            stack = EstateStack(app, region, kind, owner="platform", description="under test")
            if kind is Kind.VAULT:
                ReplicaBucket(
                    stack,
                    "Replica",
                    region=region,
                    sources=[EAST] if replicate_to else [],
                    object_lock=object_lock,
                    deletable=deletable,
                )
            else:
                BackupBucket(
                    stack,
                    "Backup",
                    region=region,
                    replicate_to=replicate_to,
                    object_lock=object_lock,
                    deletable=deletable,
                )

    assert unexplained_findings(tmp_path, fill) == []
