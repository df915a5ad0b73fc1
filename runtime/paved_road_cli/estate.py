"""`paved-road estate`: what an estate looks like, costs, and whether its contracts hold."""

from pathlib import Path
from typing import Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, stdout, table

app = typer.Typer(
    no_args_is_help=True,
    help="""What an estate looks like, what it costs at idle, and whether its contracts hold.

      paved-road estate picture                     a Mermaid diagram, drawn from the templates

      paved-road estate costs                       dollars a month without traffic

      paved-road estate check --estate acme --region us-east-1     reads that find no output, live

      paved-road estate close --estate acme --region us-east-1     empty default security groups

      paved-road estate empty --estate acme-dev --region us-east-1     what its buckets hold

    """,
)

Assembly = Annotated[Path, typer.Option("--app", help="A synthesized estate (`cdk synth`).")]
EstateName = Annotated[str, typer.Option("--estate", help="The estate's name.")]
Regions = Annotated[list[str], typer.Option("--region", help="Repeat for several.")]
CDK_OUT = Path("cdk.out")


@app.command()
def picture(assembly: Assembly = CDK_OUT, as_json: Json = False) -> None:
    """Draw the estate from its templates."""
    from paved_road_contract.assembly import stacks
    from paved_road_estate.picture import picture as draw

    drawn = draw(stacks(assembly))
    emit({"mermaid": drawn}, as_json, lambda: typer.echo(drawn, nl=False))


@app.command()
def costs(assembly: Assembly = CDK_OUT, as_json: Json = False) -> None:
    """Add up what the estate costs a month while nobody uses it."""
    from paved_road_contract.assembly import stacks
    from paved_road_contract.instances import usd_per_hour
    from paved_road_estate.costs import costs as add_up

    total = add_up(stacks(assembly), usd_per_hour())

    def show() -> None:
        table(
            f"USD {total.usd_per_month:,.0f} a month at idle, list prices of us-east-1",
            ["what", "units", "of", "USD a month"],
            [
                (line.resource, f"{line.count:g}", line.unit, f"{line.usd_per_month:.2f}")
                for line in total.lines
            ],
        )
        for kind in total.unpriced:
            stdout.print(f"no price is known for {kind}: it is not in the sum")

    emit({"total": total.usd_per_month, "costs": total}, as_json, show)


@app.command()
def check(estate: EstateName, region: Regions, as_json: Json = False) -> None:
    """Find reads of outputs that do not exist, in what is deployed. Exit code 1 if any."""
    from paved_road_delivery.cloud import Account
    from paved_road_estate.check import dangling

    reads, found = dangling(Account(), estate, region)
    emit(
        {"reads": reads, "dangling": found},
        as_json,
        lambda: table(
            f"{reads} reads of other stacks' outputs, {len(found)} of them find nothing",
            ["stack", "reads", "output"],
            [(one.stack, one.producer, one.output) for one in found],
        ),
    )
    if found:
        raise typer.Exit(1)


@app.command()
def close(
    estate: EstateName, region: Regions, dry_run: DryRun = False, as_json: Json = False
) -> None:
    """Empty the default security group of each network, which CloudFormation cannot do."""
    from paved_road_delivery.cloud import Account
    from paved_road_estate.close import close_default_groups

    closed = close_default_groups(Account(), estate, region, dry_run=dry_run)
    emit(
        closed,
        as_json,
        lambda: table(
            "Rules that would go" if dry_run else "Rules that went",
            ["region", "group", "rules"],
            [(one.region, one.group, one.rules) for one in closed],
        ),
    )


@app.command()
def empty(
    estate: EstateName,
    region: Regions,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete all of it for good, every version.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what the buckets of a deletable estate hold; with --delete, empty them for good.

    CloudFormation deletes empty buckets only. Refused unless every stack of the estate carries the
    tag of deletable ones and none is protected. Delete the stacks soon after: access logs go on.
    """
    from paved_road_delivery.cloud import Account
    from paved_road_estate.empty import empty_buckets

    found = empty_buckets(Account(), estate, region, delete=delete, say=say)
    emit(
        {"deleted": delete, "buckets": found},
        as_json,
        lambda: table(
            "Deleted for good" if delete else "Would be deleted for good with --delete",
            ["region", "stack", "bucket", "versions"],
            [(one.region, one.stack, one.bucket, one.versions) for one in found],
        ),
    )
