"""The health endpoint: what it says of a node, and where it listens."""

import json
import urllib.error
import urllib.request
from dataclasses import replace
from typing import Any

import pytest

from paved_road_ring_agent.actions import Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.health import PORT_VARIABLE, health, serve_health
from paved_road_ring_agent.journal import Entry, Journal
from paved_road_ring_agent.observed import Cassandra, Observed
from tests.agent.scenes import NOW, claim, claims, member, members, newcomer, stopped, table


def said(seen: Observed, seconds: float = 1.0) -> tuple[int, Any]:
    return health(Entry(seen=seen, action=decide(seen)), NOW + seconds)


def test_a_normal_member_is_healthy_and_tells_who_it_is() -> None:
    seen = member("a1")
    status, facts = said(replace(seen, me=replace(seen.me, software="5.0.9-0123456789ab")))
    assert status == 200
    assert facts["software"] == "5.0.9-0123456789ab"
    assert facts["slot"] == "slot#us-east-1-g1#a#0001"
    assert (facts["epoch"], facts["phase"]) == (1, "joined")
    assert (facts["action"], facts["reason"]) == ("Wait", "all is as it should be")
    assert facts["last_round_seconds_ago"] == 1.0
    assert facts["cassandra"] == {"running": True, "normal": True, "epoch": 1, "sees_down": []}


def test_peers_that_are_down_are_named_and_do_not_make_a_node_sick() -> None:
    node = replace(member("a0").cassandra, members=members(("b1",)))
    status, facts = said(member("a0", cassandra=node))
    assert status == 200
    assert facts["cassandra"]["sees_down"] == ["10.b1"]


@pytest.mark.parametrize(
    ("seen", "seconds", "why"),
    [
        (member("a0"), 121.0, "the last round was 121 s ago"),
        (member("a0", table=None), 1.0, "the slot table cannot be reached"),
        (newcomer("a"), 1.0, "it holds no slot; Cassandra does not run"),
        (stopped("a0"), 1.0, "Cassandra does not run"),
        (member("a0", cassandra=Cassandra(running=True, epoch=1)), 1.0, "not a normal member"),
        (
            member("a0", table=table(claims({"a0": claim("a0", instance="i-other", epoch=2)}))),
            1.0,
            "it holds no slot",
        ),
    ],
)
def test_what_is_amiss_is_said(seen: Observed, seconds: float, why: str) -> None:
    status, facts = said(seen, seconds)
    assert status == 503
    assert why in facts["why"]


def get(address: str) -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


@pytest.mark.parametrize(
    ("own", "listens"), [("10.0.0.7", "127.0.0.1"), ("127.0.79.7", "127.0.79.7")]
)
def test_it_listens_on_loopback_alone(
    own: str, listens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PORT_VARIABLE, "0")
    journal = Journal()
    server = serve_health(journal, own, lambda: NOW)
    try:
        host, port = server.server_address[:2]
        assert host == listens
        address = f"http://{listens}:{port}"
        assert get(f"{address}/health") == (503, {"healthy": False, "why": "no round was gone yet"})
        journal.note(member("a0"), Wait(reason="all is as it should be"))
        status, facts = get(f"{address}/health")
        assert (status, facts["healthy"]) == (200, True)
        assert get(f"{address}/")[0] == 404
    finally:
        server.shutdown()
        server.server_close()
