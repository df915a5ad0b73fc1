"""What a node archives, and until when it replays what came from a backup."""

from dataclasses import replace
from pathlib import Path

import pytest

from paved_road_ring_agent import archiving, jvm, settings
from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.facts import Birth, Phase, from_item, to_item
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.tuning import Tuning
from tests.agent.scenes import BIRTH, NODE, claim, slot

NOON = 1_764_072_000
AGAIN = replace(BIRTH, formed=False, origin="rings/orders/dc/one/sets/x.json", at=NOON)


def start(phase: Phase, birth: Birth = AGAIN) -> Start:
    return Start(
        slot=slot("a0"),
        claim=claim("a0", phase=phase),
        birth=birth,
        seeds=("10.a0",),
        bootstrap=False,
        reason="",
    )


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "bundle/lib").mkdir(parents=True)
    (tmp_path / "bundle/lib/jolokia-agent-jvm-2.0.0-javaagent.jar").touch()
    made = Layout(root=tmp_path, bundle=tmp_path / "bundle")
    made.restored_logs.mkdir(parents=True)
    made.replayed_keyspaces.write_text("paved_road\nshop\nsystem_schema\nsystem_distributed\n")
    return made


def text(layout: Layout, action: Start, bucket: str | None = "acme-backup") -> str:
    folder = settings.write(replace(NODE, backup_bucket=bucket), action, layout)
    return (folder / archiving.FILE).read_text()


def test_closed_segments_are_linked_where_backups_find_them(layout: Layout) -> None:
    assert text(layout, start(Phase.JOINED)) == (
        f"archive_command=/bin/ln -f %path {layout.archived_logs}/%name\n"
    )
    assert layout.archived_logs.is_dir()


def test_nothing_is_archived_that_nobody_would_take_away(layout: Layout) -> None:
    assert text(layout, start(Phase.JOINED), bucket=None) == "archive_command=\n"


def test_logs_are_replayed_to_the_moment_for_the_backups_own_keyspaces(layout: Layout) -> None:
    found = text(layout, start(Phase.FORMING))
    assert "restore_point_in_time=2025:11:25 12:00:00\n" in found
    assert f"restore_directories={layout.restored_logs}\n" in found
    assert "precision=MICROSECONDS\n" in found
    command = jvm.cassandra_command(
        start(Phase.FORMING), layout, layout.configuration, Tuning(heap_mib=256)
    )
    assert "-Dcassandra.replayList=paved_road,shop" in command


@pytest.mark.parametrize(
    "action",
    [
        start(Phase.JOINED),
        start(Phase.REPLACING),
        start(Phase.FORMING, replace(AGAIN, at=0)),
        start(Phase.FORMING, BIRTH),
    ],
)
def test_a_moment_holds_until_the_node_has_joined_and_never_later(
    layout: Layout, action: Start
) -> None:
    (layout.restored_logs / "CommitLog-7-1.log").touch()
    assert "restore" not in text(layout, action)
    assert not layout.restored_logs.exists()
    command = jvm.cassandra_command(action, layout, layout.configuration, Tuning(heap_mib=256))
    assert not [one for one in command if "replayList" in one]


def test_a_birth_remembers_its_moment_and_one_from_before_has_none() -> None:
    item = to_item(AGAIN)
    assert from_item(Birth, item) == AGAIN
    assert from_item(Birth, {name: one for name, one in item.items() if name != "at"}).at == 0
