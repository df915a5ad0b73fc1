"""A bundle in a bucket: once, checked by S3, never overwritten."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

import paved_road_bundle.build
from paved_road_bundle.bundle import Bundle
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.publish import publish
from paved_road_cli.main import app
from paved_road_contract.digests import sha256_of
from tests.buckets import emulated_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "acme-artifacts"


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    with emulated_bucket(BUCKET) as client:
        yield client


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    path = tmp_path / "bundle.tar"
    path.write_bytes(bytes(20_000_000))  # larger than what the transfer manager sends in one piece
    return Bundle(path=path, version="5.0.9", sha256=64 * "a")


def versions(s3: "S3Client") -> int:
    return len(s3.list_object_versions(Bucket=BUCKET).get("Versions", []))


def test_it_is_uploaded_once_with_its_whole_checksum(s3: "S3Client", bundle: Bundle) -> None:
    assert publish(bundle, s3, BUCKET).uploaded
    assert not publish(bundle, s3, BUCKET).uploaded
    assert versions(s3) == 1
    head = s3.head_object(Bucket=BUCKET, Key=bundle.key, ChecksumMode="ENABLED")
    assert base64.b64decode(head["ChecksumSHA256"]).hex() == sha256_of(bundle.path)
    assert bundle.key == "bundles/paved-road-node-5.0.9-aaaaaaaaaaaa.tar"


@pytest.mark.parametrize("checked", [True, False])
def test_another_object_under_its_key_is_refused(
    s3: "S3Client", bundle: Bundle, checked: bool
) -> None:
    if checked:
        s3.put_object(Bucket=BUCKET, Key=bundle.key, Body=b"other", ChecksumAlgorithm="SHA256")
    else:
        s3.put_object(Bucket=BUCKET, Key=bundle.key, Body=b"other")
    with pytest.raises(
        RefusedError, match=r"is another object .* a published bundle never changes"
    ):
        publish(bundle, s3, BUCKET)
    assert versions(s3) == 1


def test_a_dry_run_uploads_nothing(s3: "S3Client", bundle: Bundle) -> None:
    assert publish(bundle, s3, BUCKET, dry_run=True).uploaded
    assert versions(s3) == 0


def test_the_command_says_what_it_did(
    s3: "S3Client", bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paved_road_bundle.build, "build", lambda *_, **__: bundle)
    command = ["bundle", "publish", "--bucket", BUCKET, "--region", "us-east-1", "--json"]
    told = [json.loads(CliRunner().invoke(app, command).stdout)[0] for _ in range(2)]
    assert [one["uploaded"] for one in told] == [True, False]
    assert told[0]["key"] == bundle.key
    assert versions(s3) == 1
