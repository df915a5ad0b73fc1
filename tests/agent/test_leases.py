"""The right to act for others, between holders whose clocks disagree."""

from dataclasses import dataclass, field

from paved_road_ring_agent.facts import Lease
from paved_road_ring_agent.leases import LEASE_SECONDS, LONG_AGO_SECONDS, Leases

RACK = "lease#us-east-1-g1#a"


@dataclass
class Row:
    """The table's row, written on its condition."""

    kept: Lease | None = None

    def lease(self, subject: str) -> Lease | None:
        assert subject == RACK
        return self.kept

    def take_lease(self, subject: str, lease: Lease) -> bool:
        assert subject == RACK
        if lease.number != (self.kept.number + 1 if self.kept else 1):
            return False
        self.kept = lease
        return True


@dataclass
class Clocks:
    """One holder's wall clock, and the one that never jumps."""

    wall: float = 1_000.0
    elapsed: float = 0.0
    made: list[Leases] = field(default_factory=list)

    def leases(self, row: Row, holder: str) -> Leases:
        return Leases(
            table=row, holder=holder, clock=lambda: self.wall, elapsed=lambda: self.elapsed
        )

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds


def test_a_free_lease_is_taken_and_held_until_its_holders_own_end() -> None:
    row, clocks = Row(), Clocks()
    mine = clocks.leases(row, "i-a")
    assert mine.take(RACK)
    first = row.kept
    assert mine.take(RACK)
    assert row.kept == first, "a lease that holds is not written again"
    clocks.go(LEASE_SECONDS)
    assert mine.take(RACK)
    assert row.kept is not None
    assert row.kept.number == 2


def test_anothers_lease_is_waited_out_by_the_own_clock_however_old_it_looks() -> None:
    row = Row(Lease(holder="i-a", until=900.0, number=4))
    clocks = Clocks(wall=1_000.0)
    other = clocks.leases(row, "i-b")
    assert not other.take(RACK)
    clocks.go(LEASE_SECONDS - 1)
    assert not other.take(RACK)
    clocks.go(1)
    assert other.take(RACK)
    assert row.kept is not None
    assert (row.kept.holder, row.kept.number) == ("i-b", 5)


def test_a_lease_that_was_renewed_meanwhile_is_waited_out_anew() -> None:
    row = Row(Lease(holder="i-a", until=900.0, number=4))
    clocks = Clocks()
    other = clocks.leases(row, "i-b")
    assert not other.take(RACK)
    clocks.go(LEASE_SECONDS)
    row.kept = Lease(holder="i-a", until=900.0, number=5)
    assert not other.take(RACK)
    clocks.go(LEASE_SECONDS)
    assert other.take(RACK)


def test_a_lease_that_was_over_long_ago_is_free_at_once() -> None:
    row = Row(Lease(holder="i-a", until=900.0, number=4))
    assert Clocks(wall=900.0 + LONG_AGO_SECONDS + 1).leases(row, "i-b").take(RACK)


def test_a_lease_that_was_given_back_is_free_at_once() -> None:
    row, clocks = Row(), Clocks()
    mine, other = clocks.leases(row, "i-a"), clocks.leases(row, "i-b")
    assert mine.take(RACK)
    assert not other.renew(RACK)
    mine.give_back(RACK)
    assert other.take(RACK)
    mine.give_back(RACK)
    assert row.kept is not None
    assert row.kept.holder == "i-b"


def test_a_holder_stops_before_others_may_begin() -> None:
    row, clocks = Row(), Clocks()
    assert clocks.leases(row, "i-a").take(RACK)
    assert row.kept is not None
    assert row.kept.until < clocks.wall + LEASE_SECONDS
