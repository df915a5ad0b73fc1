"""A node that its group ends, whose root volume is replaced, or whose disk is gone."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from paved_road_ring_agent.actions import Drain, Leave, LetGo, Move, Refuse, Start, Stop, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.observed import Group, Observed
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.tuning import Tuning
from tests.agent.scenes import claim, claims, disk, member, newcomer, stopped, table


def ending(seen: Observed, state: str) -> Observed:
    return replace(seen, group=Group(name="rack-a", nodes=2, instances={seen.me.instance: state}))


@pytest.mark.parametrize("state", ["Terminating:Wait", "ReplacingRootVolume:Wait"])
def test_a_node_drains_stops_and_then_lets_its_group_go_on(state: str) -> None:
    assert isinstance(decide(ending(member("a0"), state)), Drain)
    assert decide(ending(stopped("a0"), state)) == LetGo(
        group="rack-a", reason="it is stopped, and its group ends it"
    )


@pytest.mark.parametrize("state", ["Terminating:Proceed", "ReplacingRootVolume:Proceed"])
def test_a_node_that_is_being_ended_is_not_started_again(state: str) -> None:
    assert isinstance(decide(ending(stopped("a0"), state)), Wait)


def test_a_new_root_volume_starts_on_the_old_disk_under_the_same_epoch() -> None:
    action = decide(ending(stopped("a0"), "Pending:Wait"))
    assert isinstance(action, Start)
    assert (action.claim.epoch, action.bootstrap, action.replaces) == (1, False, "")


def test_a_node_whose_disk_vanished_stops_leaves_and_lets_go() -> None:
    for lost in (None, disk("a0", has_data=False)):
        action = decide(member("a0", disk=lost))
        assert isinstance(action, Stop)
        assert "its disk is gone" in action.reason
        assert isinstance(decide(stopped("a0", disk=lost)), Leave)
        assert isinstance(decide(ending(stopped("a0", disk=lost), "Terminating:Wait")), LetGo)


def test_a_newcomer_without_a_slot_is_let_go_and_an_old_disk_is_kept() -> None:
    fresh = ending(newcomer("a"), "Terminating:Wait")
    assert isinstance(decide(fresh), LetGo)
    with_data = replace(fresh, disk=disk("a1"))
    assert isinstance(decide(with_data), Refuse)


def test_a_new_address_is_on_record_before_the_node_starts_at_it() -> None:
    found = table(claims({"a0": claim("a0", address="10.before")}))
    action = decide(stopped("a0", table=found))
    assert isinstance(action, Move)
    assert action.claim.address == "10.a0"
    assert isinstance(decide(stopped("a0", table=table(claims({"a0": action.claim})))), Start)


class SilentNode:
    """A Cassandra that hangs."""

    def __init__(self, _port: int, _password: str) -> None: ...

    def drain(self) -> None:
        raise NodeSilentError("timed out")


def test_a_node_that_cannot_drain_is_stopped_all_the_same(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, bundle=tmp_path)
    layout.run.mkdir(parents=True)
    layout.permit.write_text("{}")
    Status(nonce="1", epoch=1, management_port=1, management_password="p").save(layout)
    performer = Performer(
        me=member("a0").me,
        layout=layout,
        manage=cast("Any", SilentNode),
        tuning=Tuning(heap_mib=1),
        clock=lambda: 0.0,
        **dict.fromkeys(
            ("node", "table", "cloud", "keyring", "leases", "filling"), cast("Any", None)
        ),
    )
    performer.perform(Drain(group="rack-a", reason="the group is ending this instance"))
    assert not layout.permit.exists()
