"""How Cassandra's processes are started: options, class path, program."""

import os
import socket
from pathlib import Path

from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.tuning import Tuning

JAVA_VARIABLE = "PAVED_ROAD_JAVA"

OPENED = (
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-exports=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.server=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.transport.tcp=ALL-UNNAMED",
    "--add-exports=java.sql/java.sql=ALL-UNNAMED",
    "--add-exports=java.base/java.lang.ref=ALL-UNNAMED",
    "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.module=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.reflect=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.math=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.module=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.util.jar=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.net=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
)
"""What Cassandra needs of Java 17's inside.
https://github.com/apache/cassandra/blob/cassandra-5.0/conf/jvm17-server.options
"""


def java() -> str:
    """The Java that whoever started this process chose, else the one on PATH."""
    return os.environ.get(JAVA_VARIABLE, "java")


def cassandra_command(
    start: Start, layout: Layout, configuration: Path, tuning: Tuning, jmx_port: int
) -> list[str]:
    """The server. JMX listens on loopback only, on `jmx_port`.

    Nodes of a lost rack come back in parallel: Cassandra allows it with one token per node.
    """
    heap = f"{tuning.heap_mib}m"
    properties = {
        "cassandra.config": (configuration / "cassandra.yaml").as_uri(),
        "cassandra.storagedir": str(layout.cassandra),
        "cassandra.logdir": str(layout.logs),
        "cassandra-foreground": "yes",
        "cassandra.jmx.local.port": str(jmx_port),
        "cassandra.ring_delay_ms": str(tuning.ring_delay_ms),
        "cassandra.consistent.simultaneousmoves.allow": "true",
        "jdk.attach.allowAttachSelf": "true",
        "logback.configurationFile": str(configuration / "logback.xml"),
        "java.net.preferIPv4Stack": "true",
        "java.io.tmpdir": str(layout.run),
    }
    if start.replaces:
        properties["cassandra.replace_address_first_boot"] = start.replaces
    return [
        java(),
        "-XX:+UseG1GC",
        "-XX:+ExitOnOutOfMemoryError",
        "-Xss256k",
        f"-Xms{heap}",
        f"-Xmx{heap}",
        *OPENED,
        *(f"-D{name}={value}" for name, value in properties.items()),
        "-cp",
        f"{configuration}:{layout.bundle}/lib/*",
        "org.apache.cassandra.service.CassandraDaemon",
    ]


def nodetool_command(layout: Layout, jmx_port: int, *arguments: str) -> list[str]:
    """Cassandra's own tool, in a small JVM of its own."""
    return [
        java(),
        "-Xmx128m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        f"-Dlogback.configurationFile={layout.configuration / 'logback.xml'}",
        f"-Dcassandra.config={(layout.configuration / 'cassandra.yaml').as_uri()}",
        "-cp",
        f"{layout.configuration}:{layout.bundle}/lib/*",
        "org.apache.cassandra.tools.NodeTool",
        "-h",
        "127.0.0.1",
        "-p",
        str(jmx_port),
        *arguments,
    ]


def free_port() -> int:
    """A port on loopback that nobody listens on: several nodes may share a machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
