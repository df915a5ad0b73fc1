"""The slot table when everybody wants the same at once: one gets it, and the others know."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from paved_road_ring_agent.facts import Birth, Claim, Lease, Phase, Slot
from paved_road_ring_agent.table import Table
from tests.contention.dynamodb import dynamodb, tables
from tests.contention.race import CONNECTIONS, race

pytestmark = pytest.mark.slow

SLOT, OTHER = (Slot(data_center="elsewhere", rack="a", index=index) for index in range(2))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with dynamodb() as found:
        yield found


@pytest.fixture(scope="module")
def connections(endpoint: str) -> list[Table]:
    return tables(endpoint, CONNECTIONS)


def claim(instance: str, epoch: int) -> Claim:
    return Claim(
        instance=instance, address="10.0.0.1", epoch=epoch, phase=Phase.JOINED, renewed=0.0
    )


def all_at_once(connections: list[Table], act: Callable[[Table, str], Any]) -> dict[str, Any]:
    """What came of `act` for 64 instances, each with a connection of its own, at one moment."""
    start = threading.Barrier(CONNECTIONS, timeout=120)

    def one(number: int) -> tuple[str, Any]:
        connections[number].lease("lease#nobody")  # the connection stands
        start.wait()
        return f"i-{number}", act(connections[number], f"i-{number}")

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(pool.map(one, range(CONNECTIONS)))


def winner(found: dict[str, Any]) -> str:
    (won,) = (instance for instance, held in found.items() if held is True)
    return won


def test_a_thousand_agents_find_a_thousand_slots_through_64_connections(endpoint: str) -> None:
    found = race(endpoint, racks=5, per_rack=200)
    print(  # noqa: T201
        f"{found.claims_per_second:.0f} claims per second; tries: {found.tries.total()} in all, "
        f"{max(found.tries.values())} at most"
    )
    holders = [one.instance for one in found.claims.values()]
    assert len(holders) == 1_000
    assert set(holders) == set(found.tries)
    assert all(slot.rack in one.instance for slot, one in found.claims.items())
    # Chosen at random among what is free, 64 at a time: most get what they try for first.
    assert found.tries.total() <= 2 * 1_000
    assert max(found.tries.values()) <= 20


def test_a_ring_is_born_once(endpoint: str) -> None:
    unborn = tables(endpoint, CONNECTIONS, "unborn")
    births = {
        f"i-{number}": Birth(incarnation=f"{number}", racks=("a",), base=1)
        for number in range(CONNECTIONS)
    }
    won = winner(all_at_once(unborn, lambda table, me: table.give_birth(births[me])))
    assert unborn[0].birth() == births[won]


def take(epoch: int, table: Table, me: str) -> bool:
    return table.take(SLOT, claim(me, epoch))


def test_one_successor_takes_each_epoch(connections: list[Table]) -> None:
    for epoch in range(1, 6):
        won = winner(all_at_once(connections, partial(take, epoch)))
        assert connections[0].claim(SLOT) == claim(won, epoch)


def test_a_holder_that_was_succeeded_while_it_renewed_did_not_write(
    connections: list[Table],
) -> None:
    table = connections[0]
    assert table.take(OTHER, claim("i-0", 1))

    def act(table: Table, me: str) -> bool | None:
        if me == "i-0":
            while table.renew(OTHER, claim("i-0", 1)):
                pass
            return None
        return table.take(OTHER, claim(me, 2))

    won = winner(all_at_once(connections, act))
    assert table.claim(OTHER) == claim(won, 2)


def take_lease(number: int, table: Table, me: str) -> bool:
    return table.take_lease("lease#x", Lease(holder=me, until=float(number), number=number))


def test_a_lease_has_one_holder_at_a_time(connections: list[Table]) -> None:
    for number in range(1, 4):
        won = winner(all_at_once(connections, partial(take_lease, number)))
        assert connections[0].lease("lease#x") == Lease(
            holder=won, until=float(number), number=number
        )
