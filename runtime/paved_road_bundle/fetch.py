"""Gets the lock's jars: in parallel, resumed where an earlier try ended, and verified.

A file has its final name only once its checksum is right, so what is there is right. One fetch at a
time per cache; a second one waits and then finds everything there.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import requests
from tenacity import (
    Retrying,
    retry_if_exception_type,
    sleep_using_event,
    stop_after_attempt,
    wait_exponential_jitter,
)

from paved_road_bundle.errors import BundleError, RefusedError
from paved_road_bundle.lock import Artifact, Lock
from paved_road_bundle.repository import repository
from paved_road_contract.digests import sha256_of

WORKERS = 8
TRIES = 5
CHUNK = 2**17
TIMEOUTS = (10, 60)
"""Seconds to connect, and between two reads."""
LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
"""Refusals that mean: try again."""

Progress = Callable[[int, int], None]
"""Is told bytes done and bytes in all, from several threads, one at a time."""


class _StaleError(requests.RequestException):
    """What an earlier try left was no beginning of the artifact; it is gone now."""


class _StoppedError(Exception):
    """Another download failed, so this one ended."""


def fetch(
    lock: Lock,
    cache: Path,
    *,
    address: str | None = None,
    progress: Progress = lambda _done, _total: None,
    workers: int = WORKERS,
) -> None:
    """Make the cache hold every artifact at its `path`; only what is missing is downloaded.

    From the repository at `address`, by default the one that `repository` knows.
    Raises `RefusedError` for bytes that are not the lock's and for an artifact that the repository
    does not have, `BundleError` if the network does not let it finish; a later run resumes.
    """
    with _alone(cache), requests.Session() as session:
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=workers))
        missing = [one for one in lock.artifacts if not one.is_whole(cache / one.path)]
        meter = _Meter(lock.size, lock.size - sum(one.size for one in missing), progress)
        if not missing:
            return
        source = _Source(session, address or repository(), meter)
        with ThreadPoolExecutor(workers) as pool:
            tasks = [pool.submit(source.download, one, cache / one.path) for one in missing]
            try:
                for task in as_completed(tasks):
                    task.result()
            except BaseException:
                source.stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise


class _Source:
    """One repository, asked by many threads."""

    def __init__(self, session: requests.Session, address: str, meter: "_Meter") -> None:
        self._session, self._address, self._meter = session, address.rstrip("/"), meter
        self.stop = threading.Event()

    def download(self, artifact: Artifact, target: Path) -> None:
        """Download one artifact, with retries."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            for attempt in Retrying(
                stop=stop_after_attempt(TRIES),
                wait=wait_exponential_jitter(multiplier=0.2, max=10),
                retry=retry_if_exception_type(requests.RequestException),
                sleep=sleep_using_event(self.stop),
                reraise=True,
            ):
                with attempt:
                    self._try(artifact, target)
        except requests.RequestException as error:
            raise BundleError(
                f"{artifact.file} could not be downloaded in {TRIES} tries: {error} "
                "(run it again: what arrived is kept)"
            ) from error

    def _try(self, artifact: Artifact, target: Path) -> None:
        part = target.with_name(f"{target.name}.part")
        had = part.stat().st_size if part.exists() else 0
        if had < artifact.size:
            self._receive(artifact, part, had)
        found = sha256_of(part)
        if found == artifact.sha256:
            part.replace(target)
            return
        part.unlink()
        if had:
            raise _StaleError(f"what was left of {artifact.file} did not fit")
        raise RefusedError(
            f"{artifact.file} is not what the lock names: expected sha256 {artifact.sha256}, found "
            f"{found}; it was thrown away"
        )

    def _receive(self, artifact: Artifact, part: Path, had: int) -> None:
        """Append to the part, or write it anew if the server does not know ranges."""
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={had}-"} if had else {})}
        with self._session.get(
            f"{self._address}/{artifact.path}", headers=headers, stream=True, timeout=TIMEOUTS
        ) as answer:
            if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink()
                raise _StaleError(f"the repository's {artifact.file} ends before {had} bytes")
            if answer.status_code // 100 == 4 and answer.status_code not in LATER:
                raise RefusedError(
                    f"the repository answers {answer.status_code} for {artifact.path}: is it a "
                    "mirror that has not got it?"
                )
            answer.raise_for_status()
            resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
            size = had if resumed else 0
            with part.open("ab" if resumed else "wb") as stream:
                for chunk in answer.iter_content(CHUNK):
                    if self.stop.is_set():
                        raise _StoppedError
                    stream.write(chunk)
                    size += len(chunk)
                    self._meter.at(artifact, size)
                    if size > artifact.size:
                        return


class _Meter:
    """Adds up what all threads have."""

    def __init__(self, total: int, there: int, progress: Progress) -> None:
        self._total, self._there, self._progress = total, there, progress
        self._sizes: dict[Artifact, int] = {}
        self._turn = threading.Lock()
        progress(there, total)

    def at(self, artifact: Artifact, size: int) -> None:
        """An artifact has so many bytes now; fewer than before if it began anew."""
        with self._turn:
            self._sizes[artifact] = size
            self._progress(self._there + sum(self._sizes.values()), self._total)


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """The kernel gives the turn back when a process dies."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".turn").open("w", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
