"""Carries out what was decided. Every step may be interrupted and is safe to repeat."""

import logging
import secrets
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paved_road_ring_agent import actions, jvm, settings
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import TERMINATION_HOOK, NodeFile
from paved_road_ring_agent.cql import OwnNode
from paved_road_ring_agent.facts import Birth, Lease
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.supervisor import Permit, Status
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.tuning import Tuning

LEASE_SECONDS = 60
REPAIR_SECONDS = 6 * 3600
"""A repair that takes longer is begun again; it goes on where ranges already agree."""

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
    own_node: OwnNode
    tuning: Tuning
    clock: Callable[[], float]

    def perform(self, action: actions.Action) -> None:
        """Carry out one action."""
        steps: dict[type[actions.Action], Callable[[Any], None]] = {
            actions.GiveBirth: self._give_birth,
            actions.TakeSlot: self._take_slot,
            actions.AskRepair: self._ask_repair,
            actions.RunRepair: self._run_repair,
            actions.Start: self._start,
            actions.Stop: self._stop,
            actions.RecordJoined: self._record_joined,
            actions.AdmitClients: self._admit_clients,
            actions.EnterService: self._enter_service,
            actions.Leave: self._leave,
            actions.Replace: self._replace,
            actions.Drain: self._drain,
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
        self.table.ask_repair(action.slot, action.repair)

    def _run_repair(self, action: actions.RunRepair) -> None:
        task = action.task
        for keyspace in self.own_node.keyspaces():
            self._nodetool(
                *("repair", "-full", "-st", str(task.start), "-et", str(task.end)),
                *("-hosts", ",".join(action.hosts), "--", keyspace),
                seconds=REPAIR_SECONDS,
            )
        done = tuple(sorted({*action.repair.done, action.number}))
        self.table.report_repaired(action.replaced, replace(action.repair, done=done))

    def _start(self, action: actions.Start) -> None:
        """The disk is marked before anything is written to it, so its owner is never in doubt."""
        status = Status.load(self.layout)
        permit = Permit.load(self.layout)
        unread = permit is not None and (status is None or status.nonce != permit.nonce)
        if unread and permit and permit.epoch == action.claim.epoch:
            return  # The supervisor has not come round to it yet.
        self.layout.write_owner(action.slot, action.claim.epoch, action.birth.incarnation)
        port = jvm.free_port()
        folder = settings.write(self.node, action, self.layout)
        command = jvm.cassandra_command(action, self.layout, folder, self.tuning, port)
        Permit(
            nonce=secrets.token_hex(8),
            slot=action.slot,
            instance=self.me.instance,
            epoch=action.claim.epoch,
            command=tuple(command),
            jmx_port=port,
        ).save(self.layout)

    def _stop(self, _action: actions.Stop) -> None:
        self.layout.permit.unlink(missing_ok=True)

    def _record_joined(self, action: actions.RecordJoined) -> None:
        self.table.renew(action.slot, action.claim)

    def _admit_clients(self, action: actions.AdmitClients) -> None:
        if self._lease(f"lease#{self.me.data_center}"):
            self.own_node.replicate_shared({self.me.data_center: len(action.birth.racks)})
            self.table.mark_formed(replace(action.birth, formed=True))

    def _enter_service(self, action: actions.EnterService) -> None:
        self.cloud.enter_service(action.group, self.me.instance)

    def _leave(self, _action: actions.Leave) -> None:
        self.cloud.replace(self.me.instance)

    def _replace(self, action: actions.Replace) -> None:
        if self.cloud.group_of(action.instance) is None:
            return  # Its group knows already.
        if self._lease(f"lease#{self.me.data_center}#{action.rack}"):
            self.cloud.replace(action.instance)

    def _drain(self, action: actions.Drain) -> None:
        self._nodetool("drain", seconds=600)
        self.layout.permit.unlink(missing_ok=True)
        self.cloud.complete(action.group, TERMINATION_HOOK, self.me.instance, "CONTINUE")

    def _lease(self, subject: str) -> bool:
        """Whether this instance may act for `subject` now."""
        now, held = self.clock(), self.table.lease(subject)
        if held is not None and held.until > now:
            return held.holder == self.me.instance
        number = held.number + 1 if held else 1
        lease = Lease(holder=self.me.instance, until=now + LEASE_SECONDS, number=number)
        return self.table.take_lease(subject, lease)

    def _nodetool(self, *arguments: str, seconds: int) -> None:
        status = Status.load(self.layout)
        command = jvm.nodetool_command(self.layout, status.jmx_port if status else 0, *arguments)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise StepFailedError(f"nodetool {arguments[0]} took more than {seconds} s") from error
        if done.returncode != 0:
            raise StepFailedError(f"nodetool {' '.join(arguments)}: {done.stderr.strip()[-500:]}")
