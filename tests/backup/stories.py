"""A ring of six slots in three racks, and what its nodes stored."""

from hashlib import sha256

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.node_manifest import Facts, File, NodeManifest, Stored
from tests.agent.scenes import BIRTH, DC, SLOTS, slot

NOON = 1_764_072_000
"""2025-11-25 12:00:00 UTC, a Tuesday."""
HOUR, DAY = 3_600, 86_400
PAST = Past(ring="orders", data_center=DC, incarnation=BIRTH.incarnation)
TABLE = "shop/orders-6f3c"


def run(name: str, moment: int = NOON, epoch: int = 1, past: Past = PAST) -> Run:
    return Run(past=past, slot=slot(name), epoch=epoch, moment=moment)


def file(content: str, name: str = "", size: int = 100) -> File:
    """A file of that content; its name is the content too unless there is another."""
    return File(
        path=f"{TABLE}/nb-{name or content}-big-Data.db",
        size=size,
        sha256=sha256(content.encode()).hexdigest(),
    )


def facts(of: Slot, *, cassandra: str = "5.0.9", schema: str = "s1") -> Facts:
    return Facts(
        host_id=f"h-{of.rack}{of.index}", token=BIRTH.token(of), cassandra=cassandra, schema=schema
    )


def manifest(of: Run, *contents: str, cassandra: str = "5.0.9", schema: str = "s1") -> NodeManifest:
    """Of a run that stored all its files itself, and took a minute."""
    return NodeManifest(
        run=of,
        facts=facts(of.slot, cassandra=cassandra, schema=schema),
        ended=of.moment + 60,
        files=tuple(sorted(Stored(file=file(one), run=of) for one in contents or ("rows",))),
    )


def manifests(moment: int = NOON) -> dict[Slot, NodeManifest]:
    """One of every slot."""
    return {slot(name): manifest(run(name, moment), f"rows of {name}") for name in SLOTS}
