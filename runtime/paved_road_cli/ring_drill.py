"""`paved-road ring drill`: whether a ring would come back from its backup, tried out."""

from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import DryRun, Json, emit, say, stdout, table
from paved_road_cli.ring import EstateName, Name, RegionName
from paved_road_cli.ring_restore import Bucket, Manifest

if TYPE_CHECKING:
    from paved_road_ring.drills.drill import Drill
    from paved_road_ring.drills.plan import DrillPlan
    from paved_road_ring.drills.result import DrillResult

Compares = Annotated[
    bool,
    typer.Option(
        "--compare/--no-compare",
        help="Whether the ring is read too, at LOCAL_QUORUM, and compared; else rows are counted.",
    ),
]
Percent = Annotated[
    float,
    typer.Option(min=0.01, max=100, help="How much of each table is read, spread over the ring."),
]
Keeps = Annotated[
    bool, typer.Option("--keep", help="Leave the scratch ring to be looked at, until the next one.")
]
Minutes = Annotated[
    float, typer.Option("--minutes", help="How long the scratch ring may take to come back.")
]


def drill(
    name: Name,
    estate: EstateName,
    region: RegionName,
    manifest: Manifest = "",
    bucket: Bucket = "",
    compare: Compares = True,
    percent: Percent = 100,
    keep: Keeps = False,
    minutes: Minutes = 120,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Restore a ring's newest whole backup into a scratch ring, and compare it with the ring.

    The scratch ring is a stack of its own, which is empty between drills (docs/runbooks/drill.md).
    The ring itself and its backups are read only. What was written since the backup, over or
    anew, is not compared. What was found is stored beside the backups and given to the ring's
    alarms; then the scratch ring's instances are ended, also those that a drill which was killed
    left behind.

      paved-road ring drill orders --estate acme --region us-east-1 --dry-run

    Exit code 1 if the backup did not give the ring back as it was, 2 if the drill is refused: the
    ring's alarms are told of both.
    """
    from paved_road_ring.drills.drill import Drill
    from paved_road_ring_backup.restore import RestoreRefusedError

    drilling = Drill(
        source=live_ring(name, estate, region),
        say=say,
        bucket=bucket,
        compares=compare,
        percent=percent,
        keeps=keep,
        limit_seconds=60 * minutes,
    )
    try:
        plan = drilling.plan(manifest)
    except RestoreRefusedError:
        if not dry_run:
            drilling.refused()
        raise
    if dry_run:
        emit(
            {"dry_run": True, "drill": told(drilling, plan)},
            as_json,
            lambda: stdout.print(sentences(drilling, plan), highlight=False, soft_wrap=True),
        )
        return
    found = drilling.run(plan)
    emit({"dry_run": False, "drill": found.told()}, as_json, lambda: show(found))
    if not found.passed:
        raise typer.Exit(1)


def told(drilling: "Drill", plan: "DrillPlan") -> dict[str, object]:
    """What a drill would do, for programs. Sizes in bytes."""
    return {
        "manifest": plan.manifest.key,
        "bytes": plan.restore.size,
        "objects": plan.objects,
        "download_seconds": round(plan.restore.seconds, 1),
        "instances": len(plan.restore.fills),
        "instance_type": plan.machine.type,
        "usd_per_hour": round(plan.usd_per_hour, 2),
        "compares": drilling.compares,
        "percent": drilling.percent,
        "compared_until": plan.until,
        "table_bytes": plan.table_bytes(),
        "ended_first": plan.left,
    }


def sentences(drilling: "Drill", plan: "DrillPlan") -> str:
    """The same for people."""
    count, read = len(plan.restore.fills), sum(plan.table_bytes().values())
    lines = [
        f"would restore {plan.manifest.key} into {count} instances of {plan.machine.type}, "
        f"{plan.usd_per_hour:.2f} USD for each hour that it takes",
        f"{plan.objects:,} objects, {plan.restore.size:,} bytes: {plan.restore.seconds:,.0f} s for "
        "the largest node at its bandwidth, then the start and a full repair",
        f"then {drilling.percent:g}% of {len(plan.table_bytes())} tables with rows, {read:,} bytes "
        "in one replica, are read"
        + (" there and in the ring itself" if drilling.compares else ", and nothing is compared"),
        "the ring and its backups are not changed",
    ]
    if plan.left:
        lines.append(f"first {len(plan.left)} instances of an earlier drill would be ended")
    return "\n".join(lines)


def show(found: "DrillResult") -> None:
    """What a drill found, for people."""
    from paved_road_ring.drills.result import NOT_COMPARED

    table(
        f"Drill of ring {found.ring} in {found.data_center} from {found.manifest}",
        ["table", "rows", "rows in the ring", "compared as", "same", "verdicts"],
        [
            (
                one.table,
                one.tally.rows,
                one.tally.source_rows if one.compared else "-",
                f"{one.tally.compared_checksum:016x}" if one.compared else "-",
                "no" if one.fault else "yes" if one.compared else "-",
                ", ".join(f"{count} {verdict}" for verdict, count in one.tally.verdicts.items()),
            )
            for one in found.tables
        ],
    )
    for line in (
        f"RPO: what was acknowledged in the last {found.recovery_point_seconds:,} s before the "
        "drill is not in the backup; commit logs may have it",
        f"RTO: {found.recovery_seconds:,.0f} s until the first read was served"
        if found.recovery_seconds is not None
        else "RTO: none, it never served a read",
        *(f"not compared: {one}" for one in NOT_COMPARED if found.tables),
        *(f"- {fault}" for fault in found.faults),
        "The ring would have come back." if found.passed else "The drill failed.",
    ):
        stdout.print(line, highlight=False, soft_wrap=True)
