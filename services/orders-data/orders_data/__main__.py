"""`python -m orders_data`: settings in the environment, as `/etc/paved-road/service.env` has them.

ORDERS_IN=memory keeps orders in the process, for a machine without a ring.
"""

import os

from orders_data.app import member
from orders_data.table import MemoryOrders, Orders
from paved_road_chassis.serving import Member, run
from paved_road_chassis.settings import MissingSettingError, Settings


def build(_: Settings) -> Member:
    """The member on what ORDERS_IN names."""
    return member(_orders(os.environ.get("ORDERS_IN", "ring")))


def _orders(where: str) -> Orders:
    if where == "memory":
        return MemoryOrders()
    if where != "ring":
        raise MissingSettingError(f"ORDERS_IN must be ring or memory, got {where!r}")
    import boto3

    from orders_data.access import finder
    from orders_data.ring import RingOrders

    region = os.environ.get("REGION")
    session = boto3.Session(region_name=region)
    return RingOrders(finder(session.client("secretsmanager"), session.client("ssm")))


if __name__ == "__main__":
    run(build)
