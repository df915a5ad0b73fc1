"""Clients that place orders one after the other, and remember who answered and how."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import requests

from tests.waiting import until

ORDER = {"customer": "ann", "item": "tea", "quantity": 2}


@dataclass(frozen=True)
class Answer:
    """`release` is the one that answered; empty if it was none. `status` 0 is no answer at all."""

    status: int
    release: str


@dataclass
class Callers:
    """Call while their block lasts: each asks, waits for its answer and rests a little.

    Four that rest for 60 ms are some sixty requests a second.
    """

    url: str
    count: int = 4
    rest_seconds: float = 0.06
    answers: list[Answer] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Callers":
        for _ in range(self.count):
            thread = threading.Thread(target=self._call, name="caller", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        with requests.Session() as session:
            while not self._ended.wait(self.rest_seconds):
                self.answers.append(ask(self.url, session=session))

    @property
    def failed(self) -> list[Answer]:
        return [one for one in self.answers if one.status != 201]


def ask(url: str, *, session: requests.Session | None = None, cell: str = "") -> Answer:
    """Place one order."""
    headers = {"x-cell": cell} if cell else {}
    caller = session or requests
    try:
        answer = caller.post(f"{url}/orders", json=ORDER, headers=headers, timeout=30)
    except requests.RequestException:
        return Answer(0, "")
    return Answer(answer.status_code, answer.headers.get("X-Release", ""))


def shares(answers: Sequence[Answer]) -> Counter[str]:
    """How many each release answered."""
    return Counter(one.release for one in answers)


def more(callers: Callers, count: int) -> list[Answer]:
    """The next so many answers."""
    before = len(callers.answers)
    until(lambda: len(callers.answers) >= before + count)
    return callers.answers[before:]


def only(callers: Callers, release: str) -> list[Answer]:
    """What is answered from when that release alone answers."""
    until(lambda: shares(more(callers, 30)).keys() == {release})
    return more(callers, 100)
