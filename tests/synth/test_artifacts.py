"""The artifact bucket: private, kept, read by nodes under one prefix and written by none."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_iam as iam

from paved_road.artifacts import ArtifactBucket
from paved_road.estate import EstateStack, Region
from paved_road_contract.stacks import Kind
from tests.findings import unexplained_findings
from tests.templates import Template, of_type, template

REGION = Region(estate="acme", name="us-east-1", zones="abc")


def artifacts(region: Region = REGION, *, deletable: bool = False) -> Template:
    return template(
        region,
        Kind.ARTIFACTS,
        lambda stack: ArtifactBucket(stack, "Artifacts", region=region, deletable=deletable),
    )


@pytest.fixture(scope="module")
def made() -> Template:
    return artifacts()


def bucket(made: Template) -> dict[str, Any]:
    buckets = of_type(made, "AWS::S3::Bucket").values()
    (found,) = [one for one in buckets if "BucketName" in one]
    return dict(found)


def test_it_is_private_versioned_and_encrypted_with_a_key_of_its_own(made: Template) -> None:
    found = bucket(made)
    assert set(found["PublicAccessBlockConfiguration"].values()) == {True}
    assert found["VersioningConfiguration"] == {"Status": "Enabled"}
    (key,) = of_type(made, "AWS::KMS::Key")
    assert key in json.dumps(found["BucketEncryption"])
    assert of_type(made, "AWS::KMS::Key")[key]["EnableKeyRotation"] is True


def test_what_was_published_stays_and_what_was_overwritten_stays_a_while(made: Template) -> None:
    (rule,) = bucket(made)["LifecycleConfiguration"]["Rules"]
    assert "ExpirationInDays" not in rule
    assert "Transitions" not in rule
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_only_tls_comes_in_and_instances_can_only_read(made: Template) -> None:
    policies = of_type(made, "AWS::S3::BucketPolicy")
    statements = {
        one["Sid"]: one
        for policy in policies.values()
        for one in policy["PolicyDocument"]["Statement"]
    }
    assert {"TlsOnly", "RecentTlsOnly"} <= statements.keys()
    instances = statements["InstancesOnlyRead"]
    assert instances["Effect"] == "Deny"
    assert instances["NotAction"] == ["s3:GetObject", "s3:GetObjectVersion"]


@pytest.mark.parametrize(("deletable", "policy"), [(False, "Retain"), (True, "Delete")])
def test_it_is_retained_unless_the_estate_is_deletable(deletable: bool, policy: str) -> None:
    resources = artifacts(deletable=deletable)["Resources"]
    for kind in ("AWS::S3::Bucket", "AWS::KMS::Key"):
        kept = {one["DeletionPolicy"] for one in resources.values() if one["Type"] == kind}
        assert kept == {policy}


def test_a_reader_gets_bundles_and_nothing_else() -> None:
    app = App()
    owner = EstateStack(app, REGION, Kind.ARTIFACTS, owner="platform", description="artifacts")
    ArtifactBucket(owner, "Artifacts", region=REGION)
    reader = EstateStack(app, REGION, Kind.RING, "orders", owner="orders", description="ring")
    role = iam.Role(reader, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    ArtifactBucket.from_estate(reader, REGION).grant_read_bundles(role)
    assert reader.dependencies == [owner]
    found = app.synth().get_stack_by_name(reader.stack_name).template
    (policy,) = of_type(found, "AWS::IAM::Policy").values()
    read, decrypt = policy["PolicyDocument"]["Statement"]
    assert (read["Action"], decrypt["Action"]) == ("s3:GetObject", "kms:Decrypt")
    assert read["Resource"]["Fn::Join"][1] == [
        "arn:aws:s3:::acme-us-east-1-artifacts-",
        {"Ref": "AWS::AccountId"},
        "/bundles/*",
    ]
    reading = {"StackName": "acme-us-east-1-artifacts", "OutputName": "KeyArn"}
    assert decrypt["Resource"] == {"Fn::GetStackOutput": reading}


def test_no_rule_pack_finds_anything_unexplained(tmp_path: Path) -> None:
    def fill(app: App) -> None:
        for name, deletable in (("us-east-1", False), ("us-west-2", True)):
            region = Region(estate="acme", name=name, zones="abc")
            stack = EstateStack(app, region, Kind.ARTIFACTS, owner="platform", description="A")
            made = ArtifactBucket(stack, "Artifacts", region=region, deletable=deletable)
            role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
            made.view.grant_read_bundles(role)

    assert unexplained_findings(tmp_path, fill) == []
