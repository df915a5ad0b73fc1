"""boto3 as a node uses it: role credentials, short waits, few tries."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import NoCredentialsError
from botocore.session import Session

from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.table import Table

PATIENCE = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""A round must not hang: in doubt nothing is done, and the next round asks again."""


@cache
def session(region: str) -> boto3.Session:
    """One that has the role's credentials.

    Clients that are made without any never ask for them again, and a metadata service may be slow
    when an instance boots. Raises `NoCredentialsError` after a minute: whoever started this process
    starts it again.
    """
    core = Session()
    core.set_config_variable("metadata_service_timeout", 5)
    core.set_config_variable("metadata_service_num_attempts", 12)
    if core.get_credentials() is None:
        raise NoCredentialsError
    return boto3.Session(botocore_session=core, region_name=region)


def client(node: NodeFile, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client of the node's own region."""
    return session(node.region).client(service, config=PATIENCE)  # type: ignore[call-overload]


def table_of(node: NodeFile) -> Table:
    """The data center's slot table."""
    dynamodb = session(node.region).resource("dynamodb", config=PATIENCE)
    return Table(dynamodb, node.slot_table, node.data_center)
