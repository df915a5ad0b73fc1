"""Taking a rack's nodes down on purpose: when it is refused, and what Auto Scaling is asked.

moto knows no instance refresh, so the calls are checked against botocore's model of them alone.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from paved_road_ring.bundles import faults, told
from paved_road_ring.live import LiveRing
from paved_road_ring.refresh import (
    NotReadyError,
    Plan,
    Refresh,
    least_healthy_percent,
    obstacles,
    request,
)
from paved_road_ring.survey import Survey, survey
from paved_road_ring_agent.software import Wanted
from tests.agent.scenes import BIRTH, DC, NOW, RACKS, SLOTS, claim, claims, slot

WANTED = Wanted(cassandra="5.0.9", key="bundles/five.tar", sha256=64 * "5")
RUNNING = {f"i-{name}": "running" for name in SLOTS}
IN_SERVICE = {f"i-{name}": "InService" for name in SLOTS}


def ring(lifecycles: dict[str, str] = IN_SERVICE, states: dict[str, str] = RUNNING) -> Survey:
    return survey(DC, BIRTH, claims(), states, lifecycles, NOW)


def running(**changed: str) -> Survey:
    """All nodes run the wanted bundle, but for those that are named."""
    software = dict.fromkeys(SLOTS, WANTED.label) | changed
    held = {slot(name): claim(name, software=software[name]) for name in SLOTS}
    return survey(DC, BIRTH, held, RUNNING, IN_SERVICE, NOW, wanted=WANTED.label)


def test_a_whole_ring_without_alarms_bears_a_refresh() -> None:
    assert obstacles(ring(), RACKS, []) == ()


@pytest.mark.parametrize(
    ("found", "racks", "alarms", "why"),
    [
        (ring(states=RUNNING | {"i-b0": "terminated"}), RACKS, [], "EC2 says is terminated"),
        (ring(IN_SERVICE | {"i-c1": "ReplacingRootVolume:Wait"}), RACKS, [], "i-c1 is Replacing"),
        (ring(), (*RACKS, "d"), [], "rack d has no node"),
        (ring(), RACKS, ["acme-us-east-1-ring-orders-RepairLate-1"], "RepairLate-1 is on"),
        (replace(ring(), formed=False), RACKS, [], "not formed"),
    ],
)
def test_a_ring_that_lacks_anything_does_not(
    found: Survey, racks: tuple[str, ...], alarms: list[str], why: str
) -> None:
    assert any(why in one for one in obstacles(found, racks, alarms))


@pytest.mark.parametrize(
    ("nodes", "at_once", "percent"), [(1, 1, 0), (2, 1, 50), (3, 1, 66), (3, 3, 0), (333, 33, 90)]
)
def test_the_share_that_stays_allows_as_many_as_asked(
    nodes: int, at_once: int, percent: int
) -> None:
    assert least_healthy_percent(nodes, at_once) == percent
    assert nodes - at_once >= nodes * percent / 100


GROUP = {
    "AutoScalingGroupName": "rack-a",
    "MixedInstancesPolicy": {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {
                "LaunchTemplateId": "lt-0123456789abcdef0",
                "LaunchTemplateName": "which requests must not name too",
                "Version": "7",
            },
            "Overrides": [{"InstanceType": "i8g.2xlarge", "ImageId": "ami-0123456789abcdef0"}],
        },
        "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 100},
    },
}
PLAN = Plan(
    rack="a",
    group="rack-a",
    image="ami-0123456789abcdef0",
    bundle=WANTED.label,
    behind=(),
    instances=("i-a0", "i-a1"),
    least_healthy_percent=50,
    faults=(),
)


class TwoRacks(LiveRing):
    """Of the same group, but for its name."""

    def groups(self) -> dict[str, Any]:
        return {"a": GROUP, "b": GROUP | {"AutoScalingGroupName": "rack-b"}}


class Stubbed(Refresh):
    """A ring of two racks whose Auto Scaling is a stub."""

    def __init__(self, api: Any) -> None:
        class Clients:
            def client(self, _service: str, _region: str) -> Any:
                return api

            resource = client

        super().__init__(
            TwoRacks(clients=Clients(), estate="acme", region="us-east-1", name="orders")
        )


@pytest.fixture
def stub() -> Iterator[tuple[Stubbed, Stubber]]:
    api = boto3.client("autoscaling", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(api) as stubber:
        yield Stubbed(api), stubber


def refreshes(stubber: Stubber, group: str, status: str) -> None:
    stubber.add_response(
        "describe_instance_refreshes",
        {"InstanceRefreshes": [{"InstanceRefreshId": "r-1", "Status": status}]},
        {"AutoScalingGroupName": group},
    )


def test_root_volumes_are_replaced_by_the_groups_own_image(stub: tuple[Stubbed, Stubber]) -> None:
    upkeep, stubber = stub
    refreshes(stubber, "rack-a", "Successful")
    refreshes(stubber, "rack-b", "Cancelled")
    stubber.add_response(
        "start_instance_refresh", {"InstanceRefreshId": "r-2"}, request(PLAN, GROUP)
    )
    assert upkeep.start(PLAN) == "r-2"
    stubber.assert_no_pending_responses()
    asked = request(PLAN, GROUP)
    assert asked["Strategy"] == "ReplaceRootVolume"
    assert asked["Preferences"]["MinHealthyPercentage"] == 50
    template = asked["DesiredConfiguration"]["MixedInstancesPolicy"]["LaunchTemplate"]
    assert template["LaunchTemplateSpecification"] == {
        "LaunchTemplateId": "lt-0123456789abcdef0",
        "Version": "7",
    }


def test_a_bundle_reaches_nodes_whose_image_stays() -> None:
    """Auto Scaling compares images alone when it is to skip what matches."""
    behind = replace(PLAN, behind=("i-a0",))
    assert request(behind, GROUP)["Preferences"]["SkipMatching"] is False
    assert request(PLAN, GROUP)["Preferences"]["SkipMatching"] is True


def test_a_bundle_that_is_no_step_back_is_taken() -> None:
    older = running(a0="5.0.8-" + 12 * "8", c1="")
    assert faults(WANTED, older.rows) == ()


def test_a_ring_whose_parameter_is_gone_is_left_alone() -> None:
    assert faults(None, running().rows) == (
        "the ring's parameter names no bundle: deploy its stack",
    )


def test_no_node_is_taken_back_to_an_earlier_cassandra() -> None:
    found = running(b1="5.0.10-" + 12 * "6")
    (why,) = faults(WANTED, found.rows)
    assert why.startswith(f"{slot('b1').subject} runs Cassandra 5.0.10, and bundle {WANTED.label}")


def test_people_are_told_who_runs_what() -> None:
    assert told(running()) == [f"6 nodes run bundle {WANTED.label}, as the ring's stack wants."]
    half = running(a0="5.0.8-" + 12 * "8", a1="5.0.8-" + 12 * "8", c1="")
    assert told(half) == [
        f"3 nodes run bundle {WANTED.label}, as the ring's stack wants.",
        f"1 node runs a bundle that nobody named, not {WANTED.label}: {DC}#c#0001.",
        f"2 nodes run bundle 5.0.8-888888888888, not {WANTED.label}: {DC}#a#0000, {DC}#a#0001.",
    ]
    assert half.whole


def test_one_rack_at_a_time_is_refreshed(stub: tuple[Stubbed, Stubber]) -> None:
    upkeep, stubber = stub
    refreshes(stubber, "rack-a", "Successful")
    refreshes(stubber, "rack-b", "InProgress")
    with pytest.raises(NotReadyError, match="refresh r-1 of rack b is InProgress"):
        upkeep.start(PLAN)


def test_a_plan_with_faults_is_not_begun(stub: tuple[Stubbed, Stubber]) -> None:
    upkeep, _ = stub
    with pytest.raises(NotReadyError, match="rack a is left alone: alarm x is on"):
        upkeep.start(replace(PLAN, faults=("alarm x is on",)))


@pytest.mark.parametrize(
    ("rack", "at_once", "why"), [("z", 1, "no rack of orders, which has a, b"), ("a", 9, "not 9")]
)
def test_what_makes_no_sense_is_refused(
    rack: str, at_once: int, why: str, stub: tuple[Stubbed, Stubber], monkeypatch: Any
) -> None:
    upkeep, _ = stub
    monkeypatch.setitem(GROUP, "Instances", [{"InstanceId": "i-a0"}, {"InstanceId": "i-a1"}])
    with pytest.raises(NotReadyError, match=why):
        upkeep.plan(rack, at_once)
