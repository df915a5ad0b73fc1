"""The peer: Cassandra as one starts it by hand, node after node, from the same jars.

No agent, no table, no TLS: a configuration file, a command line and a person who waits, and who
loses no time. The JVM's options are those of our nodes on one machine, and management goes through
Jolokia as ours does, so neither side pays for a JVM a question.
"""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from paved_road_ring_agent.jvm import CHEAP_START, MANAGEMENT_FILE, free_port
from paved_road_ring_agent.management import Management, NodeSilentError, write_configuration
from paved_road_ring_agent.settings import LOGBACK

PASSWORD = "bench"  # noqa: S105 - of a node on loopback that lives for minutes
LIMIT_SECONDS = 600


class BareManagement(Management):
    """What only benches ask of a node."""

    def begin_pull(self, keyspace: str, start: int, end: int, hosts: tuple[str, ...]) -> int:
        """As `begin_repair`, but this one of two hosts gets what it lacks and sends nothing.

        https://cassandra.apache.org/doc/5.0/cassandra/managing/tools/nodetool/repair.html
        """
        options = {
            "incremental": "false",
            "parallelism": "parallel",
            "ranges": f"{start}:{end}",
            "hosts": ",".join(hosts),
            "pullRepair": "true",
        }
        operation = "repairAsync(java.lang.String,java.util.Map)"
        return int(self._execute(operation, keyspace, options))


@dataclass
class BareNode:
    """One node and where it lives."""

    address: str
    folder: Path
    management: BareManagement
    process: subprocess.Popen[bytes]

    def sees_down(self, address: str) -> bool:
        """Whether its failure detector has given `address` up."""
        try:
            members = self.management.members()[1].values()
        except NodeSilentError:
            return False
        return any(one.address == address and not one.alive for one in members)


def serves(management: Management, count: int) -> bool:
    """Whether a node takes clients, is a normal member, and sees so many, all alive."""
    try:
        _, members, normal = management.members()
        return (
            normal
            and len(members) == count
            and all(one.alive for one in members.values())
            and management.admits_clients()
        )
    except NodeSilentError:
        return False


@dataclass
class BareRing:
    """Nodes on 127.`octet`.0.1 and up."""

    folder: Path
    bundle: Path
    java: str
    octet: int
    racks: Sequence[str] = ("a", "b", "c")
    heap_mib: int = 256
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of every node's configuration file, besides what the bench needs there."""
    nodes: dict[int, BareNode] = field(default_factory=dict)

    def address(self, number: int) -> str:
        """Of node `number`, from 1."""
        return f"127.{self.octet}.0.{number}"

    def place(self, number: int) -> Path:
        """Where node `number` lives."""
        return self.folder / f"node-{number}"

    def start(
        self,
        number: int,
        *,
        rack: int,
        ring_delay_ms: int,
        token: int | None = None,
        bootstrap: bool = True,
        replaces: str = "",
        properties: Mapping[str, str] = MappingProxyType({}),
    ) -> BareNode:
        """Start one node; it may not be up when this returns.

        Without `token` it has Cassandra's default of sixteen random ones. `properties` are Java's.
        Its folder may hold data that was restored.
        """
        folder = self.place(number)
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        write_configuration(folder / MANAGEMENT_FILE, port, PASSWORD)
        (folder / "cassandra.yaml").write_text(
            json.dumps(self._yaml(number, token, bootstrap=bootstrap, replacing=bool(replaces)))
        )
        (folder / "cassandra-rackdc.properties").write_text(f"dc=bench\nrack={self.racks[rack]}\n")
        (folder / "logback.xml").write_text(LOGBACK)
        given = {
            **properties,
            "cassandra.config": (folder / "cassandra.yaml").as_uri(),
            "cassandra.storagedir": str(folder),
            "cassandra.logdir": str(folder),
            "cassandra.ring_delay_ms": str(ring_delay_ms),
            "cassandra.broadcast_interval_ms": str(2 * ring_delay_ms),
            "logback.configurationFile": str(folder / "logback.xml"),
            "java.io.tmpdir": str(folder),
        }
        if replaces:
            given["cassandra.replace_address_first_boot"] = replaces
        (jolokia,) = (self.bundle / "lib").glob("jolokia-agent-jvm-*-javaagent.jar")
        command = [
            *(self.java, f"@{self.bundle / 'jvm.options'}", *CHEAP_START),
            *(f"-Xms{self.heap_mib}m", f"-Xmx{self.heap_mib}m"),
            f"-javaagent:{jolokia}=config={folder / MANAGEMENT_FILE}",
            *(f"-D{name}={value}" for name, value in given.items()),
            *("-cp", f"{folder}:{self.bundle}/lib/*"),
            "org.apache.cassandra.service.CassandraDaemon",
        ]
        with (folder / "cassandra.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        node = BareNode(self.address(number), folder, BareManagement(port, PASSWORD), process)
        self.nodes[number] = node
        return node

    def serves(self) -> bool:
        """Whether every node serves and sees all of them."""
        count = len(self.nodes)
        return all(serves(one.management, count) for one in self.nodes.values())

    def lose(self, number: int) -> BareNode:
        """Kill a node and delete its disk, as the end of an instance does."""
        node = self.nodes.pop(number)
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()
        shutil.rmtree(node.folder)
        return node

    def end(self) -> None:
        """Kill all nodes."""
        for node in self.nodes.values():
            node.process.kill()
            node.process.wait()

    def _yaml(
        self, number: int, token: int | None, *, bootstrap: bool, replacing: bool
    ) -> dict[str, object]:
        address = self.address(number)
        tokens: dict[str, object] = {"num_tokens": 16}
        if token is not None:
            tokens = {"num_tokens": 1} | ({} if replacing else {"initial_token": str(token)})
        return {
            "cluster_name": "bench",
            **tokens,
            "auto_bootstrap": bootstrap,
            "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
            "endpoint_snitch": "GossipingPropertyFileSnitch",
            "listen_address": address,
            "rpc_address": address,
            "seed_provider": [
                {
                    "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                    "parameters": [{"seeds": self.address(2 if replacing and number != 2 else 1)}],
                }
            ],
            "commitlog_sync": "group",
            "commitlog_sync_group_window": "10ms",
            **self.settings,
        }


def wait(true: Callable[[], bool]) -> float:
    """Seconds until it is so; `TimeoutError` if that takes ten minutes."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > LIMIT_SECONDS:
            raise TimeoutError(f"{true} did not happen within {LIMIT_SECONDS} s")
        time.sleep(0.1)
    return time.monotonic() - began


@contextmanager
def bare_ring(folder: Path, bundle: Path, java: str, octet: int) -> Iterator[BareRing]:
    """A ring whose nodes are ended whatever happens."""
    ring = BareRing(folder=folder, bundle=bundle, java=java, octet=octet)
    try:
        yield ring
    finally:
        ring.end()
