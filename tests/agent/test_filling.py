"""A disk that is filled beside an agent's rounds: marked before and after, and never by halves."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from paved_road_ring_agent.actions import Fill
from paved_road_ring_agent.facts import Birth, Phase
from paved_road_ring_agent.filling import RETRY_SECONDS, FillFailedError, Filling
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Disk
from tests.agent.scenes import BIRTH, claim, slot
from tests.agent.slots import Slots
from tests.waiting import until

ORIGIN = "rings/orders/us-east-1-g1/one/sets/20251125T130000Z.json"
CLAIM = claim("a0", phase=Phase.FILLING, epoch=2, incarnation="two", host_id="")
FILL = Fill(
    slot=slot("a0"),
    claim=CLAIM,
    birth=Birth(incarnation="two", racks=BIRTH.racks, base=2, origin=ORIGIN),
    reason="",
)


@dataclass
class Backup:
    """One slot's files, which come when they are let."""

    layout: Layout
    go: threading.Event = field(default_factory=threading.Event)
    fault: str = ""
    asked: int = 0

    def fetch(self, _action: Fill) -> None:
        self.asked += 1
        assert self.go.wait(30)
        if self.fault:
            raise FillFailedError(self.fault)
        rows(self.layout).parent.mkdir(parents=True, exist_ok=True)
        rows(self.layout).write_text("rows")


def rows(layout: Layout) -> Path:
    return layout.cassandra / "data/shop/orders-1/nb-1-big-Data.db"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(root=tmp_path, bundle=tmp_path)


@pytest.fixture
def backup(layout: Layout) -> Iterator[Backup]:
    made = Backup(layout)
    yield made
    made.go.set()


@pytest.fixture
def table() -> Slots:
    slots = Slots({})
    assert slots.take(slot("a0"), replace(CLAIM, epoch=1))
    assert slots.take(slot("a0"), CLAIM)
    return slots


def filling(layout: Layout, backup: Backup, table: Slots, clock: Clock | None = None) -> Filling:
    return Filling(layout=layout, table=table, clock=clock or Clock(), fetch=backup.fetch)


def disk(layout: Layout) -> Disk:
    found = layout.disk_facts()
    assert found is not None
    return found


def stepped(node: Filling, layout: Layout) -> bool:
    node.step(FILL)
    return disk(layout).filled


def test_a_round_never_waits_and_the_disk_says_what_it_holds(
    layout: Layout, backup: Backup, table: Slots
) -> None:
    node = filling(layout, backup, table)
    for _ in range(3):
        node.step(FILL)
        found = disk(layout)
        assert found.is_of(slot("a0"), 2, "two")
        assert (found.origin, found.filled, found.has_data) == (ORIGIN, False, False)
    backup.go.set()
    until(lambda: stepped(node, layout))
    assert rows(layout).read_text() == "rows"
    assert not disk(layout).has_data
    assert backup.asked == 1


def test_an_agent_that_is_started_anew_keeps_what_came(
    layout: Layout, backup: Backup, table: Slots
) -> None:
    filling(layout, backup, table).step(FILL)
    rows(layout).parent.mkdir(parents=True)
    rows(layout).write_text("came before the crash")
    backup.fault = "the network is down"
    filling(layout, backup, table).step(FILL)
    assert rows(layout).read_text() == "came before the crash"


@pytest.mark.parametrize(
    "other",
    [{"slot": slot("a1")}, {"epoch": 1}, {"incarnation": "one"}, {"origin": "another"}],
    ids=lambda other: next(iter(other)),
)
def test_what_another_restore_left_goes_before_anything_comes(
    other: dict[str, object], layout: Layout, backup: Backup, table: Slots
) -> None:
    was = {"slot": slot("a0"), "epoch": 2, "incarnation": "two", "origin": ORIGIN, **other}
    layout.write_owner(**was, software="", filled=True)  # type: ignore[arg-type]
    rows(layout).parent.mkdir(parents=True)
    rows(layout).write_text("another's")
    memory = layout.backup_memory / "newest.json"
    memory.parent.mkdir(parents=True)
    memory.write_text("{}")
    filling(layout, backup, table).step(FILL)
    assert not rows(layout).exists()
    assert not memory.exists()
    assert not disk(layout).filled


def test_what_went_wrong_stands_in_the_claim_and_is_tried_again_later(
    layout: Layout, backup: Backup, table: Slots
) -> None:
    clock = Clock()
    node = filling(layout, backup, table, clock)
    backup.fault = "object aa is corrupt"
    backup.go.set()

    def reported() -> bool:
        node.step(FILL)
        found = table.claim(slot("a0"))
        return found is not None and found.fault == "object aa is corrupt"

    until(reported)
    for _ in range(3):
        node.step(FILL)
    assert backup.asked == 1
    assert not disk(layout).filled
    backup.fault, clock.now = "", clock.now + RETRY_SECONDS
    until(lambda: stepped(node, layout))
    assert backup.asked == 2


def test_an_owner_before_whose_files_still_come_is_waited_for(
    layout: Layout, backup: Backup, table: Slots
) -> None:
    node = filling(layout, backup, table)
    node.step(FILL)
    later = replace(FILL, claim=replace(CLAIM, epoch=3))
    node.step(later)
    assert disk(layout).epoch == 2
    backup.go.set()

    def taken_over() -> bool:
        node.step(later)
        return disk(layout).epoch == 3 and disk(layout).filled

    until(taken_over)
    assert backup.asked == 2


@pytest.mark.parametrize(
    "written", ["data/system/local-7ad5/nb-1-big-Data.db", "commitlog/CommitLog-1.log"]
)
def test_what_a_cassandra_was_started_on_is_never_removed(
    written: str, layout: Layout, backup: Backup, table: Slots
) -> None:
    """Not even if nobody knows any more whose it is."""
    file = layout.cassandra / written
    file.parent.mkdir(parents=True)
    file.write_text("a node's")
    with pytest.raises(OSError, match="which nobody removes"):
        filling(layout, backup, table).step(FILL)
    assert file.exists()
    assert backup.asked == 0
