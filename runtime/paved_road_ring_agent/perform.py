"""Carries out what was decided. Every step may be interrupted and is safe to repeat."""

import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent import actions, jvm, settings, starts
from paved_road_ring_agent.beside import Beside
from paved_road_ring_agent.certificates import Subject
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import TERMINATION_HOOK, NodeFile
from paved_road_ring_agent.cql import Cql, LoginRefusedError, Way, connected
from paved_road_ring_agent.facts import Birth, Phase, Slot
from paved_road_ring_agent.filling import Filling
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.management import Management, NodeSilentError, write_configuration
from paved_road_ring_agent.moving import move
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.preparation import prepare
from paved_road_ring_agent.repairing import Job, repair_now, take_steps
from paved_road_ring_agent.supervisor import Permit, Status
from paved_road_ring_agent.table import Table, TableUnreachableError
from paved_road_ring_agent.tuning import Tuning
from paved_road_ring_agent.vault import Credential

ROLES_SECONDS = 60.0
REPAIR_SECONDS = 2.0
"""Of a round, at most: what else an agent sees to must not wait."""

log = logging.getLogger("paved-road.agent")


class StepFailedError(Exception):
    """A step did not come to its end; the next round decides anew."""


@dataclass(kw_only=True)
class Performer:
    """One node's hands."""

    me: Me
    node: NodeFile
    layout: Layout
    table: Table
    cloud: Cloud
    tuning: Tuning
    clock: Callable[[], float]
    keyring: Keyring
    leases: Leases
    manage: Callable[[int, str], Management] = Management
    open: Callable[[Way, Credential], AbstractContextManager[Cql]] = connected
    filling: Filling
    cleanup: Beside = field(default_factory=lambda: Beside("cleanup", NodeSilentError))
    repair_seconds: float = REPAIR_SECONDS

    def perform(self, action: actions.Action) -> None:
        """Carry out one action."""
        steps: dict[type[actions.Action], Callable[[Any], None]] = {
            actions.GiveBirth: self._give_birth,
            actions.TakeSlot: self._take_slot,
            actions.AskRepair: self._ask_repair,
            actions.RunRepair: self._run_repair,
            actions.RepairOwn: self._repair_own,
            actions.Fill: self._fill,
            actions.Advance: self._write_claim,
            actions.Start: self._start,
            actions.Stop: self._stop,
            actions.RecordJoined: self._write_claim,
            actions.MoveKeyspaces: self._move_keyspaces,
            actions.AdmitClients: self._admit_clients,
            actions.OpenDoor: self._open_door,
            actions.EnterService: self._enter_service,
            actions.Leave: self._leave,
            actions.Replace: self._replace,
            actions.Drain: self._drain,
            actions.LetGo: self._let_go,
            actions.Move: self._write_claim,
            actions.CleanUp: self._clean_up,
        }
        if step := steps.get(type(action)):
            step(action)

    def _give_birth(self, action: actions.GiveBirth) -> None:
        racks = tuple(sorted(self.node.racks))
        incarnation = secrets.token_hex(4)
        self.table.give_birth(Birth(incarnation=incarnation, racks=racks, base=action.base))

    def _take_slot(self, action: actions.TakeSlot) -> None:
        self.table.take(action.slot, action.claim)

    def _ask_repair(self, action: actions.AskRepair) -> None:
        if not self.table.ask_repair(action.slot, action.repair):
            self.table.report_alone(action.slot, action.repair)

    def _run_repair(self, action: actions.RunRepair) -> None:
        """Some steps of it; the next round takes the next ones."""
        if self._repairs(Job.for_replacement(action, self.management())):
            done = tuple(sorted({*action.repair.done, action.number}))
            self.table.report_repaired(action.replaced, replace(action.repair, done=done))

    def _repair_own(self, action: actions.RepairOwn) -> None:
        if self._repairs(Job.of_own_ranges(action, self.management())):
            self.table.renew(action.slot, action.claim)

    def _repairs(self, job: Job) -> bool:
        """Whether all of it is done by now."""
        status = Status.load(self.layout)
        process = status.nonce if status else ""
        return take_steps(job, self.management(), self.layout, process, self.repair_seconds)

    def _start(self, action: actions.Start) -> None:
        """The disk is marked before anything is written to it, so its owner is never in doubt."""
        status = Status.load(self.layout)
        permit = Permit.load(self.layout)
        unread = permit is not None and (status is None or status.nonce != permit.nonce)
        if unread and permit and permit.epoch == action.claim.epoch:
            return  # The supervisor has not come round to it yet.
        self._certify(action.slot)
        origin = action.birth.origin if action.claim.phase is Phase.FORMING else ""
        owner = (action.slot, action.claim.epoch, action.birth.incarnation, self.me.software)
        self.layout.write_owner(*owner, origin=origin, filled=bool(origin))
        port, password = jvm.free_port(), secrets.token_urlsafe(24)
        folder = settings.write(self.node, action, self.layout)
        write_configuration(folder / jvm.MANAGEMENT_FILE, port, password)
        command = jvm.cassandra_command(action, self.layout, folder, self.tuning)
        starts.write(self.layout, self.clock())
        Permit(
            nonce=secrets.token_hex(8),
            slot=action.slot,
            instance=self.me.instance,
            epoch=action.claim.epoch,
            command=tuple(command),
            management_port=port,
            management_password=password,
            by_word=action.by_word,
            door=action.door,
        ).save(self.layout)

    def _certify(self, slot: Slot) -> None:
        """Have a certificate: a fresh one if secrets can be read, else the one that is there."""
        try:
            found = self.keyring.refresh(self.subject(slot))
        except (BotoCoreError, ClientError, TableUnreachableError) as error:
            if not self.keyring.usable():
                raise
            log.warning("the node starts with the certificate that it has: %s", error)
            return
        if found is None:
            raise StepFailedError("the ring has no certificate authority yet")

    def _stop(self, _action: actions.Stop) -> None:
        """At once, and by its own hand too: a supervisor that failed for good fences nobody."""
        self.layout.permit.unlink(missing_ok=True)
        if status := Status.load(self.layout):
            status.process.end(0)

    def _fill(self, action: actions.Fill) -> None:
        self.filling.step(action)

    def _write_claim(self, action: actions.Advance | actions.Move | actions.RecordJoined) -> None:
        self.table.renew(action.slot, action.claim)

    def _move_keyspaces(self, action: actions.MoveKeyspaces) -> None:
        with self.connect(self.keyring.vault.superuser()) as cql:
            if why := move(cql, action.birth, self.me.data_center):
                raise StepFailedError(f"keyspaces were moved, and {why}")
        self.table.mark_moved(replace(action.birth, moved=True))

    def _admit_clients(self, action: actions.AdmitClients) -> None:
        # Of this life of the ring: who had it in the last one is gone, and would be waited for.
        if self.leases.take(f"lease#{self.me.data_center}#{action.birth.incarnation}"):
            superuser = self.keyring.vault.superuser()
            racks = len(action.birth.racks)
            try:
                prepare(self.connect, superuser, self.me.data_center, racks)
            except LoginRefusedError as error:
                raise StepFailedError(f"neither superuser may log in: {error}") from error
            # Its share. Replication by data center moved no role: it chose the same nodes.
            repair_now(self.management(), "system_auth", ROLES_SECONDS)
            self.table.mark_formed(replace(action.birth, formed=True))

    def _open_door(self, _action: actions.OpenDoor) -> None:
        self.management().start_native_transport()

    def connect(self, credential: Credential) -> AbstractContextManager[Cql]:
        """To the own node, with its certificate."""
        files = self.keyring.files
        way = Way(addresses=[self.me.address], trust=files.trusted() or "", certificate=files.node)
        return self.open(way, credential)

    def subject(self, slot: Slot) -> Subject:
        """Whom the own certificate is for."""
        return Subject(
            estate=self.node.estate, ring=self.node.ring, slot=slot, address=self.me.address
        )

    def _enter_service(self, action: actions.EnterService) -> None:
        self.cloud.enter_service(action.group, self.me.instance)

    def _leave(self, _action: actions.Leave) -> None:
        self.cloud.replace(self.me.instance)

    def _replace(self, action: actions.Replace) -> None:
        for rack, instance in action.gone:
            if self.cloud.group_of(instance) is None:
                continue  # Its group knows already.
            if self.leases.take(f"lease#{self.me.data_center}#{rack}"):
                self.cloud.replace(instance)

    def _drain(self, _action: actions.Drain) -> None:
        """The termination goes on in a later round, once Cassandra has stopped (`LetGo`).

        A node that cannot drain is stopped all the same: every acknowledged write is in its commit
        log, and a termination must not hang on a node that does not answer.
        """
        try:
            self.management().drain()
        except NodeSilentError as error:
            log.warning("stopped without a drain: %s", error)
        self.layout.permit.unlink(missing_ok=True)

    def _let_go(self, action: actions.LetGo) -> None:
        self.cloud.complete(action.group, TERMINATION_HOOK, self.me.instance, "CONTINUE")

    def _clean_up(self, action: actions.CleanUp) -> None:
        if self.cleanup.step(self.management().clean_up):
            self.table.renew(action.slot, action.claim)

    def management(self) -> Management:
        """Cassandra's own beans."""
        status = Status.load(self.layout)
        if status is None:
            raise NodeSilentError("Cassandra was never started here")
        return self.manage(status.management_port, status.management_password)
