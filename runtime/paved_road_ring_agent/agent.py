"""The agent of one ring node: look, decide, act, and log every change of mind with its reason."""

import logging
import ssl
import time
from dataclasses import replace

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent.actions import Action
from paved_road_ring_agent.attendant import attend
from paved_road_ring_agent.certificates import Files
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.connections import table_of, vault_of
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.identity import read_identity
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.logs import write_json_logs
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observe import Observer
from paved_road_ring_agent.observed import Me, Observed
from paved_road_ring_agent.pace import LEAST_SECONDS, PROMPT_SECONDS, moves_on, pause_seconds
from paved_road_ring_agent.perform import Performer, StepFailedError
from paved_road_ring_agent.repairing import RepairFailedError
from paved_road_ring_agent.software import installed
from paved_road_ring_agent.table import Table, TableUnreachableError
from paved_road_ring_agent.tuning import Tuning
from paved_road_ring_agent.upkeep import Upkeep
from paved_road_ring_agent.vault import NoSecretError
from paved_road_ring_agent.wordservice import WordService, ask_peers

RENEW_SECONDS = 10.0

log = logging.getLogger("paved-road.agent")


class Agent:
    """Rounds of one node's life. `round` never raises for what the next round may find mended."""

    def __init__(
        self,
        observer: Observer,
        performer: Performer,
        table: Table,
        memory: Memory,
        upkeep: Upkeep,
    ) -> None:
        self._observer, self._performer, self._table = observer, performer, table
        self._memory, self.journal, self._upkeep = memory, Journal(), upkeep
        self.last: Action | None = None
        self._renewed = 0.0
        self.pause = LEAST_SECONDS
        """Seconds until the next round."""

    def round(self) -> Action:
        """One look, one decision, one step."""
        seen = self._observer.look()
        slots = len(seen.table.claims) if seen.table else 0
        self.pause = pause_seconds(slots)
        action, last = decide(seen), self.last
        self.journal.note(seen, action)
        if action != last:
            log.info("%s: %s", type(action).__name__, action.reason)
            self.last = action
        try:
            if seen.table is not None:
                self._memory.remember(seen.table)
            self._renew(seen)
            self._performer.perform(action)
            self._upkeep.round(seen)
            if moves_on(action, last):
                self.pause = pause_seconds(slots, PROMPT_SECONDS)
        except (
            BotoCoreError,
            ClientError,
            NoSecretError,
            NodeSilentError,
            OSError,
            RepairFailedError,
            StepFailedError,
            TableUnreachableError,
        ) as error:
            log.warning("%s failed: %s", type(action).__name__, error)
        return action

    def _renew(self, seen: Observed) -> None:
        """Say that the holder lives, where it is, and at once if whom it sees down has changed."""
        if seen.table is None:
            return
        due = seen.now - self._renewed >= RENEW_SECONDS
        for slot, claim in seen.table.claims.items():
            if claim.instance == seen.me.instance:
                members = seen.cassandra.members.values()
                down = tuple(sorted(one.host_id for one in members if not one.alive))
                if not due and claim.down == down:
                    return
                fresh = replace(
                    claim,
                    renewed=seen.now,
                    address=seen.me.address,
                    down=down,
                    software=seen.me.software,
                )
                self._table.renew(slot, fresh)
                self._renewed = seen.now


def main() -> None:
    """Live until terminated."""
    write_json_logs()
    layout = Layout.from_environment()
    node = NodeFile.from_json(layout.node_file.read_text(encoding="utf-8"))
    identity = read_identity()
    me = Me(
        instance=identity.instance,
        address=identity.address,
        data_center=node.data_center,
        rack=node.rack,
        software=installed(layout.bundle),
    )
    table, cloud, memory = table_of(node), Cloud(node), Memory(layout)
    leases = Leases(table=table, holder=me.instance, clock=time.time)
    keyring = Keyring(
        vault=vault_of(node),
        files=Files(layout.certificates),
        leases=leases,
        lease=f"lease#{node.data_center}#authority",
        clock=time.time,
    )
    observer = Observer(
        me=me,
        layout=layout,
        table=table,
        cloud=cloud,
        clock=time.time,
        memory=memory,
        ask=lambda peers, known: ask_peers(peers, known, keyring.context(ssl.Purpose.SERVER_AUTH)),
    )
    performer = Performer(
        me=me,
        node=node,
        layout=layout,
        table=table,
        cloud=cloud,
        tuning=Tuning.of_this_machine(),
        clock=time.time,
        keyring=keyring,
        leases=leases,
    )
    try:
        WordService(me.address, memory.recall, lambda: keyring.context(ssl.Purpose.CLIENT_AUTH))
    except OSError:
        log.exception("peers cannot ask this agent; it goes on all the same")
    upkeep = Upkeep(keyring=keyring, performer=performer, leases=leases)
    agent = Agent(observer, performer, table, memory, upkeep)
    attend(
        agent.journal, node=node, layout=layout, cloud=cloud, address=me.address, clock=time.time
    )
    while True:
        agent.round()
        time.sleep(agent.pause)


if __name__ == "__main__":
    main()
