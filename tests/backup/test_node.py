"""A node's runs: everything once, then what changed, and on after any crash."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.documents import digest
from paved_road_ring_backup.node import RunEndedError
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.patience import Burden, give_up
from paved_road_ring_backup.purge import RUN_SECONDS
from paved_road_ring_backup.snapshots import SnapshotUnfitError
from paved_road_ring_backup.store import Store, StoreUnreachableError
from paved_road_ring_backup.transfers import fetch
from tests.backup.bucket import outage
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.stories import DAY, HOUR, NOON, TABLE, run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROWS, INDEX = f"{TABLE}/nb-1-big-Data.db", f"{TABLE}/.by_name/nb-1-big-Data.db"


@pytest.fixture
def node(tmp_path: Path) -> SmallNode:
    node = SmallNode(tmp_path)
    node.write(ROWS, b"rows")
    node.write(INDEX, b"names")
    node.write("system_schema/tables-1/nb-1-big-Data.db", b"tables")
    node.write("system_auth/roles-1/nb-1-big-Data.db", b"passwords of the time")
    return node


def read(store: Store, key: str) -> NodeManifest:
    return NodeManifest.from_json(store.get(key) or b"")


def test_a_run_stores_all_but_who_the_node_was_and_who_logs_in_and_comes_back_the_same(
    node: SmallNode, store: Store, tmp_path: Path
) -> None:
    part = backup_of(node, store).run()
    assert (part.run, part.files) == (run("a0"), 3)
    content = store.get(part.run.manifest) or b""
    assert digest(content) == part.sha256
    assert store.get(part.run.part) == part.to_json()
    fetch(store, read(store, part.run.manifest).files, tmp_path / "new", config=config_for(None))
    came = {
        place.relative_to(tmp_path / "new").as_posix(): place.read_bytes()
        for place in (tmp_path / "new").rglob("*")
        if place.is_file()
    }
    assert came == {
        ROWS: b"rows",
        INDEX: b"names",
        "system_schema/tables-1/nb-1-big-Data.db": b"tables",
    }
    assert node.tags() == set()


def test_the_next_run_sends_what_changed(node: SmallNode, store: Store, s3: "S3Client") -> None:
    backup_of(node, store).run()
    node.write(ROWS, b"other rows")
    sent: list[int] = []
    s3.meta.events.register("before-call.s3.PutObject", lambda **_: sent.append(1))
    part = backup_of(node, store, clock=lambda: NOON + HOUR).run()
    assert len(sent) == 3  # the rows, the manifest and its part
    assert {one.run for one in read(store, part.run.manifest).files} == {
        run("a0"),
        run("a0", NOON + HOUR),
    }


@pytest.mark.parametrize("after", range(5))
def test_a_run_that_was_cut_off_goes_on_and_ends_once(
    node: SmallNode, store: Store, s3: "S3Client", after: int
) -> None:
    with outage(s3, "PutObject", after), pytest.raises(StoreUnreachableError):
        backup_of(node, store).run()
    assert store.get(run("a0").part) is None
    node.write(ROWS, b"written since, and not of this run")
    part = backup_of(node, store, clock=lambda: NOON + HOUR).run()
    assert (part.run, node.taken, node.tags()) == (run("a0"), 1, set())
    manifest = store.get(part.run.manifest) or b""
    assert digest(manifest) == part.sha256
    versions = s3.list_object_versions(Bucket=store.bucket)["Versions"]
    assert len({one["Key"] for one in versions}) == len(versions) == 5


def test_an_owner_that_was_superseded_publishes_nothing(node: SmallNode, store: Store) -> None:
    with pytest.raises(RunEndedError, match="is not of epoch 1 any more"):
        backup_of(node, store, owns=lambda: False).run()
    assert store.get(run("a0").manifest) is None
    assert node.tags() == set()


def test_a_run_that_took_too_long_publishes_nothing(node: SmallNode, store: Store) -> None:
    times = iter([float(NOON)])
    with pytest.raises(RunEndedError, match="took too long"):
        backup_of(node, store, clock=lambda: next(times, NOON + RUN_SECONDS)).run()
    assert store.get(run("a0").manifest) is None


def forget(node: SmallNode) -> dict[str, Any]:
    (tag,) = node.tags()
    node.clear_snapshot(tag)
    return {}


def fill(node: SmallNode) -> dict[str, Any]:
    """What the snapshot alone holds is five bytes of forty."""
    node.write(INDEX, b"other names")
    return {"usage": lambda _: (40, 20, 20)}


@pytest.mark.parametrize(("change", "epoch"), [(forget, 1), (fill, 1), (lambda _: {"epoch": 2}, 2)])
def test_a_run_that_cannot_go_on_is_followed_by_a_new_one(
    node: SmallNode,
    store: Store,
    s3: "S3Client",
    change: Callable[[SmallNode], dict[str, Any]],
    epoch: int,
) -> None:
    with outage(s3, "PutObject", 1), pytest.raises(StoreUnreachableError):
        backup_of(node, store).run()
    part = backup_of(node, store, **{"clock": lambda: NOON + HOUR, **change(node)}).run()
    assert part.run == run("a0", NOON + HOUR, epoch)
    assert store.get(run("a0").manifest) is None
    assert node.tags() == set()


def test_a_run_that_lasts_looks_in_between_whether_its_snapshot_became_too_much(
    node: SmallNode, store: Store
) -> None:
    """Each content takes a minute, and what was linked is written anew meanwhile."""
    times = iter(range(100))

    def clock() -> float:
        node.write(INDEX, b"other names")
        return NOON + 60.0 * next(times)

    with pytest.raises(RunEndedError, match="may not go on: its snapshot holds 28% of the disk"):
        backup_of(node, store, clock=clock, usage=lambda _: (40, 20, 20)).run()
    assert store.get(run("a0").manifest) is None
    part = backup_of(node, store, clock=lambda: NOON + HOUR, usage=lambda _: (40, 20, 20)).run()
    assert part.run == run("a0", NOON + HOUR)
    assert node.tags() == set()


def test_runs_follow_each_other_even_if_the_clock_goes_back(node: SmallNode, store: Store) -> None:
    backup_of(node, store).run()
    assert backup_of(node, store, clock=lambda: NOON - DAY).run().run == run("a0", NOON + 1)


def test_a_schema_that_changes_under_a_snapshot_makes_it_none(
    node: SmallNode, store: Store
) -> None:
    node.schemas = ["s1", "s2"]
    with pytest.raises(SnapshotUnfitError, match="the schema changed"):
        backup_of(node, store).run()
    assert node.tags() == set()
    assert backup_of(node, store).run().facts.schema == "s2"


def burden(**changed: float) -> Burden:
    calm = {"age_seconds": HOUR, "held_bytes": 0, "used_bytes": 500, "disk_bytes": 1_000}
    return Burden(**{**calm, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        (burden(), ""),
        (burden(age_seconds=RUN_SECONDS), "it has taken 7.0 days"),
        (burden(held_bytes=50), ""),
        (burden(held_bytes=60), "its snapshot holds 6% of the disk"),
        (burden(used_bytes=900), ""),
        (burden(used_bytes=900, held_bytes=1), "the disk is 90% full"),
    ],
)
def test_a_snapshot_is_let_go_before_it_fills_the_disk(seen: Burden, sentence: str) -> None:
    assert give_up(seen) == sentence
