"""The right to act for a rack, between agents whose clocks disagree."""

from dataclasses import dataclass, field

from paved_road_ring_agent.facts import Lease
from paved_road_ring_agent.leases import LARGEST_SKEW_SECONDS, LEASE_SECONDS, Leases

RACK = "lease#us-east-1-g1#a"


@dataclass
class OneTable:
    """Numbers rise by one, as the real table's condition demands."""

    kept: dict[str, Lease] = field(default_factory=dict)

    def lease(self, subject: str) -> Lease | None:
        return self.kept.get(subject)

    def take_lease(self, subject: str, lease: Lease) -> bool:
        held = self.kept.get(subject)
        if lease.number != (held.number if held else 0) + 1:
            return False
        self.kept[subject] = lease
        return True


@dataclass
class Agent:
    """One holder with its own clock, `skew` seconds off, and time that passes."""

    table: OneTable
    name: str
    skew: float = 0.0
    passed: float = 0.0

    def __post_init__(self) -> None:
        self.leases = Leases(
            table=self.table,
            holder=self.name,
            clock=lambda: 10_000.0 + self.skew + self.passed,
            elapsed=lambda: self.passed,
        )


def pair(skew: float) -> tuple[Agent, Agent]:
    table = OneTable()
    return Agent(table, "i-a"), Agent(table, "i-b", skew=skew)


def test_a_free_lease_is_taken_held_and_taken_again_by_its_holder() -> None:
    one, _ = pair(0)
    assert one.leases.take(RACK)
    assert one.leases.take(RACK)
    assert one.table.kept[RACK].number == 1
    one.passed = LEASE_SECONDS
    assert one.leases.take(RACK)
    assert one.table.kept[RACK].number == 2


def test_another_agents_lease_is_waited_out_by_the_own_clock_whatever_the_skew() -> None:
    for skew in (-200.0, 0.0, 200.0):
        one, other = pair(skew)
        assert one.leases.take(RACK)
        assert not other.leases.take(RACK)
        other.passed = LEASE_SECONDS - 1
        assert not other.leases.take(RACK)
        other.passed = LEASE_SECONDS
        assert other.leases.take(RACK)
        assert one.table.kept[RACK].holder == "i-b"


def test_a_lease_that_was_renewed_meanwhile_is_waited_out_anew() -> None:
    one, other = pair(0)
    assert one.leases.take(RACK)
    assert not other.leases.take(RACK)
    assert one.leases.renew(RACK)
    other.passed = LEASE_SECONDS
    assert not other.leases.take(RACK)
    other.passed = 2 * LEASE_SECONDS
    assert other.leases.take(RACK)


def test_a_holder_stops_before_others_may_begin() -> None:
    one, other = pair(0)
    assert one.leases.take(RACK)
    assert not other.leases.take(RACK)
    one.passed = other.passed = LEASE_SECONDS
    assert other.leases.take(RACK)
    assert not one.leases.take(RACK)


def test_who_has_watched_nothing_believes_the_end_of_a_lease_only_after_the_largest_skew() -> None:
    one, other = pair(0)
    assert one.leases.take(RACK)
    other.passed = LARGEST_SKEW_SECONDS
    assert not other.leases.take(RACK)
    other.passed = LARGEST_SKEW_SECONDS + LEASE_SECONDS
    assert other.leases.take(RACK)


def test_a_lease_that_was_given_back_is_free_at_once() -> None:
    one, other = pair(-200.0)
    assert one.leases.take(RACK)
    one.leases.give_back(RACK)
    assert other.leases.take(RACK)
    one.leases.give_back(RACK)
    assert one.table.kept[RACK].holder == "i-b"
