"""Six agents back their slots up by themselves, and one of them writes the ring's manifests."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_contract.instances import instances
from paved_road_ring_backup import beginning
from paved_road_ring_backup.bandwidth import network_gbps
from paved_road_ring_backup.duty import Duty
from paved_road_ring_backup.patience import MOST_HELD
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store, StoreUnreachableError
from tests.agent.scenes import NODE, claim, claims, slot
from tests.backup.bucket import BUCKET, outage
from tests.backup.small_ring import SmallRing
from tests.backup.stories import HOUR, NOON, PAST, TABLE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def ring(tmp_path: Path, store: Store) -> SmallRing:
    return SmallRing(tmp_path, store)


def test_a_ring_is_whole_once_all_its_nodes_have_backed_up(ring: SmallRing, store: Store) -> None:
    ring.ticks("a0", "a1", "b0", "b1", "c0")
    assert ring.standing() == {"age": None, "missing": 5}
    ring.later(30)
    ring.ticks()
    assert ring.standing() == {"age": None, "missing": 1}
    ring.later(30)
    ring.ticks()
    assert ring.standing() == {"age": 60, "missing": 0}
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert set(found.by_slot()) == set(claims())
    assert ring.failures() == {0}


def test_every_node_backs_up_again_each_hour_and_the_ring_with_it(
    ring: SmallRing, store: Store
) -> None:
    for _ in range(3 * 12 + 1):
        ring.later(300)
        ring.ticks()
    assert {node.taken for node in ring.nodes.values()} <= {3, 4}
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert ring.now - found.whole_until <= 2.5 * HOUR
    assert ring.standing()["missing"] == 0


def test_who_asks_for_a_backup_gets_a_whole_one_within_two_looks(
    ring: SmallRing, store: Store
) -> None:
    ring.ticks()
    ring.later(60)
    ring.ticks()
    ring.later(60)
    ring.asked = int(ring.now)
    for _ in range(2):
        ring.later(30)
        ring.ticks()
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert found.whole_until >= ring.asked
    ring.later(60)
    ring.ticks()
    assert {node.taken for node in ring.nodes.values()} == {2}


def test_an_agent_that_begins_anew_knows_when_it_backed_up_last(ring: SmallRing) -> None:
    ring.ticks("a0")
    ring.backups["a0"] = ring.begin("a0")
    ring.later(60)
    ring.ticks("a0")
    assert ring.nodes["a0"].taken == 1


def test_a_slot_that_has_a_new_owner_is_missing_until_that_has_backed_up(
    ring: SmallRing, store: Store
) -> None:
    ring.ticks()
    ring.later(300)
    ring.ticks()
    before = store.newest_set(PAST, int(ring.now))
    ring.held = claims({"b1": claim("b1", epoch=2, instance="i-new")})
    ring.later(HOUR)
    ring.ticks()
    ring.later(60)
    ring.ticks()
    assert ring.standing() == {"age": ring.now - NOON, "missing": 1}
    assert store.newest_set(PAST, int(ring.now)) == before


def test_an_owner_is_not_believed_when_nobody_can_say_so(ring: SmallRing, store: Store) -> None:
    ring.reachable = False
    ring.ticks("a0")
    assert ring.backups["a0"].gauges(ring.now).failures == 1
    assert store.newest_part(PAST, slot("a0"), 1, NOON) is None
    ring.reachable = True
    ring.ticks("a0")
    assert store.newest_part(PAST, slot("a0"), 1, NOON) is not None
    assert ring.nodes["a0"].taken == 1


def test_it_catches_up_after_s3_was_out_of_reach(
    ring: SmallRing, store: Store, s3: "S3Client"
) -> None:
    with outage(s3, "PutObject"):
        ring.ticks()
        ring.later(HOUR)
        ring.ticks()
    assert ring.failures() == {2}
    assert {node.taken for node in ring.nodes.values()} == {1}
    for _ in range(3):
        ring.later(300)
        ring.ticks()
    assert store.newest_set(PAST, int(ring.now)) is not None
    assert (ring.standing()["missing"], ring.failures()) == (0, {0})


def test_a_day_without_s3_costs_each_disk_one_small_snapshot_and_is_caught_up_with(
    ring: SmallRing, store: Store, s3: "S3Client"
) -> None:
    ring.disk_bytes, most = 3_000, 0
    ring.ticks()
    with outage(s3, "PutObject"):
        for half_hour in range(48):
            ring.later(HOUR / 2)
            for name, node in ring.nodes.items():
                # Compaction writes everything anew: what a snapshot links to is on disk twice.
                node.write(f"{TABLE}/nb-1-big-Data.db", f"{half_hour:0200d} of {name}".encode())
            ring.ticks()
            for node in ring.nodes.values():
                assert len(node.tags()) <= 1
                held = (Snapshots(node, node.data).held_bytes(tag) for tag in node.tags())
                most = max(most, *held, 0)
    assert most <= MOST_HELD * ring.disk_bytes
    assert min(node.taken for node in ring.nodes.values()) > 2
    for _ in range(3):
        ring.later(60)
        ring.ticks()
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert {len(node.tags()) for node in ring.nodes.values()} == {0}
    part = found.by_slot()[slot("a0")]
    assert part.size >= 200


def test_failures_are_counted_in_a_row_and_whatever_fails_is_tried_again() -> None:
    results: list[bool | Exception] = [
        StoreUnreachableError("no route"),
        KeyError("unforeseen"),
        False,
        True,
    ]

    def act() -> bool:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    duty, counted = Duty(name="it", act=act), []
    for _ in range(4):
        duty.tick()
        counted.append(duty.failures)
    assert counted == [1, 2, 2, 0]


def test_a_node_begins_with_a_quarter_of_its_network_and_without_a_bucket_not_at_all(
    ring: SmallRing, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[Duty] = []
    monkeypatch.setattr(beginning, "client", lambda *_: s3)
    monkeypatch.setattr(beginning, "go_on", began.append)
    given: dict[str, Any] = {
        "layout": ring.backups["a0"].keeper.layout,
        "journal": ring.journals["a0"],
        "tables": lambda: ring,
        "instance": "i-a0",
        "network_gbps": network_gbps("i8g.2xlarge"),
        "clock": lambda: ring.now,
    }
    assert beginning.begin_backups(replace(NODE, backup_bucket=None), **given) is None
    found = beginning.begin_backups(replace(NODE, backup_bucket=BUCKET), **given)
    assert found is not None
    assert began == [*found.duties]
    keeper = found.keeper
    assert (keeper.ring, keeper.limit, keeper.store.bucket) == ("orders", 146_500_000, BUCKET)
    keeper.manage = lambda *_: ring.nodes["a0"]
    ring.backups["a0"] = found
    ring.ticks("a0")
    assert keeper.store.newest_part(PAST, slot("a0"), 1, NOON) is not None


def test_an_instance_type_that_nobody_listed_is_taken_for_the_slowest() -> None:
    assert network_gbps("x1.nano") == min(one.network_gbps_baseline for one in instances().values())
