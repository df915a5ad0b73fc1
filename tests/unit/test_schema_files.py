"""Schema files: how they are split, what they may say, and which of them are applied."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring.schema import Applied, File, SchemaRefusedError, State, plan, read
from paved_road_ring.schema_owner import moving
from paved_road_ring.statements import BrokenFileError, faults, split
from paved_road_ring_agent.facts import Phase
from tests.agent.scenes import BIRTH, claim, claims, only

KEYSPACE = (
    "CREATE KEYSPACE IF NOT EXISTS orders WITH replication = "
    "{'class': 'NetworkTopologyStrategy', 'us-east-1-g1': 3}"
)
TABLE = "CREATE TABLE IF NOT EXISTS orders.lines (id uuid PRIMARY KEY, text text)"


def test_statements_end_with_semicolons_but_not_with_those_in_strings_names_and_comments() -> None:
    text = """
    -- a comment; with a semicolon
    CREATE TABLE a (b text) WITH comment = 'it''s; fine'; // another; one
    /* and; a
       third */ CREATE TABLE "a;b"
         (c text);
    CREATE FUNCTION f() AS $$ return 1; $$;
    """
    assert split(text) == [
        "CREATE TABLE a (b text) WITH comment = 'it''s; fine'",
        'CREATE TABLE "a;b" (c text)',
        "CREATE FUNCTION f() AS $$ return 1; $$",
    ]


@given(strings=st.lists(st.text(min_size=1), min_size=1, max_size=4))
def test_whatever_stands_in_strings_is_kept_as_it_is(strings: list[str]) -> None:
    quoted = ["'" + one.replace("'", "''") + "'" for one in strings]
    assert split("".join(f"SAY {one};\n" for one in quoted)) == [f"SAY {one}" for one in quoted]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CREATE TABLE a (b text)", "lacks its semicolon"),
        ("\nCREATE 'a;", "line 2: ' is never closed"),
        ("/* CREATE;", "line 1: /\\* is never closed"),
        ("SAY $$ x;", "is never closed"),
    ],
)
def test_what_never_ends_is_refused(text: str, why: str) -> None:
    with pytest.raises(BrokenFileError, match=why):
        split(text)


@pytest.mark.parametrize(
    "statement",
    [
        KEYSPACE,
        TABLE,
        "create index if not exists on orders.lines (text)",
        "ALTER TABLE orders.lines ADD IF NOT EXISTS more int",
        "ALTER TABLE orders.lines WITH gc_grace_seconds = 86400",
        "CREATE TYPE IF NOT EXISTS orders.address (street text)",
    ],
)
def test_what_adds_and_is_safe_to_repeat_may_stand_in_a_file(statement: str) -> None:
    assert faults(statement, drops=False) == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE orders.lines (id uuid PRIMARY KEY)",
        "CREATE KEYSPACE IF NOT EXISTS o WITH replication = {'class': 'SimpleStrategy'}",
        "CREATE MATERIALIZED VIEW IF NOT EXISTS orders.v AS SELECT * FROM orders.lines",
        "ALTER TABLE orders.lines ADD more int",
        "INSERT INTO orders.lines (id) VALUES (uuid())",
        "TRUNCATE orders.lines",
        "DROP KEYSPACE IF EXISTS orders",
        "GRANT ALL ON ALL KEYSPACES TO somebody",
        "CREATE ROLE IF NOT EXISTS somebody",
        "CREATE TABLE IF NOT EXISTS system_auth.more (id uuid PRIMARY KEY)",
        "ALTER TABLE paved_road.schema_files ADD IF NOT EXISTS x int",
        "ALTER KEYSPACE system_auth WITH replication = {'class': 'NetworkTopologyStrategy'}",
    ],
)
def test_everything_else_is_refused_even_where_drops_are_allowed(statement: str) -> None:
    assert faults(statement, drops=True)


def test_a_materialized_view_is_refused_by_its_name() -> None:
    (fault,) = faults("create materialized view orders.v AS SELECT * FROM orders.lines", drops=True)
    assert "materialized views are refused" in fault


def test_drops_have_to_be_asked_for() -> None:
    for drop in ("DROP TABLE IF EXISTS orders.lines", "ALTER TABLE o.l DROP IF EXISTS c"):
        assert "--allow-drops" in faults(drop, drops=False)[0]
        assert faults(drop, drops=True) == []


def file(number: int, text: str = f"{TABLE};") -> File:
    return File(number=number, name=f"{number:04d}_x.cql", text=text)


def applied(one: File, state: State = State.APPLIED) -> Applied:
    return Applied(number=one.number, name=one.name, checksum=one.checksum, state=state)


def test_files_are_applied_once_in_order_and_interrupted_ones_again() -> None:
    files = [file(1), file(2), file(7)]
    steps = plan(files, [applied(files[0]), applied(files[1], State.BEGUN)])
    assert [(step.state, len(step.statements)) for step in steps] == [
        (State.APPLIED, 0),
        (State.BEGUN, 1),
        (State.NEW, 1),
    ]


def test_all_reasons_for_a_refusal_are_told_at_once() -> None:
    changed, missing, late = file(2), file(3), file(1)
    history = [applied(file(2, "SAY 1;")), applied(missing)]
    with pytest.raises(SchemaRefusedError) as refused:
        plan([late, changed, file(4, "TRUNCATE a.b;"), file(5, "x")], history)
    for words in (
        "0001_x.cql is new, but 0003_x.cql is applied",
        "0002_x.cql was changed after it was applied",
        "0003_x.cql was applied and is missing",
        "0004_x.cql: only what changes the schema",
        "0005_x.cql: the last statement lacks its semicolon",
    ):
        assert words in str(refused.value)


def test_a_file_that_failed_may_be_mended() -> None:
    was = applied(file(1, "SAY 1;"), State.BEGUN)
    (step,) = plan([file(1)], [was])
    assert step.statements == (TABLE,)


def test_two_files_with_one_number_and_names_without_one_are_refused(tmp_path: Path) -> None:
    same = [file(1), File(number=1, name="0001_y.cql", text=f"{TABLE};")]
    with pytest.raises(SchemaRefusedError, match="the same number"):
        plan(same, [])
    (tmp_path / "orders.cql").touch()
    with pytest.raises(SchemaRefusedError, match=r"like 0001_orders\.cql, got orders\.cql"):
        read(tmp_path)


def test_a_ring_whose_nodes_change_is_not_whole() -> None:
    assert moving(BIRTH, claims()) == []
    assert moving(None, {}) == ["it is not formed"]
    replacing = claims({"a1": claim("a1", phase=Phase.REPLACING)})
    assert moving(BIRTH, replacing) == ["slot#us-east-1-g1#a#0001 is replacing"]
    assert len(moving(BIRTH, only("a0", "b0", "c0"))) == 3
    assert moving(BIRTH, claims({"a0": claim("a0", down=("h-b1",))})) == ["node h-b1 is down"]
