"""A ring that comes back from its backup: who takes which slot, who fills, who starts when."""

from dataclasses import replace

import pytest

from paved_road_ring_agent.actions import (
    Action,
    AdmitClients,
    Advance,
    CleanUp,
    Fill,
    Refuse,
    RepairOwn,
    Replace,
    Start,
    TakeSlot,
    Wait,
)
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Birth, Claim, Phase, from_item, to_item
from paved_road_ring_agent.observed import Disk, TableFacts
from tests.agent.scenes import (
    BIRTH,
    SLOTS,
    claim,
    claims,
    disk,
    member,
    newcomer,
    only,
    slot,
    stopped,
    table,
)
from tests.agent.slots import Slots

ORIGIN = "rings/orders/us-east-1-g1/one/sets/20251125T130000Z.json"
AGAIN = Birth(incarnation="two", racks=BIRTH.racks, base=2, origin=ORIGIN)
OLD = claims({"a0": claim("a0", epoch=7, incarnation="one")})


def founder(name: str, phase: Phase, **changed: object) -> Claim:
    given: dict[str, object] = {"epoch": 8, "incarnation": "two", "host_id": "", **changed}
    return claim(name, phase=phase, **given)


def all_in(phase: Phase, **others: Claim) -> TableFacts:
    found = {name: founder(name, phase) for name in SLOTS} | others
    return table(claims(found), birth=AGAIN)


def filled(name: str, **changed: object) -> Disk:
    found = replace(disk(name, 8, "two", has_data=False), origin=ORIGIN, filled=True)
    return replace(found, **changed)  # type: ignore[arg-type]


def step(name: str, facts: TableFacts, found: Disk | None, **changed: object) -> Action:
    return decide(stopped(name, table=facts, disk=found, terminated=frozenset(), **changed))


def test_a_claim_of_a_life_before_is_free_and_taken_under_the_next_epoch() -> None:
    facts = replace(table({}, birth=AGAIN), earlier=OLD)
    action = decide(newcomer("a", table=facts))
    assert isinstance(action, TakeSlot)
    assert action.claim.phase is Phase.FILLING
    assert action.claim.incarnation == "two"
    assert action.claim.epoch == OLD[action.slot].epoch + 1
    anew = decide(newcomer("a", table=table({}, birth=AGAIN)))
    assert isinstance(anew, TakeSlot)
    assert anew.claim.epoch == 1


def test_claims_from_before_incarnations_were_written_down_are_of_a_ring_that_never_restored() -> (
    None
):
    item = to_item(claim("a0"))
    for late in ("incarnation", "repaired", "fault"):
        del item[late]
    found = from_item(Claim, item)
    assert found.of(BIRTH)
    assert not found.of(AGAIN)
    assert replace(found, incarnation="two").of(AGAIN)
    assert not replace(found, incarnation="one").of(AGAIN)


def test_a_birth_from_before_restores_is_read_as_one_from_nothing() -> None:
    item = to_item(BIRTH)
    for late in ("origin", "bucket", "nodes"):
        del item[late]
    assert from_item(Birth, item) == BIRTH
    assert from_item(Birth, to_item(replace(AGAIN, nodes=4))).founding == 4


def test_a_holder_fills_its_disk_at_once_whoever_else_has_come() -> None:
    facts = table({slot("a0"): founder("a0", Phase.FILLING)}, birth=AGAIN)
    assert isinstance(step("a0", facts, None), Fill)


@pytest.mark.parametrize(
    "found",
    [
        None,
        filled("a0", filled=False),
        filled("a1"),
        filled("a0", epoch=7),
        filled("a0", incarnation="another"),
    ],
    ids=["empty", "half filled", "another slot's", "of an epoch before", "of another restore"],
)
@pytest.mark.parametrize("phase", [Phase.FILLING, Phase.FILLED, Phase.FORMING])
def test_nothing_starts_on_a_disk_that_is_not_filled(found: Disk | None, phase: Phase) -> None:
    assert isinstance(step("a0", all_in(phase), found), Fill)


def test_a_disk_with_another_lifes_data_is_refused_and_never_cleared() -> None:
    action = step("a0", all_in(Phase.FILLING), disk("a0", epoch=7, incarnation="one"))
    assert isinstance(action, Refuse)
    assert "the disk holds" in action.reason


def test_nobody_starts_before_all_are_filled() -> None:
    facts = all_in(Phase.FILLED, c1=founder("c1", Phase.FILLING))
    action = step("a0", facts, filled("a0"))
    assert isinstance(action, Wait)
    assert "1 disks are not filled: slot#us-east-1-g1#c#0001" in action.reason


def test_a_filled_disk_goes_on_step_by_step() -> None:
    first = step("a0", all_in(Phase.FILLING), filled("a0"))
    assert isinstance(first, Advance)
    assert first.claim.phase is Phase.FILLED
    second = step("a0", all_in(Phase.FILLED, b0=founder("b0", Phase.FORMING)), filled("a0"))
    assert isinstance(second, Advance)
    assert second.claim.phase is Phase.FORMING
    third = step("a0", all_in(Phase.FORMING), filled("a0"))
    assert isinstance(third, Start)
    assert not third.bootstrap


def test_who_is_lost_while_others_wait_is_replaced_and_its_successor_fills_anew() -> None:
    lost = founder("c1", Phase.FILLING)
    facts = all_in(Phase.FILLED, c1=lost)
    waiting = stopped("a0", table=facts, disk=filled("a0"), terminated=frozenset({"i-c1"}))
    assert isinstance(decide(waiting), Replace)
    facts = all_in(Phase.FILLED, c1=founder("c1", Phase.FORMING))
    action = decide(newcomer("c", table=facts, terminated=frozenset({"i-c1"})))
    assert isinstance(action, TakeSlot)
    assert (action.slot, action.claim.epoch) == (slot("c1"), 9)
    assert action.claim.phase is Phase.FILLING


@pytest.mark.parametrize("running", [False, True])
def test_a_node_of_the_life_before_does_nothing(running: bool) -> None:
    facts = replace(table({}, birth=AGAIN), earlier=OLD)
    seen = (member if running else stopped)("a0", table=facts, terminated=frozenset())
    action = decide(seen)
    assert isinstance(action, Refuse)
    assert "began anew from rings/orders/" in action.reason
    assert ("serves on" if running else "never starts again") in action.reason


def test_a_leftover_of_a_restore_is_no_disk_for_anything_else() -> None:
    fresh = replace(BIRTH, formed=False)
    facts = table(claims({"a0": claim("a0", phase=Phase.FORMING, host_id="")}), birth=fresh)
    assert isinstance(step("a0", facts, filled("a0")), Refuse)


def joined(**others: Claim) -> TableFacts:
    found = {name: claim(name, epoch=1, incarnation="two") for name in SLOTS} | others
    return table(claims(found), birth=AGAIN)


def test_all_repair_their_own_ranges_before_clients_come() -> None:
    waits = joined(c1=founder("c1", Phase.FORMING))
    assert isinstance(decide(member("b0", table=waits)), Wait)
    action = decide(member("b0", table=joined()))
    assert isinstance(action, RepairOwn)
    assert action.claim.repaired
    done = {name: claim(name, incarnation="two", repaired=True) for name in SLOTS}
    apart = {**done, "c0": claim("c0", incarnation="two")}
    held = decide(member("a0", table=joined(**apart)))
    assert isinstance(held, Wait)
    assert "1 founders have not repaired" in held.reason
    assert isinstance(decide(member("a0", table=joined(**done))), AdmitClients)


def test_a_ring_that_had_doubled_is_founded_by_all_of_its_slots_and_cleans_up() -> None:
    grown = replace(AGAIN, base=1, nodes=2)
    action = decide(newcomer("a", table=table(only("a0"), birth=grown)))
    assert isinstance(action, TakeSlot)
    assert (action.slot, action.claim.phase) == (slot("a1"), Phase.FILLING)
    done = {name: claim(name, incarnation="two") for name in SLOTS}
    facts = table(claims(done), birth=replace(grown, formed=True))
    for name in ("a0", "a1"):
        cleans = decide(member(name, table=facts))
        assert isinstance(cleans, CleanUp)
        assert cleans.claim.cleaned == 2


def test_a_birth_that_somebody_formed_meanwhile_is_not_replaced() -> None:
    slots = Slots({})
    assert slots.begin_anew(BIRTH, None)
    assert not slots.begin_anew(AGAIN, None)
    assert not slots.begin_anew(AGAIN, replace(BIRTH, formed=False))
    assert not slots.begin_anew(AGAIN, replace(BIRTH, incarnation="three"))
    assert slots.begin_anew(AGAIN, BIRTH)
    assert slots.birth() == AGAIN
