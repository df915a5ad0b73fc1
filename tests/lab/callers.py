"""Clients that place orders one after the other, and remember who answered and how."""

from collections import Counter
from collections.abc import Sequence

import requests

from paved_road_delivery.contract import CELL_HEADER, COHORT, COHORT_HEADER
from paved_road_lab import callers as lab
from paved_road_lab.callers import Answer
from tests.waiting import until

ORDER = {"customer": "ann", "item": "tea", "quantity": 2}


class Callers(lab.Callers):
    """Place orders at a service's `url`, if wanted as some of the named cohort."""

    def __init__(
        self, url: str, *, count: int = 4, per_second: float = 60, cohort: bool = False
    ) -> None:
        headers = {COHORT_HEADER: COHORT} if cohort else {}
        super().__init__(
            url=f"{url}/orders", order=ORDER, count=count, per_second=per_second, headers=headers
        )


def ask(
    url: str, *, session: requests.Session | None = None, cell: str = "", cohort: bool = False
) -> Answer:
    """Place one order, on the test listener in a cell, or as one of the named cohort."""
    headers = {CELL_HEADER: cell} if cell else {}
    headers |= {COHORT_HEADER: COHORT} if cohort else {}
    return lab.ask(f"{url}/orders", ORDER, headers=headers, session=session)


def shares(answers: Sequence[Answer]) -> Counter[str]:
    """How many each release answered."""
    return Counter(one.release for one in answers)


def more(callers: lab.Callers, count: int) -> list[Answer]:
    """The next so many answers."""
    before = len(callers.answers)
    until(lambda: len(callers.answers) >= before + count)
    return callers.answers[before:]


def only(callers: lab.Callers, release: str) -> list[Answer]:
    """What is answered from when that release alone answers."""
    until(lambda: shares(more(callers, 30)).keys() == {release})
    return more(callers, 100)


def near(callers: lab.Callers, release: str, share: float, count: int = 400) -> bool:
    """Whether its share is within six deviations, once the move has arrived."""
    seen = more(callers, count)
    bound: float = 6 * (share * (1 - share) * len(seen)) ** 0.5
    return abs(shares(seen)[release] - share * len(seen)) <= bound
