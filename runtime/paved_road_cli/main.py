"""The `paved-road` command.

Exit codes: 0 done and well; 1 something was found or did not hold; 2 refused, with a sentence that
says why and what to do; 130 interrupted.
"""

import os
import sys

import typer

from paved_road_cli import estate, lab, release
from paved_road_cli.output import stderr

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Deploy, try out and look after an estate: networks, rings, backups and microservices.

    Every command takes --help and --json. Exit codes: 0 well, 1 something was found or does not
    hold, 2 refused, with a sentence that says why, 130 interrupted. PAVED_ROAD_DEBUG=1 shows where
    an error came from.
    """,
)
app.add_typer(lab.app, name="lab")
app.add_typer(release.app, name="release")
app.add_typer(estate.app, name="estate")


FOR_PEOPLE = frozenset(
    {"BotoCoreError", "ClientError", "DeliveryError", "FileNotFoundError", "LabError"}
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
        if os.environ.get("PAVED_ROAD_DEBUG") or not _is_for_people(error):
            raise
        stderr.print(f"paved-road: {error}", markup=False, highlight=False)
        sys.exit(2)


def _is_for_people(error: Exception) -> bool:
    """Whether the error's text is a sentence that somebody can act on."""
    return not FOR_PEOPLE.isdisjoint(kind.__name__ for kind in type(error).__mro__)
