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

app = typer.Typer(
    no_args_is_help=True,
    help="""What a ring's node runs: Cassandra and the agent in one archive, named by its checksum.

    The same sources give the same bytes on any machine, in the lab and on EC2, x86 and Graviton.
    Jars and wheels are those of lock files, by SHA-256; PAVED_ROAD_MAVEN_REPOSITORY names a mirror
    for jars, and wheels come from the index that pip is configured for.

      paved-road bundle build                       download what is missing, pack, say the checksum

      paved-road bundle publish --bucket acme-artifacts --region us-east-1     give it to instances
    """,
)

Cache = Annotated[Path, typer.Option("--cache", help="Where jars and bundles are kept.")]
CACHE = Path(".cache/paved-road")


@app.command()
def build(cache: Cache = CACHE, as_json: Json = False) -> None:
    """Download the locks' jars and wheels where they are missing, verify all, and pack the bundle.

    An interrupted download goes on where it ended. A second run downloads nothing.
    """
    made = _build(cache)
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
    bucket: Annotated[str, typer.Option("--bucket", help="The estate's artifact bucket.")],
    region: Annotated[str, typer.Option("--region", help="The bucket's region.")],
    cache: Cache = CACHE,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Build the bundle and upload it, unless it is there. S3 checks the checksum too.

    A bundle that was published never changes: another object under its key is refused.
    """
    from paved_road_bundle.publish import publish as upload
    from paved_road_delivery.cloud import Account

    done = upload(_build(cache), Account().client("s3", region), bucket, dry_run=dry_run)
    verb = ("would upload" if dry_run else "uploaded") if done.uploaded else "stands already:"
    emit(
        done,
        as_json,
        lambda: stdout.print(
            f"{verb} s3://{done.bucket}/{done.key}\nsha256 {done.sha256}",
            highlight=False,
            soft_wrap=True,
        ),
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


def _build(cache: Path) -> "Bundle":
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
