"""The report claims no more than the lab does: of each type, and of each property of a bucket."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from app import build
from paved_road_contract.assembly import Stack, stacks
from paved_road_lab.cloud import LabCloud
from paved_road_lab.coverage import (
    BUCKET_KEYS,
    EMULATED,
    FORWARDED,
    INERT,
    NOT_KEPT,
    PARTLY,
    Degree,
    coverage,
)
from paved_road_lab.safety import verify
from paved_road_lab.state import Lab
from stacks.shapes import SHAPES

pytestmark = pytest.mark.slow

BUCKET = "AWS::S3::Bucket"
KEY = "arn:aws:kms:us-east-1:000000000000:key/0"
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
RETENTION = {"Mode": "GOVERNANCE", "Days": 35}

DECLARED: dict[str, Any] = {
    "BucketName": "a-bucket-with-everything",
    "BucketEncryption": {
        "ServerSideEncryptionConfiguration": [
            {
                BUCKET_KEYS: True,
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
            }
        ]
    },
    "LifecycleConfiguration": {
        "Rules": [{"Id": "a-year", "Status": "Enabled", "ExpirationInDays": 365}]
    },
    "LoggingConfiguration": {"DestinationBucketName": "logs", "LogFilePrefix": "backup/"},
    "ObjectLockConfiguration": {
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": RETENTION},
    },
    "ObjectLockEnabled": True,
    "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "PublicAccessBlockConfiguration": BLOCK,
    "ReplicationConfiguration": {
        "Role": "arn:aws:iam::000000000000:role/copies",
        "Rules": [
            {
                "Id": "copies",
                "Status": "Enabled",
                "Priority": 1,
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Enabled"},
                "Destination": {"Bucket": "arn:aws:s3:::elsewhere"},
            }
        ],
    },
    "Tags": [{"Key": "paved-road:owner", "Value": "orders"}],
    "VersioningConfiguration": {"Status": "Enabled"},
}
"""Everything that any bucket of the templates declares, in one."""

Read = Callable[[Any, str], object]
READ_BACK: dict[str, tuple[Read, object]] = {
    "BucketName": (
        lambda s3, name: [
            one["Name"] for one in s3.list_buckets()["Buckets"] if one["Name"] == name
        ],
        ["a-bucket-with-everything"],
    ),
    "BucketEncryption": (
        lambda s3, name: _encryption(s3, name)["ApplyServerSideEncryptionByDefault"],
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY},
    ),
    "LifecycleConfiguration": (
        lambda s3, name: [
            rule["ID"] for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        ],
        ["a-year"],
    ),
    "LoggingConfiguration": (
        lambda s3, name: s3.get_bucket_logging(Bucket=name).get("LoggingEnabled"),
        {"TargetBucket": "logs", "TargetPrefix": "backup/"},
    ),
    "ObjectLockConfiguration": (
        # Moto answers with both units, one of them 0.
        lambda s3, name: {
            part: value
            for part, value in _lock(s3, name)["Rule"]["DefaultRetention"].items()
            if value
        },
        RETENTION,
    ),
    "ObjectLockEnabled": (lambda s3, name: _lock(s3, name)["ObjectLockEnabled"], "Enabled"),
    "OwnershipControls": (
        lambda s3, name: s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"],
        {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    ),
    "PublicAccessBlockConfiguration": (
        lambda s3, name: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        BLOCK,
    ),
    "ReplicationConfiguration": (
        lambda s3, name: [
            rule["ID"]
            for rule in s3.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
        ],
        ["copies"],
    ),
    "Tags": (
        lambda s3, name: [
            tag
            for tag in s3.get_bucket_tagging(Bucket=name)["TagSet"]
            if not tag["Key"].startswith("aws:")
        ],
        DECLARED["Tags"],
    ),
    "VersioningConfiguration": (
        lambda s3, name: s3.get_bucket_versioning(Bucket=name).get("Status"),
        "Enabled",
    ),
}


def _encryption(s3: Any, name: str) -> dict[str, Any]:
    found = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    (rule,) = found["Rules"]
    return dict(rule)


def _lock(s3: Any, name: str) -> dict[str, Any]:
    return dict(s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"])


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stack, ...]:
    folder: Path = tmp_path_factory.mktemp("production")
    app = App(outdir=str(folder))
    build(app, SHAPES["production"])
    app.synth()
    return stacks(folder)


def kept(s3: Any, name: str, declared: str) -> bool:
    from botocore.exceptions import ClientError

    read, expected = READ_BACK[declared]
    try:
        return read(s3, name) == expected
    except ClientError:
        return False


def test_what_a_bucket_declares_is_read_back_or_named_as_dropped(
    cloud: LabCloud, create: Callable[..., str], production: tuple[Stack, ...]
) -> None:
    declared = {
        name
        for stack in production
        for resource in stack.resources.values()
        if resource["Type"] == BUCKET
        for name in resource["Properties"]
    }
    assert declared == DECLARED.keys() == READ_BACK.keys()
    create({"Resources": {"Bucket": {"Type": BUCKET, "Properties": DECLARED}}})
    s3 = cloud.client("s3", "us-east-1")
    bucket = DECLARED["BucketName"]
    assert {name for name in DECLARED if not kept(s3, bucket, name)} == NOT_KEPT.keys()
    assert not _encryption(s3, bucket).get(BUCKET_KEYS)
    assert all(name in PARTLY[BUCKET] for name in (*NOT_KEPT, BUCKET_KEYS))


def test_every_type_of_the_estate_stands_in_one_table(
    lab: Lab, production: tuple[Stack, ...]
) -> None:
    modelled = verify(lab)["modelled"]
    assert not (EMULATED & INERT.keys() | EMULATED & PARTLY.keys() | INERT.keys() & PARTLY.keys())
    covered = coverage(production, modelled)
    known = {*EMULATED, *PARTLY, *INERT}
    assert {one.resource for one in covered if one.degree is not Degree.SKIPPED} <= known
    assert all(one.note for one in covered if one.degree is not Degree.EMULATED)


def test_load_balancers_are_more_where_they_forward(
    lab: Lab, production: tuple[Stack, ...]
) -> None:
    assert FORWARDED.keys() <= INERT.keys()
    modelled = verify(lab)["modelled"]
    for forwarding, degree in (([], Degree.INERT), (["us-east-1"], Degree.PARTLY)):
        covered = {one.resource: one for one in coverage(production, modelled, (), forwarding)}
        for resource in FORWARDED:
            assert covered[resource].degree is degree
            assert ("in us-east-1: " in covered[resource].note) is bool(forwarding)


def test_a_type_that_nobody_looked_into_is_not_called_emulated(
    production: tuple[Stack, ...], tmp_path: Path
) -> None:
    template = tmp_path / "queue.json"
    template.write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    (one,) = coverage([replace(production[0], template_file=template)], ["AWS::SQS::Queue"])
    assert (one.degree, one.note) == (
        Degree.INERT,
        "stored; what of it has an effect is not known",
    )
