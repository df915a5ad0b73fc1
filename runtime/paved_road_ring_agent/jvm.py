"""How Cassandra's processes are started: options, class path, program."""

import os
import socket
from pathlib import Path

from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.tuning import Tuning

CHEAP_START = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
"""Halves the processor time until a node answers (measured: 5.6 s instead of 11.3 s), for less
speed later, where several nodes start at once on a few cores."""
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
        "logback.configurationFile": str(configuration / "logback.xml"),
        "java.io.tmpdir": str(layout.run),
    }
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


def _jolokia(layout: Layout) -> Path:
    """The agent's jar, whose version the bundle knows."""
    (jar,) = (layout.bundle / "lib").glob("jolokia-agent-jvm-*-javaagent.jar")
    return jar


def free_port() -> int:
    """A port on loopback that nobody listens on: several nodes may share a machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
