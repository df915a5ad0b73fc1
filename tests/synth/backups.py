"""A backup bucket as most tests want it, and two regions."""

from typing import Any

from paved_road.backup import BackupBucket
from paved_road.estate import Region
from paved_road_contract.stacks import Kind
from tests.templates import Template, template

EAST = Region(estate="acme", name="us-east-1", zones="abc")
WEST = Region(estate="acme", name="us-west-2", zones="abc")


def backup(**props: Any) -> Template:
    return template(
        EAST, Kind.BACKUP, lambda stack: BackupBucket(stack, "Backup", region=EAST, **props)
    )
