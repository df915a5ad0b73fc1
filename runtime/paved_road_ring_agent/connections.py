"""boto3 as a node uses it: role credentials, short waits, few tries."""

from typing import Any

import boto3
from botocore.config import Config

from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.table import Table

PATIENCE = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""A round must not hang: in doubt nothing is done, and the next round asks again."""


def client(node: NodeFile, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client of the node's own region."""
    return boto3.Session(region_name=node.region).client(service, config=PATIENCE)  # type: ignore[call-overload]


def table_of(node: NodeFile) -> Table:
    """The data center's slot table."""
    dynamodb = boto3.Session(region_name=node.region).resource("dynamodb", config=PATIENCE)
    return Table(dynamodb, node.slot_table, node.data_center)
