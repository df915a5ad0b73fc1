"""The slot table over a dictionary, under the real table's own conditions."""

import re
from collections.abc import Mapping
from typing import Any

from paved_road_ring_agent.contract import CLAIM, PARTITION_KEY, SORT_KEY
from paved_road_ring_agent.facts import from_item, to_item
from paved_road_ring_agent.table import Table

DC = "us-east-1-g1"


class Slots(Table):
    """The real table's reads, writes and conditions over a dictionary."""

    def __init__(self, items: dict[tuple[str, str], dict[str, Any]]) -> None:
        self._items = items
        self._data_center, self._ring = DC, f"ring#{DC}"

    def _read(self, kind: Any, subject: str, fact: str) -> Any:
        item = self._items.get((subject, fact))
        return None if item is None else from_item(kind, item)

    def _batch(self, subjects: list[str]) -> list[Mapping[str, Any]]:
        return [
            self._items[subject, CLAIM] for subject in subjects if (subject, CLAIM) in self._items
        ]

    def _write(
        self,
        subject: str,
        fact: str,
        value: Any,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> bool:
        item = self._items.get((subject, fact))
        if not holds(condition, item, values, names or {}):
            return False
        self._items[subject, fact] = {PARTITION_KEY: subject, SORT_KEY: fact, **to_item(value)}
        return True


def holds(
    condition: str, item: dict[str, Any] | None, values: Mapping[str, Any], names: Mapping[str, str]
) -> bool:
    """DynamoDB's conditions as far as the table uses them: a missing item meets no comparison."""
    return any(
        all(_term(term.strip(), item, values, names) for term in part.split(" AND "))
        for part in condition.split(" OR ")
    )


def _term(
    term: str, item: dict[str, Any] | None, values: Mapping[str, Any], names: Mapping[str, str]
) -> bool:
    if term == f"attribute_not_exists({SORT_KEY})":
        return item is None
    match = re.fullmatch(r"(size\()?([#\w]+)\)? ([=<]) (:\w+)", term)
    assert match, f"a condition that this stand-in does not know: {term}"
    if item is None:
        return False
    sized, name, operator, value = match.groups()
    found = item[names.get(name, name)]
    left = len(found) if sized else found
    return bool(left == values[value] if operator == "=" else left < values[value])
