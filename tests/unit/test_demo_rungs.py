"""What callers met on each rung, from looks and answers."""

from hypothesis import given
from hypothesis import strategies as st

from paved_road_cli.demo_rungs import Look, ReleaseStory, WalkMet, by_release, rungs_met
from paved_road_delivery.ladder import Ended
from paved_road_lab.callers import Answer

NOON = 43_200.0
OLD, NEW, BAD = (f"place-order-v00{number}" for number in (1, 2, 3))


def after(seconds: float) -> float:
    return NOON + seconds


def answer(seconds: float, release: str = OLD, status: int = 201) -> Answer:
    return Answer(status, release, began=after(seconds))


def test_a_rung_lasts_from_the_look_that_found_it_to_the_one_that_found_the_next() -> None:
    looks = [Look(at=after(s), percent=p) for s, p in ((0, 0), (2, 0), (4, 25), (10, 25), (12, 0))]
    answers = [
        answer(1),
        answer(3, NEW),
        answer(4.2),
        answer(5, NEW),
        answer(6),
        answer(7, NEW, 500),
        answer(9),
        answer(11, ""),
        answer(13),
    ]
    zero, some, back = rungs_met(NEW, looks, answers, after(15))
    assert [(one.percent, one.seconds) for one in (zero, some, back)] == [(0, 4), (25, 8), (0, 3)]
    assert zero.measured == 0, "what was asked after the last look may have been moved already"
    assert some.measured == 50, "two of the four from when the move had arrived to the last look"
    assert (some.requests, some.failed) == (6, 1)
    assert (back.requests, back.measured) == (1, None)


@given(
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from([0, 5, 25, 100])), min_size=1),
    st.lists(st.tuples(st.floats(0, 61), st.sampled_from([OLD, NEW]), st.sampled_from([201, 503]))),
)
def test_no_request_is_counted_twice_or_left_out(
    looked: list[tuple[float, int]], asked: list[tuple[float, str, int]]
) -> None:
    looks = [Look(at=after(seconds), percent=percent) for seconds, percent in sorted(looked)]
    answers = [answer(*one) for one in asked]
    rungs = rungs_met(NEW, looks, answers, after(61))
    during = [one for one in answers if looks[0].at <= one.began < after(61)]
    assert sum(one.requests for one in rungs) == len(during)
    assert sum(one.failed for one in rungs) == sum(not one.good for one in during)
    assert all(one.measured is None or 0 <= one.measured <= 100 for one in rungs)


def story(good: Ended, bad: Ended, failed: list[Answer]) -> ReleaseStory:
    def walked(release: str, ended: Ended) -> WalkMet:
        return WalkMet(
            release=release,
            ended=ended,
            why="",
            rungs=(),
            deploying=1,
            walking=1,
        )

    return ReleaseStory(
        service="place-order",
        estate="acme",
        region="us-east-1",
        stands="",
        good=walked(NEW, good),
        bad=walked(BAD, bad),
        failed=by_release(failed),
    )


def test_only_the_bad_one_may_fail_anybody_and_only_the_good_one_arrives() -> None:
    served, back = Ended.IN_SERVICE, Ended.ROLLED_BACK
    assert story(served, back, []).holds
    assert story(served, back, [answer(1, BAD, 500)]).holds
    assert not story(served, back, [answer(1, NEW, 500)]).holds
    assert not story(served, back, [answer(1, "", 0)]).holds
    assert not story(served, served, []).holds
    assert not story(back, back, []).holds
