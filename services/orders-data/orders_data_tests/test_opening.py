"""A ring that is slow to let anybody in: who gives up takes nothing away from the next."""

import asyncio
import threading
from typing import Any

import pytest

from orders_data import ring
from orders_data.ring import STATEMENT_SECONDS, RingOrders, Way
from orders_data.table import AwayError
from paved_road_chassis.calls import Patience

WAY = Way(
    addresses=["127.0.0.1"],
    port=9042,
    data_center="one",
    trust="",
    username="orders-data",
    password="",
)


def test_one_session_is_opened_for_all_who_ask_and_for_those_who_give_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_in, opened, session = threading.Event(), [], object()

    def connect(way: Way) -> Any:
        opened.append(way)
        let_in.wait(30)
        return session

    monkeypatch.setattr(ring, "_connect", connect)

    async def run() -> None:
        orders = RingOrders(WAY)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(orders._open(), 0.05)
        let_in.set()
        found: list[object] = [*await asyncio.gather(orders._open(), orders._open())]
        assert found == [session, session]

    asyncio.run(run())
    assert opened == [WAY]


def test_a_ring_that_refuses_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Any] = [OSError("no route"), object()]

    def connect(_: Way) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(ring, "_connect", connect)

    async def run() -> None:
        orders = RingOrders(WAY)
        with pytest.raises(AwayError, match="no route"):
            await orders._open()
        await orders._open()

    asyncio.run(run())
    assert answers == []


def test_a_statement_is_over_before_its_caller_tries_again() -> None:
    assert Patience().try_seconds > STATEMENT_SECONDS
