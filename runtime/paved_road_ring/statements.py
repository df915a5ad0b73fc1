"""What a schema file may say: CQL statements that are safe to repeat, each ended by a semicolon.

An interrupted file is run again from its beginning, so every statement must do nothing where it was
done before: `CREATE ... IF NOT EXISTS`, `ALTER TABLE ... ADD IF NOT EXISTS`, `DROP ... IF EXISTS`.
"""

import re

TOKENS = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$.*?\$\$)
    |(?P<comment>--[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<end>;)
    |(?P<broken>['"]|\$\$|/\*)
    |(?P<rest>.)""",
    re.VERBOSE | re.DOTALL,
)
"""CQL's strings, quoted names and comments, in which a semicolon ends nothing.
https://cassandra.apache.org/doc/5.0/cassandra/developing/cql/definitions.html
"""

ADDITIVE = (
    r"CREATE KEYSPACE IF NOT EXISTS \S+ WITH .*NetworkTopologyStrategy.*",
    r"CREATE (TABLE|TYPE|INDEX|CUSTOM INDEX) IF NOT EXISTS .*",
    r"ALTER KEYSPACE (IF EXISTS )?\S+ WITH .*NetworkTopologyStrategy.*",
    r"ALTER TABLE (IF EXISTS )?\S+ (ADD IF NOT EXISTS|RENAME IF EXISTS|WITH) .*",
    r"ALTER TYPE (IF EXISTS )?\S+ (ADD IF NOT EXISTS|RENAME IF EXISTS) .*",
)
DROPPING = (
    r"ALTER TABLE (IF EXISTS )?\S+ DROP IF EXISTS .*",
    r"DROP (TABLE|TYPE|INDEX) IF EXISTS .*",
)
OWN = re.compile(r'\b(KEYSPACE|TABLE|TYPE|ON)( IF (NOT )?EXISTS)? "?(system\w*|paved_road)\b', re.I)
"""Keyspaces that belong to Cassandra and to the ring itself."""


class BrokenFileError(ValueError):
    """A string or comment that never ends, or a statement without its semicolon."""


def split(text: str) -> list[str]:
    """The statements, without comments and with single blanks between words."""
    found: list[str] = []
    now = ""
    for token in TOKENS.finditer(text):
        if token["broken"]:
            line = text.count("\n", 0, token.start()) + 1
            raise BrokenFileError(f"line {line}: {token['broken']} is never closed")
        if token["end"]:
            found.append(now.strip())
            now = ""
        elif token["comment"] or (token["rest"] and token["rest"].isspace()):
            now += "" if now.endswith(" ") else " "
        else:
            now += token[0]
    if now.strip():
        raise BrokenFileError(f"the last statement lacks its semicolon: {now.strip()[:60]}")
    return [statement for statement in found if statement]


def faults(statement: str, *, drops: bool) -> list[str]:
    """Why a statement may not stand in a schema file; `drops`: whether data may be given up."""
    if OWN.search(statement):
        return ["it changes a keyspace that is not yours"]
    if _is(statement, ADDITIVE):
        return []
    if re.match(r"CREATE MATERIALIZED VIEW\b", statement, re.IGNORECASE):
        return [
            "materialized views are refused, by the ring's nodes too: nothing mends one that "
            "differs from its table, after a restore least of all. Write a second table"
        ]
    if _is(statement, DROPPING):
        return [] if drops else ["it gives up data: say --allow-drops if that is meant"]
    return [
        "only what changes the schema and is safe to repeat may stand here (IF NOT EXISTS, IF "
        "EXISTS, replication by NetworkTopologyStrategy)"
    ]


def _is(statement: str, kinds: tuple[str, ...]) -> bool:
    return any(re.fullmatch(kind, statement, re.IGNORECASE | re.DOTALL) for kind in kinds)
