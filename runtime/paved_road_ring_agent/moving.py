"""Keyspaces that came with another data center's backup are replicated to this one instead.

Their replication names the data center that they were in, so that no node here is anybody's
replica: nothing can be read, written or repaired, and nobody's password checked. Which node has
which rows is right already: it was filled from the slot that had its token.
"""

from collections.abc import Mapping

from paved_road_ring_agent.agreement import disagreement
from paved_road_ring_agent.cql import Cql
from paved_road_ring_agent.facts import Birth
from paved_road_ring_agent.preparation import Spread, network_replicas, replication, spread


def plan(found: Mapping[str, Mapping[str, str]], came_from: str, data_center: str) -> list[Spread]:
    """What is to be altered, of all keyspaces' `found` replication: as many replicas, but here.

    Replicas in third data centers go: none of those is in a ring that comes back, and Cassandra
    takes no name of a data center that is not there. What never had a replica in the one that the
    backup is of came without rows, and stays as it is.
    """
    return [
        Spread(keyspace=keyspace, replicas={data_center: replicas[came_from]})
        for keyspace, options in sorted(found.items())
        if came_from in (replicas := network_replicas(options))
    ]


def move(cql: Cql, birth: Birth, data_center: str) -> str:
    """Alter what is to be altered; why that is not known to all nodes yet, empty if it is.

    A node that has not heard of it is nobody's replica still, and would repair nothing and call
    that done. Safe to repeat at any point.
    """
    for step in plan(replication(cql), birth.came_from, data_center):
        cql.execute(spread(step))
    return disagreement(cql, len(birth.slots(data_center)))
