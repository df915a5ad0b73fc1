"""A replacement that streams, beside one whose disk was filled from its slot's backup first.

    python bench/replacement.py                          20,000 rows of 1 KB, 3.5% differ
    python bench/replacement.py --changed 100,600 --json

Three real nodes, RF 3, so each has every row. One is lost with its disk some time after its backup:
rows were written, deleted and counted since, some of them while a survivor was frozen, with hints
off, and some after the death. The backup is a copy on the same disk: its download is no part of
what is measured. Every row that differs from the backup is read at QUORUM all the time. Bytes are
Cassandra's own count of what came in by streams. It needs 2 GB of memory.
"""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.replaced_rows import Rows
from bench.replacement_ways import WAYS, Result
from bench.replacements import Story
from bench.rings import peers


def say_result(say: Console, one: Result) -> None:
    """One replacement in a few lines."""
    streamed = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in one.streamed.items())
    say.print(
        f"{one.way}, {one.changed} rows changed, a node of {one.node_bytes / 1e6:.1f} MB\n"
        f"  came by streams: {streamed}; new files: {one.new_file_bytes / 1e6:.2f} MB\n"
        f"  survivors agreed {one.agreed_s:.1f} s, normal {one.normal_s:.1f} s, whole "
        f"{one.whole_s:.1f} s\n"
        f"  wrong at QUORUM {one.wrong_at_quorum} in {one.looks_at_quorum} looks, at ONE "
        f"{one.wrong_at_one_when_normal} when normal and {one.wrong_at_end} in the end"
    )


def main(
    rows: int = 20_000,
    changed: Annotated[str, typer.Option(help="Rows changed since the backup; commas.")] = "600",
    ways: Annotated[
        str, typer.Option(help="Which, in which order.")
    ] = "stream,fill,pull,take,hasty",
    chunk_kib: Annotated[int, typer.Option(help="Compressed and streamed as one.")] = 16,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """One replacement for each way and each number of changed rows, in one ring."""
    say = Console(stderr=True)
    results = []
    with tempfile.TemporaryDirectory() as backups, peers() as ring:
        # Without the dynamic snitch and second tries a node that is asked at ONE asks itself.
        ring.settings = {"hinted_handoff_enabled": False, "dynamic_snitch": False}
        story = Story(ring=ring, rows=Rows(rows, chunk_kib), backups=Path(backups))
        story.begin()
        for number in (int(one) for one in changed.split(",")):
            for way in ways.split(","):
                results.append(story.replace(WAYS[way], number))
                say_result(say, results[-1])
    if as_json:
        print(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    typer.run(main)
