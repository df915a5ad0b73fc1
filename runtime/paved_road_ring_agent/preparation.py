"""What makes a new ring safe for clients, step by step: each is planned from what stands there.

An agent that is killed between two steps, or in one, plans again and goes on.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from paved_road_ring_agent import records
from paved_road_ring_agent.cql import Cql, LoginRefusedError, name, text
from paved_road_ring_agent.jvm import SHARED_KEYSPACES
from paved_road_ring_agent.vault import Credential

DEFAULT = Credential(username="cassandra", password="cassandra", version="")  # noqa: S106
"""The superuser that Cassandra makes where there are no roles."""

NETWORK = "NetworkTopologyStrategy"


@dataclass(frozen=True, kw_only=True)
class Role:
    """As `system_auth.roles` has it."""

    superuser: bool
    login: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What stands in the ring: replication of its keyspaces, its roles, its tables of records."""

    replication: Mapping[str, Mapping[str, str]]
    roles: Mapping[str, Role] = field(default_factory=dict)
    records: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Replicate a keyspace by data center."""

    keyspace: str
    replicas: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class MakeKeyspace:
    """Make the keyspace for the ring's own records."""

    replicas: Mapping[str, int]


@dataclass(frozen=True)
class MakeTable:
    """Make one of its tables."""

    table: str


@dataclass(frozen=True)
class MakeSuperuser:
    """Make our own superuser, or set it right; under its password in the secret."""

    exists: bool


@dataclass(frozen=True)
class DropDefault:
    """Drop Cassandra's own superuser, as ours."""


Step = Spread | MakeSuperuser | DropDefault | MakeKeyspace | MakeTable


def plan(found: Found, data_center: str, racks: int, superuser: str) -> list[Step]:
    """Steps that are missing, in order; none for a ring that is ready.

    Replicas in other data centers stay as they are.
    """
    steps: list[Step] = []
    for keyspace in SHARED_KEYSPACES:
        present = network_replicas(found.replication.get(keyspace, {}))
        wanted = {**present, data_center: racks}
        if present != wanted:
            steps.append(Spread(keyspace=keyspace, replicas=wanted))
    own = found.roles.get(superuser)
    if own != Role(superuser=True, login=True):
        steps.append(MakeSuperuser(exists=own is not None))
    if DEFAULT.username in found.roles:
        steps.append(DropDefault())
    if records.KEYSPACE not in found.replication:
        steps.append(MakeKeyspace(replicas={data_center: racks}))
    steps += [MakeTable(table) for table in records.TABLES if table not in found.records]
    return steps


def statement(step: Step, superuser: Credential) -> str:
    """The step in CQL."""
    match step:
        case Spread():
            return spread(step)
        case MakeSuperuser(exists=exists):
            verb = "ALTER" if exists else "CREATE"
            return (
                f"{verb} ROLE {name(superuser.username)} WITH SUPERUSER = true AND LOGIN = true "
                f"AND PASSWORD = {text(superuser.password)}"
            )
        case DropDefault():
            return f"DROP ROLE IF EXISTS {DEFAULT.username}"
        case MakeKeyspace(replicas=replicas):
            return (
                f"CREATE KEYSPACE IF NOT EXISTS {records.KEYSPACE} "
                f"WITH replication = {_options(replicas)}"
            )
        case MakeTable(table=table):
            return records.make_table(table)


def spread(step: Spread) -> str:
    """The same of that step; keyspaces may have any name."""
    return f"ALTER KEYSPACE {name(step.keyspace)} WITH replication = {_options(step.replicas)}"


def network_replicas(replication: Mapping[str, str]) -> dict[str, int]:
    """By data center; none of a keyspace that is not replicated by data center."""
    if not replication.get("class", "").endswith(NETWORK):
        return {}
    return {center: int(count) for center, count in replication.items() if center != "class"}


def _options(replicas: Mapping[str, int]) -> str:
    counts = ", ".join(f"{text(dc)}: {count}" for dc, count in sorted(replicas.items()))
    return f"{{'class': '{NETWORK}', {counts}}}"


def look(cql: Cql) -> Found:
    """What stands there now."""
    roles = cql.execute("SELECT role, is_superuser, can_login FROM system_auth.roles")
    tables = cql.execute(
        "SELECT table_name FROM system_schema.tables WHERE keyspace_name = %s", [records.KEYSPACE]
    )
    return Found(
        replication=replication(cql),
        records=frozenset(row.table_name for row in tables),
        roles={row.role: Role(superuser=row.is_superuser, login=row.can_login) for row in roles},
    )


def replication(cql: Cql) -> dict[str, dict[str, str]]:
    """Of all keyspaces, as Cassandra has it."""
    keyspaces = cql.execute("SELECT keyspace_name, replication FROM system_schema.keyspaces")
    return {row.keyspace_name: dict(row.replication) for row in keyspaces}


Connect = Callable[[Credential], AbstractContextManager[Cql]]


def prepare(connect: Connect, superuser: Credential, data_center: str, racks: int) -> None:
    """Carry out what is missing; safe to repeat at any point.

    As our superuser once that is there, else as Cassandra's: whose role goes last, and by ours,
    which proves that ours can log in. Raises `LoginRefusedError` if neither may.
    """
    try:
        with connect(superuser) as cql:
            _carry_out(cql, superuser, data_center, racks, stop=())
    except LoginRefusedError:
        with connect(DEFAULT) as cql:
            _carry_out(cql, superuser, data_center, racks, stop=(DropDefault,))
        with connect(superuser) as cql:
            _carry_out(cql, superuser, data_center, racks, stop=())


def _carry_out(
    cql: Cql, superuser: Credential, data_center: str, racks: int, *, stop: tuple[Any, ...]
) -> None:
    for step in plan(look(cql), data_center, racks, superuser.username):
        if isinstance(step, stop):
            return
        cql.execute(statement(step, superuser))
