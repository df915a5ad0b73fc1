"""What the agent of a member of a formed ring saw last."""

from dataclasses import replace
from typing import Any

from paved_road_ring_agent.actions import Wait
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.journal import Entry
from paved_road_ring_agent.observed import Cassandra, Me, Observed, TableFacts
from tests.agent.scenes import BIRTH, DC, claims
from tests.backup.stories import NOON

MEMBER = Observed(
    now=float(NOON),
    me=Me(instance="i-b1", address="10.b1", data_center=DC, rack="b"),
    table=TableFacts(birth=BIRTH, claims=claims()),
    disk=None,
    cassandra=Cassandra(running=True, epoch=1, normal=True, door=Door.OPEN),
)


def entry(**changed: Any) -> Entry:
    return Entry(seen=replace(MEMBER, **changed), action=Wait(reason="nothing to do"))
