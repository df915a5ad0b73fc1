"""Which bundle a node runs, and that no node starts on what a later Cassandra wrote."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.actions import Refuse, Start
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Observed
from paved_road_ring_agent.software import Wanted, installed, is_older, version_of
from tests.agent.scenes import disk, stopped
from tests.agent.world import Machine, World

numbers = st.tuples(*[st.integers(0, 40)] * 3)
DIGEST = "0123456789ab"


def version(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


@given(numbers, numbers)
def test_versions_are_compared_by_their_numbers(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    assert is_older(version(one), version(other)) == (one < other)


@pytest.mark.parametrize(("one", "other"), [("", "5.0.9"), ("5.0.9", ""), ("", "")])
def test_what_is_not_known_is_not_older(one: str, other: str) -> None:
    assert not is_older(one, other)


def node(runs: str, wrote: str) -> Observed:
    seen = stopped("a0", disk=replace(disk("a0"), software=wrote))
    return replace(seen, me=replace(seen.me, software=runs))


def test_a_node_never_starts_below_what_wrote_its_disk() -> None:
    action = decide(node("5.0.9-" + DIGEST, "5.0.10-" + DIGEST))
    assert isinstance(action, Refuse)
    assert action.reason == (
        "Cassandra 5.0.10 wrote this disk, and the bundle brings 5.0.9, which may not be able to "
        "read it: deploy the ring with a bundle of 5.0.10 or later"
    )


@pytest.mark.parametrize("wrote", ["5.0.9-ba9876543210", "5.0.8-" + DIGEST, ""])
def test_another_agent_a_later_cassandra_and_a_disk_of_before_labels_start(wrote: str) -> None:
    assert isinstance(decide(node("5.0.9-" + DIGEST, wrote)), Start)


def test_a_node_that_boots_into_another_bundle_keeps_its_slot_and_its_ring_knows(
    world: World,
) -> None:
    node, other, _ = world.machines.values()

    def said(machine: Machine) -> tuple[int, str]:
        (claim,) = (one for one in world.claims().values() if one.instance == machine.instance)
        return claim.epoch, claim.software

    def boots_into(software: str) -> None:
        world.reboot(node)
        node.software = software

    assert said(node) == said(other) == (1, "5.0.9-" + DIGEST)
    boots_into("5.0.10-" + DIGEST)
    world.until(lambda: world.settled(1) and said(node) == (1, "5.0.10-" + DIGEST))
    assert said(other) == (1, "5.0.9-" + DIGEST)

    boots_into("5.0.9-" + DIGEST)
    world.until(lambda: node.agent is not None and isinstance(node.agent.last, Refuse))
    for _ in range(20):
        world.tick()
    assert not world.settled(1)
    assert said(node)[0] == 1

    boots_into("5.0.10-" + DIGEST)
    world.until(lambda: world.settled(1))
    assert said(node) == (1, "5.0.10-" + DIGEST)


def test_a_disk_without_data_may_be_taken_by_any_version() -> None:
    empty = replace(disk("a0", has_data=False), software="5.0.10-" + DIGEST)
    seen = node("5.0.9-" + DIGEST, "")
    action = decide(replace(seen, disk=empty))
    assert "wrote this disk" not in action.reason


def test_the_disk_says_what_wrote_it_last(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path)
    slot = Slot(data_center="dc", rack="a", index=0)
    layout.write_owner(slot, 1, "one", "5.0.9-" + DIGEST)
    found = layout.disk_facts()
    assert found is not None
    assert version_of(found.software) == "5.0.9"
    # As agents of before wrote it.
    facts = json.loads(layout.owner_file.read_text())
    del facts["software"]
    layout.owner_file.write_text(json.dumps(facts))
    old = layout.disk_facts()
    assert old is not None
    assert old.software == ""


def test_what_runs_is_named_by_its_own_manifest(tmp_path: Path) -> None:
    assert installed(tmp_path) == ""
    manifest = b'{"cassandra": "5.0.9", "files": {}, "format": 2}'
    (tmp_path / "manifest.json").write_bytes(manifest)
    assert installed(tmp_path) == f"5.0.9-{sha256(manifest).hexdigest()[:12]}"


def test_a_parameter_is_read_back_and_anything_else_is_refused() -> None:
    wanted = Wanted(cassandra="5.0.9", key="bundles/one.tar", sha256=64 * "a")
    assert Wanted.from_json(wanted.to_json()) == wanted
    assert wanted.label == "5.0.9-aaaaaaaaaaaa"
    for text in ("", "none", "[]", '{"key": "bundles/one.tar"}'):
        with pytest.raises(ValueError, match=r"."):
            Wanted.from_json(text)
