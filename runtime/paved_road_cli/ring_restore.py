"""`paved-road ring restore`: a ring whose instances are all gone, from its backup."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import DryRun, Json, emit, stdout
from paved_road_cli.ring import EstateName, Name, RegionName

if TYPE_CHECKING:
    from paved_road_ring.restoring import Planned

At = Annotated[
    str,
    typer.Option(
        "--at",
        help="A moment such as 2026-11-25T13:00:00Z, by the clients' clocks: all that was written "
        "until then, and nothing later. By default the newest backup, without what came after it.",
    ),
]
Manifest = Annotated[
    str, typer.Option("--manifest", help="The key of one ring manifest, instead of a moment.")
]
SAFE_DAYS = 7
"""A delete that had not reached every replica may come back after that: Cassandra's default
gc_grace of ten days, less the three between repairs (`paved_road_ring_agent.settings`)."""
Bucket = Annotated[
    str,
    typer.Option(
        "--bucket",
        help="Where the backup is, if neither in the region's own backup bucket nor, with --from, "
        "among the copies that the region keeps of others' backups.",
    ),
]
CameFrom = Annotated[
    str,
    typer.Option(
        "--from",
        help="The data center whose backup it is, such as us-east-1-g1, if that is another one: "
        "its region is lost, and the ring is to be here.",
    ),
]


def restore(
    name: Name,
    estate: EstateName,
    region: RegionName,
    at: At = "",
    manifest: Manifest = "",
    bucket: Bucket = "",
    came_from: CameFrom = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Bring a ring back whose instances and disks are all gone.

    With --at as it was at that second: from the newest backup before it and the commit logs since.

    With --from here what was elsewhere: its keyspaces are altered to name this data center before
    clients come in, and those in third data centers have no replica there any more.

    Refused while any instance runs a node or may, if the backup is another ring's or does not fit
    the ring, and if anything of it is missing, logs too. Then one item is written, and agents do
    the rest: each new instance takes a slot and fills its disk from the backup, all at once; they
    start when all are filled, and clients come in after a full repair. `paved-road ring follow`
    watches it. May be run again at any time.

      paved-road ring restore orders --estate acme --region us-east-1 --dry-run

      paved-road ring restore orders --estate acme --region us-east-1 --at 2026-11-25T13:00Z

      paved-road ring restore orders --estate acme --region us-west-2 --from us-east-1-g1

    Exit code 2 if it is refused, and nothing was done then.
    """
    from paved_road_ring.restoring import Restoring

    if at and manifest:
        raise typer.BadParameter("a moment or a manifest, not both", param_hint="--at")
    live = live_ring(name, estate, region)
    restoring = Restoring(ring=live, bucket=bucket, came_from=came_from)
    planned = restoring.plan(at=moment(at) if at else 0, key=manifest)
    if not dry_run:
        restoring.begin(planned)
    emit(
        {"dry_run": dry_run, "restore": told(planned)},
        as_json,
        lambda: stdout.print(sentence(planned, dry_run), highlight=False, soft_wrap=True),
    )


def moment(text: str) -> int:
    """Seconds since 1970; UTC unless the text says otherwise. Refuses fractions of a second."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment", param_hint="--at") from error
    if found.microsecond:
        whole = found.replace(microsecond=0).isoformat()
        raise typer.BadParameter(
            f"{text!r} is between two seconds, and a ring comes back as of a whole one: {whole} "
            "leaves out what was written in the fraction after it",
            param_hint="--at",
        )
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def told(planned: "Planned") -> dict[str, object]:
    """For programs. Sizes in bytes; `seconds` if nothing but the network holds it up."""
    from paved_road_ring_backup.point import UNDEFINED

    plan = planned.plan
    return {
        "manifest": plan.manifest.key,
        "bucket": planned.bucket or None,
        "came_from": planned.target.came_from or None,
        "whole_until": datetime.fromtimestamp(plan.manifest.whole_until, UTC).isoformat(),
        "at": datetime.fromtimestamp(planned.at, UTC).isoformat() if planned.at else None,
        "log_bytes": planned.logged,
        "undefined": UNDEFINED if planned.at else (),
        "slots": len(plan.fills),
        "bytes": plan.size,
        "seconds": round(plan.seconds, 1),
        "ended_in_groups": planned.lost,
        "begun_before": planned.begun,
        "age_days": round(planned.age_days, 2),
    }


def sentence(planned: "Planned", dry_run: bool) -> str:
    """For people."""
    from paved_road_ring_backup.point import UNDEFINED

    plan, facts = planned.plan, told(planned)
    did = "would bring" if dry_run else "brings"
    lines = [
        f"{did} back {planned.seen.ring} as of {facts['at'] or facts['whole_until']}, from "
        f"{plan.manifest.key}",
        f"{len(plan.fills)} slots, {plan.size:,} bytes in all: {plan.seconds:,.0f} s for the "
        "largest at its instance's bandwidth, then the start and a full repair",
    ]
    if planned.bucket:
        lines.append(f"from the bucket {planned.bucket}, which nodes must be allowed to read")
    if came_from := planned.target.came_from:
        named = "would be altered" if dry_run else "are altered"
        lines.append(
            f"keyspaces that are replicated to {came_from} {named} to {planned.target.data_center} "
            "before clients come in; services' roles are made anew here"
        )
    if planned.at:
        lines.append(f"then {planned.logged:,} bytes of commit logs are replayed; undefined are:")
        lines += [f"- {sentence}" for sentence in UNDEFINED]
    else:
        lines.append("what was written since then stays away: --at brings back what logs have")
    if planned.age_days > SAFE_DAYS:
        lines.append(
            f"it is {planned.age_days:.0f} days old: rows that were deleted before may come back, "
            "if a replica had missed the delete"
        )
    if planned.begun:
        lines.append("this was begun before, and goes on")
    if planned.lost:
        ends = "would be ended" if dry_run else "are ended"
        lines.append(
            f"{len(planned.lost)} instances that are gone {ends} in their groups, which launch "
            "others"
        )
    return "\n".join(lines)
