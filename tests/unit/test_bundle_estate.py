"""What an estate's rings pin is published where they stand, before they do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from paved_road_bundle.bundle import Bundle, BundlePin
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.estate import pinned, publish_pinned
from paved_road_ring_agent.contract import bundle_parameter

PIN = BundlePin.of_this_version()
REGIONS = ("us-east-1", "us-west-2")


def assembly(folder: Path, pin: BundlePin = PIN) -> Path:
    """Two regions, each with an artifact stack and two rings."""
    artifacts: dict[str, Any] = {}
    for region in REGIONS:
        for kind, name in (("artifacts", ""), ("ring", "-orders"), ("ring", "-carts")):
            stack = f"acme-{region}-{kind}{name}"
            template = {"Resources": ring(name[1:], pin) if kind == "ring" else {}}
            (folder / f"{stack}.json").write_text(json.dumps(template))
            tags = {
                "paved-road:estate": "acme",
                "paved-road:component": kind,
                "paved-road:ring": name[1:],
            }
            artifacts[stack] = {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://unknown-account/{region}",
                "properties": {"templateFile": f"{stack}.json", "tags": tags},
            }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return folder


def ring(name: str, pin: BundlePin) -> dict[str, Any]:
    bundle = {"Name": bundle_parameter("acme", name), "Value": pin.wanted.to_json()}
    other = {"Name": f"/acme/rings/{name}/superuser", "Value": "elsewhere"}
    return {
        "Bundle": {"Type": "AWS::SSM::Parameter", "Properties": bundle},
        "Other": {"Type": "AWS::SSM::Parameter", "Properties": other},
    }


def client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The artifact stacks alone."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        for region in REGIONS:
            bucket = f"acme-{region}-artifacts-1"
            template = {
                "Resources": {
                    "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}
                },
                "Outputs": {"BucketName": {"Value": {"Ref": "Bucket"}}},
            }
            client("cloudformation", region).create_stack(
                StackName=f"acme-{region}-artifacts", TemplateBody=json.dumps(template)
            )
        yield


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    (tmp_path / "bundle.tar").write_bytes(b"bundle")
    return Bundle(path=tmp_path / "bundle.tar", version=PIN.version, sha256=PIN.sha256)


def never() -> Bundle:
    raise AssertionError("nothing is missing, so nothing is built")


def test_each_ring_says_what_it_pins(tmp_path: Path) -> None:
    found = pinned(assembly(tmp_path))
    assert [(one.region, one.stack.rpartition("-")[2]) for one in found] == [
        (region, name) for region in REGIONS for name in ("carts", "orders")
    ]
    assert {(one.estate, one.key, one.sha256) for one in found} == {("acme", PIN.key, PIN.sha256)}


@pytest.mark.usefixtures("deployed")
def test_every_region_gets_it_once(tmp_path: Path, bundle: Bundle) -> None:
    where = assembly(tmp_path)
    first = publish_pinned(where, client, lambda: bundle)
    assert [(one.bucket, one.uploaded) for one in first] == [
        (f"acme-{region}-artifacts-1", True) for region in REGIONS
    ]
    again = publish_pinned(where, client, never)
    assert [one.uploaded for one in again] == [False, False]


@pytest.mark.usefixtures("deployed")
def test_a_ring_that_stays_on_an_earlier_bundle_needs_it_to_be_there(tmp_path: Path) -> None:
    earlier = BundlePin.pinned("5.0.8", 64 * "b")
    where = assembly(tmp_path, earlier)
    with pytest.raises(RefusedError, match=r"carts pins bundles/.*5.0.8.*synthesize again"):
        publish_pinned(where, client, never)
    for region in REGIONS:
        bucket = f"acme-{region}-artifacts-1"
        client("s3", region).put_object(Bucket=bucket, Key=earlier.key, Body=b"earlier")
    assert not any(one.uploaded for one in publish_pinned(where, client, never))


def test_artifact_stacks_come_first(
    tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws(), pytest.raises(RefusedError, match=r"acme-us-east-1-artifacts is not deployed"):
        publish_pinned(assembly(tmp_path), client, lambda: bundle)
