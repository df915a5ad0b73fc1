"""Applies schema files to a living ring: one at a time anywhere, and all nodes agree throughout.

Two coordinators that make the same table at once give it two ids, so there is one owner: whoever
holds the schema's lease, which is renewed before every statement and outlasts each of them.
"""

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from paved_road_ring.live import LiveRing
from paved_road_ring.schema import Applied, File, SchemaRefusedError, State, Step, plan
from paved_road_ring_agent import records
from paved_road_ring_agent.agreement import disagreement
from paved_road_ring_agent.cql import Cql, Way, connected
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.superuser import acting
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.vault import Vault

AGREEMENT_SECONDS = 20.0
Say = Callable[[str], None]


class SchemaFailedError(Exception):
    """Something was begun and did not end; it goes on where it stopped when it is run again."""


@dataclass(kw_only=True)
class SchemaOwner:
    """A ring's schema, from outside. `clock` in seconds since 1970."""

    ring: LiveRing
    say: Say
    clock: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep

    def status(self, files: Sequence[File]) -> list[Step]:
        """What is applied and what is not, without changing anything."""
        table = self.ring.table()
        _, addresses = _whole(table, self.ring.name)
        with self._session(addresses) as cql:
            return plan(files, _applied(cql, self.ring.name), drops=True)

    def apply(
        self, files: Sequence[File], *, drops: bool = False, dry_run: bool = False
    ) -> list[Step]:
        """Apply what is not applied, in order; what that was.

        Raises `SchemaRefusedError` before anything is done, `SchemaFailedError` after.
        """
        table = self.ring.table()
        data_center, addresses = _whole(table, self.ring.name)
        if dry_run:
            with self._session(addresses) as cql:
                return _left(plan(files, _applied(cql, self.ring.name), drops=drops))
        holder = f"schema-{platform.node()}-{os.getpid()}-{time.monotonic_ns()}"
        leases = Leases(table=table, holder=holder, clock=self.clock)
        subject = f"lease#{data_center}#schema"
        if not leases.take(subject):
            raise SchemaRefusedError(
                f"somebody else is changing the schema of {self.ring.name}: wait for them"
            )
        try:
            with self._session(addresses) as cql:
                self._agree(cql, len(addresses), before=True)
                steps = _left(plan(files, _applied(cql, self.ring.name), drops=drops))
                for step in steps:
                    self._run(cql, step, addresses, table, leases, subject)
            return steps
        finally:
            leases.give_back(subject)

    def _run(
        self,
        cql: Cql,
        step: Step,
        addresses: Sequence[str],
        table: Table,
        leases: Leases,
        subject: str,
    ) -> None:
        file = step.file
        _note(cql, self.ring.name, file, State.BEGUN, leases.holder, self.clock())
        for statement in step.statements:
            if not leases.renew(subject):
                raise SchemaFailedError(f"{file.name}: the lease was lost before: {statement[:60]}")
            _whole(table, self.ring.name)
            cql.execute(statement)
            self._agree(cql, len(addresses), before=False)
        _note(cql, self.ring.name, file, State.APPLIED, leases.holder, self.clock())
        self.say(f"{file.name} is applied")

    def _agree(self, cql: Cql, nodes: int, *, before: bool) -> None:
        """Wait until all nodes have the same schema."""
        deadline = self.clock() + AGREEMENT_SECONDS
        while (why := disagreement(cql, nodes)) and self.clock() < deadline:
            self.wait(0.5)
        if why and before:
            raise SchemaRefusedError(f"{why}: the schema is not touched")
        if why:
            raise SchemaFailedError(f"{why}: run it again once they agree")

    @contextmanager
    def _session(self, addresses: Sequence[str]) -> Iterator[Cql]:
        clients, region = self.ring.clients, self.ring.region
        vault = Vault(
            clients.client("secretsmanager", region),
            clients.client("ssm", region),
            estate=self.ring.estate,
            ring=self.ring.name,
        )
        trust = vault.trust()
        if trust is None:
            raise SchemaRefusedError(f"ring {self.ring.name} has no certificates yet")
        way = Way(addresses=addresses, trust=trust)
        with acting(vault, lambda credential: connected(way, credential)) as cql:
            yield cql


def _whole(table: Table, ring: str) -> tuple[str, list[str]]:
    """Data center and nodes of a ring in which nothing moves; `SchemaRefusedError` otherwise."""
    birth = table.birth()
    claims = table.all_claims(birth) if birth else {}
    if reasons := moving(birth, claims):
        raise SchemaRefusedError(
            f"the schema of {ring} is not touched while its nodes change: {'; '.join(reasons)}"
        )
    data_center = next(iter(claims)).data_center
    return data_center, [claims[slot].address for slot in sorted(claims)]


def moving(birth: Birth | None, claims: dict[Slot, Claim]) -> list[str]:
    """What is changing about a ring's nodes; nothing for one that is whole."""
    if birth is None or not birth.formed:
        return ["it is not formed"]
    joining = [
        f"{slot.subject} is {claim.phase}"
        for slot, claim in sorted(claims.items())
        if claim.phase is not Phase.JOINED
    ]
    down = sorted({host for claim in claims.values() for host in claim.down})
    slots = birth.slots(next(iter(claims)).data_center) if claims else []
    return [
        *joining,
        *(f"{slot.subject} is held by nobody" for slot in slots if slot not in claims),
        *(f"node {host} is down" for host in down),
    ]


def _left(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.state is not State.APPLIED]


def _applied(cql: Cql, ring: str) -> list[Applied]:
    return [
        Applied(number=row.number, name=row.file, checksum=row.checksum, state=State(row.state))
        for row in cql.execute(records.SCHEMA_FILES, [ring])
    ]


def _note(cql: Cql, ring: str, file: File, state: State, by: str, now: float) -> None:
    at = datetime.fromtimestamp(now, UTC)
    values = [ring, file.number, file.name, file.checksum, str(state), by, at]
    cql.execute(records.NOTE_SCHEMA_FILE, values)
