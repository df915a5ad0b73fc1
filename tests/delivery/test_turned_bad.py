"""The bench of bad releases counts what callers heard, and nothing that was before."""

from hypothesis import given
from hypothesis import strategies as st

from bench.turned_bad import Suffered, percentile, suffered
from paved_road_lab.callers import Answer


def answer(ended: float, status: int = 500) -> Answer:
    return Answer(status, "place-order-v002", ended - 0.01, ended)


def test_the_action_ends_with_the_last_bad_answer() -> None:
    heard = [answer(9), *(answer(at) for at in (10.5, 11.5, 12.25)), answer(13, 201)]
    assert suffered(heard, bad=10, decided=11) == Suffered(
        detection=1, action=1.25, failed=3, late=2
    )


def test_nobody_may_suffer_after_the_decision() -> None:
    found = suffered([answer(10.5), answer(12, 201)], bad=10, decided=11)
    assert (found.action, found.failed, found.late) == (0, 1, 0)


def test_the_99th_percentile_of_fifty_is_the_slowest() -> None:
    values = [float(one) for one in range(50)]
    assert (percentile(values, 50), percentile(values, 99)) == (24, 49)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_is_a_value_with_so_many_at_or_below_it(
    values: list[float], percent: float
) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(one <= found for one in values) >= percent / 100 * len(values) - 1e-9
