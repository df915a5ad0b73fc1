"""What a person reads after a deploy into the lab."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from paved_road_cli.output import stdout, table

if TYPE_CHECKING:
    from paved_road_lab.coverage import Coverage
    from paved_road_lab.estate import Beside
    from paved_road_lab.hosts.status import HostStatus
    from paved_road_lab.proof import Claim

MINUTE = 60


def show_standing(title: str, stacks: Mapping[str, str], hosts: Sequence["HostStatus"]) -> None:
    """Stacks, and hosts if there are any."""
    table(title, ["stack", "state"], stacks.items())
    if hosts:
        table(
            "Hosts",
            ["instance", "rack", "address", "state", "note"],
            [(one.instance, one.rack, one.address, one.state, one.note) for one in hosts],
        )


def show_claims(claims: Sequence["Claim"]) -> None:
    """Each claim, what it was checked on, and what is wrong."""
    table(
        "Proved by asking the emulator",
        ["", "claim", "checked on"],
        [("yes" if one.holds else "NO", one.sentence, one.looked_at) for one in claims],
    )
    for one in claims:
        for fault in one.faults:
            stdout.print(f"  {one.sentence}: {fault}", style="red", highlight=False)
        if not one.looked_at:
            stdout.print(f"  {one.sentence}: nothing to check it on", style="red")


def show_coverage(
    covered: Sequence["Coverage"], not_applied: Mapping[str, int], beside: "Beside"
) -> None:
    """Every type with its degree, updates without effect, what forwards and alarms leave out."""
    table(
        "What of the estate the lab has",
        ["degree", "type", "count", "what it does and does not"],
        [(one.degree.value, one.resource, one.count, one.note) for one in covered],
    )
    show_coverage_sums(covered)
    for kind, count in not_applied.items():
        stdout.print(f"{count} updates of {kind} were taken without effect", highlight=False)
    for what, count in beside.not_forwarded.items():
        stdout.print(f"load balancers do nothing for {count} x {what}", highlight=False)
    for why, count in beside.alarms_not_evaluated.items():
        stdout.print(f"nobody looks at {count} alarms: {why}", highlight=False)
    for why, count in beside.rules_not_delivered.items():
        stdout.print(f"nothing follows {count} rules of events: {why}", highlight=False)
    if beside.minute_seconds != MINUTE:
        stdout.print(
            f"a minute of load balancers' alarms lasts {beside.minute_seconds} s, not {MINUTE}",
            highlight=False,
        )


def show_coverage_sums(covered: Sequence["Coverage"]) -> None:
    """One line per degree."""
    counts: dict[str, int] = defaultdict(int)
    types: dict[str, int] = defaultdict(int)
    for one in covered:
        counts[one.degree.value] += one.count
        types[one.degree.value] += 1
    table(
        "Resources by how much of them there is in the lab",
        ["degree", "types", "resources"],
        [(degree, types[degree], counts[degree]) for degree in sorted(counts)],
    )
