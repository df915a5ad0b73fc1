"""How many slots per second find their holder when all instances of a ring come at once.

    python bench/claims.py                     5 racks of 200, through 64 connections

Real decisions and a real slot table, on dynalite. All agents share one Python process and the table
is one Node process, so this is a floor for the agents' own work, not a figure for DynamoDB.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.contention.dynamodb import dynamodb
from tests.contention.race import CONNECTIONS, Race, race


def measure(racks: int = 5, per_rack: int = 200, connections: int = CONNECTIONS) -> Race:
    """One race, on a table of its own."""
    with dynamodb() as endpoint:
        return race(endpoint, racks=racks, per_rack=per_rack, connections=connections)


def main(
    racks: Annotated[int, typer.Option(help="Odd.")] = 5,
    per_rack: Annotated[int, typer.Option(help="Nodes in each.")] = 200,
    connections: Annotated[int, typer.Option(help="At the same time.")] = CONNECTIONS,
) -> None:
    """Print what came of one race as JSON."""
    found = measure(racks, per_rack, connections)
    facts = {
        "slots": len(found.claims),
        "connections": connections,
        "seconds": round(found.seconds, 1),
        "claims_per_second": round(found.claims_per_second, 1),
        "tries": found.tries.total(),
        "most_tries_of_one": max(found.tries.values()),
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    typer.run(main)
