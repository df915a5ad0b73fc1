"""What a backup and a restore call under a node's role equals what that is granted."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab
from paved_road_ring_backup.bandwidth import PART_BYTES, config_for
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.store import Store, StoreUnreachableError
from paved_road_ring_backup.transfers import fetch
from tests.agent.scenes import slot
from tests.backup.bucket import outage
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.stories import HOUR, NOON, PAST, TABLE
from tests.lab.grants import BACKUPS

pytestmark = pytest.mark.slow

REGION, BUCKET = "us-east-1", "acme-backup"


@pytest.fixture
def as_node(lab: Lab, cloud: LabCloud) -> Any:
    """A client under the role `node`, and a bucket like the estate's: versioned and locked."""
    cloud.client("s3", REGION).create_bucket(Bucket=BUCKET, ObjectLockEnabledForBucket=True)
    role = cloud.client("iam", REGION).create_role(
        RoleName="node",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}),
    )["Role"]
    sts = cloud.client("sts", REGION)
    given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="i-1")["Credentials"]
    return boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=lab.endpoint,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def test_a_backup_and_a_restore_call_what_a_node_is_granted(
    lab: Lab, as_node: Any, tmp_path: Path
) -> None:
    store, node = Store(as_node, BUCKET), SmallNode(tmp_path)
    node.write(f"{TABLE}/nb-1-big-Data.db", bytes(PART_BYTES) + b"and one more")
    node.write(f"{TABLE}/nb-1-big-TOC.txt", b"toc")
    with outage(as_node, "UploadPart", 1), pytest.raises(StoreUnreachableError):
        backup_of(node, store).run()
    part = backup_of(node, store, clock=lambda: NOON + HOUR).run()
    assert store.newest_part(PAST, slot("a0"), 1, NOON) == part
    manifest = NodeManifest.from_json(store.get(part.run.manifest) or b"")
    came = fetch(store, manifest.files, tmp_path / "new", config=config_for(None))
    assert came == part.size
    granted = {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}
    assert set(calls(lab)["node"]) == {*BACKUPS, *granted}
