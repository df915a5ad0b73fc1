"""The data access layer on a real ring: under its own role, by the names that agents publish."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from orders_data.access import way
from orders_data.order import Order
from orders_data.ring import RingOrders
from orders_data.table import AwayError
from paved_road_ring.schema import read
from paved_road_ring.schema_owner import SchemaOwner
from tests.lab.deployed_estate import ROOT
from tests.lab.living_ring import LivingRing
from tests.lab.ring_templates import RING, service_template
from tests.lab.small_region import ESTATE, REGION
from tests.lab.small_stacks import create
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1


@pytest.fixture(scope="module")
def orders_ring(ring: LivingRing) -> LivingRing:
    """The ring with this checkout's tables, and the service's stack beside it."""
    key = ring.live.outputs()["KeyArn"]
    create(ring.cloud, "orders-data", service_template(key, "orders-data"))
    SchemaOwner(ring=ring.live, say=lambda _: None).apply(read(ROOT / "schema" / RING))
    return ring


@pytest.fixture
def using(
    orders_ring: LivingRing, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[RingOrders], Awaitable[None]]], None]:
    """Runs a story with a member's own way into the ring."""
    addresses = ",".join(orders_ring.addresses())
    for name, value in (("ESTATE", ESTATE), ("REGION", REGION), ("RING_ADDRESSES", addresses)):
        monkeypatch.setenv(name, value)
    clients = (orders_ring.client(name) for name in ("secretsmanager", "ssm"))

    def use(story: Callable[[RingOrders], Awaitable[None]]) -> None:
        async def run() -> None:
            orders = RingOrders(found)
            try:
                await story(orders)
            finally:
                await orders.close()

        asyncio.run(run())

    found = way(*clients)

    async def there(orders: RingOrders) -> None:
        async with asyncio.timeout(180):
            while not await orders.answers():
                await asyncio.sleep(0.5)

    use(there)  # agents give a new service its role within a minute
    return use


def order(customer: str) -> Order:
    return Order(id=uuid.uuid1(), customer=customer, item="tea", quantity=2)


def test_every_question_finds_what_was_put_however_often(
    using: Callable[[Callable[[RingOrders], Awaitable[None]]], None],
) -> None:
    async def story(orders: RingOrders) -> None:
        put = [order("ann") for _ in range(3)]
        for one in [*put, *put, order("bob")]:
            await orders.put(one)
        assert [await orders.get(one.id) for one in put] == put
        assert await orders.get(uuid.uuid1()) is None
        assert await orders.of_customer("ann", 2) == put[:0:-1]
        assert await orders.of_customer("carl", 2) == []

    using(story)


def test_one_node_of_three_is_not_missed_and_two_are_said_to_be(
    orders_ring: LivingRing, using: Callable[[Callable[[RingOrders], Awaitable[None]]], None]
) -> None:
    one, other, _ = orders_ring.nodes()

    async def story(orders: RingOrders) -> None:
        kept = order("dora")
        await orders.put(kept)
        with one.frozen():
            async with asyncio.timeout(60):
                while not await orders.answers():
                    await asyncio.sleep(0.2)
            assert await orders.get(kept.id) == kept
            with other.frozen(), pytest.raises(AwayError):
                await orders.get(kept.id)

    using(story)
    until(lambda: all(node.serves() for node in orders_ring.nodes()))
