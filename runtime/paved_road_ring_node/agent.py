"""A node's agent as it is started: its rounds, what goes on beside them, and its backups.

Here alone the agent and the backups meet: backups read what an agent saw, and no agent needs them.
"""

import logging
import ssl
import time

from paved_road_ring_agent.agent import Agent
from paved_road_ring_agent.attendant import attend
from paved_road_ring_agent.certificates import Files
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.connections import table_of, vault_of
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.filling import Filling
from paved_road_ring_agent.identity import read_identity
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.logs import write_json_logs
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observe import Observer
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.software import installed
from paved_road_ring_agent.tuning import Tuning
from paved_road_ring_agent.upkeep import Upkeep
from paved_road_ring_agent.wordservice import WordService, ask_peers
from paved_road_ring_backup.bandwidth import network_gbps
from paved_road_ring_backup.beginning import begin_backups
from paved_road_ring_backup.filler import filler

log = logging.getLogger("paved-road.agent")


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
        waits_for_restore=node.waits_for_restore,
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
        filling=Filling(
            layout=layout,
            table=table,
            clock=time.time,
            fetch=filler(node, layout),
            software=me.software,
        ),
    )
    try:
        WordService(me.address, memory.recall, lambda: keyring.context(ssl.Purpose.CLIENT_AUTH))
    except OSError:
        log.exception("peers cannot ask this agent; it goes on all the same")
    upkeep = Upkeep(keyring=keyring, performer=performer, leases=leases)
    agent = Agent(observer, performer, table, memory, upkeep)
    backups = begin_backups(
        node,
        layout=layout,
        journal=agent.journal,
        tables=lambda: table_of(node),
        instance=me.instance,
        network_gbps=network_gbps(identity.type),
        clock=time.time,
    )
    attend(
        agent.journal,
        node=node,
        layout=layout,
        cloud=cloud,
        address=me.address,
        clock=time.time,
        backups=backups.gauges if backups else None,
    )
    while True:
        agent.round()
        time.sleep(agent.pause)


if __name__ == "__main__":
    main()
