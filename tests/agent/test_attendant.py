"""What goes on beside the rounds: which metrics are published, which hooks are kept waiting."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent import metric_names
from paved_road_ring_agent.attendant import Attendant
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.gauges import BackupGauges, Gauges, NodeGauges, silent_slots
from paved_road_ring_agent.hooks import BEAT_SECONDS, to_keep_waiting
from paved_road_ring_agent.journal import Entry, Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.metrics import metric_data, newly_dropped
from paved_road_ring_agent.observed import Group, Observed
from tests.agent.scenes import (
    BIRTH,
    NODE,
    NOW,
    claim,
    claims,
    member,
    newcomer,
    only,
    stopped,
    table,
)

ALL = Gauges(
    silent_slots=0,
    disk_used_percent=12.5,
    clock_offset_milliseconds=0.4,
    node=NodeGauges(pending_compactions=3, unrepaired_seconds=432_000, dropped_hints=7),
    backups=BackupGauges(whole_age_seconds=5_400, slots_missing=1, failures=4, logs_age_seconds=12),
)


def entry(seen: Observed) -> Entry:
    return Entry(seen=seen, action=decide(seen))


def launching(seen: Observed, state: str = "Pending:Wait") -> Observed:
    return replace(seen, group=Group(name="rack-a", nodes=2, instances={seen.me.instance: state}))


def test_all_metrics_of_the_contract_are_published_in_the_rings_one_series() -> None:
    found = {one["MetricName"]: one for one in metric_data(NODE, ALL, 2)}
    assert {name: one["Value"] for name, one in found.items()} == {
        metric_names.SILENT_SLOTS: 0,
        metric_names.DISK_USED: 12.5,
        metric_names.OLDEST_REPAIR: 50.0,
        metric_names.DROPPED_HINTS: 2,
        metric_names.PENDING_COMPACTIONS: 3,
        metric_names.CLOCK_OFFSET: 0.4,
        metric_names.BACKUP_AGE: 5_400,
        metric_names.BACKUP_SLOTS_MISSING: 1,
        metric_names.BACKUP_FAILURES: 4,
        metric_names.LOGS_AGE: 12,
    }
    assert {tuple(d["Value"] for d in one["Dimensions"]) for one in found.values()} == {
        ("acme", "orders", "us-east-1-g1")
    }


def test_what_nobody_knows_is_not_published() -> None:
    nothing = Gauges(
        silent_slots=None,
        disk_used_percent=None,
        clock_offset_milliseconds=None,
        node=None,
        backups=None,
    )
    assert metric_data(NODE, nothing, None) == []


def test_who_does_not_see_to_the_rings_backups_publishes_its_own_failures_only() -> None:
    backups = BackupGauges(whole_age_seconds=None, slots_missing=None, failures=0)
    found = metric_data(NODE, replace(ALL, node=None, backups=backups), None)
    assert {one["MetricName"] for one in found if "ackup" in one["MetricName"]} == {
        metric_names.BACKUP_FAILURES
    }


@given(st.lists(st.integers(min_value=0, max_value=100), min_size=1))
def test_every_dropped_hint_is_counted_once(drops: list[int]) -> None:
    before, now, told = 0, 0, 0
    for count in drops:
        now += count
        told += newly_dropped(now, before)
        before = now
    assert told == sum(drops)


def test_a_restarted_count_is_new_and_a_first_one_is_not() -> None:
    assert newly_dropped(3, 500) == 3
    assert newly_dropped(500, None) == 0


def test_silent_slots_are_those_not_renewed_when_the_agent_last_looked() -> None:
    quiet = claims({"b0": claim("b0", renewed=NOW - 61), "c1": claim("c1", renewed=NOW - 59)})
    seen = member("a0", table=table(quiet))
    assert silent_slots(entry(seen), NOW + 100) == 1
    assert silent_slots(entry(seen), NOW + 121) is None
    assert silent_slots(entry(member("a0", table=None)), NOW) is None
    assert silent_slots(None, NOW) is None


FORMING = table(only("a0"), birth=replace(BIRTH, formed=False))


@pytest.mark.parametrize(
    ("seen", "seconds", "group"),
    [
        (launching(newcomer("b", table=FORMING)), 1.0, "rack-a"),
        (launching(stopped("a0", table=FORMING, disk=None)), 1.0, "rack-a"),
        (launching(stopped("a0", unfit="no disk")), 1.0, None),
        (launching(stopped("a0"), "InService"), 1.0, None),
        (launching(member("a0"), "Terminating:Wait"), 1.0, None),
        (launching(newcomer("b", table=FORMING)), 121.0, None),
        (newcomer("b", table=FORMING, group=None), 1.0, None),
    ],
    ids=[
        "seeks a slot",
        "waits for others",
        "is refused",
        "is in service",
        "is ended",
        "its agent hangs",
        "nobody knows",
    ],
)
def test_a_launch_waits_as_long_as_its_agent_has_a_reason(
    seen: Observed, seconds: float, group: str | None
) -> None:
    assert to_keep_waiting(entry(seen), NOW + seconds) == group


class Calls:
    """Stands for AWS: keeps what was called, or fails."""

    def __init__(self) -> None:
        self.beats: list[str] = []
        self.published: list[list[dict[str, Any]]] = []
        self.away = False

    def keep_waiting(self, group: str, _instance: str) -> None:
        self._fail()
        self.beats.append(group)

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803 - as AWS spells it
        self._fail()
        assert Namespace == metric_names.METRICS
        self.published.append(MetricData)

    def _fail(self) -> None:
        if self.away:
            raise EndpointConnectionError(endpoint_url="https://aws")


def test_duties_are_done_in_time_and_again_when_they_failed(tmp_path: Path) -> None:
    calls, journal, now = Calls(), Journal(), [NOW]
    layout = Layout(root=tmp_path, bundle=tmp_path)
    layout.disk.mkdir(parents=True)
    attendant = Attendant(
        node=NODE,
        layout=layout,
        cloud=cast("Cloud", calls),
        journal=journal,
        cloudwatch=calls,
        clock=lambda: now[0],
        backups=lambda at: BackupGauges(whole_age_seconds=at - NOW, slots_missing=0, failures=0),
    )

    def at(seconds: float) -> tuple[int, int]:
        now[0] = NOW + seconds
        waiting = launching(newcomer("b", table=FORMING))
        journal.note(replace(waiting, now=now[0]), decide(waiting))
        attendant.tick()
        return len(calls.beats), len(calls.published)

    calls.away = True
    assert at(0) == (0, 0)
    calls.away = False
    assert at(5) == (1, 1)
    assert at(10) == (1, 1)
    assert at(66) == (1, 2)
    assert at(5 + BEAT_SECONDS) == (2, 3)
    assert {one["MetricName"] for one in calls.published[0]} == {
        metric_names.SILENT_SLOTS,
        metric_names.DISK_USED,
        metric_names.CLOCK_OFFSET,
        metric_names.BACKUP_AGE,
        metric_names.BACKUP_SLOTS_MISSING,
        metric_names.BACKUP_FAILURES,
    }
