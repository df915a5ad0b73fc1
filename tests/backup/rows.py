"""Rows of every kind that a backup could lose or bring back: deleted, timed, static, counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cassandra.cluster import Cluster

KEYSPACE = "CREATE KEYSPACE shop WITH replication = {{'class': 'NetworkTopologyStrategy', {}}}"
STATEMENTS = (
    "CREATE TABLE shop.orders (customer int, number int, state text, name text static, "
    "PRIMARY KEY (customer, number))",
    "CREATE INDEX by_state ON shop.orders (state) USING 'sai'",
    "CREATE TABLE shop.names (id int PRIMARY KEY, name text)",
    "CREATE INDEX by_name ON shop.names (name)",
    "CREATE TABLE shop.counts (id int PRIMARY KEY, seen counter)",
    "CREATE TABLE shop.never_written (id int PRIMARY KEY)",
)
CUSTOMERS, EACH = 20, 100


@contextmanager
def session(address: str) -> Iterator[Any]:
    """CQL to one node."""
    cluster = Cluster([address], protocol_version=5)
    try:
        found: Any = cluster.connect()
        found.default_timeout = 60
        yield found
    finally:
        cluster.shutdown()


def fill(cql: Any, replicas: str = "'bench': 1") -> None:
    """Tables, two thousand rows in wide partitions, some deleted, and what else there is."""
    for statement in (KEYSPACE.format(replicas), *STATEMENTS):
        cql.execute(statement)
    insert = cql.prepare("INSERT INTO shop.orders (customer, number, state) VALUES (?, ?, ?)")
    others = [
        (cql.prepare(statement), values)
        for statement, values in (
            ("UPDATE shop.orders SET name = ? WHERE customer = ?", lambda one: (f"c{one}", one)),
            ("DELETE FROM shop.orders WHERE customer = ? AND number < 10", lambda one: (one,)),
            ("INSERT INTO shop.names (id, name) VALUES (?, ?)", lambda one: (one, f"n{one % 5}")),
            ("UPDATE shop.counts SET seen = seen + ? WHERE id = ?", lambda one: (one + 1, one)),
        )
    ]
    for customer in range(CUSTOMERS):
        for number in range(EACH):
            cql.execute(insert, (customer, number, f"state {number % 10}"))
        for statement, values in others:
            cql.execute(statement, values(customer))
    cql.execute("DELETE FROM shop.names WHERE id = 7")
    cql.execute("INSERT INTO shop.names (id, name) VALUES (100, 'timed') USING TTL 86400")


def add(cql: Any) -> None:
    """Some more, after a backup."""
    cql.execute("INSERT INTO shop.names (id, name) VALUES (200, 'late')")


def contents(cql: Any) -> dict[str, Any]:
    """All there is, by every way to ask for it."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return sorted((tuple(row) for row in cql.execute(query)), key=repr)

    return {
        "orders": rows("SELECT * FROM shop.orders"),
        "by state": rows("SELECT customer, number FROM shop.orders WHERE state = 'state 3'"),
        "names": rows("SELECT id, name, writetime(name) FROM shop.names"),
        "by name": rows("SELECT id FROM shop.names WHERE name = 'n2'"),
        "timed": [row[0] for row in rows("SELECT id FROM shop.names WHERE name = 'timed'")],
        "has a TTL": [
            bool(row[0]) for row in rows("SELECT ttl(name) FROM shop.names WHERE id = 100")
        ],
        "counts": rows("SELECT * FROM shop.counts"),
        "never written": rows("SELECT * FROM shop.never_written"),
        "ids": rows("SELECT table_name, id FROM system_schema.tables WHERE keyspace_name = 'shop'"),
    }
