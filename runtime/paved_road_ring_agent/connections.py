"""boto3 as a node uses it: role credentials, short waits, few tries."""

import logging
import time
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.vault import Vault

PATIENCE = Config(
    connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2}
)
"""A round must not hang: in doubt nothing is done, and the next round asks again."""

METADATA_SECONDS, METADATA_ATTEMPTS = 5, 3
"""boto3's one try of one second fails on a machine that is busy booting."""

log = logging.getLogger("paved-road.agent")


def client(node: NodeFile, service: str, config: Config = PATIENCE) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client of the node's own region."""
    return _session(node.region).client(service, config=config)  # type: ignore[call-overload]


def table_of(node: NodeFile) -> Table:
    """The data center's slot table."""
    dynamodb = _session(node.region).resource("dynamodb", config=PATIENCE)
    return Table(dynamodb, node.slot_table, node.data_center)


def vault_of(node: NodeFile) -> Vault:
    """The ring's secrets."""
    secrets, parameters = client(node, "secretsmanager"), client(node, "ssm")
    return Vault(secrets, parameters, estate=node.estate, ring=node.ring)


@cache
def _session(region: str) -> boto3.Session:
    """Waits for the role's credentials.

    A session that found none when it was asked first never looks again, so an agent that came up
    before its metadata service would be blind for as long as it lives.
    """
    said = False
    while True:
        core = botocore.session.Session()
        core.set_config_variable("metadata_service_timeout", METADATA_SECONDS)
        core.set_config_variable("metadata_service_num_attempts", METADATA_ATTEMPTS)
        session = boto3.Session(botocore_session=core, region_name=region)
        if session.get_credentials() is not None:
            return session
        if not said:
            log.warning("the metadata service gives no credentials yet")
            said = True
        time.sleep(1)
