"""What services may do in a ring: rows of their keyspaces, and nothing else, ever."""

from typing import Any

from paved_road_ring_agent.preparation import Role
from paved_road_ring_agent.roles import Standing, Wanted, belongs, plan, wanted_of
from paved_road_ring_agent.vault import Credential, Registration

REGION = "us-east-1"
A = Credential(username="place-order-us-east-1-a", password="se'cret", version="v1")
WANTED = Wanted(credential=A, keyspaces=("orders", "stock"))
LOGIN = Role(superuser=False, login=True)


def standing(**changed: Any) -> Standing:
    both = frozenset({"SELECT", "MODIFY"})
    given: dict[str, Any] = {
        "roles": {A.username: LOGIN, "paved-road-us-east-1": Role(superuser=True, login=True)},
        "grants": {(A.username, "data/orders"): both, (A.username, "data/stock"): both},
        "keyspaces": frozenset({"orders", "stock", "system_auth"}),
    }
    return Standing(**{**given, **changed})


def statements(wanted: list[Wanted], found: Standing) -> list[str]:
    return [step.statement for step in plan(wanted, found, REGION)]


def test_a_new_service_gets_a_role_and_the_rows_of_keyspaces_that_exist() -> None:
    found = standing(roles={}, grants={}, keyspaces=frozenset({"orders"}))
    assert statements([WANTED], found) == [
        'CREATE ROLE "place-order-us-east-1-a" WITH SUPERUSER = false AND LOGIN = true '
        "AND PASSWORD = 'se''cret'",
        'GRANT MODIFY ON KEYSPACE "orders" TO "place-order-us-east-1-a"',
        'GRANT SELECT ON KEYSPACE "orders" TO "place-order-us-east-1-a"',
    ]


def test_nothing_is_done_for_roles_that_are_as_they_should_be() -> None:
    assert statements([WANTED], standing()) == []


def test_a_new_password_is_set_and_its_version_told() -> None:
    changed = Wanted(credential=A, keyspaces=("orders", "stock"), changed=True)
    (step,) = plan([changed], standing(), REGION)
    assert (step.statement.startswith("ALTER ROLE"), step.version) == (True, "v1")
    assert A.password not in step.words


def test_rights_beyond_rows_of_its_keyspaces_are_taken_back() -> None:
    held = A.username
    found = standing(
        grants={
            (held, "data/orders"): frozenset({"SELECT", "MODIFY", "CREATE"}),
            (held, "data/stock"): frozenset({"SELECT", "MODIFY"}),
            (held, "data/other"): frozenset({"SELECT"}),
            (held, "data/orders/lines"): frozenset({"DROP"}),
            (held, "data"): frozenset({"ALTER"}),
            ("somebody", "data"): frozenset({"ALTER"}),
        }
    )
    told = [step.words for step in plan([WANTED], found, REGION)]
    assert sorted(told) == [
        "revoke ALTER on ALL KEYSPACES",
        'revoke CREATE on KEYSPACE "orders"',
        'revoke DROP on TABLE "orders"."lines"',
        'revoke SELECT on KEYSPACE "other"',
    ]
    assert all(one.endswith(f'FROM "{held}"') for one in statements([WANTED], found))


def test_a_service_that_is_gone_logs_in_no_more_but_keeps_its_role() -> None:
    assert statements([], standing()) == [f'ALTER ROLE "{A.username}" WITH LOGIN = false']
    locked = standing(roles={A.username: Role(superuser=False, login=False)})
    assert statements([], locked) == []
    back = statements([WANTED], locked)
    assert back[0].startswith(f'ALTER ROLE "{A.username}"')
    assert "LOGIN = true" in back[0]


def test_a_role_that_became_a_superuser_is_set_right() -> None:
    found = standing(roles={A.username: Role(superuser=True, login=True)})
    assert "SUPERUSER = false" in statements([WANTED], found)[0]


def test_roles_of_people_and_of_other_regions_are_not_ours() -> None:
    assert belongs(A.username, REGION)
    for other in ("place-order-us-west-2-a", "paved-road-us-east-1", "alice", "us-east-1-c"):
        assert not belongs(other, REGION)


def test_secrets_that_cannot_be_read_yet_wait() -> None:
    entry = Registration(
        service="place-order", keyspaces=("orders",), secrets=("x/a", "x/b"), version=1
    )
    assert wanted_of([entry], {"x/a": A}, {A.username: "v1"}) == [
        Wanted(credential=A, keyspaces=("orders",), changed=False)
    ]
    assert wanted_of([entry], {"x/a": A}, {})[0].changed
