"""Downloads: verified, resumed, in parallel, and never twice."""

import re
import threading
from pathlib import Path

import pytest

from paved_road_bundle.errors import BundleError, RefusedError
from paved_road_bundle.fetch import fetch
from paved_road_bundle.lock import Artifact
from tests.unit.bundles import content, lock_of, repository_of

LOCK = lock_of("alpha", "beta", "gamma")
(ALPHA, *_) = LOCK.artifacts
ONE = lock_of("alpha")


def part_of(cache: Path, artifact: Artifact, body: bytes) -> Path:
    part = cache / f"{artifact.path}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(body)
    return part


def test_all_is_there_and_a_second_run_asks_for_nothing(tmp_path: Path) -> None:
    with repository_of(LOCK).serving() as repository:
        fetch(LOCK, tmp_path, address=repository.address)
        assert all(one.is_whole(tmp_path / one.path) for one in LOCK.artifacts)
        assert sorted(path for path, _ in repository.asked) == [one.path for one in LOCK.artifacts]
        repository.asked.clear()
        fetch(LOCK, tmp_path, address=repository.address)
        assert repository.asked == []
    assert not list(tmp_path.rglob("*.part"))


def test_without_anything_missing_no_repository_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with repository_of(LOCK).serving() as repository:
        monkeypatch.setenv("PAVED_ROAD_MAVEN_REPOSITORY", f"{repository.address}/")
        fetch(LOCK, tmp_path)
    fetch(LOCK, tmp_path)


def test_downloads_run_at_the_same_time(tmp_path: Path) -> None:
    repository = repository_of(LOCK)
    repository.meeting = threading.Barrier(3)
    with repository.serving():
        fetch(LOCK, tmp_path, address=repository.address, workers=3)
    assert not repository.meeting.broken


def test_progress_ends_at_the_total_and_counts_what_was_there(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    with repository_of(LOCK).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
        fetch(LOCK, tmp_path, address=repository.address, progress=lambda *at: told.append(at))
    assert told[0] == (ALPHA.size, LOCK.size)
    assert told[-1] == (LOCK.size, LOCK.size)
    assert sorted(told) == told


def test_other_bytes_are_refused_and_thrown_away(tmp_path: Path) -> None:
    repository = repository_of(ONE)
    repository.files[ALPHA.path] = content("other")
    refusal = rf"alpha-1.0.jar is not what the lock names: expected sha256 {ALPHA.sha256}, found "
    with repository.serving(), pytest.raises(RefusedError, match=refusal):
        fetch(ONE, tmp_path, address=repository.address)
    assert len(repository.asked) == 1
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [".turn"]


def test_more_bytes_than_the_lock_says_are_refused(tmp_path: Path) -> None:
    repository = repository_of(ONE)
    repository.files[ALPHA.path] += bytes(5_000_000)
    with repository.serving(), pytest.raises(RefusedError, match="not what the lock names"):
        fetch(ONE, tmp_path, address=repository.address)


def test_a_file_damaged_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    file = tmp_path / ALPHA.path
    file.parent.mkdir(parents=True)
    file.write_bytes(content("other"))
    with repository_of(ONE).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
    assert file.read_bytes() == content("alpha")


def test_a_partial_download_is_resumed(tmp_path: Path) -> None:
    part_of(tmp_path, ALPHA, content("alpha")[:123_456])
    with repository_of(ONE).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
    assert repository.asked == [(ALPHA.path, "bytes=123456-")]
    assert ALPHA.is_whole(tmp_path / ALPHA.path)


def test_a_part_that_is_whole_is_taken_without_asking(tmp_path: Path) -> None:
    part_of(tmp_path, ALPHA, content("alpha"))
    with repository_of(ONE).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
    assert repository.asked == []
    assert ALPHA.is_whole(tmp_path / ALPHA.path)


def test_a_server_that_ignores_ranges_sends_it_all_again(tmp_path: Path) -> None:
    part_of(tmp_path, ALPHA, content("alpha")[:1000])
    with repository_of(ONE, knows_ranges=False).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
    assert ALPHA.is_whole(tmp_path / ALPHA.path)


def test_a_part_of_something_else_is_dropped_and_begun_anew(tmp_path: Path) -> None:
    part_of(tmp_path, ALPHA, content("other")[:1000])
    with repository_of(ONE).serving() as repository:
        fetch(ONE, tmp_path, address=repository.address)
    assert [wanted for _, wanted in repository.asked] == ["bytes=1000-", None]
    assert ALPHA.is_whole(tmp_path / ALPHA.path)


def test_a_broken_connection_and_a_busy_server_are_tried_again(tmp_path: Path) -> None:
    repository = repository_of(ONE)
    repository.failures = [503, 0, 429]
    with repository.serving():
        fetch(ONE, tmp_path, address=repository.address)
    assert ALPHA.is_whole(tmp_path / ALPHA.path)
    assert [wanted is not None for _, wanted in repository.asked] == [False, False, True, True]


def test_a_server_that_stays_away_is_a_sentence(tmp_path: Path) -> None:
    repository = repository_of(ONE)
    repository.failures = [503] * 5
    with (
        repository.serving(),
        pytest.raises(BundleError, match=r"alpha-1.0.jar could not be downloaded in 5 tries"),
    ):
        fetch(ONE, tmp_path, address=repository.address)


def test_an_artifact_the_repository_lacks_is_refused_at_once(tmp_path: Path) -> None:
    repository = repository_of(ONE)
    repository.files.clear()
    refusal = re.escape(f"answers 404 for {ALPHA.path}: is it a mirror")
    with repository.serving(), pytest.raises(RefusedError, match=refusal):
        fetch(ONE, tmp_path, address=repository.address)
    assert len(repository.asked) == 1
