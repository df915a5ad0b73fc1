"""CQL to the own node: what prepares a ring for clients."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cassandra import DriverException
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.policies import WhiteListRoundRobinPolicy

from paved_road_ring_agent.contract import NATIVE_PORT
from paved_road_ring_agent.management import NodeSilentError

SHARED_KEYSPACES = ("system_auth", "system_distributed", "system_traces")
"""With Cassandra's defaults one frozen node of three locks everybody out: `system_auth` has a
single replica."""


def replicate_shared(address: str, replicas: Mapping[str, int]) -> None:
    """Spread the shared keyspaces over the data centers, `replicas` in each."""
    options = ", ".join(f"'{name}': {count}" for name, count in sorted(replicas.items()))
    with _session(address) as session:
        for keyspace in SHARED_KEYSPACES:
            session.execute(
                f"ALTER KEYSPACE {keyspace} WITH replication = "
                f"{{'class': 'NetworkTopologyStrategy', {options}}}",
                timeout=30,
            )


@contextmanager
def _session(address: str) -> Iterator[Session]:
    profile = ExecutionProfile(load_balancing_policy=WhiteListRoundRobinPolicy([address]))
    cluster = Cluster(
        [address],
        port=NATIVE_PORT,
        protocol_version=5,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connect_timeout=5,
        control_connection_timeout=5,
    )
    try:
        yield cluster.connect()
    except (DriverException, NoHostAvailable, OSError) as error:
        raise NodeSilentError(str(error)) from error
    finally:
        cluster.shutdown()
