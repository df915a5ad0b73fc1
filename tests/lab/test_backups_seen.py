"""Whether a data center was ever backed up, as its nodes see it before they form one anew."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.safety import environment
from paved_road_lab.state import Lab
from paved_road_ring_agent import connections
from paved_road_ring_agent.cloud import Cloud
from tests.lab.rack_of_hosts import REGION
from tests.nodes import NODE

pytestmark = pytest.mark.slow

BUCKET = "acme-backups"


@pytest.fixture
def node_credentials(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in environment(lab).items():
        monkeypatch.setenv(name, value)
    connections._session.cache_clear()
    yield
    connections._session.cache_clear()


@pytest.mark.usefixtures("node_credentials")
def test_a_data_center_was_backed_up_if_anything_stands_under_its_own_prefix(lab: Lab) -> None:
    s3 = LabCloud(lab).client("s3", REGION)
    cloud = Cloud(replace(NODE, backup_bucket=BUCKET))
    assert cloud.backups() is None  # There is no such bucket: nobody knows.
    s3.create_bucket(Bucket=BUCKET)
    assert cloud.backups() is False
    for beside in ("rings/orders2/us-east-1-g1", "rings/orders/us-east-1-g10"):
        s3.put_object(Bucket=BUCKET, Key=f"{beside}/one/sets/x.json", Body=b"another's")
    assert cloud.backups() is False
    s3.put_object(Bucket=BUCKET, Key="rings/orders/us-east-1-g1/one/sets/x.json", Body=b"its own")
    assert cloud.backups() is True
    assert Cloud(NODE).backups() is False
