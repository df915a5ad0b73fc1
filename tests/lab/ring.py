"""A ring of real nodes in a lab of its own, and what tests do to it."""

import json
import os
import random
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from aws_cdk import App

from paved_road.artifacts import ArtifactBucket
from paved_road.backup import BackupBucket
from paved_road.estate import Estate, EstateStack
from paved_road.network import MEMBER_ENDPOINTS, Nat, Network
from paved_road.ring import Ring
from paved_road_bundle.build import build
from paved_road_bundle.install import install
from paved_road_bundle.java import find_java
from paved_road_bundle.publish import publish
from paved_road_contract import tags
from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts import machine
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import Host, recorded_hosts, root
from paved_road_lab.hosts.software import SOFTWARE_FOLDER
from paved_road_lab.lifecycle import require
from paved_road_lab.outages import outage
from paved_road_lab.state import Lab
from paved_road_ring.live import LiveRing
from paved_road_ring.survey import Survey
from paved_road_ring_agent.contract import data_center
from paved_road_ring_agent.facts import Birth, Claim, Slot
from paved_road_ring_agent.jvm import JAVA_VARIABLE
from paved_road_ring_agent.layout import BUNDLE_VARIABLE, ROOT_VARIABLE, Layout
from paved_road_ring_agent.management import Management
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.vault import Vault
from stacks.artifacts import ArtifactStack
from stacks.backup import BackupStack
from stacks.network import NetworkStack

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "paved-road"
REGION, RING, DC = "us-east-1", "orders", data_center("us-east-1", 1)
ESTATE = "acme"
RESERVED_PORT = 1339
FORMING_SECONDS = 420
"""A limit, not a measure: six JVMs start at once, on a machine that others use too."""


def software() -> Path:
    """The bundle that nodes run, for agents that tests change: built and installed once."""
    bundle = build(CACHE)
    return install(bundle.path, bundle.sha256, CACHE / "installed")


@contextmanager
def reserved_network() -> Iterator[int]:
    """The second octet of a network that no other ring under test on this machine has.

    Addresses of hosts are the machine's. Whoever holds one listens at an address of it that no
    subnet gives out.
    """
    candidates = list(range(40, 100))
    random.SystemRandom().shuffle(candidates)
    for octet in candidates:
        with socket.socket() as holder:
            try:
                holder.bind((f"127.{octet}.255.254", RESERVED_PORT))
            except OSError:
                continue
            yield octet
            return
    raise AssertionError("sixty rings are under test on this machine")


def templates(outdir: Path, nodes_per_rack: int, octet: int) -> list[tuple[str, str]]:
    """Names and templates of a region's stacks for a ring, in order, the ring's last."""
    estate = Estate(
        ESTATE,
        cidr="10.0.0.0/8",
        cidrs={REGION: f"10.{octet}.0.0/16"},
        zones={REGION: "abc"},
        deletable=True,
    )
    region = estate.region(REGION)
    app = App(outdir=str(outdir), analytics_reporting=False)
    network = NetworkStack(app, region, nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS)
    artifacts = ArtifactStack(app, region)
    backup = BackupStack(app, region, object_lock=None)
    ring = EstateStack(app, region, Kind.RING, RING, owner="orders", description="under test")
    Ring(
        ring,
        "Ring",
        region=region,
        name=RING,
        network=Network.from_estate(ring, region),
        artifacts=ArtifactBucket.from_estate(ring, region),
        backup=BackupBucket.from_estate(ring, region),
        nodes_per_rack=nodes_per_rack,
        instance_type="i8g.2xlarge",
        deletable=True,
    )
    assembly = app.synth()
    names = [one.stack_name for one in (network, artifacts, backup, ring)]
    return [(name, _plain(assembly.get_stack_by_name(name).template)) for name in names]


def _plain(template: dict[str, Any]) -> str:
    """Without the parameter that only an account bootstrapped by the CDK can answer."""
    parameters = {
        name: one
        for name, one in template.get("Parameters", {}).items()
        if name != "BootstrapVersion"
    }
    kept = {name: part for name, part in template.items() if name != "Rules"}
    return json.dumps({**kept, "Parameters": parameters})


def share_software(lab_folder: Path) -> None:
    """Labs of one checkout share what they unpack of a bundle, as hosts of one lab do."""
    shared = CACHE / SOFTWARE_FOLDER
    shared.mkdir(parents=True, exist_ok=True)
    (lab_folder / SOFTWARE_FOLDER).symlink_to(shared)


def until(true: Callable[[], Any], seconds: float = 120, every: float = 0.5) -> Any:
    """What `true` returns once that is something; fails with `true`'s last word."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"{true} did not happen within {seconds} s"
        time.sleep(every)
    return found


@dataclass(frozen=True)
class Node:
    """One host of the ring, by its instance."""

    host: Host
    folder: Path

    @property
    def instance(self) -> str:
        return self.host.instance_id

    @property
    def address(self) -> str:
        return self.host.address

    @property
    def rack(self) -> str:
        return self.host.rack

    @property
    def layout(self) -> Layout:
        return Layout(root=root(self.folder, self.instance), bundle=Path())

    def processes(self, name: str = "") -> list[psutil.Process]:
        """The host's processes; those whose command line holds `name`."""
        inside = str(root(self.folder, self.instance))
        found = []
        for one in psutil.process_iter(["environ", "cmdline"]):
            if (one.info["environ"] or {}).get(ROOT_VARIABLE) == inside and (
                name in " ".join(one.info["cmdline"] or ())
            ):
                found.append(one)
        return found

    @property
    def cassandra(self) -> psutil.Process | None:
        """Its database, if that runs."""
        return next(iter(self.processes("CassandraDaemon")), None)

    def agent(self) -> psutil.Process:
        (found,) = self.processes("paved_road_ring_agent.agent")
        return found

    def signal(self, number: signal.Signals, name: str = "") -> None:
        """Send a signal to the processes of that name, or to all of them."""
        for one in self.processes(name):
            with _gone_is_fine():
                one.send_signal(number)

    def management(self) -> Management:
        status = Status.load(self.layout)
        assert status is not None
        return Management(status.management_port, status.management_password)

    def log(self, name: str = "agent") -> str:
        file = self.layout.logs / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def said(self) -> list[str]:
        """What the agent logged, in words."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        return [str(json.loads(line)["message"]) for line in lines]


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    try:
        yield
    except psutil.NoSuchProcess:
        return


@dataclass(frozen=True)
class LivingRing:
    """A ring in the lab of `folder`."""

    folder: Path

    @property
    def lab(self) -> Lab:
        return require(self.folder)

    @property
    def cloud(self) -> LabCloud:
        return LabCloud(self.lab)

    @property
    def live(self) -> LiveRing:
        return LiveRing(clients=self.cloud, estate=ESTATE, region=REGION, name=RING)

    def client(self, service: str) -> Any:
        return self.cloud.client(service, REGION)

    # What stands

    def deploy(self, nodes_per_rack: int, octet: int) -> None:
        """Network, buckets and ring, from the templates that the constructs write.

        The bundle that the ring pins is published before the ring, as everywhere.
        """
        *before, ring = templates(self.folder / "cdk.out", nodes_per_rack, octet)
        for name, body in before:
            self.client("cloudformation").create_stack(StackName=name, TemplateBody=body)
        artifacts = stack_name(ESTATE, REGION, Kind.ARTIFACTS)
        (found,) = self.client("cloudformation").describe_stacks(StackName=artifacts)["Stacks"]
        outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
        publish(build(CACHE), self.client("s3"), outputs["BucketName"])
        share_software(self.folder)
        name, body = ring
        self.client("cloudformation").create_stack(StackName=name, TemplateBody=body)

    def start_hosts(
        self,
        *,
        programs: Path | None = None,
        heap_mib: int = 256,
        ring_delay_ms: int = 3_000,
    ) -> None:
        """Switch the instances on, now and whenever one is launched.

        `programs` replace the bundle's own agent and supervisor; its Cassandra stays.
        """
        given = {
            **(
                {BUNDLE_VARIABLE: str(software()), JAVA_VARIABLE: str(find_java())}
                if programs
                else {}
            ),
            "PAVED_ROAD_HEAP_MIB": str(heap_mib),
            "PAVED_ROAD_RING_DELAY_MS": str(ring_delay_ms),
        }
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        try:
            hosts_up(self.folder, [REGION], programs=programs)
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value

    def nodes(self) -> list[Node]:
        """All hosts that stand, by rack and instance."""
        hosts = recorded_hosts(self.folder)
        return [Node(one, self.folder) for one in sorted(hosts, key=lambda h: (h.rack, h.address))]

    def node(self, instance: str) -> Node:
        return next(one for one in self.nodes() if one.instance == instance)

    def table(self) -> Table:
        name = self.live.outputs()["SlotTableName"]
        return Table(self.cloud.resource("dynamodb", REGION), name, DC)

    @property
    def vault(self) -> Vault:
        """Its secrets."""
        return Vault(self.client("secretsmanager"), self.client("ssm"), estate=ESTATE, ring=RING)

    def birth(self) -> Birth:
        found = self.table().birth()
        assert found is not None
        return found

    def claims(self) -> dict[Slot, Claim]:
        return self.table().all_claims(self.birth())

    def addresses(self, *without: "Node") -> list[str]:
        """Where members are, as the table has it."""
        left_out = {one.instance for one in without}
        claims = self.claims().values()
        return [claim.address for claim in claims if claim.instance not in left_out]

    def holder(self, slot: Slot) -> Node:
        return self.node(self.claims()[slot].instance)

    def claim_of(self, node: Node) -> Claim:
        return next(one for one in self.claims().values() if one.instance == node.instance)

    def slot_of(self, node: Node) -> Slot:
        return next(s for s, claim in self.claims().items() if claim.instance == node.instance)

    def survey(self) -> Survey:
        return self.live.survey()

    def grow(self, nodes_per_rack: int) -> None:
        """Deploy the ring's stack again, with racks of another size."""
        name = stack_name(ESTATE, REGION, Kind.RING, RING)
        network = self.client("ec2").describe_vpcs(
            Filters=[{"Name": f"tag:{tags.ESTATE}", "Values": [ESTATE]}]
        )["Vpcs"][0]["CidrBlock"]
        octet = int(network.split(".")[1])
        body = dict(templates(self.folder / "cdk.grown", nodes_per_rack, octet))[name]
        self.client("cloudformation").update_stack(StackName=name, TemplateBody=body)

    # What is waited for

    def is_whole(self, nodes: int) -> bool:
        found = self.survey()
        return len(found.rows) == nodes and found.whole

    def wait_until_whole(self, nodes: int, seconds: float = FORMING_SECONDS) -> float:
        """Until all views agree on so many members; the seconds that took."""
        began = time.monotonic()
        until(lambda: self.is_whole(nodes), seconds, every=1.0)
        return time.monotonic() - began

    # What is done to it

    def power_cut(self, *nodes: Node) -> None:
        """Processes are gone at once and the machines boot again, with their disks."""
        for one in nodes:
            machine.kill(one.host, self.folder)

    def partition_from_table(self, *nodes: Node) -> AbstractContextManager[None]:
        """These nodes' calls to DynamoDB fail meanwhile."""
        return outage(self.lab, "dynamodb", [one.instance for one in nodes])

    def terminate(self, *nodes: Node) -> None:
        """As if EC2 lost the machines: processes and disks are gone at once."""
        self.client("ec2").terminate_instances(InstanceIds=[one.instance for one in nodes])

    def story(self, lines: int = 12) -> str:
        """What the agents said last, for whoever reads a failed test."""
        parts = []
        for one in self.nodes():
            last = "\n  ".join(one.said()[-lines:])
            parts.append(f"{one.instance} {one.rack} {one.address}\n  {last}")
        return "\n".join(parts)

    def keep_logs(self, target: Path) -> None:
        """Copy every log of every host that stands."""
        for one in self.nodes():
            for file in one.layout.logs.glob("*.log"):
                kept = target / f"{one.rack}-{one.instance}-{file.name}"
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_bytes(file.read_bytes())


def by_rack(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for one in nodes:
        found.setdefault(one.rack, []).append(one)
    return found
