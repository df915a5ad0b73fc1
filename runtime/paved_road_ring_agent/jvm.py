"""How Cassandra's processes are started: options, class path, program."""

import os
import socket
from pathlib import Path

from paved_road_ring_agent import archiving
from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.tuning import Tuning

CHEAP_START = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
"""Halves the processor time until a node answers (measured: 5.6 s instead of 11.3 s), for less
speed later, where several nodes start at once on a few cores."""
SHARED_KEYSPACES = ("system_auth", "system_distributed", "system_traces")
"""With Cassandra's defaults one frozen node of three locks everybody out: `system_auth` has a
single replica."""
NEVER = 100 * 365 * 86_400_000
"""A century, in milliseconds."""
MANAGEMENT_FILE = "jolokia.properties"
JAVA_VARIABLE = "PAVED_ROAD_JAVA"


def java() -> str:
    """The Java that whoever started this process chose, else the one on PATH."""
    return os.environ.get(JAVA_VARIABLE, "java")


def cassandra_command(
    start: Start, layout: Layout, configuration: Path, tuning: Tuning
) -> list[str]:
    """The server, with Jolokia in it. JMX itself does not listen at all.

    Nodes of a lost rack come back in parallel: Cassandra allows it with one token per node.
    """
    heap = f"{tuning.heap_mib}m"
    properties = {
        "cassandra.config": (configuration / "cassandra.yaml").as_uri(),
        "cassandra.storagedir": str(layout.cassandra),
        "cassandra.logdir": str(layout.logs),
        "cassandra.ring_delay_ms": str(tuning.ring_delay_ms),
        # A replacement waits this long for a sign of life; 60 s by default, and in proportion.
        "cassandra.broadcast_interval_ms": str(2 * tuning.ring_delay_ms),
        "cassandra.consistent.simultaneousmoves.allow": "true",
        # It changes the system's schema, so it is on before a node's first start or never.
        "cassandra.autorepair.enable": "true",
        "cassandra.superuser_setup_delay_ms": str(_superuser_delay(start)),
        # As many as racks: with the racks in turn around the ring these are the very nodes that
        # replication by data center chooses later, so that nothing moves then.
        **{
            f"cassandra.{keyspace}.default_rf": str(len(start.birth.racks))
            for keyspace in SHARED_KEYSPACES
        },
        "logback.configurationFile": str(configuration / "logback.xml"),
        "java.io.tmpdir": str(layout.run),
    }
    if archiving.replays(start):
        properties["cassandra.replayList"] = ",".join(archiving.restored_keyspaces(layout))
    if start.replaces:
        properties["cassandra.replace_address_first_boot"] = start.replaces
    return [
        java(),
        f"@{layout.bundle / 'jvm.options'}",
        *(CHEAP_START if tuning.shares_machine else ["-XX:+UseG1GC"]),
        f"-Xms{heap}",
        f"-Xmx{heap}",
        f"-javaagent:{_jolokia(layout)}=config={configuration / MANAGEMENT_FILE}",
        *(f"-D{name}={value}" for name, value in properties.items()),
        "-cp",
        f"{configuration}:{layout.bundle}/lib/*",
        "org.apache.cassandra.service.CassandraDaemon",
    ]


def _superuser_delay(start: Start) -> int:
    """Milliseconds until Cassandra makes its default superuser, if there are no roles.

    It may only where a new ring is prepared, behind a fence. Everywhere else it never does, not
    even if `system_auth` were lost: no role at all lets nobody in, a known password everybody.
    """
    return 1_000 if start.door is Door.FENCED else NEVER


def _jolokia(layout: Layout) -> Path:
    """The agent's jar, whose version the bundle knows."""
    (jar,) = (layout.bundle / "lib").glob("jolokia-agent-jvm-*-javaagent.jar")
    return jar


def free_port() -> int:
    """A port on loopback that nobody listens on: several nodes may share a machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
