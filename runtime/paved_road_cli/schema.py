"""`paved-road schema`: a ring's keyspaces and tables, from versioned files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import DryRun, Json, emit, say, stdout, table

if TYPE_CHECKING:
    from paved_road_ring.schema import Step
    from paved_road_ring.schema_owner import SchemaOwner

app = typer.Typer(
    no_args_is_help=True,
    help="""Keyspaces and tables of a ring, from files such as 0001_orders.cql.

      paved-road schema apply schema/ --ring orders --estate acme --region us-east-1

      paved-road schema status schema/ --ring orders --estate acme --region us-east-1

    Each file is applied once, in the order of the numbers, by one command at a time; an
    interrupted one goes on. A file that was applied never changes: write another one. Statements
    end with a semicolon and are safe to repeat (IF NOT EXISTS).
    """,
)

Folder = Annotated[
    Path, typer.Argument(help="Holds the files.", exists=True, file_okay=False, dir_okay=True)
]
RingName = Annotated[str, typer.Option("--ring", help="The ring's name.")]
EstateName = Annotated[str, typer.Option("--estate", help="The estate's name.")]
RegionName = Annotated[str, typer.Option("--region", help="A region in which the ring stands.")]
Drops = Annotated[
    bool, typer.Option("--allow-drops", help="Statements may drop tables and columns.")
]


@app.command()
def apply(
    folder: Folder,
    ring: RingName,
    estate: EstateName,
    region: RegionName,
    allow_drops: Drops = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Apply what is not applied yet, while no node joins or is replaced and all nodes agree."""
    from paved_road_ring.schema import read

    done = _owner(ring, estate, region).apply(read(folder), drops=allow_drops, dry_run=dry_run)
    title = "To be applied" if dry_run else "Applied"
    emit({"applied": not dry_run, "files": done}, as_json, lambda: show(title, done))


@app.command()
def status(
    folder: Folder, ring: RingName, estate: EstateName, region: RegionName, as_json: Json = False
) -> None:
    """Say which files are applied. Exit code 1 if any is not."""
    from paved_road_ring.schema import State, read

    found = _owner(ring, estate, region).status(read(folder))
    emit({"files": found}, as_json, lambda: show(f"Schema of {ring}", found))
    if any(step.state is not State.APPLIED for step in found):
        raise typer.Exit(1)


def show(title: str, steps: "list[Step]") -> None:
    """For people."""
    if not steps:
        stdout.print(f"{title}: nothing", highlight=False)
        return
    rows = [(step.file.name, step.state, len(step.statements)) for step in steps]
    table(title, ["file", "was", "statements"], rows)


def _owner(ring: str, estate: str, region: str) -> "SchemaOwner":
    from paved_road_ring.schema_owner import SchemaOwner

    live = live_ring(ring, estate, region)
    return SchemaOwner(ring=live, say=say)
