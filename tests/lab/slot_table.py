"""The slot table of a ring under test, lost and found."""

from typing import Any

from paved_road_ring_agent.contract import PARTITION_KEY, SORT_KEY
from tests.lab.living_ring import LivingRing
from tests.lab.small_region import REGION


def take_all(ring: LivingRing) -> list[dict[str, Any]]:
    """Empties the table, and returns what was in it."""
    table = slot_table(ring)
    items: list[dict[str, Any]] = table.scan()["Items"]
    for item in items:
        table.delete_item(Key={PARTITION_KEY: item[PARTITION_KEY], SORT_KEY: item[SORT_KEY]})
    return items


def put_back(ring: LivingRing, items: list[dict[str, Any]]) -> None:
    for item in items:
        slot_table(ring).put_item(Item=item)


def slot_table(ring: LivingRing) -> Any:
    name = ring.live.outputs()["SlotTableName"]
    return ring.cloud.resource("dynamodb", REGION).Table(name)
