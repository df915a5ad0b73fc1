"""Which roles services have in a ring: least rights, planned from what is registered and stands.

A service reads and writes rows of its keyspaces. It never creates, alters or drops anything: that
is `paved-road schema`'s. A role whose service is gone can't log in any more; it is not dropped,
because a stack that was deleted by mistake comes back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from paved_road_ring_agent.contract import TURNS, client_role
from paved_road_ring_agent.cql import Cql, name, text
from paved_road_ring_agent.preparation import Role
from paved_road_ring_agent.vault import Credential, Registration

ROWS = frozenset({"SELECT", "MODIFY"})
"""All that a service may do with a keyspace.
https://cassandra.apache.org/doc/5.0/cassandra/developing/cql/security.html#permissions
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A role as its service's stack wants it. `changed`: its password isn't what was set last."""

    credential: Credential
    keyspaces: tuple[str, ...]
    changed: bool = False


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the ring has: roles, what each may do with which keyspace, and the keyspaces."""

    roles: Mapping[str, Role]
    grants: Mapping[tuple[str, str], frozenset[str]]
    keyspaces: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One statement about a role; `words` tell of it without the password.

    `version` is that of the password that it sets, if it sets one.
    """

    role: str
    statement: str
    words: str
    version: str = ""


def belongs(role: str, region: str) -> bool:
    """Whether a role is a service's, of those that this region's agents look after."""
    return any(role.endswith(client_role("", region, turn)) for turn in TURNS)


def plan(wanted: Sequence[Wanted], standing: Standing, region: str) -> list[Step]:
    """What is missing or too much, in order. Keyspaces that don't exist yet are granted later."""
    steps: list[Step] = []
    for one in wanted:
        steps += _role(one, standing.roles.get(one.credential.username))
        steps += _grants(one, standing)
    names = {one.credential.username for one in wanted}
    for role, found in sorted(standing.roles.items()):
        if belongs(role, region) and role not in names and found.login:
            statement = f"ALTER ROLE {name(role)} WITH LOGIN = false"
            steps.append(Step(role=role, statement=statement, words="its service is gone"))
    return steps


def _role(one: Wanted, found: Role | None) -> list[Step]:
    credential = one.credential
    if found == Role(superuser=False, login=True) and not one.changed:
        return []
    verb = "ALTER" if found else "CREATE"
    return [
        Step(
            role=credential.username,
            statement=(
                f"{verb} ROLE {name(credential.username)} WITH SUPERUSER = false AND LOGIN = true "
                f"AND PASSWORD = {text(credential.password)}"
            ),
            words="made" if found is None else "its password or rights are set anew",
            version=credential.version,
        )
    ]


def _grants(one: Wanted, standing: Standing) -> list[Step]:
    role = one.credential.username
    steps: list[Step] = []

    def say(verb: str, permission: str, resource: str, way: str) -> None:
        statement = f"{verb} {permission} ON {resource} {way} {name(role)}"
        words = f"{verb.lower()} {permission} on {resource}"
        steps.append(Step(role=role, statement=statement, words=words))

    for keyspace in one.keyspaces:
        if keyspace in standing.keyspaces:
            held = standing.grants.get((role, f"data/{keyspace}"), frozenset())
            for permission in sorted(ROWS - held):
                say("GRANT", permission, f"KEYSPACE {name(keyspace)}", "TO")
    for (holder, resource), held in sorted(standing.grants.items()):
        kind, *parts = resource.split("/")
        if holder == role and kind == "data":
            whole_keyspace = len(parts) == 1 and parts[0] in one.keyspaces
            excess = held - (ROWS if whole_keyspace else frozenset())
            for permission in sorted(excess):
                say("REVOKE", permission, _spelled(resource), "FROM")
    return steps


def _spelled(resource: str) -> str:
    """`data/orders` and `data/orders/table` as statements say them; `data` is all keyspaces."""
    _, *parts = resource.split("/")
    kinds = {0: "ALL KEYSPACES", 1: "KEYSPACE ", 2: "TABLE "}
    return kinds[len(parts)] + ".".join(name(part) for part in parts)


def look(cql: Cql) -> Standing:
    """What the ring has now."""
    roles = cql.execute("SELECT role, is_superuser, can_login FROM system_auth.roles")
    grants = cql.execute("SELECT role, resource, permissions FROM system_auth.role_permissions")
    keyspaces = cql.execute("SELECT keyspace_name FROM system_schema.keyspaces")
    return Standing(
        roles={row.role: Role(superuser=row.is_superuser, login=row.can_login) for row in roles},
        grants={(row.role, row.resource): frozenset(row.permissions) for row in grants},
        keyspaces=frozenset(row.keyspace_name for row in keyspaces),
    )


def wanted_of(
    registrations: Sequence[Registration],
    credentials: Mapping[str, Credential],
    set_last: Mapping[str, str],
) -> list[Wanted]:
    """Roles that registered services want.

    `credentials` by the secret's name, those that could be read; `set_last` are the versions of the
    passwords that were set last, by role.
    """
    found: list[Wanted] = []
    for one in registrations:
        for secret in one.secrets:
            if credential := credentials.get(secret):
                last = set_last.get(credential.username)
                found.append(
                    Wanted(
                        credential=credential,
                        keyspaces=one.keyspaces,
                        changed=credential.version != last,
                    )
                )
    return found
