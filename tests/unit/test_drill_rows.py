"""How a drill asks for a table's rows, and what it makes of the driver's answer."""

from collections import namedtuple
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from cassandra import util

from paved_road_ring.drills.ranges import Piece
from paved_road_ring.drills.rows import STATIC, Cell, Key, parts, read, text
from paved_road_ring.drills.tables import Column, Table, tables

SortedSet: Any = util.SortedSet
Address = namedtuple("Address", "street number")


class Answers:
    def __init__(self, *rows: Any) -> None:
        self.rows, self.asked = rows, list[tuple[str, list[Any]]]()

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        self.asked.append((statement, list(parameters)))
        return list(self.rows)


def column(table: str, name: str, kind: str, type: str, position: int = -1) -> SimpleNamespace:
    return SimpleNamespace(
        keyspace_name="shop",
        table_name=table,
        column_name=name,
        kind=kind,
        position=position,
        type=type,
    )


SCHEMA = Answers(
    column("orders", "number", "clustering", "int", 0),
    column("orders", "customer", "partition_key", "int", 1),
    column("orders", "Area", "partition_key", "text", 0),
    column("orders", "name", "static", "text"),
    column("orders", "lines", "regular", "map<int, text>"),
    column("orders", "home", "regular", "address"),
    column("orders", "old_home", "regular", "frozen<address>"),
    column("orders", "route", "regular", "vector<float, 3>"),
)
ORDERS = Table(
    keyspace="shop",
    name="orders",
    partition=("a",),
    clustering=("k",),
    cells=(Column(name="lines", multi=True), Column(name="name", multi=False)),
    static=frozenset({"name"}),
)


def row(**values: Any) -> SimpleNamespace:
    given = {"t": 7, "k0": 1, "k1": 2, "c0": None, "w0": None, "c1": None, "w1": None}
    return SimpleNamespace(**(given | values))


def test_tables_are_read_from_the_schema() -> None:
    found = tables(SCHEMA, ["shop"])["shop.orders"]
    assert (found.partition, found.clustering) == (("Area", "customer"), ("number",))
    assert found.static == {"name"}
    assert {one.name for one in found.cells if one.multi} == {"lines", "home"}
    assert tables(SCHEMA, ["other"]) == {}


def test_every_column_is_asked_for_with_the_moment_of_its_last_write() -> None:
    found = tables(SCHEMA, ["shop"])["shop.orders"]
    assert found.query.startswith('SELECT token("Area", "customer") AS t, "Area" AS k0,')
    assert '"name" AS c2, maxwritetime("name") AS w2' in found.query
    end = '"shop"."orders" WHERE token("Area", "customer") > %s AND token("Area", "customer") <= %s'
    assert found.query.endswith(end)


def test_columns_that_one_ring_lacks_are_left_out() -> None:
    other = Table(keyspace="shop", name="orders", partition=("a",), cells=ORDERS.cells[1:])
    assert ORDERS.common(other).cells == ORDERS.cells[1:]


def test_static_columns_that_every_row_repeats_are_one_row() -> None:
    answers = Answers(
        row(c0={1: "x"}, w0=5, c1="n", w1=6),
        row(k1=3, c1="n", w1=6),
        row(t=8, k0=2, k1=None, c1="alone", w1=7),
    )
    found = read(answers, ORDERS, Piece(-5, 5))
    assert answers.asked == [(ORDERS.query, [-5, 5])]
    assert found == {
        Key(7, ("1", STATIC)): {"name": Cell(frozenset({"'n'"}), 6)},
        Key(7, ("1", "2")): {"lines": Cell(frozenset({"1: 'x'"}), 5)},
        Key(7, ("1", "3")): {},
        Key(8, ("2", STATIC)): {"name": Cell(frozenset({"'alone'"}), 7)},
    }


def test_elements_are_told_apart() -> None:
    assert parts([1, 1, 2]) == {"1 #0", "1 #1", "2 #0"}
    assert parts(SortedSet(["b", "a"])) == parts(SortedSet(["a", "b"]))
    assert parts(Address("High", None)) == {"street: 'High'"}


def test_nested_values_are_the_same_text_whatever_holds_them() -> None:
    assert text(SortedSet([2, 1])) == text([1, 2]) == "[1, 2]"
    assert text((1, [2, {3: "x"}])) == "[1, [2, {3: 'x'}]]"
    assert text(float("nan")) == "nan"
