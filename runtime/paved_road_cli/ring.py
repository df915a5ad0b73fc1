"""`paved-road ring`: Cassandra rings, seen from outside their nodes."""

from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import Json, emit, say, stdout, table

if TYPE_CHECKING:
    from paved_road_ring.survey import Survey

app = typer.Typer(
    no_args_is_help=True,
    help="""Cassandra rings: who holds which slot, and whether everybody agrees.

      paved-road ring status orders --estate acme --region us-east-1

      paved-road ring follow orders --estate acme --region us-east-1      until it is whole

    Against the lab:

      paved-road lab exec -- paved-road ring status orders --estate acme --region us-east-1
    """,
)

Name = Annotated[str, typer.Argument(help="The ring's name, such as orders.")]
EstateName = Annotated[str, typer.Option("--estate", help="The estate's name.")]
RegionName = Annotated[str, typer.Option("--region", help="The data center's region.")]


@app.command()
def status(name: Name, estate: EstateName, region: RegionName, as_json: Json = False) -> None:
    """Lay side by side what the slot table, EC2, the groups and the nodes say.

    Exit code 1 if the ring is not whole or its views disagree.
    """
    found = live_ring(name, estate, region).survey()
    emit({"whole": found.whole, "survey": found}, as_json, lambda: show(name, found))
    if not found.whole:
        raise typer.Exit(1)


@app.command()
def follow(
    name: Name,
    estate: EstateName,
    region: RegionName,
    minutes: Annotated[float, typer.Option("--minutes", help="How long to wait at most.")] = 30,
    as_json: Json = False,
) -> None:
    """Say what changes in a ring, until every slot has a living member and all views agree.

    Exit code 1 if that takes longer.
    """
    from paved_road_ring.follow import follow as until_whole

    ring = live_ring(name, estate, region)
    found = until_whole(ring.survey, seconds=60 * minutes, say=say)
    emit({"whole": found.whole, "survey": found}, as_json, lambda: show(name, found))


@app.command()
def rotate(
    name: Name,
    estate: EstateName,
    region: RegionName,
    service: Annotated[
        str | None,
        typer.Option(help="A service's older role; by default the ring's superuser."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Draw a new password; the ring's agents set it within a minute and lock nobody out."""
    from paved_road_delivery.cloud import Account
    from paved_road_ring.rotate import Rotation

    secrets = Account().client("secretsmanager", region)
    rotation = Rotation(secrets=secrets, estate=estate, ring=name)
    secret = rotation.service(service) if service else rotation.superuser()
    emit(
        {"secret": secret},
        as_json,
        lambda: stdout.print(f"{secret} has a new password", highlight=False),
    )


def show(name: str, found: "Survey") -> None:
    """For people."""
    from paved_road_ring.bundles import told

    formed = "formed" if found.formed else "not formed"
    table(
        f"Ring {name}, {found.data_center}: {formed}, incarnation {found.incarnation or 'none'}",
        ["rack", "slot", "instance", "EC2", "group", "address", "epoch", "phase", "seen down by"],
        [
            (
                row.rack,
                row.slot.rpartition("#")[2],
                row.instance,
                row.state,
                row.lifecycle,
                row.address,
                row.epoch,
                row.phase,
                row.seen_down_by,
            )
            for row in found.rows
        ],
    )
    for line in told(found):
        stdout.print(line, highlight=False, soft_wrap=True)
    for line in (*found.disagreements, *found.losses):
        stdout.print(f"- {line}", highlight=False)
    if found.whole:
        stdout.print("Every slot has a living member, and all views agree.", highlight=False)
