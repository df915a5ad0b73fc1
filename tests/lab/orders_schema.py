"""Schema files of the ring under test, and how applying them ends."""

from collections.abc import Mapping
from pathlib import Path

from paved_road_ring.schema import SchemaRefusedError, read
from paved_road_ring.schema_owner import SchemaOwner
from tests.lab.living_ring import LivingRing
from tests.lab.statements import rows

SCHEMA = {
    "0001_orders.cql": "CREATE KEYSPACE IF NOT EXISTS orders WITH replication = "
    "{'class': 'NetworkTopologyStrategy', 'us-east-1-g1': 3};",
    "0002_lines.cql": "CREATE TABLE IF NOT EXISTS orders.lines (id int PRIMARY KEY, words text);"
    "ALTER TABLE orders.lines ADD IF NOT EXISTS more text;",
}
TABLE_ID = (
    "SELECT id FROM system_schema.tables WHERE keyspace_name = 'orders' AND table_name = 'lines'"
)


def write_schema(folder: Path, changed: Mapping[str, str] | None = None) -> None:
    """The files, with others beside or instead of them."""
    for name, text in {**SCHEMA, **(changed or {})}.items():
        (folder / name).write_text(text)


def ended(owner: SchemaOwner, folder: Path) -> str:
    try:
        return owner.apply(read(folder))[0].state
    except SchemaRefusedError as refused:
        assert "somebody else" in str(refused)  # noqa: PT017 - the other one's end is counted too
        return "refused"


def refusal(owner: SchemaOwner, folder: Path) -> str:
    try:
        owner.apply(read(folder), dry_run=True)
    except SchemaRefusedError as refused:
        return str(refused)
    return ""


def table_ids(ring: LivingRing, trust: str) -> set[str]:
    """What nodes know the table by, which is one thing if it was made once."""
    superuser = ring.vault.superuser()
    found = [rows(address, trust, superuser, TABLE_ID) for address in ring.addresses()]
    return {str(one[0].id) for one in found}


def table_folders(ring: LivingRing) -> set[str]:
    """Where nodes keep its rows."""
    pattern = "var/lib/paved-road/cassandra/data/orders/lines-*"
    return {one.name for node in ring.nodes() for one in node.layout.root.glob(pattern)}
