"""A session with a ring: opened for all who ask, left when it lost all nodes, and found anew."""

import asyncio
import threading
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import pytest

from orders_data import ring
from orders_data.ring import RingOrders
from orders_data.session import STATEMENT_SECONDS, Opened, Way
from orders_data.table import AwayError
from paved_road_chassis.calls import Patience

ID = UUID(int=0, version=1)


def way(*addresses: str) -> Way:
    return Way(
        addresses=addresses or ["127.0.0.1"],
        port=9042,
        data_center="one",
        trust="",
        username="orders-data",
        password="",
    )


@dataclass
class Session:
    """Answers with no row until it is away."""

    way: Way
    away: bool = False
    alone: bool = False
    closed: bool = False

    async def ask(self, *_: object) -> list[Any]:
        if self.away:
            raise AwayError("no node answers")
        return []

    def lost(self) -> bool:
        return self.alone

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """All that were opened."""
    opened: list[Session] = []

    def connect(way: Way) -> Opened:
        opened.append(Session(way))
        return cast("Opened", opened[-1])

    monkeypatch.setattr(ring, "connect", connect)
    return opened


def test_one_session_is_opened_for_all_who_ask_and_for_those_who_give_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_in, opened, session = threading.Event(), [], object()

    def connect(way: Way) -> Any:
        opened.append(way)
        let_in.wait(30)
        return session

    monkeypatch.setattr(ring, "connect", connect)

    async def run() -> None:
        orders = RingOrders(way)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(orders._open(), 0.05)
        let_in.set()
        found: list[object] = [*await asyncio.gather(orders._open(), orders._open())]
        assert found == [session, session]

    asyncio.run(run())
    assert opened == [way()]


def test_a_ring_that_refuses_is_asked_again_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def find() -> Way:
        nonlocal asked
        asked += 1
        raise AwayError("no route")

    async def run() -> None:
        orders = RingOrders(find)
        for _ in range(3):
            with pytest.raises(AwayError, match="no route"):
                await orders.get(ID)
        assert asked == 1
        monkeypatch.setattr(ring, "AGAIN_SECONDS", 0.0)
        with pytest.raises(AwayError, match="no route"):
            await orders.get(ID)
        assert asked == 2

    asyncio.run(run())


def test_a_session_that_lost_all_nodes_is_left_for_one_with_those_of_now(
    sessions: list[Session],
) -> None:
    ways = [way("10.0.0.1"), way("10.0.0.2")]

    async def run() -> None:
        orders = RingOrders(lambda: ways[len(sessions)])
        assert await orders.get(ID) is None
        sessions[0].away = True
        for _ in range(2):
            with pytest.raises(AwayError):
                await orders.get(ID)
        assert len(sessions) == 1, "nodes that are there may answer again"
        sessions[0].alone = True
        with pytest.raises(AwayError):
            await orders.get(ID)
        assert await orders.get(ID) is None
        await orders.close()

    asyncio.run(run())
    assert [one.way for one in sessions] == ways
    assert all(one.closed for one in sessions)


def test_a_statement_is_over_before_its_caller_tries_again() -> None:
    assert Patience().try_seconds > STATEMENT_SECONDS
