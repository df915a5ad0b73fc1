"""A ring of real nodes in a lab of its own, and what tests do to it."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from unittest.mock import patch

from paved_road_bundle.build import build
from paved_road_bundle.java import find_java
from paved_road_bundle.publish import publish
from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts import machine
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import recorded_hosts
from paved_road_lab.lifecycle import down, require, up
from paved_road_lab.outages import outage
from paved_road_lab.state import Lab
from paved_road_ring.live import LiveRing
from paved_road_ring.survey import Survey
from paved_road_ring_agent.contract import data_center
from paved_road_ring_agent.facts import Birth, Claim, Slot
from paved_road_ring_agent.jvm import JAVA_VARIABLE, free_port
from paved_road_ring_agent.layout import BUNDLE_VARIABLE
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.vault import Vault
from tests.lab.networks import reserved_network
from tests.lab.node import Node
from tests.lab.ring_templates import RING, templates
from tests.lab.small_region import ESTATE, REGION, small_region
from tests.lab.small_stacks import create, outputs
from tests.lab.software import CACHE, share_software, software
from tests.waiting import until

DC = data_center(REGION, 1)
FORMING_SECONDS = 420
"""A limit, not a measure: six JVMs start at once, on a machine that others use too."""


@contextmanager
def ring_lab(folder: Path) -> Iterator["LivingRing"]:
    """A lab where a ring can be deployed and started; ended with all its nodes."""
    with reserved_network() as octet:
        try:
            up(folder, port=free_port())
            yield LivingRing(folder, octet)
        finally:
            down(folder)


@dataclass(frozen=True)
class LivingRing:
    """A ring in the lab of `folder`, in the network `10.<octet>` of a region."""

    folder: Path
    octet: int
    region: str = REGION

    @property
    def lab(self) -> Lab:
        return require(self.folder)

    @property
    def cloud(self) -> LabCloud:
        return LabCloud(self.lab)

    @property
    def live(self) -> LiveRing:
        return LiveRing(clients=self.cloud, estate=ESTATE, region=self.region, name=RING)

    @property
    def data_center(self) -> str:
        return data_center(self.region, 1)

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.region)

    # What stands

    def deploy(self, nodes_per_rack: int, *copies_of: str) -> None:
        """Network, buckets and ring, from the templates that the constructs write.

        The bundle that the ring pins is published before the ring, as everywhere. With `copies_of`
        other regions the ring waits to come back from what the region keeps of theirs.
        """
        others = [small_region(self.octet, one) for one in copies_of]
        out, own = self.folder / f"cdk.out.{self.region}", small_region(self.octet, self.region)
        *before, ring = templates(out, nodes_per_rack, own, others)
        for stack in before:
            create(self.cloud, *stack, self.region)
        artifacts = stack_name(ESTATE, self.region, Kind.ARTIFACTS)
        bucket = outputs(self.cloud, artifacts, self.region)["BucketName"]
        publish(build(CACHE), self.client("s3"), bucket)
        share_software(self.folder)
        create(self.cloud, *ring, self.region)

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
        with patch.dict(os.environ, given):
            hosts_up(self.folder, [self.region], programs=programs)

    def nodes(self) -> list[Node]:
        """All of its hosts that stand, by rack and instance."""
        hosts = [
            one
            for one in recorded_hosts(self.folder)
            if one.region == self.region and not one.release
        ]
        return [Node(one, self.folder) for one in sorted(hosts, key=lambda h: (h.rack, h.address))]

    def racks(self) -> dict[str, list[Node]]:
        """All of them by their rack."""
        return {rack: [*nodes] for rack, nodes in groupby(self.nodes(), lambda one: one.rack)}

    def node(self, instance: str) -> Node:
        return next(one for one in self.nodes() if one.instance == instance)

    def table(self) -> Table:
        name = self.live.outputs()["SlotTableName"]
        return Table(self.cloud.resource("dynamodb", self.region), name, self.data_center)

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

    def addresses(self, *without: Node) -> list[str]:
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
        own = small_region(self.octet, self.region)
        name, body = templates(self.folder / "cdk.grown", nodes_per_rack, own)[-1]
        self.client("cloudformation").update_stack(StackName=name, TemplateBody=body)

    # What is waited for

    def is_whole(self, nodes: int) -> bool:
        found = self.survey()
        return (
            len(found.rows) == nodes and found.whole and all(one.serves() for one in self.nodes())
        )

    def wait_until_whole(self, nodes: int, seconds: float = FORMING_SECONDS) -> float:
        """Until all views agree on so many members, who let clients in; the seconds that took."""
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
