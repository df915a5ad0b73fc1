"""How commands speak: results on stdout, for people or as JSON; progress on stderr."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, change nothing.")]

stdout, stderr = Console(), Console(stderr=True)
Say = Callable[[str], None]


def say(line: str) -> None:
    """A line of progress."""
    stderr.print(f"  {line}", style="dim", highlight=False, soft_wrap=True)


def emit(result: Any, as_json: bool, show: Callable[[], None]) -> None:  # noqa: ANN401 - any result
    """Print a result: as JSON, or as `show` prints it for people."""
    if as_json:
        typer.echo(json.dumps(plain(result), indent=2, sort_keys=True))
    else:
        show()


def plain(value: Any) -> Any:  # noqa: ANN401 - any result
    """The value with dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people; columns of numbers are ranged right."""
    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    body = [[str(cell) for cell in row] for row in rows]
    for index, column in enumerate(columns):
        numeric = bool(body) and all(row[index].replace(".", "").isdigit() for row in body)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in body:
        drawn.add_row(*row)
    stdout.print(drawn)
    stdout.print()


class Phases:
    """Names phases of long work as they begin, and how long each took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """One phase."""
        stderr.print(f"[bold]{name}[/bold]", highlight=False)
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)
