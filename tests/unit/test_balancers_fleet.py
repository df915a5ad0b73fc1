"""What of the rules does nothing is counted by name, and nothing listens for it."""

import asyncio

from paved_road_lab.balancers.fleet import Fleet, told
from paved_road_lab.balancers.model import (
    Balancer,
    Fixed,
    Listener,
    NotEmulated,
    Routing,
    Rule,
    lab_port,
)


def test_listeners_and_actions_that_do_nothing_are_counted() -> None:
    refuse = Rule(action=Fixed(status=503))
    login = Rule(action=NotEmulated(type="authenticate-oidc"))
    listeners = (
        Listener(arn="a", port=443, protocol="HTTPS", rules=(refuse,)),
        Listener(arn="b", port=8443, protocol="HTTPS", rules=(login, refuse)),
    )
    fronts = tuple(
        Balancer(arn=arn, address="127.0.0.1", listeners=listeners) for arn in ("one", "two")
    )

    async def run() -> None:
        fleet = Fleet()
        await fleet.follow(Routing(balancers=fronts, groups={}))
        assert fleet.not_emulated() == {"HTTPS listener": 4, "action authenticate-oidc": 2}
        await fleet.follow(Routing(groups={}))
        assert fleet.not_emulated() == {}
        assert told(fleet.health()) == []
        await fleet.close()

    asyncio.run(run())


def test_ports_that_need_root_are_elsewhere_in_the_lab() -> None:
    assert [lab_port(port) for port in (80, 443, 1023, 1024, 8080)] == [
        10080,
        10443,
        11023,
        1024,
        8080,
    ]
