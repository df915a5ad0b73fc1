"""The `paved-road` command.

Exit codes: 0 done and well; 1 something failed, was found or does not hold; 2 refused before
anything was done; 130 interrupted. Errors are one sentence on stderr.
"""

import os
import sys

import typer

from paved_road_cli import (
    bundle,
    estate,
    lab,
    release,
    release_budget,
    release_promote,
    release_status,
    release_traffic,
    ring,
    ring_backups,
    ring_drill,
    ring_refresh,
    ring_restore,
    schema,
)
from paved_road_cli.output import stderr

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Deploy, try out and look after an estate: networks, rings, backups and microservices.

    Every command takes --help and --json. Exit codes: 0 well, 1 something failed, was found or
    does not hold, 2 refused before anything was done, 130 interrupted. Errors are one sentence;
    PAVED_ROAD_DEBUG=1 shows where one came from.
    """,
)
app.add_typer(lab.app, name="lab")
app.add_typer(release.app, name="release")
release.app.command()(release_budget.budget)
for command in (
    *release_status.COMMANDS,
    *release_promote.COMMANDS,
    *release_traffic.COMMANDS,
):
    release.app.command()(command)
app.add_typer(ring.app, name="ring")
ring.app.command()(ring_refresh.check)
ring.app.command()(ring_refresh.refresh)
ring.app.command()(ring_restore.restore)
ring.app.command()(ring_drill.drill)
ring.app.command()(ring_backups.backups)
ring.app.command()(ring_backups.backup)
ring.app.command()(ring_backups.purge)
app.add_typer(schema.app, name="schema")
app.add_typer(estate.app, name="estate")
app.add_typer(bundle.app, name="bundle")


REFUSALS = frozenset(
    {
        *("FileNotFoundError", "LabError", "NoRingError", "NotReadyError"),
        *(
            "NothingToBackUpError",
            "PurgeRefusedError",
            "RefusedError",
            "RestoreRefusedError",
            "SchemaRefusedError",
        ),
    }
)
FAILURES = frozenset(
    {
        *("BotoCoreError", "BundleError", "ClientError", "DeliveryError"),
        *("LoginRefusedError", "ManifestError", "NoSecretError", "NodeSilentError"),
        *("NotInTimeError", "SchemaFailedError", "StoreUnreachableError", "TableUnreachableError"),
        *("TimeoutError", "TurnLostError"),
    }
)
"""By name, so that `--help` need not import what raises them."""


def main() -> None:
    """Run the command line; errors that are meant for people end in a sentence."""
    try:
        app()
    except KeyboardInterrupt:
        stderr.print("interrupted")
        sys.exit(130)
    except Exception as error:
        if os.environ.get("PAVED_ROAD_DEBUG"):
            raise
        kinds = {kind.__name__ for kind in type(error).__mro__}
        told = str(error)
        if not kinds & (REFUSALS | FAILURES):
            told = f"{type(error).__name__}: {told} (PAVED_ROAD_DEBUG=1 shows where)"
        stderr.print(f"paved-road: {told}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2 if kinds & REFUSALS else 1)
