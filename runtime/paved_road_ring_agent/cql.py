"""CQL to the own node: its view of gossip, and what prepares a ring for clients."""

import contextlib
from collections.abc import Mapping
from typing import Any

from cassandra import DriverException
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.query import dict_factory

from paved_road_ring_agent.contract import NATIVE_PORT

SHARED_KEYSPACES = ("system_auth", "system_distributed", "system_traces")
"""With Cassandra's defaults one frozen node of three locks everybody out: `system_auth` has a
single replica."""


class NodeSilentError(Exception):
    """The own node does not answer CQL."""


class OwnNode:
    """One connection to the node on this instance, made anew when it was lost."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._cluster: Cluster | None = None
        self._session: Session | None = None

    def gossip(self) -> tuple[str, list[Mapping[str, Any]]]:
        """The own host id, and the rows of the gossip table."""
        own = self._ask("SELECT host_id FROM system.local")
        return str(own[0]["host_id"]), self._ask("SELECT * FROM system_views.gossip_info")

    def replicate_shared(self, replicas: Mapping[str, int]) -> None:
        """Spread the shared keyspaces over the data centers, `replicas` in each."""
        options = ", ".join(f"'{name}': {count}" for name, count in sorted(replicas.items()))
        for keyspace in SHARED_KEYSPACES:
            self._ask(
                f"ALTER KEYSPACE {keyspace} WITH replication = "
                f"{{'class': 'NetworkTopologyStrategy', {options}}}"
            )

    def keyspaces(self) -> list[str]:
        """Those whose data is spread over nodes."""
        rows = self._ask("SELECT keyspace_name, replication FROM system_schema.keyspaces")
        return [
            row["keyspace_name"]
            for row in rows
            if row["replication"]["class"].endswith("NetworkTopologyStrategy")
        ]

    def close(self) -> None:
        """Let go of the connection."""
        if self._cluster is not None:
            with contextlib.suppress(DriverException):
                self._cluster.shutdown()
        self._cluster = self._session = None

    def _ask(self, statement: str) -> list[Mapping[str, Any]]:
        try:
            if self._session is None:
                self._session = self._connect()
            return list(self._session.execute(statement, timeout=10))
        except (DriverException, NoHostAvailable, OSError) as error:
            self.close()
            raise NodeSilentError(str(error)) from error

    def _connect(self) -> Session:
        profile = ExecutionProfile(
            load_balancing_policy=WhiteListRoundRobinPolicy([self._address]),
            row_factory=dict_factory,
        )
        self._cluster = Cluster(
            [self._address],
            port=NATIVE_PORT,
            protocol_version=5,
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            connect_timeout=3,
            control_connection_timeout=3,
        )
        return self._cluster.connect()
