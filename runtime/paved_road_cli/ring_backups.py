"""`paved-road ring backups`, `backup` and `purge`: what there is, one more now, and what may go."""

from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import DryRun, Json, emit, say, stdout, table
from paved_road_cli.ring import EstateName, Name, RegionName

if TYPE_CHECKING:
    from paved_road_ring.backup_costs import BackupCosts
    from paved_road_ring.backups import Listing, RingBackups
    from paved_road_ring_backup.purge import Purge

Kept = Annotated[int, typer.Option(min=0, help="For how many of them the newest backup is kept.")]


def backups(
    name: Name,
    estate: EstateName,
    region: RegionName,
    last: Annotated[int, typer.Option(min=1, help="How many to show, the newest first.")] = 24,
    copies: Annotated[
        bool,
        typer.Option("--copies", help="Of the copies that the region keeps of other regions'."),
    ] = False,
    costs: Annotated[
        bool,
        typer.Option("--costs", help="Also what all of it costs a month; lists every object."),
    ] = False,
    as_json: Json = False,
) -> None:
    """List the whole backups that a ring could come back from, and how old the newest is.

    Needs the region's backup bucket only, not the ring. Costs are at list prices of us-east-1, for
    what is stored now and as many requests as in the last day. Exit code 1 if there is none, or if
    what was acknowledged in the last three hours is in none.
    """
    from paved_road_ring_agent.metric_names import OLDEST_BACKUP_SECONDS

    found = _of(name, estate, region, copies=copies).listing(last, costs=costs)
    emit(found, as_json, lambda: show(name, found))
    if found.age_seconds is None or found.age_seconds > OLDEST_BACKUP_SECONDS:
        raise typer.Exit(1)


def backup(
    name: Name,
    estate: EstateName,
    region: RegionName,
    wait: Annotated[
        int, typer.Option(min=0, help="Seconds to wait until it is whole; 0 does not.")
    ] = 3_600,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Have all nodes back themselves up now, with everything that is acknowledged by now.

    They do it every hour by themselves: this is for the moment before a change that you fear. Each
    sends only what it did not send before. Exit code 1 if it is not whole in time; agents go on.
    """
    from paved_road_ring.backing_up import BackingUp
    from paved_road_ring.backups import WholeSet

    live = live_ring(name, estate, region)
    backing_up = BackingUp(ring=live, say=say)
    if dry_run:
        backing_up.check()
        told = f"would ask all nodes of {name} to back themselves up"
        emit({"dry_run": True, "set": None}, as_json, lambda: stdout.print(told, highlight=False))
        return
    wish = backing_up.ask()
    found = WholeSet.of(backing_up.wait(wish, wait)) if wait else None
    told = f"backed up whole: {found.key}" if found else f"all nodes of {name} are asked"
    emit(
        {"dry_run": False, "set": found},
        as_json,
        lambda: stdout.print(told, highlight=False, soft_wrap=True),
    )


def purge(
    name: Name,
    estate: EstateName,
    region: RegionName,
    hourly: Kept = 48,
    daily: Kept = 14,
    weekly: Kept = 13,
    seconds_for: Annotated[
        int, typer.Option(min=0, help="For how many days logs bring it back to any second.")
    ] = 7,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what may go; else only say what would.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which backups the rules no longer keep and how much they take; --delete lets them go.

    The newest backup of each of so many hours, days and weeks stays, with all that it needs, and
    the commit logs of the last days, from the backup before them on. So does all that object lock
    holds, and what a node's next backup builds on. Deleted versions take room until the bucket's
    own rule lets them go: a week after their lock has ended.
    """
    from paved_road_ring_backup.retention import Keep

    ring = _of(name, estate, region)
    found = ring.purge(Keep(hourly=hourly, daily=daily, weekly=weekly, seconds_for=seconds_for))
    done = ring.carry_out(found) if delete else 0
    result = {
        "deleted": delete,
        "objects": done or len(found.deletions()),
        "bytes": found.freed,
        "sets": found.dropped_sets,
        "kept": sorted(found.kept_sets),
        "locked_days": found.locked_days,
    }
    emit(result, as_json, lambda: _tell(name, found, delete=delete))


def show(name: str, found: "Listing") -> None:
    """For people."""
    if found.age_seconds is None:
        told = f"Ring {name} has no whole backup in {found.bucket}: what its disks lose is lost."
        stdout.print(told, highlight=False, soft_wrap=True)
        return
    table(
        f"Ring {name} in {found.bucket}: {found.count} whole backups",
        ["written", "whole until", "data center", "incarnation", "slots", "MB"],
        [
            (
                one.moment,
                one.whole_until,
                one.data_center,
                one.incarnation,
                one.slots,
                f"{one.size / 1e6:.1f}",
            )
            for one in found.sets
        ],
    )
    if found.costs:
        _tell_costs(found.costs)
    minutes = found.age_seconds // 60
    stdout.print(
        f"The newest lacks what was acknowledged in the last {minutes} minutes, which commit logs "
        "may have: `ring restore --at`.",
        highlight=False,
        soft_wrap=True,
    )


def _tell_costs(found: "BackupCosts") -> None:
    table(
        "What it costs a month",
        ["what", "objects", "MB", "USD"],
        [
            *(
                (what, share.objects, f"{share.bytes / 1e6:,.1f}", f"{share.usd_per_month:,.2f}")
                for what, share in (("backups", found.backups), ("commit logs", found.logs))
            ),
            ("requests, as in the last day", "", "", f"{found.requests:,.2f}"),
            ("sum", "", "", f"{found.usd_per_month:,.2f}"),
            ("copies in another region, if made", "", "", f"{found.copies:,.2f}"),
        ],
    )


def _tell(name: str, found: "Purge", *, delete: bool) -> None:
    gone = found.deletions()
    verb = "went" if delete else "would go with --delete"
    lock = f"; object lock holds what is younger than {found.locked_days} days"
    for line in (
        *(f"- {key}" for key in found.dropped_sets),
        f"Of {name} {len(gone)} objects {verb}: {len(found.dropped_sets)} whole backups and what "
        f"only they needed, {found.freed / 1e6:.1f} MB.",
        f"{len(found.kept_sets)} whole backups stay{lock if found.locked_days else ''}.",
    ):
        stdout.print(line, highlight=False, soft_wrap=True)


def _of(name: str, estate: str, region: str, *, copies: bool = False) -> "RingBackups":
    from paved_road_ring.backups import RingBackups

    return RingBackups(live_ring(name, estate, region), copies=copies)
