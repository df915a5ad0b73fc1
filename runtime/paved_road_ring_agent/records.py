"""What a ring remembers of itself, in a keyspace of its own that is backed up with the data.

A ring that is restored knows which schema files and passwords the restored data has. Only agents
and `paved-road schema` act in it.
"""

from collections.abc import Mapping

KEYSPACE = "paved_road"

TABLES: Mapping[str, str] = {
    "role_passwords": "role text PRIMARY KEY, version text",
    "schema_files": "ring text, number int, file text, checksum text, state text, "
    "holder text, changed timestamp, PRIMARY KEY (ring, number)",
}
"""Columns by table. `role_passwords`: which version of its secret a role's password is.
`schema_files`: what `paved-road schema` applied, in one partition, in the files' order."""

VERSIONS_SET = "SELECT role, version FROM paved_road.role_passwords"
NOTE_VERSION = "INSERT INTO paved_road.role_passwords (role, version) VALUES (%s, %s)"

SCHEMA_FILES = "SELECT number, file, checksum, state FROM paved_road.schema_files WHERE ring = %s"
NOTE_SCHEMA_FILE = (
    "INSERT INTO paved_road.schema_files (ring, number, file, checksum, state, holder, changed) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s)"
)


def make_table(table: str) -> str:
    """In CQL; harmless if it is there."""
    return f"CREATE TABLE IF NOT EXISTS {KEYSPACE}.{table} ({TABLES[table]})"
