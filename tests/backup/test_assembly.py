"""A ring manifest names every slot's newest run by its present owner, or is not written."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_backup.assembly import OLDEST_SECONDS, Assembly, NotWhole
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from tests.agent.scenes import BIRTH, SLOTS, claim, claims, slot
from tests.backup.stories import DAY, HOUR, NOON, PAST, manifest, manifests, run

WHOLE = manifests()


def outcome(
    *more: NodeManifest,
    of: Mapping[Slot, NodeManifest] = WHOLE,
    held: Mapping[Slot, Claim] | None = None,
    **changed: Any,
) -> RingManifest | NotWhole:
    reports = [Part.of(one) for one in [*of.values(), *more]]
    given = {"past": PAST, "birth": BIRTH, "claims": held or claims(), "now": NOON + HOUR}
    return Assembly(**{**given, "reports": reports, **changed}).outcome()


def test_all_slots_newest_runs_make_one_whole() -> None:
    later = manifest(run("b1", NOON + 600))
    found = outcome(later)
    assert isinstance(found, RingManifest)
    assert (found.nodes_per_rack, found.racks, len(found.parts)) == (2, ("a", "b", "c"), 6)
    assert found.by_slot()[slot("b1")] == Part.of(later)
    assert found.whole_until == NOON


@pytest.mark.parametrize(
    ("change", "sentence", "concerned"),
    [
        (
            {"of": {s: one for s, one in WHOLE.items() if s != slot("c0")}},
            "slot#us-east-1-g1#c#0000 has no backup under epoch 1",
            ["c0"],
        ),
        (
            {"held": claims({"a1": claim("a1", epoch=2)})},
            "slot#us-east-1-g1#a#0001 has no backup under epoch 2",
            ["a1"],
        ),
        (
            {"now": NOON + OLDEST_SECONDS + 1},
            "slot#us-east-1-g1#a#0000 has no backup since 20251125T120000Z",
            SLOTS,
        ),
        (
            {"of": WHOLE | {slot("a0"): manifest(run("a0"), schema="s2")}},
            "the schema changed between the backups: s1, s2",
            [],
        ),
        (
            {"past": replace(PAST, incarnation="two")},
            "slot#us-east-1-g1#a#0000 has no backup under epoch 1",
            SLOTS,
        ),
        (
            {"held": claims() | {slot(f"{r}2"): claim(f"{r}2") for r in "abc"}},
            "the ring has no whole size now: 3 nodes per rack cannot be reached by doubling 2",
            ["a2", "b2", "c2"],
        ),
        (
            {"held": {s: one for s, one in claims().items() if s.rack != "b"}},
            "the ring has no whole size now",
            ["b0"],
        ),
    ],
)
def test_what_is_not_whole_says_which_slots_and_why(
    change: dict[str, Any], sentence: str, concerned: list[str]
) -> None:
    found = outcome(**change)
    assert isinstance(found, NotWhole)
    assert any(one.startswith(sentence) for one in found.reasons)
    assert found.slots == tuple(slot(name) for name in concerned)


def test_an_old_owner_that_writes_on_spoils_nothing() -> None:
    held = claims({"a0": claim("a0", epoch=2)})
    successor = manifest(run("a0", NOON + 60, epoch=2), "rows of the successor")
    ghost = manifest(run("a0", NOON + 120, epoch=1), "rows of the old owner")
    for reports in ([successor, ghost], [ghost, successor]):
        found = outcome(*reports, held=held)
        assert isinstance(found, RingManifest)
        assert found.by_slot()[slot("a0")] == Part.of(successor)


Step = tuple[str, str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["claim", "backup", "assemble"]),
        st.sampled_from(SLOTS),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(steps)
def test_no_set_ever_has_a_run_of_an_owner_that_was_superseded(history: list[Step]) -> None:
    """Owners of any epoch that ever was write whenever they like."""
    held = claims()
    reports = [Part.of(one) for one in WHOLE.values()]
    for place, (step, name, back) in enumerate(history):
        now = NOON + place + 1
        present = held[slot(name)].epoch
        if step == "claim":
            held = {**held, slot(name): claim(name, epoch=present + 1)}
        elif step == "backup":
            writer = max(1, present - back)
            reports.append(Part.of(manifest(run(name, now, epoch=writer), f"{writer} at {now}")))
        else:
            given = Assembly(
                past=PAST, birth=BIRTH, claims=held, reports=reports, now=now, oldest_seconds=DAY
            )
            found = given.outcome()
            stored = {(one.run.slot, one.run.epoch) for one in reports}
            missing = {s for s, one in held.items() if (s, one.epoch) not in stored}
            if isinstance(found, NotWhole):
                assert set(found.slots) == missing != set()
            else:
                assert not missing
                assert {one.run.slot: one.run.epoch for one in found.parts} == {
                    one: holder.epoch for one, holder in held.items()
                }
