"""The data access layer on a real ring: the estate's own release finds it by what it is told."""

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from orders_data.access import PREFIX, finder
from orders_data.order import Order
from orders_data.ring import RingOrders
from orders_data.table import AwayError, OtherOrderError
from paved_road_lab.hosts.member import SETTINGS_FILE
from paved_road_lab.hosts.record import Host, recorded_hosts, root
from paved_road_ring.schema import read
from paved_road_ring.schema_owner import SchemaOwner
from tests.lab.deployed_estate import ROOT
from tests.lab.grants import member_faults
from tests.lab.living_ring import LivingRing
from tests.lab.ring_templates import RING, member_templates
from tests.lab.small_region import REGION
from tests.lab.small_stacks import create
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1
LET_IN_SECONDS = 180
"""A limit: agents give a new service its roles, and name the ring's contacts, within a minute."""

PATIENCE_SECONDS = 20
"""Less than a driver needs to find out that a node is frozen."""

T = TypeVar("T")
Story = Callable[[RingOrders], Awaitable[None]]


@pytest.fixture(scope="module")
def service(ring: LivingRing) -> str:
    """The stack of the estate's service, beside a ring with this checkout's tables; released."""
    SchemaOwner(ring=ring.live, say=lambda _: None).apply(read(ROOT / "schema" / RING))
    stacks = member_templates(ring.folder / "cdk.service", ring.octet)
    for stack in stacks:
        create(ring.cloud, *stack)
    return stacks[0][0]


@pytest.fixture(scope="module")
def host(ring: LivingRing, service: str) -> Host:
    """The release's one instance."""
    assert service

    def members() -> list[Host]:
        return [one for one in recorded_hosts(ring.folder) if one.release]

    found: list[Host] = until(members)
    return found[0]


@pytest.fixture
def using(ring: LivingRing, host: Host, monkeypatch: pytest.MonkeyPatch) -> Callable[[Story], None]:
    """Runs a story with the way in that the release's instance was told."""
    file = root(ring.folder, host.instance_id) / SETTINGS_FILE
    until(file.exists)
    told = dict(line.split("=", 1) for line in until(file.read_text).splitlines())
    for name, value in told.items():
        if name.startswith(PREFIX):
            monkeypatch.setenv(name, value)
    find = finder(ring.client("secretsmanager"), ring.client("ssm"))

    def use(story: Story) -> None:
        async def run() -> None:
            orders = RingOrders(find)
            try:
                async with asyncio.timeout(LET_IN_SECONDS):
                    while not await orders.answers():
                        await asyncio.sleep(0.5)
                # The first statements are prepared and their routes are new.
                await patiently(orders.put, order("first"))
                await story(orders)
            finally:
                await orders.close()

        asyncio.run(run())

    return use


async def patiently(ask: Callable[..., Awaitable[T]], *given: Any) -> T:
    """Its answer. What was not answered in time is asked again, as any caller may."""
    again = retry(
        retry=retry_if_exception_type(AwayError),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(0.2),
        reraise=True,
    )
    answer: T = await again(ask)(*given)
    return answer


def order(customer: str) -> Order:
    return Order(id=uuid.uuid1(), customer=customer, item="tea", quantity=2)


def test_every_question_finds_what_was_put_however_often(using: Callable[[Story], None]) -> None:
    async def story(orders: RingOrders) -> None:
        put = [order("ann") for _ in range(3)]
        for one in [*put, *put, order("bob")]:
            await patiently(orders.put, one)
        assert [await patiently(orders.get, one.id) for one in put] == put
        assert await patiently(orders.get, uuid.uuid1()) is None
        assert await patiently(orders.of_customer, "ann", 2) == put[:0:-1]
        assert await patiently(orders.of_customer, "carl", 2) == []

    using(story)


def test_of_two_orders_with_one_id_one_is_kept_whole(using: Callable[[Story], None]) -> None:
    async def story(orders: RingOrders) -> None:
        first = order("eve")
        both = [first, replace(first, customer="zoe", item="rum", quantity=9)]
        ends = await asyncio.gather(*map(orders.put, both), return_exceptions=True)
        (refused,) = (one for one, end in zip(both, ends, strict=True) if end is not None)
        (kept,) = (one for one in both if one != refused)
        assert any(isinstance(end, OtherOrderError) for end in ends), ends
        assert await patiently(orders.get, first.id) == kept
        assert await patiently(orders.of_customer, kept.customer, 2) == [kept]
        assert await patiently(orders.of_customer, refused.customer, 2) == []

    using(story)


def test_one_node_of_three_is_not_missed_and_two_are_said_to_be(
    ring: LivingRing, using: Callable[[Story], None]
) -> None:
    one, other, _ = ring.nodes()

    async def story(orders: RingOrders) -> None:
        # Enough of them that a node is the first replica of some, which a driver asks for them.
        kept = [order("dora") for _ in range(12)]
        for each in kept:
            await patiently(orders.put, each)
        with one.frozen():
            assert [await patiently(orders.get, each.id) for each in kept] == kept
            with other.frozen(), pytest.raises(AwayError):
                await orders.get(kept[0].id)

    using(story)
    until(lambda: all(node.serves() for node in ring.nodes()))


def asked(host: Host, path: str, body: object = None) -> tuple[int, Any]:
    """What the release's instance answers; 0 if it does not."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"http://{host.address}:8080{path}", data=data, method="PUT" if data else "GET"
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)
    except OSError:
        return 0, None


def test_the_release_keeps_orders_in_the_ring_with_no_more_grants_than_calls(
    ring: LivingRing, host: Host, service: str
) -> None:
    until(lambda: asked(host, "/health/ready")[0] == 200, LET_IN_SECONDS)
    path, body = f"/orders/{uuid.uuid1()}", {"customer": "gil", "item": "tea", "quantity": 1}
    # Its first statements are prepared and its routes are new: a slow one may be said again.
    until(lambda: asked(host, path, body)[0] == 201)
    status, found = asked(host, path)
    assert (status, found["customer"]) == (200, "gil")
    assert asked(host, path, body | {"customer": "hal"})[0] == 409
    assert member_faults(ring.cloud, REGION, service) == []
