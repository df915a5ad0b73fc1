"""A fault that lasts is said twice."""

import logging

import pytest

from paved_road_ring_agent.faults import Standing


def test_a_fault_is_said_when_it_begins_and_when_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    table = Standing(logging.getLogger("test"), again="it can be reached again")
    table.works()
    for _ in range(3):
        table.fails("it cannot be reached", "timeout")
    table.fails("it refuses", "no")
    table.works()
    table.works()
    assert [record.getMessage() for record in caplog.records] == [
        "it cannot be reached: timeout",
        "it refuses: no",
        "it can be reached again",
    ]
