"""An hour without a request: what target tracking does to a release that waits or is held."""

from dataclasses import replace
from datetime import timedelta

from paved_road_delivery.ladder import Hold, Seen
from paved_road_delivery.ladder.steps import Done
from tests.delivery.walks import NEW, OLD, end, promote, release, rollback, seen

SCALES_IN_AFTER = timedelta(minutes=15)
"""Target tracking's own alarm for scaling in.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html"""


def an_hour(one: Seen) -> Seen:
    """Minute by minute: who has no traffic has no load, and shrinks to the live minimum."""
    began, idle = one.now, {r.name for r in one.releases if not one.live.serves(r.name)}
    while one.now < began + timedelta(hours=1):
        one = replace(one, now=one.now + timedelta(minutes=1))
        if one.now >= began + SCALES_IN_AFTER:
            one = replace(
                one,
                releases=tuple(
                    replace(r, registered=r.minimum, healthy=min(r.healthy, r.minimum))
                    if r.name in idle
                    else r
                    for r in one.releases
                ),
            )
    return one


def sizes(one: Seen) -> dict[str, int]:
    return {r.name: r.healthy for r in one.releases}


def test_a_release_that_nobody_cares_for_shrinks() -> None:
    assert sizes(an_hour(seen())) == {OLD: 10, NEW: 3}


def test_the_release_that_was_replaced_keeps_its_size_and_takes_everything_back() -> None:
    step, one = end(seen(), promote())
    assert isinstance(step, Done)
    one = an_hour(one)
    assert sizes(one) == {OLD: 10, NEW: 10}
    step, one = end(one, rollback())
    assert isinstance(step, Done)
    assert one.live.shares == {OLD: 100}


def test_a_release_held_by_hand_keeps_what_all_the_traffic_takes() -> None:
    small = seen(releases=(release(OLD), release(NEW, healthy=12, registered=12)))
    ask = Hold(by="ann", why="a sale", release=NEW, until=small.now + timedelta(days=7))
    step, one = end(small, ask)
    assert isinstance(step, Done)
    assert sizes(an_hour(one)) == {OLD: 10, NEW: 10}


def test_a_release_that_walks_up_keeps_its_size_between_two_looks() -> None:
    _, one = end(seen(), promote(until=5))
    assert one.live.share(NEW) == 5
    assert sizes(an_hour(one))[OLD] == 10
    assert {r.minimum for r in one.releases} == {10}
