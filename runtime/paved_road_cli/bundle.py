"""`paved-road bundle`: the immutable software of a ring's nodes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, stderr, stdout

if TYPE_CHECKING:
    from paved_road_bundle.bundle import Bundle
    from paved_road_bundle.fetch import Progress
    from paved_road_bundle.publish import Published

app = typer.Typer(
    no_args_is_help=True,
    help="""What a ring's node runs: Cassandra and the agent in one archive, named by its checksum.

    The same sources give the same bytes on any machine, in the lab and on EC2, x86 and Graviton.
    Jars and wheels are those of lock files, by SHA-256; PAVED_ROAD_MAVEN_REPOSITORY names a mirror
    for jars, and wheels come from the index that pip is configured for.

      paved-road bundle build                       download what is missing, pack, say the checksum

      paved-road bundle publish --app cdk.out       give instances what the estate's rings pin
    """,
)

Cache = Annotated[Path, typer.Option("--cache", help="Where jars and bundles are kept.")]
CACHE = Path(".cache/paved-road")


@app.command()
def build(cache: Cache = CACHE, as_json: Json = False) -> None:
    """Download the locks' jars and wheels where they are missing, verify all, and pack the bundle.

    An interrupted download goes on where it ended. A second run downloads nothing.
    """
    made = build_bundle(cache)
    emit(
        made,
        as_json,
        lambda: stdout.print(
            f"{made.path}\nCassandra {made.version}\nsha256 {made.sha256}",
            highlight=False,
            soft_wrap=True,
        ),
    )


@app.command()
def publish(
    bucket: Annotated[
        str | None, typer.Option("--bucket", help="An artifact bucket, instead of an estate's.")
    ] = None,
    region: Annotated[
        str | None, typer.Option("--region", help="The region of that bucket.")
    ] = None,
    assembly: Annotated[
        Path, typer.Option("--app", help="A synthesized estate, whose rings say what they pin.")
    ] = Path("cdk.out"),
    cache: Cache = CACHE,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Upload what an estate's rings pin to the artifact bucket of each region, unless it is there.

    Their stacks must stand, and the rings come after: instances start from the bundle. S3 checks
    the checksum too, and a published bundle never changes: another object under its key is refused.
    """
    from paved_road_bundle.estate import publish_pinned
    from paved_road_bundle.publish import publish as upload
    from paved_road_delivery.cloud import Account

    if (bucket is None) != (region is None):
        raise typer.BadParameter("--bucket and --region go together")
    account = Account()
    if bucket and region:
        done = [upload(build_bundle(cache), account.client("s3", region), bucket, dry_run=dry_run)]
    else:
        done = publish_pinned(
            assembly, account.client, lambda: build_bundle(cache), dry_run=dry_run
        )
    emit(done, as_json, lambda: _show(done, dry_run=dry_run))


def _show(done: "list[Published]", *, dry_run: bool) -> None:
    for one in done:
        verb = ("would upload" if dry_run else "uploaded") if one.uploaded else "stands already:"
        stdout.print(
            f"{verb} s3://{one.bucket}/{one.key}\nsha256 {one.sha256}",
            highlight=False,
            soft_wrap=True,
        )


@app.command(hidden=True)
def lock(
    version: Annotated[
        str | None, typer.Option("--version", help="Cassandra's; the newest by default.")
    ] = None,
    cache: Cache = CACHE,
    as_json: Json = False,
) -> None:
    """Write the locks of jars and wheels anew. For developers of Paved Road; needs jgo."""
    from paved_road_bundle.lock import LOCK
    from paved_road_bundle.resolve import resolve
    from paved_road_bundle.wheel_tools import resolve_wheels

    wheels = resolve_wheels(say=say)
    made = resolve(cache / "resolving", version, say=say)
    made.write()
    wheels.write()
    emit(
        {
            "locks": [LOCK, wheels.file],
            "cassandra": made.cassandra,
            "jars": len(made.artifacts),
            "wheels": len(wheels.wheels),
        },
        as_json,
        lambda: stdout.print(
            f"{LOCK}: Cassandra {made.cassandra}, {len(made.artifacts)} jars\n"
            f"{wheels.file}: {len(wheels.wheels)} wheels",
            soft_wrap=True,
        ),
    )


def build_bundle(cache: Path = CACHE) -> "Bundle":
    """Make the bundle of this version, with progress on stderr."""
    from paved_road_bundle.build import build as make

    with _bar("Cassandra's jars") as progress:
        return make(cache, progress=progress, say=say)


@contextmanager
def _bar(what: str) -> Iterator["Progress"]:
    """A progress bar on stderr, gone when it is full."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=stderr, transient=True) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)
