"""The demo's ring: it forms, takes rows, loses a node and heals, while somebody watches."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cassandra import ConsistencyLevel, Unauthorized
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_cli.output import say
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab
from paved_road_lab.trial import TABLE, Access, Writer, read, write
from paved_road_ring.follow import follow
from paved_road_ring.live import LiveRing
from paved_road_ring.schema import SchemaRefusedError
from paved_road_ring.schema import read as schema_files
from paved_road_ring.schema_owner import SchemaFailedError, SchemaOwner
from paved_road_ring.survey import Survey
from paved_road_ring_agent.contract import client_secret
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Vault

RING, SERVICE = "orders", "orders-data"
SCHEMA = Path("schema") / RING
ROWS = 1_000
FORM_SECONDS, HEAL_SECONDS, SETTLE_SECONDS = 900, 900, 180

once_permitted = retry(
    retry=retry_if_exception_type(Unauthorized),
    stop=stop_after_delay(SETTLE_SECONDS),
    wait=wait_fixed(2),
    reraise=True,
)
"""Every node remembers for a while what a role may do, so one lets it in before another."""


@dataclass(frozen=True, kw_only=True)
class Healing:
    """What happened when a node was lost under writes. `missing` of the acknowledged: none."""

    instance: str
    successor: str
    seconds: float
    acknowledged: int
    failed: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class RingStory:
    """What the demo saw of the ring. `healing`: None if no node was killed this time."""

    region: str
    nodes: int
    rows: int
    missing: int
    healing: Healing | None

    @property
    def holds(self) -> bool:
        """Whether everything that was acknowledged was read."""
        return self.missing == 0 and (self.healing is None or self.healing.missing == 0)


@dataclass(kw_only=True)
class DemoRing:
    """The ring of one region."""

    lab: Lab
    estate: str
    region: str

    @property
    def live(self) -> LiveRing:
        """The ring, through the emulator's APIs."""
        return LiveRing(
            clients=LabCloud(self.lab), estate=self.estate, region=self.region, name=RING
        )

    def form(self) -> Survey:
        """Wait until every slot has a member, and say who takes which."""
        return follow(self.live.survey, seconds=FORM_SECONDS, say=say)

    def tell(self, seen: Survey, schema: Path, *, kill: bool | None) -> RingStory:
        """Schema, rows and, `kill` or not, the loss of a node. By default on the first run only."""
        self._apply(schema)
        there, missing, new = self._rows(seen)
        healing = None
        if kill or (kill is None and new):
            healing = self._lose_a_node(seen, first=max(there, default=0) + 1)
        return RingStory(
            region=self.region,
            nodes=len(seen.rows),
            rows=len(there),
            missing=missing,
            healing=healing,
        )

    @retry(
        retry=retry_if_exception_type((NodeSilentError, SchemaFailedError, SchemaRefusedError)),
        stop=stop_after_delay(SETTLE_SECONDS),
        wait=wait_fixed(2),
        reraise=True,
    )
    def _apply(self, schema: Path) -> None:
        """Once nothing moves: nodes open one by one, and who prepared the ring starts anew."""
        SchemaOwner(ring=self.live, say=say).apply(schema_files(schema))

    @once_permitted
    def _rows(self, seen: Survey) -> tuple[set[int], int, bool]:
        """Rows, how many of them cannot be read back, and whether they are new."""
        with self.access(seen).session(reads=TABLE) as session:
            there = read(session)
            new = len(there) < ROWS
            if new:
                there |= set(write(session, range(ROWS)))
                say(f"{ROWS} rows are written at LOCAL_QUORUM as {SERVICE}")
            return there, len(there - read(session)), new

    def _lose_a_node(self, seen: Survey, *, first: int) -> Healing:
        lost = seen.rows[0]
        survivors = [row.address for row in seen.rows[1:]]
        access = self.access(seen, survivors)
        with access.session(reads=TABLE) as session, Writer(session, first=first) as writer:
            began = time.monotonic()
            say(f"{lost.instance} is gone with its disk, in the middle of writes")
            self.lose(lost.instance)
            healed = follow(
                self.live.survey,
                lambda now: now.whole and now.rows[0].epoch > lost.epoch,
                seconds=HEAL_SECONDS,
                say=say,
            )
            seconds = time.monotonic() - began
        with self.access(healed).session(reads=TABLE) as session:
            found = read(session, ConsistencyLevel.ALL)
        return Healing(
            instance=lost.instance,
            successor=healed.rows[0].instance,
            seconds=round(seconds, 1),
            acknowledged=len(writer.acknowledged),
            failed=writer.failed,
            missing=len(set(writer.acknowledged) - found),
        )

    def lose(self, instance: str) -> None:
        """As the end of its hardware: protection is for people, so it is taken off first."""
        ec2 = self._client("ec2")
        ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
        ec2.terminate_instances(InstanceIds=[instance])

    def access(self, seen: Survey, addresses: list[str] | None = None) -> Access:
        """As the demo's service, to these nodes or to all."""
        vault = Vault(
            self._client("secretsmanager"), self._client("ssm"), estate=self.estate, ring=RING
        )
        secret = client_secret(self.estate, RING, SERVICE, "a")
        return Access(
            addresses=addresses or [row.address for row in seen.rows],
            data_center=seen.data_center,
            trust=vault.trust() or "",
            credential=vault.credential(secret),
        )

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return LabCloud(self.lab).client(service, self.region)
