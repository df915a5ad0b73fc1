"""Clients that place orders one after the other, and remember who answered and how."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import requests

from paved_road_delivery.contract import CELL_HEADER, COHORT, COHORT_HEADER
from tests.lab import calling
from tests.lab.deployed_estate import ROOT
from tests.waiting import until


@dataclass(frozen=True)
class Answer:
    """`release` is the one that answered; empty if it was none. `status` 0 is no answer at all.

    `began` and `ended` are the machine's monotonic clock.
    """

    status: int
    release: str
    began: float = field(default=0, compare=False)
    ended: float = field(default=0, compare=False)

    @property
    def good(self) -> bool:
        return self.status == 201


@dataclass
class Callers:
    """Call while their block lasts, in a process of their own: `per_second` is all of theirs.

    Each asks and waits for its answer before it asks again, so that slow answers are fewer.
    """

    url: str
    count: int = 4
    per_second: float = 60
    cohort: bool = False
    answers: list[Answer] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    def __enter__(self) -> "Callers":
        argv = [sys.executable, "-m", calling.__name__, self.url]
        argv += [str(self.count), str(self.per_second), *(["--cohort"] if self.cohort else [])]
        self._process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._hear, name="callers", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.stdin and self._reader:
            self._process.stdin.close()
            self._reader.join()
            assert self._process.wait() == 0

    def _hear(self) -> None:
        if self._process and self._process.stdout:
            with self._process.stdout as told:
                for line in told:
                    self.answers.extend(
                        Answer(status, release, began, ended)
                        for began, ended, status, release in json.loads(line)
                    )

    @property
    def failed(self) -> list[Answer]:
        return [one for one in self.answers if not one.good]


def ask(
    url: str, *, session: requests.Session | None = None, cell: str = "", cohort: bool = False
) -> Answer:
    """Place one order, on the test listener in a cell, or as one of the named cohort."""
    headers = {CELL_HEADER: cell} if cell else {}
    headers |= {COHORT_HEADER: COHORT} if cohort else {}
    caller = session or requests
    try:
        answer = caller.post(f"{url}/orders", json=calling.ORDER, headers=headers, timeout=30)
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


def near(callers: Callers, release: str, share: float, count: int = 400) -> bool:
    """Whether its share is within six deviations, once the move has arrived."""
    seen = more(callers, count)
    bound: float = 6 * (share * (1 - share) * len(seen)) ** 0.5
    return abs(shares(seen)[release] - share * len(seen)) <= bound
