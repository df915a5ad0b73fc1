"""Situations to decide in: a healthy ring of three racks, and what is changed about it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paved_road_ring_agent.facts import Birth, Claim, Phase, Repair, Slot
from paved_road_ring_agent.observed import (
    Cassandra,
    Disk,
    Group,
    Me,
    Member,
    Observed,
    Status,
    TableFacts,
)
from tests import nodes

DC = "us-east-1-g1"
RACKS = ("a", "b", "c")
NODE = replace(nodes.NODE, data_center=DC, rack="a", racks=RACKS)
NOW = 1_000.0
BIRTH = Birth(incarnation="one", racks=RACKS, base=2, formed=True)


def slot(name: str) -> Slot:
    """`a0`: slot 0 of rack a."""
    return Slot(data_center=DC, rack=name[0], index=int(name[1:]))


SLOTS = [f"{rack}{index}" for rack in RACKS for index in range(2)]


def claim(name: str, **changed: Any) -> Claim:
    """Held by instance `i-a0` at `10.a0`, joined under epoch 1."""
    return replace(
        Claim(
            instance=f"i-{name}",
            address=f"10.{name}",
            epoch=1,
            phase=Phase.JOINED,
            renewed=NOW,
            host_id=f"h-{name}",
        ),
        **changed,
    )


def claims(changed: Mapping[str, Claim] | None = None) -> dict[Slot, Claim]:
    """All slots' claims, but for the ones changed."""
    return {slot(name): claim(name) for name in SLOTS} | {
        slot(name): one for name, one in (changed or {}).items()
    }


def only(*names: str) -> dict[Slot, Claim]:
    """These slots' claims and no others."""
    return {slot(name): claim(name) for name in names}


def table(
    found: dict[Slot, Claim] | None = None,
    birth: Birth | None = BIRTH,
    repairs: dict[Slot, Repair] | None = None,
) -> TableFacts:
    """What the table says."""
    return TableFacts(
        birth=birth, claims=claims() if found is None else found, repairs=repairs or {}
    )


def members(down: tuple[str, ...] = ()) -> dict[str, Member]:
    """All nodes as gossip has them."""
    return {
        f"h-{name}": Member(
            address=f"10.{name}",
            host_id=f"h-{name}",
            status=Status.NORMAL,
            alive=name not in down,
        )
        for name in SLOTS
    }


def disk(name: str, epoch: int = 1, incarnation: str = "one", has_data: bool = True) -> Disk:
    """The disk of a node."""
    return Disk(slot=slot(name), epoch=epoch, incarnation=incarnation, has_data=has_data)


def member(name: str, **changed: Any) -> Observed:
    """A node of a healthy ring, running."""
    return replace(
        Observed(
            now=NOW,
            me=Me(instance=f"i-{name}", address=f"10.{name}", data_center=DC, rack=name[0]),
            table=table(),
            disk=disk(name),
            cassandra=Cassandra(
                running=True, epoch=1, members=members(), host_id=f"h-{name}", normal=True
            ),
            group=Group(name=f"rack-{name[0]}", nodes=2, instances={f"i-{name}": "InService"}),
        ),
        **changed,
    )


def stopped(name: str, **changed: Any) -> Observed:
    """The same node, its Cassandra not running."""
    return replace(member(name, cassandra=Cassandra(running=False)), **changed)


def newcomer(rack: str = "a", **changed: Any) -> Observed:
    """A fresh instance that the rack's group launched."""
    fresh = replace(
        stopped(f"{rack}9", disk=None),
        terminated=frozenset(),
        group=Group(name=f"rack-{rack}", nodes=2, instances={f"i-{rack}9": "Pending:Wait"}),
    )
    return replace(fresh, **changed)
