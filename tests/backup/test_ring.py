"""The ring's manifest from what its nodes left in the bucket."""

from dataclasses import replace

from paved_road_ring_backup.assembly import NotWhole
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, claim, claims, slot
from tests.backup.stories import HOUR, NOON, PAST, manifest, manifests, run


def end(store: Store, *names: str, moment: int = NOON, epoch: int = 1) -> None:
    """Runs of these slots come to their end."""
    for name in names:
        one = manifest(run(name, moment, epoch), f"{name} {moment} {epoch}")
        store.put(one.run.manifest, one.to_json())
        store.put(one.run.part, Part.of(one).to_json())


def test_a_set_is_written_once_all_slots_are_there(store: Store) -> None:
    end(store, "a0", "a1", "b0", "b1", "c0")
    found = assemble(store, PAST, BIRTH, claims(), NOON + 60)
    assert isinstance(found, NotWhole)
    assert found.reasons == ("slot#us-east-1-g1#c#0001 has no backup under epoch 1",)
    assert store.newest_set(PAST, NOON + HOUR) is None
    end(store, "c1", moment=NOON + 90)
    found = assemble(store, PAST, BIRTH, claims(), NOON + 120)
    assert isinstance(found, RingManifest)
    assert store.newest_set(PAST, NOON + HOUR) == found
    assert {part.run.slot for part in found.parts} == set(manifests())
    # At a moment before the last of its snapshots it is no answer.
    assert store.newest_set(PAST, NOON + 89) is None


def test_a_slot_that_was_claimed_anew_waits_for_its_new_owners_run(store: Store) -> None:
    end(store, "a0", "a1", "b0", "b1", "c0", "c1")
    held = claims({"a0": claim("a0", epoch=2)})
    found = assemble(store, PAST, BIRTH, held, NOON + 60)
    assert isinstance(found, NotWhole)
    assert found.slots == (slot("a0"),)
    end(store, "a0", moment=NOON + 70, epoch=2)
    # The old owner writes on.
    end(store, "a0", moment=NOON + 80, epoch=1)
    whole = assemble(store, PAST, BIRTH, held, NOON + 90)
    assert isinstance(whole, RingManifest)
    assert whole.by_slot()[slot("a0")].run == run("a0", NOON + 70, 2)


def test_two_that_assemble_at_once_write_one(store: Store) -> None:
    end(store, "a0", "a1", "b0", "b1", "c0", "c1")
    first = assemble(store, PAST, BIRTH, claims(), NOON + 60)
    end(store, "a0", moment=NOON + 30)
    second = assemble(store, PAST, BIRTH, claims(), NOON + 60)
    assert isinstance(first, RingManifest)
    assert isinstance(second, RingManifest)
    assert first != second
    assert store.newest_set(PAST, NOON + HOUR) == first


def test_another_life_of_the_ring_is_not_looked_at(store: Store) -> None:
    end(store, "a0", "a1", "b0", "b1", "c0", "c1")
    anew = replace(PAST, incarnation="two")
    assert isinstance(assemble(store, anew, BIRTH, claims(), NOON + 60), NotWhole)
