"""`paved-road release`: immutable versions of services."""

from pathlib import Path
from typing import Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, table

app = typer.Typer(
    no_args_is_help=True,
    help="""Immutable versions of services: created once, never updated.

      paved-road release deploy place-order 42 --estate acme --region us-east-1

      paved-road release promote place-order 42 --why "new prices" --estate acme --region us-east-1

      paved-road release rollback place-order --why "complaints" --estate acme --region us-east-1

    Credentials come from the environment, as for the AWS CLI. Against the lab:

      paved-road lab exec -- paved-road release list place-order --estate acme --region us-east-1
    """,
)

Service = Annotated[str, typer.Argument(help="The service's name, such as place-order.")]
EstateName = Annotated[str, typer.Option("--estate", help="The estate's name.")]
Regions = Annotated[list[str], typer.Option("--region", help="Repeat for several, in order.")]
Assembly = Annotated[Path, typer.Option("--app", help="A synthesized app (`cdk synth`).")]
CDK_OUT = Path("cdk.out")


@app.command()
def deploy(
    service: Service,
    number: Annotated[int, typer.Argument(help="The release's number; give no number twice.")],
    estate: EstateName,
    region: Regions,
    assembly: Assembly = CDK_OUT,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Create a release, protect it, and put it in service where nothing else is.

    A release that stands already and is the same is left alone; one that differs is refused.
    """
    from paved_road_delivery.cloud import Account
    from paved_road_delivery.release import Release
    from paved_road_delivery.service import LiveService

    releases = [
        Release.find(LiveService(Account(), estate, one, service), number, assembly)
        for one in region
    ]
    # What any region refuses is refused before the first one is touched.
    outcomes = [release.deploy(say, dry_run=True) for release in releases]
    if not dry_run:
        outcomes = [release.deploy(say) for release in releases]
    emit(
        outcomes,
        as_json,
        lambda: table(
            "Would do" if dry_run else "Done",
            ["region", "release", "action", "why"],
            [(one.region, one.release, one.action.value, one.why) for one in outcomes],
        ),
    )


@app.command(name="list")
def list_(service: Service, estate: EstateName, region: Regions, as_json: Json = False) -> None:
    """List a service's standing releases with their share of traffic and healthy targets."""
    from paved_road_delivery.cloud import Account
    from paved_road_delivery.listing import standing
    from paved_road_delivery.service import LiveService

    found = [
        release
        for one in region
        for release in standing(LiveService(Account(), estate, one, service))
    ]
    emit(
        found,
        as_json,
        lambda: table(
            f"Releases of {service}",
            ["region", "release", "state", "traffic %", "healthy"],
            [(r.region, r.release, r.status, f"{r.percent:.0f}", r.healthy) for r in found],
        ),
    )
