"""How soon a ring serves and heals, beside Cassandra started by hand, and how fast slots are taken.

    python bench/ring.py                       3, 6 and 12 nodes, three heals of each side
    python bench/ring.py --nodes 3 --heals 1 --json

Both sides are real nodes of the same jars on this machine's loopback, in turn and never at the same
time. Ours are hosts of a lab with all that they have: agents, slot table, TLS, logins. The peer's
(`bare_ring.py`) have none of it, and a hand that loses no time.

Forming: all our instances are switched on at once; the peer's nodes join one after another, as
Cassandra's defaults want it (30 s of ring delay, sixteen tokens). Healing: three nodes with the
same rows and the same ring delay lose one with its disk. The peer's hand waits until the survivors
see it down, repairs them, and starts the replacement. Done is when every node is normal, sees all
others alive and takes clients. It needs about 600 MB of memory for each node.
"""

import json
import statistics
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.claims import measure as measure_claims
from bench.rings import RACKS, form_ours, form_peer, heal_ours, heal_peer


def form(sizes: list[int], say: Console) -> list[dict[str, Any]]:
    """Each size, ours and by hand."""
    ours = {}
    for nodes in sizes:
        ours[nodes] = form_ours(nodes)
        say.print(f"  ours: {nodes} nodes after {ours[nodes]:.0f} s")
    peer = form_peer(sizes, say)
    return [
        {"nodes": n, "ours_s": ours[n], "peer_s": peer[n], "ratio": ours[n] / peer[n]}
        for n in sizes
    ]


def heal(times: int, ring_delay_ms: int, rows: int, say: Console) -> dict[str, Any]:
    """In turn; medians."""
    ours, peer = [], []
    for number in range(1, times + 1):
        ours.append(heal_ours(ring_delay_ms, rows))
        peer.append(heal_peer(ring_delay_ms, rows))
        say.print(f"  heal {number}: ours {ours[-1]:.1f} s, by hand {peer[-1]:.1f} s")
    medians = statistics.median(ours), statistics.median(peer)
    return {
        "ring_delay_ms": ring_delay_ms,
        "rows": rows,
        "ours_s": ours,
        "peer_s": peer,
        "ratio": medians[0] / medians[1],
    }


def main(
    nodes: Annotated[str, typer.Option(help="Sizes to form, threes, with commas.")] = "3,6,12",
    heals: Annotated[int, typer.Option(help="Of each side; the median counts.")] = 3,
    ring_delay_ms: Annotated[int, typer.Option(help="Of the healing rings.")] = 3_000,
    rows: Annotated[int, typer.Option(help="In the healing rings.")] = 2_000,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Compare our rings with Cassandra started by hand, and race for slots."""
    sizes = sorted(int(one) for one in nodes.split(",") if one)
    if wrong := [size for size in sizes if size < 3 or size % len(RACKS)]:
        raise typer.BadParameter(f"a ring has the same number of nodes in 3 racks, not {wrong}")
    say = Console(stderr=True)
    formed = form(sizes, say) if sizes else []
    healed = heal(heals, ring_delay_ms, rows, say) if heals else None
    race = measure_claims()
    claims = {"slots": len(race.claims), "claims_per_second": race.claims_per_second}
    if as_json:
        print(json.dumps({"form": formed, "heal": healed, "claims": claims}, indent=2))
        return
    table = Table(title="ours / by hand", title_justify="left")
    for column in ("what", "ours", "by hand", "ratio"):
        table.add_column(column, justify="right")
    for row in formed:
        _row(table, f"form {row['nodes']} nodes", row["ours_s"], row["peer_s"])
    if healed:
        ours, peer = (statistics.median(healed[side]) for side in ("ours_s", "peer_s"))
        _row(table, "heal 1 of 3 nodes", ours, peer)
    table.add_row("claims a second", f"{race.claims_per_second:.0f}", "", "")
    Console().print(table)


def _row(table: Table, what: str, ours: float, peer: float) -> None:
    table.add_row(what, f"{ours:.1f} s", f"{peer:.1f} s", f"{ours / peer:.2f}")


if __name__ == "__main__":
    typer.run(main)
