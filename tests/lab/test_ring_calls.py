"""A ring of real nodes forms, and its role turns out to be as wide as what they called."""

from pathlib import Path

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.calls import calls
from paved_road_ring_agent.contract import METRICS
from tests.lab.grants import ring_faults
from tests.lab.ring import ESTATE, REGION, RING, LivingRing, reserved_network, until

pytestmark = [pytest.mark.slow, pytest.mark.ring]


def test_grants_of_a_rings_nodes_equal_their_calls(folder: Path) -> None:
    ring = LivingRing(folder)
    with reserved_network() as octet:
        ring.start_hosts()
        ring.deploy(1, octet)
        ring.wait_until_whole(3)
        metrics = ring.client("cloudwatch")
        until(lambda: metrics.list_metrics(Namespace=METRICS)["Metrics"])
        # Once the doors are open, one agent looks which services use the ring.
        until(lambda: any("ssm:GetParametersByPath" in one for one in calls(ring.lab).values()))
        assert ring_faults(ring.cloud, REGION, stack_name(ESTATE, REGION, Kind.RING, RING)) == []
