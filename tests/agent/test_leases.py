"""The right to act for a rack, between agents whose clocks disagree."""

from paved_road_ring_agent.facts import Lease
from paved_road_ring_agent.leases import LEASE_SECONDS, Leases

RACK = "lease#us-east-1-g1#a"


def test_a_free_lease_is_taken_and_held_until_its_holders_own_end() -> None:
    mine = Leases("i-a")
    lease = mine.next(RACK, None, now=100.0, elapsed=0.0)
    assert lease is not None
    assert (lease.holder, lease.number) == ("i-a", 1)
    assert mine.holds(lease, now=100.0)
    assert not mine.holds(lease, now=100.0 + LEASE_SECONDS)
    again = mine.next(RACK, lease, now=200.0, elapsed=100.0)
    assert again is not None
    assert again.number == 2


def test_anothers_lease_is_waited_out_by_the_own_clock_however_old_it_looks() -> None:
    other = Leases("i-b")
    long_past = Lease(holder="i-a", until=1.0, number=4)
    assert other.next(RACK, long_past, now=9_999.0, elapsed=50.0) is None
    assert other.next(RACK, long_past, now=9_999.0, elapsed=49.0 + LEASE_SECONDS) is None
    taken = other.next(RACK, long_past, now=9_999.0, elapsed=50.0 + LEASE_SECONDS)
    assert taken is not None
    assert (taken.holder, taken.number) == ("i-b", 5)


def test_a_lease_that_was_renewed_meanwhile_is_waited_out_anew() -> None:
    other = Leases("i-b")
    first = Lease(holder="i-a", until=1.0, number=4)
    assert other.next(RACK, first, now=0.0, elapsed=0.0) is None
    renewed = Lease(holder="i-a", until=1.0, number=5)
    assert other.next(RACK, renewed, now=0.0, elapsed=LEASE_SECONDS) is None
    assert other.next(RACK, renewed, now=0.0, elapsed=2 * LEASE_SECONDS) is not None


def test_a_holder_stops_before_others_may_begin() -> None:
    lease = Leases("i-a").next(RACK, None, now=0.0, elapsed=0.0)
    assert lease is not None
    assert lease.until < LEASE_SECONDS
