"""Where clients begin: some members of every rack, and right again whenever members change."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.contacts import MOST_OF_A_RACK, contacts
from paved_road_ring_agent.contract import contacts_parameter
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Claim, Phase
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.upkeep import ROLES_SECONDS, Upkeep
from paved_road_ring_agent.vault import Vault
from tests.agent.scenes import claim, claims, member, slot, table

PHASES = st.sampled_from([Phase.JOINED, Phase.JOINED, Phase.REPLACING, Phase.GROWING])
RACKS = {"a": 8, "b": 8, "c": 8}


@given(st.lists(PHASES, min_size=24, max_size=24))
def test_they_are_few_members_of_every_rack_that_has_one(phases: list[Phase]) -> None:
    names = [f"{rack}{index}" for rack, count in RACKS.items() for index in range(count)]
    held = {slot(name): claim(name, phase=phase) for name, phase in zip(names, phases, strict=True)}
    joined = [one.address for one in held.values() if one.phase is Phase.JOINED]
    found = contacts(held)
    assert set(found) <= set(joined)
    for rack in RACKS:
        of_rack = [one for one in joined if one.startswith(f"10.{rack}")]
        assert [one for one in found if one in of_rack] == of_rack[:MOST_OF_A_RACK]


def test_a_slot_without_a_member_is_left_out_until_it_has_one() -> None:
    replacing = claims({"a0": claim("a0", address="10.new", phase=Phase.REPLACING)})
    assert contacts(replacing) == ("10.a1", "10.b0", "10.b1", "10.c0", "10.c1")
    assert contacts({**replacing, slot("a0"): claim("a0", address="10.new")})[0] == "10.new"
    assert contacts({}) == ()


class Roles(Upkeep):
    """Whose roles are looked after, or fail."""

    fails = False

    def _keep_roles(self) -> None:
        if self.fails:
            raise OSError("nobody answers")


@pytest.fixture
def upkeep(vault: Vault, tmp_path: Path) -> Roles:
    keyring: Any = SimpleNamespace(
        vault=vault, refresh=lambda _: False, publish=lambda: None, aged=lambda: False
    )
    performer = cast("Performer", SimpleNamespace(subject=lambda slot: tmp_path / slot.rack))
    leases: Any = SimpleNamespace(renew=lambda _: True)
    return Roles(keyring=cast("Keyring", keyring), performer=performer, leases=leases)


def seen(now: float, door: Door = Door.OPEN, **changed: Claim) -> Any:
    found = member("a0", now=now, table=table(claims(changed)))
    return replace(found, cassandra=replace(found.cassandra, door=door))


def test_an_agent_of_an_open_ring_names_them_and_follows_who_is_a_member(
    upkeep: Roles, vault: Vault
) -> None:
    assert vault.contacts() == ()
    upkeep.round(seen(1_000.0, Door.FENCED))
    assert vault.contacts() == (), "nobody is let in yet"
    upkeep.round(seen(1_000.0))
    assert vault.contacts() == contacts(claims())
    replaced = claim("b0", address="10.new", instance="i-new", epoch=2)
    upkeep.fails = True
    with pytest.raises(OSError, match="nobody answers"):
        upkeep.round(seen(1_000.0 + ROLES_SECONDS, b0=replaced))
    assert "10.new" in vault.contacts()
    assert "10.b0" not in vault.contacts()


def test_what_somebody_else_wrote_is_put_right_and_what_is_right_is_not_written(
    upkeep: Roles, vault: Vault
) -> None:
    def version() -> int:
        name = contacts_parameter("acme", "orders")
        return int(vault._parameters.get_parameter(Name=name)["Parameter"]["Version"])

    upkeep.round(seen(1_000.0))
    first = version()
    upkeep.round(seen(1_000.0 + ROLES_SECONDS))
    assert version() == first
    vault.publish_contacts(["10.z"])
    upkeep.round(seen(1_000.0 + 2 * ROLES_SECONDS))
    assert vault.contacts() == contacts(claims())
