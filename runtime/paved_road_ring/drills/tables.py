"""A ring's tables as a drill reads them: every column with the moment when it was last written."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from paved_road_ring_agent.cql import Cql, name

COLUMNS = (
    "SELECT keyspace_name, table_name, column_name, kind, position, type FROM system_schema.columns"
)
_NATIVE = frozenset(
    {
        *("ascii", "bigint", "blob", "boolean", "counter", "date", "decimal", "double"),
        *("duration", "float", "inet", "int", "smallint", "text", "time", "timestamp"),
        *("timeuuid", "tinyint", "uuid", "varint"),
    }
)
"""https://cassandra.apache.org/doc/5.0/cassandra/developing/cql/types.html"""
_WHOLE = ("'", "frozen<", "tuple<", "vector<")
_KINDS = {"partition_key": "partition", "clustering": "clustering", "static": "static"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """`multi`: a collection or a type whose elements are written one by one."""

    name: str
    multi: bool


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table. `cells` are all columns that are no key, those of `static` too."""

    keyspace: str
    name: str
    partition: tuple[str, ...]
    clustering: tuple[str, ...] = ()
    cells: tuple[Column, ...] = ()
    static: frozenset[str] = field(default_factory=frozenset)

    @property
    def full_name(self) -> str:
        """As people and CQL write it, without quotes."""
        return f"{self.keyspace}.{self.name}"

    def common(self, other: "Table") -> "Table":
        """With the columns alone that the other one has as well: one of the two was altered."""
        known = {*other.cells}
        return Table(
            keyspace=self.keyspace,
            name=self.name,
            partition=self.partition,
            clustering=self.clustering,
            cells=tuple(one for one in self.cells if one in known),
            static=self.static,
        )

    @property
    def query(self) -> str:
        """All rows of a piece of the token ring: `t`, then `k`, `c` and `w` with their numbers.

        `w` is when a column was written, of several elements the last one.
        https://cassandra.apache.org/doc/5.0/cassandra/developing/cql/dml.html#writetime-and-ttl-function
        """
        token = f"token({', '.join(name(one) for one in self.partition)})"
        keys = [f"{name(one)} AS k{n}" for n, one in enumerate(self.partition + self.clustering)]
        cells = [
            f"{name(one.name)} AS c{n}, maxwritetime({name(one.name)}) AS w{n}"
            for n, one in enumerate(self.cells)
        ]
        return (
            f"SELECT {token} AS t, {', '.join(keys + cells)} "  # noqa: S608 - names cannot be bound
            f"FROM {name(self.keyspace)}.{name(self.name)} "
            f"WHERE {token} > %s AND {token} <= %s"
        )


def tables(cql: Cql, keyspaces: Iterable[str]) -> dict[str, Table]:
    """Those of these keyspaces, by their full names."""
    wanted = {*keyspaces}
    found: dict[tuple[str, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in cql.execute(COLUMNS):
        if row.keyspace_name in wanted:
            kind = _KINDS.get(row.kind, "regular")
            found[row.keyspace_name, row.table_name][kind].append(row)
    made = [_table(*key, kinds) for key, kinds in sorted(found.items())]
    return {one.full_name: one for one in made}


def _table(keyspace: str, table: str, kinds: dict[str, list[Any]]) -> Table:
    def keys(kind: str) -> tuple[str, ...]:
        return tuple(one.column_name for one in sorted(kinds[kind], key=lambda one: one.position))

    cells = sorted(kinds["static"] + kinds["regular"], key=lambda one: str(one.column_name))
    return Table(
        keyspace=keyspace,
        name=table,
        partition=keys("partition"),
        clustering=keys("clustering"),
        cells=tuple(Column(name=one.column_name, multi=_multi(one.type)) for one in cells),
        static=frozenset(one.column_name for one in kinds["static"]),
    )


def _multi(kind: str) -> bool:
    """Collections and users' types, unless they are frozen: nothing else has elements."""
    return not kind.startswith(_WHOLE) and kind not in _NATIVE
