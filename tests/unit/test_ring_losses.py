"""What a ring's status says of data that may be lost for good."""

from paved_road_ring.survey import survey
from paved_road_ring_agent.facts import Repair
from tests.agent.scenes import BIRTH, DC, NOW, SLOTS, claims, slot


def test_a_slot_rebuilt_from_one_replica_is_said_and_does_not_make_the_ring_less_whole() -> None:
    running = {f"i-{name}": "running" for name in SLOTS}
    repairs = {
        slot("a0"): Repair(epoch=2, done=(1, 2, 3)),
        slot("b1"): Repair(epoch=3, done=(2,), alone=(1, 3)),
    }
    found = survey(DC, BIRTH, claims(), running, {}, NOW, repairs)
    assert found.losses == (
        f"{slot('b1').subject} was rebuilt from a single replica in 2 of its ranges under "
        "epoch 3: writes that this replica had missed are lost",
    )
    assert found.whole
    assert survey(DC, BIRTH, claims(), running, {}, NOW).losses == ()
