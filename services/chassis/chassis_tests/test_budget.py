"""However calls fail, retries stay a share of them."""

from hypothesis import given
from hypothesis import strategies as st

from paved_road_chassis.budget import RetryBudget


@given(st.lists(st.booleans()), st.sampled_from([0.0, 0.1, 0.5]), st.integers(0, 20))
def test_retries_are_at_most_the_credit_and_a_share_of_the_calls(
    wanted: list[bool], share: float, credit: int
) -> None:
    budget, spent = RetryBudget(share=share, credit=credit), 0
    for calls, retry in enumerate(wanted, start=1):
        budget.earn()
        spent += retry and budget.spend()
        assert spent <= credit + share * calls + 1e-9


def test_a_calm_time_is_saved_up_to_the_credit_and_no_further() -> None:
    budget = RetryBudget(share=0.5, credit=3)
    for _ in range(100):
        budget.earn()
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    budget.earn()
    assert not budget.spend()
    budget.earn()
    assert budget.spend()
