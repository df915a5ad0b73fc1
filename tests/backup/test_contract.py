"""Keys and manifests: what was ever stored can be read again, and nothing else is believed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.documents import ManifestError, digest
from paved_road_ring_backup.keys import KeyShapeError, Past, Run, moment_of, stamp
from paved_road_ring_backup.node_manifest import NodeManifest, Stored
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from tests.agent.scenes import BIRTH
from tests.backup.stories import HOUR, NOON, PAST, file, manifest, manifests, run

FAR = moment_of("99991231T235959Z")


@st.composite
def runs(draw: st.DrawFn) -> Run:
    word = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
    data_center = draw(word)
    return Run(
        past=Past(ring=draw(word), data_center=data_center, incarnation=draw(word)),
        slot=Slot(data_center=data_center, rack=draw(word), index=draw(st.integers(0, 20_000))),
        epoch=draw(st.integers(1, 10**10 - 1)),
        moment=draw(st.integers(0, FAR)),
    )


@given(runs())
def test_a_runs_folder_names_it_and_stands_under_its_rings_prefix(one: Run) -> None:
    assert Run.of(one.folder) == one
    assert one.folder.startswith(backup_prefix(one.past.ring))
    assert one.manifest.startswith(one.folder)
    assert one.object(64 * "a").startswith(one.folder)


@given(runs(), st.integers(1, 10**10 - 1), st.integers(0, FAR))
def test_folders_of_a_slot_sort_by_owner_and_time(one: Run, epoch: int, moment: int) -> None:
    other = replace(one, epoch=epoch, moment=moment)
    assert (one.folder < other.folder) == (one < other)


@pytest.mark.parametrize(
    "folder",
    ["rings/orders/", "rings/orders/dc/one/slots/a/0/0000000001/20261125T132200Z/", "", "../../x/"],
)
def test_other_folders_are_no_runs(folder: str) -> None:
    with pytest.raises(KeyShapeError, match="no backup of a node has the folder"):
        Run.of(folder)


def test_keys_of_the_contract_never_change() -> None:
    one = run("a1", NOON, epoch=3)
    assert one.manifest == (
        "rings/orders/us-east-1-g1/one/slots/a/0001/0000000003/20251125T120000Z/manifest.json"
    )
    assert one.part == one.folder + "part.json"
    assert PAST.set_key(NOON) == "rings/orders/us-east-1-g1/one/sets/20251125T120000Z.json"
    with pytest.raises(KeyShapeError):
        moment_of("yesterday")


def test_a_node_manifest_is_read_as_it_was_written_with_files_of_several_runs() -> None:
    before, now = run("a0", NOON - HOUR), run("a0", NOON)
    files = (Stored(file=file("old"), run=before), Stored(file=file("new"), run=now))
    written = replace(manifest(now), files=tuple(sorted(files)))
    assert NodeManifest.from_json(written.to_json()) == written
    assert written.objects == {
        before.object(file("old").sha256),
        now.object(file("new").sha256),
    }
    assert written.size == 200


def ring_manifest() -> RingManifest:
    return RingManifest(
        past=PAST,
        moment=NOON + HOUR,
        racks=BIRTH.racks,
        base=2,
        dc=0,
        nodes_per_rack=2,
        parts=tuple(Part.of(one) for one in manifests().values()),
    )


def test_a_ring_manifest_is_read_as_it_was_written_and_names_its_parts_by_checksum() -> None:
    written = ring_manifest()
    assert RingManifest.from_json(written.to_json()) == written
    assert written.whole_until == NOON
    for slot, part in written.by_slot().items():
        assert Part.from_json(part.to_json()) == part
        assert part.sha256 == digest(manifests()[slot].to_json())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "not of format 1"),
        ({"files": [["../../etc/passwd", 1, 64 * "a", 0]]}, "no file of a table's directory"),
        ({"files": [["/shop/orders/x", 1, 64 * "a", 0]]}, "no file of a table's directory"),
        ({"files": [["shop/orders/x", 1, "a", 0]]}, "has no checksum"),
        ({"files": [["shop/orders/x", 1, 64 * "a", 7]]}, "not a node's manifest"),
        ({"run": "elsewhere/"}, "not a node's manifest"),
        ({"facts": {}}, "not a node's manifest"),
    ],
)
def test_a_node_manifest_that_cannot_be_is_refused(change: dict[str, Any], sentence: str) -> None:
    facts = json.loads(manifest(run("a0")).to_json())
    with pytest.raises(ManifestError, match=sentence):
        NodeManifest.from_json(json.dumps(facts | change).encode())


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 1}', b"\xff"])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    for kind in (NodeManifest, RingManifest, Part):
        with pytest.raises(ManifestError):
            kind.from_json(content)


def test_moments_are_whole_seconds_of_utc() -> None:
    assert stamp(NOON) == "20251125T120000Z"
    assert moment_of(stamp(NOON)) == NOON
