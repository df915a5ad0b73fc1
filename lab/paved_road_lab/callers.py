"""Clients of a service in the lab: each asks, waits for its answer, and asks again in its turn."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

import requests

from paved_road_lab import calling

Order = Mapping[str, Any]


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
        """Whether the order is placed."""
        return self.status == HTTPStatus.CREATED


@dataclass(kw_only=True)
class Callers:
    """Post `order` to `url` while their block lasts, in a process of their own.

    `per_second` is all of theirs together. Each asks and waits for its answer before it asks again,
    so that slow answers are fewer.
    """

    url: str
    order: Order
    count: int = 4
    per_second: float = 60
    headers: Mapping[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        argv = [sys.executable, "-m", calling.__name__, self.url, json.dumps(dict(self.order))]
        argv += [str(self.count), str(self.per_second)]
        argv += ["--headers", json.dumps(dict(self.headers))]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._hear, name="callers", daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.stdin and self._reader:
            self._process.stdin.close()
            self._reader.join()
            if self._process.wait():
                raise ChildProcessError(f"callers ended with {self._process.returncode}")

    @property
    def failed(self) -> list[Answer]:
        """Those that did not place an order."""
        return [one for one in self.answers if not one.good]

    def _hear(self) -> None:
        if self._process and self._process.stdout:
            with self._process.stdout as told:
                for line in told:
                    self.answers.extend(
                        Answer(status, release, began, ended)
                        for began, ended, status, release in json.loads(line)
                    )


def ask(
    url: str,
    order: Order,
    *,
    headers: Mapping[str, str] | None = None,
    session: requests.Session | None = None,
) -> Answer:
    """Post one."""
    caller = session or requests
    began = time.monotonic()
    try:
        answer = caller.post(url, json=order, headers=headers, timeout=calling.PATIENCE_SECONDS)
    except requests.RequestException:
        return Answer(0, "", began, time.monotonic())
    release = answer.headers.get(calling.RELEASE_HEADER, "")
    return Answer(answer.status_code, release, began, time.monotonic())


def answers_soon(url: str, order: Order, *, seconds: float, row: int = 20) -> bool:
    """Whether so many requests in a row were answered well before `seconds` are over."""
    deadline, good = time.monotonic() + seconds, 0
    with requests.Session() as session:
        while good < row and time.monotonic() < deadline:
            good = good + 1 if ask(url, order, session=session).good else 0
            time.sleep(0.05)
    return good >= row
