"""Statements to single nodes of a ring under test, and whether somebody may make them."""

from typing import Any

from paved_road_ring_agent.cql import Way, connected
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Credential
from tests.lab.logins import Login, login

FORBIDDEN = (
    "CREATE TABLE orders.mine (id int PRIMARY KEY)",
    "ALTER TABLE orders.lines ADD mine int",
    "DROP TABLE orders.lines",
    "CREATE KEYSPACE mine WITH replication = {'class': 'SimpleStrategy'}",
    "CREATE ROLE mine",
    "SELECT * FROM system_auth.roles",
    "SELECT * FROM paved_road.schema_files",
)
"""To a service: schema, roles, and rows that are not its own."""


def rows(address: str, trust: str, credential: Credential, statement: str) -> list[Any]:
    with connected(Way(addresses=[address], trust=trust), credential) as cql:
        return cql.execute(statement)


def gets_in(address: str, user: str, password: str) -> bool:
    return login(address, user, password) is Login.LET_IN


def dropped(address: str, trust: str, superuser: Credential, name: str) -> bool:
    try:
        rows(address, trust, superuser, f'DROP ROLE IF EXISTS "{name}"')
    except NodeSilentError:
        return False
    return True


def may_read(address: str, trust: str, credential: Credential) -> bool:
    if not gets_in(address, credential.username, credential.password):
        return False
    try:
        rows(address, trust, credential, "SELECT * FROM orders.lines")
    except NodeSilentError:
        return False
    return True
