"""A new ring's roles and replication: planned from what stands, whatever was interrupted before."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from paved_road_ring_agent.cql import Cql, LoginRefusedError
from paved_road_ring_agent.preparation import (
    DEFAULT,
    DropDefault,
    Found,
    MakeSuperuser,
    Role,
    Spread,
    plan,
    prepare,
)
from paved_road_ring_agent.vault import Credential

DC, OURS = "us-east-1-g1", Credential(username="paved-road-us-east-1", password="it's", version="1")
SIMPLE = {"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "3"}


class KilledError(Exception):
    """The agent ends here."""


@dataclass
class Ring:
    """Understands the statements of a preparation, as Cassandra does; dies before or after one."""

    replication: dict[str, dict[str, str]] = field(
        default_factory=lambda: {
            name: dict(SIMPLE) for name in ("system_auth", "system_distributed", "system_traces")
        }
    )
    roles: dict[str, str] = field(default_factory=lambda: {"cassandra": "cassandra"})
    tables: set[str] = field(default_factory=set)
    dies_at: float = float("inf")
    count: float = 0
    statements: list[str] = field(default_factory=list)

    @contextmanager
    def connect(self, credential: Credential) -> Iterator[Cql]:
        if self.roles.get(credential.username) != credential.password:
            raise LoginRefusedError(credential.username)
        yield self

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        _ = parameters
        if statement.startswith("SELECT"):
            return self._select(statement)
        self._step()
        self.statements.append(statement)
        self._change(statement)
        self._step()
        return []

    def _step(self) -> None:
        self.count += 1
        if self.count == self.dies_at:
            raise KilledError

    def _select(self, statement: str) -> list[Any]:
        if "system_schema.keyspaces" in statement:
            return [
                SimpleNamespace(keyspace_name=name, replication=options)
                for name, options in self.replication.items()
            ]
        if "system_schema.tables" in statement:
            return [SimpleNamespace(table_name=name) for name in self.tables]
        return [
            SimpleNamespace(role=name, is_superuser=True, can_login=True) for name in self.roles
        ]

    def _change(self, statement: str) -> None:
        if found := re.match(r"(?:ALTER|CREATE) KEYSPACE (?:IF NOT EXISTS )?\"?(\w+)", statement):
            assert f"'{DC}': 3" in statement
            self.replication[found[1]] = {"class": "NetworkTopologyStrategy", DC: "3"}
        elif found := re.match(r'(?:ALTER|CREATE) ROLE "([\w-]+)".*PASSWORD = \'(.*)\'', statement):
            self.roles[found[1]] = found[2].replace("''", "'")
        elif statement == "DROP ROLE IF EXISTS cassandra":
            self.roles.pop("cassandra", None)
        elif found := re.match(r"CREATE TABLE IF NOT EXISTS paved_road\.(\w+)", statement):
            self.tables.add(found[1])
        else:
            raise AssertionError(statement)


def ready(ring: Ring) -> bool:
    return (
        ring.roles == {OURS.username: OURS.password}
        and {one["class"] for one in ring.replication.values()} == {"NetworkTopologyStrategy"}
        and ring.tables == {"role_passwords", "schema_files"}
    )


def test_a_fresh_ring_gets_our_superuser_and_loses_cassandras() -> None:
    ring = Ring()
    prepare(ring.connect, OURS, DC, 3)
    assert ready(ring)
    before = len(ring.statements)
    prepare(ring.connect, OURS, DC, 3)
    assert len(ring.statements) == before, "nothing is done twice"


def test_whenever_it_is_killed_the_next_attempt_ends_well() -> None:
    whole = Ring()
    prepare(whole.connect, OURS, DC, 3)
    assert whole.count >= 16
    for moment in range(1, int(whole.count) + 1):
        ring = Ring(dies_at=moment)
        with pytest.raises(KilledError):
            prepare(ring.connect, OURS, DC, 3)
        ring.dies_at = float("inf")
        prepare(ring.connect, OURS, DC, 3)
        assert ready(ring), moment


def test_cassandras_superuser_is_dropped_by_ours_and_only_then() -> None:
    found = Found(replication={}, roles={DEFAULT.username: Role(superuser=True, login=True)})
    steps = plan(found, DC, 3, OURS.username)
    assert steps.index(MakeSuperuser(exists=False)) < steps.index(DropDefault())


def test_replicas_in_other_data_centers_are_kept() -> None:
    here = {"class": "NetworkTopologyStrategy", "us-west-2-g1": "3"}
    found = Found(replication={"system_auth": here})
    first = plan(found, DC, 3, OURS.username)[0]
    assert first == Spread(keyspace="system_auth", replicas={"us-west-2-g1": 3, DC: 3})
    whole = {**here, DC: "3"}
    steps = plan(Found(replication={"system_auth": whole}), DC, 3, OURS.username)
    assert not [one for one in steps if isinstance(one, Spread) and one.keyspace == "system_auth"]


def test_a_ring_that_lets_neither_superuser_in_is_left_alone() -> None:
    ring = Ring(roles={"somebody": "else"})
    with pytest.raises(LoginRefusedError):
        prepare(ring.connect, OURS, DC, 3)
    assert ring.statements == []


def test_no_password_is_told_when_a_credential_is_logged() -> None:
    assert OURS.password not in repr(OURS)
