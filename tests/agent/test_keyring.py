"""Agents that share one authority, whatever they do at the same time; and their leases."""

import shutil
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from paved_road_ring_agent.authority import ROOT_LIFE, SUCCESSION, Authority, first, now_utc
from paved_road_ring_agent.certificates import LIFE, Files, Subject
from paved_road_ring_agent.contract import (
    client_parameter,
    superuser_secret,
)
from paved_road_ring_agent.facts import Lease
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.superuser import acting
from paved_road_ring_agent.upkeep import Upkeep
from paved_road_ring_agent.vault import Credential, NoSecretError, Vault
from tests.agent.scenes import slot, stopped, table
from tests.agent.test_preparation import Ring

SUBJECT = Subject(estate="acme", ring="orders", slot=slot("a0"), address="10.0.0.7")
START = 1_767_225_600.0


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class LeaseTable:
    """The slot table, as far as leases go: numbers only rise by one."""

    held: dict[str, Lease] = field(default_factory=dict)

    def lease(self, subject: str) -> Lease | None:
        return self.held.get(subject)

    def take_lease(self, subject: str, lease: Lease) -> bool:
        last = self.held.get(subject)
        if lease.number != (last.number + 1 if last else 1):
            return False
        self.held[subject] = lease
        return True


def keyring(vault: Vault, folder: Path, table: LeaseTable, clock: Clock, who: str) -> Keyring:
    leases = Leases(table=table, holder=who, clock=clock)
    return Keyring(
        vault=vault, files=Files(folder / who), leases=leases, lease="authority", clock=clock
    )


def test_the_first_agent_makes_the_authority_and_all_others_use_it(
    vault: Vault, tmp_path: Path
) -> None:
    clock, table = Clock(), LeaseTable()
    one, two = (keyring(vault, tmp_path, table, clock, who) for who in ("one", "two"))
    table.take_lease("authority", Lease(holder="one", until=clock.now + 60, number=1))
    assert two.refresh(SUBJECT) is None, "it does not hold the lease"
    assert one.refresh(SUBJECT) is True
    assert two.refresh(SUBJECT) is True
    assert one.files.trusted() == two.files.trusted()
    assert one.refresh(SUBJECT) is False, "nothing is due"


def test_of_two_agents_that_both_think_they_may_one_makes_the_authority(vault: Vault) -> None:
    mine, theirs = first("orders", now_utc(START)), first("orders", now_utc(START))
    assert vault.write_authority(mine)
    assert not vault.write_authority(theirs)
    assert vault.write_authority(mine), "the same again is no other"
    assert vault.authority() == mine


def test_certificates_are_renewed_at_half_their_life_and_roots_a_year_before_they_end(
    vault: Vault, tmp_path: Path
) -> None:
    clock, table = Clock(), LeaseTable()
    one = keyring(vault, tmp_path, table, clock, "one")
    one.refresh(SUBJECT)
    held = one.files.held()
    assert not one.aged()
    clock.now += LIFE.total_seconds() / 2
    assert one.aged()
    assert one.usable(), "with half of its life left"
    assert one.refresh(SUBJECT) is True
    assert one.files.held() != held
    clock.now = START + (ROOT_LIFE - SUCCESSION).total_seconds() + 1
    one.refresh(SUBJECT)
    authority = vault.authority()
    assert isinstance(authority, Authority)
    assert [root.number for root in authority.roots] == [1, 2]
    assert (one.files.trusted() or "").count("BEGIN CERTIFICATE") == 2


def test_a_certificate_is_of_no_use_once_its_time_is_over_or_where_there_is_none(
    vault: Vault, tmp_path: Path
) -> None:
    clock = Clock()
    one = keyring(vault, tmp_path, LeaseTable(), clock, "one")
    assert not one.usable()
    one.refresh(SUBJECT)
    clock.now += LIFE.total_seconds()
    assert not one.usable()


def test_a_node_that_rebooted_gets_a_certificate_to_ask_its_peers_with_without_the_table(
    vault: Vault, tmp_path: Path
) -> None:
    clock = Clock()
    one = keyring(vault, tmp_path, LeaseTable(), clock, "one")
    one.refresh(SUBJECT)
    made = one.files.held()
    performer = SimpleNamespace(subject=lambda slot: replace(SUBJECT, slot=slot))
    upkeep = Upkeep(keyring=one, performer=cast("Performer", performer), leases=one.leases)
    rebooted = stopped("a0", table=None, known=table(), now=clock.now)
    upkeep.round(rebooted)
    assert one.files.held() == made, "it has one that its peers take"
    shutil.rmtree(one.files.folder)
    upkeep.round(replace(rebooted, disk=None))
    assert not one.usable(), "a disk that is empty names no slot"
    upkeep.round(rebooted)
    assert one.usable()
    context = one.context(ssl.Purpose.SERVER_AUTH)
    assert context
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_clients_learn_the_roots(vault: Vault, tmp_path: Path) -> None:
    clock = Clock()
    one = keyring(vault, tmp_path, LeaseTable(), clock, "one")
    assert vault.trust() is None
    one.refresh(SUBJECT)
    one.publish()
    assert vault.trust() == one.files.trusted()


def test_services_are_found_by_their_entries_and_passwords_by_their_names(vault: Vault) -> None:
    entry = '{"keyspaces": ["orders"], "secrets": ["x/a", "x/b"]}'
    for service in ("place-order", "track-order"):
        vault._parameters.put_parameter(
            Name=client_parameter("acme", "orders", service), Value=entry, Type="String"
        )
    assert {one.service for one in vault.registrations()} == {"place-order", "track-order"}
    with pytest.raises(NoSecretError, match="x/a"):
        vault.credential("x/a")


def test_a_superuser_whose_password_was_drawn_anew_acts_with_the_last_and_sets_it(
    vault: Vault,
) -> None:
    ring = Ring(roles={"paved-road-us-east-1": "first"})
    name = superuser_secret("acme", "orders")
    vault._secrets.put_secret_value(
        SecretId=name, SecretString='{"username": "paved-road-us-east-1", "password": "second"}'
    )
    with acting(vault, ring.connect):
        pass
    assert ring.roles == {"paved-road-us-east-1": "second"}
    before = len(ring.statements)
    with acting(vault, ring.connect):
        pass
    assert len(ring.statements) == before
    assert isinstance(vault.previous_superuser(), Credential)
