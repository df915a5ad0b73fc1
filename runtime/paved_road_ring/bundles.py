"""Which bundles a ring's nodes run, which one its stack wants, and what speaks against that one."""

from collections import defaultdict
from collections.abc import Iterable

from paved_road_ring.survey import Row, Survey
from paved_road_ring_agent.software import Wanted, is_older, version_of


def told(found: Survey) -> list[str]:
    """For people: a sentence for each bundle that nodes run, the wanted one first."""
    by_bundle: dict[str, list[Row]] = defaultdict(list)
    for row in found.rows:
        by_bundle[row.software].append(row)
    lines = []
    for software in sorted(by_bundle, key=lambda one: (one != found.wanted, one)):
        rows = by_bundle[software]
        named = f"bundle {software}" if software else "a bundle that nobody named"
        if software and software == found.wanted:
            lines.append(f"{_nodes(rows)} {named}, as the ring's stack wants.")
        else:
            slots = ", ".join(row.slot.removeprefix("slot#") for row in rows)
            lines.append(f"{_nodes(rows)} {named}, not {found.wanted or 'a wanted one'}: {slots}.")
    return lines


def _nodes(rows: list[Row]) -> str:
    return "1 node runs" if len(rows) == 1 else f"{len(rows)} nodes run"


def faults(wanted: Wanted | None, rows: Iterable[Row]) -> tuple[str, ...]:
    """Why no node may get its next root volume, or be launched, with what the ring wants now."""
    if wanted is None:
        return ("the ring's parameter names no bundle: deploy its stack",)
    return tuple(
        f"{row.slot} runs Cassandra {version_of(row.software)}, and bundle {wanted.label} "
        "would take it back: nodes refuse what an earlier version might not read"
        for row in rows
        if is_older(wanted.cassandra, version_of(row.software))
    )
