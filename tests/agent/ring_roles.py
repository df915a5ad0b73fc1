"""What agents find and change through CQL and secrets when they prepare a ring, as plain values."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from paved_road_ring_agent.certificates import Files, Subject
from paved_road_ring_agent.cql import Cql, LoginRefusedError, Way
from paved_road_ring_agent.jvm import SHARED_KEYSPACES
from paved_road_ring_agent.observed import Observed
from paved_road_ring_agent.preparation import DEFAULT
from paved_road_ring_agent.vault import Credential

SUPERUSER = Credential(username="paved-road-us-east-1", password="secret", version="1")


ELSEWHERE, HERE = "us-west-2-g1", "us-east-1-g1"
"""Data centers: the one that a backup is of, and that of the world."""
NETWORK = "NetworkTopologyStrategy"


@dataclass
class RingRoles:
    """A new ring's keyspaces, roles and tables; statements that it does not know fail.

    `misplaced` are keyspaces that are replicated to a data center that is not here, `nodes` how
    many there are.
    """

    replication: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(SHARED_KEYSPACES, "SimpleStrategy")
    )
    passwords: dict[str, str] = field(default_factory=lambda: {DEFAULT.username: DEFAULT.password})
    tables: set[str] = field(default_factory=set)
    misplaced: set[str] = field(default_factory=set)
    nodes: int = 3

    @classmethod
    def of_another_data_center(cls) -> "RingRoles":
        """As they come with its backup."""
        names = (*SHARED_KEYSPACES, "shop")
        return cls(replication=dict.fromkeys(names, NETWORK), misplaced={*names})

    @property
    def ready(self) -> bool:
        """Whether clients may come: our superuser alone, and nothing on a single node."""
        spread = {*self.replication.values()} == {NETWORK} and not self.misplaced
        return {*self.passwords} == {SUPERUSER.username} and spread

    @contextmanager
    def open(self, _way: Way, credential: Credential) -> Iterator[Cql]:
        unread = "system_auth" in self.misplaced
        if unread or self.passwords.get(credential.username) != credential.password:
            raise LoginRefusedError(credential.username)
        yield self

    def execute(self, statement: str, _parameters: Sequence[Any] = ()) -> list[Any]:
        words = statement.split()
        match words[:2]:
            case ["SELECT", "keyspace_name,"]:
                return [
                    SimpleNamespace(keyspace_name=name, replication=self._options(name))
                    for name in self.replication
                ]
            case ["SELECT", "schema_version"]:
                return [SimpleNamespace(schema_version="one")]
            case ["SELECT", "peer,"]:
                return [SimpleNamespace(peer=n, schema_version="one") for n in range(1, self.nodes)]
            case ["SELECT", "role,"]:
                return [
                    SimpleNamespace(role=role, is_superuser=True, can_login=True)
                    for role in self.passwords
                ]
            case ["SELECT", "table_name"]:
                return [SimpleNamespace(table_name=name) for name in self.tables]
            case ["ALTER" | "CREATE", "KEYSPACE"]:
                found = re.search(
                    r"KEYSPACE (?:IF NOT EXISTS )?\"?(\w+)\"? .*'class': '(\w+)'", statement
                )
                assert found, statement
                self.replication[found[1]] = found[2]
                if ELSEWHERE not in statement:
                    self.misplaced.discard(found[1])
            case ["CREATE" | "ALTER", "ROLE"]:
                self.passwords[SUPERUSER.username] = SUPERUSER.password
            case ["DROP", "ROLE"]:
                self.passwords.pop(words[-1], None)
            case ["CREATE", "TABLE"]:
                self.tables.add(words[5].partition(".")[2])
            case _:
                raise AssertionError(f"a statement that this stand-in does not know: {statement}")
        return []

    def _options(self, keyspace: str) -> dict[str, str]:
        strategy = self.replication[keyspace]
        if strategy != NETWORK:
            return {"class": strategy, "replication_factor": "1"}
        return {"class": strategy, ELSEWHERE if keyspace in self.misplaced else HERE: "3"}


class HeldKeys:
    """Stands for `Keyring`: a certificate is always there."""

    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)
        self.vault = SimpleNamespace(superuser=lambda: SUPERUSER)

    def refresh(self, _subject: Subject) -> bool:
        return False

    def usable(self) -> bool:
        return True


class NoUpkeep:
    """Stands for `Upkeep`, which has tests of its own."""

    def round(self, _seen: Observed) -> None:
        """Nothing is due."""
