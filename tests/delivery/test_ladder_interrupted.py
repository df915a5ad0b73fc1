"""Killed after any step, met by anything in between: it ends as if nothing had happened."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from paved_road_delivery.ladder import Ended, Promote, Seen, Shift, Traffic
from paved_road_delivery.ladder.steps import Done, Refuse
from tests.delivery.walks import (
    BETWEEN,
    NEW,
    OLD,
    at,
    end,
    everything_moved,
    killed,
    met_by_a_stack_update,
    promote,
    rollback,
    seen,
    steps,
)

UP = [one for _, one in steps(seen(), promote())]
BACK = [one for _, one in steps(at(25), rollback())]
BY_HAND = Shift(by="ann", why="by hand", release=NEW, percent=50)
SHIFT = [one for _, one in steps(seen(), BY_HAND)]


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("after", range(len(UP)))
def test_a_promotion_goes_on(after: int, between: Callable[[Seen], Seen]) -> None:
    last, one = end(between(UP[after]), promote())
    assert isinstance(last, Done)
    assert everything_moved(one) == everything_moved(UP[-1])


@pytest.mark.parametrize("after", range(len(UP)))
def test_somebody_else_goes_on_once_the_hold_has_lapsed(after: int) -> None:
    last, one = end(killed(UP[after]), promote(by="carl"))
    assert isinstance(last, Done)
    assert everything_moved(one) == everything_moved(UP[-1])


@pytest.mark.parametrize("after", range(len(UP)))
def test_a_stack_update_gives_no_more_than_the_gates_let_pass(after: int) -> None:
    """The parameters are ahead of the rule only in the step that was let pass."""
    one = UP[after]
    given = {earlier.live.share(NEW) for earlier in UP[: after + 1]}
    following = next((later.live.share(NEW) for later in UP[after:] if later.live != one.live), 0)
    assert met_by_a_stack_update(one).live.share(NEW) in given | {following}


@pytest.mark.parametrize("after", range(len(UP)))
def test_a_promotion_can_be_rolled_back_from_anywhere(after: int) -> None:
    _, one = end(UP[after], rollback(to=OLD))
    assert one.live == one.recorded == Traffic(shares={OLD: 100})
    assert one.settled
    if one.walk:
        assert one.walk.ended is Ended.ROLLED_BACK


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("after", range(len(BACK)))
def test_a_rollback_goes_on(after: int, between: Callable[[Seen], Seen]) -> None:
    _, one = end(between(BACK[after]), rollback())
    assert everything_moved(one) == everything_moved(BACK[-1])


@pytest.mark.parametrize("after", range(len(BACK)))
def test_who_promotes_after_a_rollback_died_ends_it_and_goes_no_further(after: int) -> None:
    last, one = end(killed(BACK[after]), promote())
    assert isinstance(last, Refuse)
    assert "was rolled back" in last.why
    assert everything_moved(one) == everything_moved(BACK[-1])


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("after", range(len(SHIFT)))
def test_a_shift_goes_on(after: int, between: Callable[[Seen], Seen]) -> None:
    _, one = end(between(SHIFT[after]), BY_HAND)
    assert everything_moved(one) == everything_moved(SHIFT[-1])


def test_who_walks_up_while_another_rolls_back_finds_the_hold_gone() -> None:
    """The walker's rule change may land after the rollback's; the rollback looks again."""
    rolled = next(one for _, one in islice(steps(at(5), rollback()), 1, 2))
    assert rolled.holder
    assert rolled.holder.who == "bob"
    late = replace(rolled, live=at(25).live)
    last, one = end(late, rollback())
    assert isinstance(last, Done)
    assert one.live == one.recorded == Traffic(shares={OLD: 100})
    refused, _ = end(rolled, Promote(by="ann", why="", release=NEW))
    assert isinstance(refused, Refuse)
    assert "bob holds" in refused.why
