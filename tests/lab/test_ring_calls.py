"""A ring of real nodes forms, and its role turns out to be as wide as what they called."""

from pathlib import Path

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.calls import calls
from paved_road_ring_agent.contract import METRICS
from tests.lab.grants import ring_faults
from tests.lab.living_ring import ring_lab
from tests.lab.ring_templates import ESTATE, REGION, RING
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]


def test_grants_of_a_rings_nodes_equal_their_calls(tmp_path: Path) -> None:
    with ring_lab(tmp_path) as ring:
        ring.start_hosts()
        ring.deploy(1)
        ring.wait_until_whole(3)
        metrics = ring.client("cloudwatch")
        until(lambda: metrics.list_metrics(Namespace=METRICS)["Metrics"])
        # Once the doors are open, one agent looks which services use the ring.
        until(lambda: any("ssm:GetParametersByPath" in one for one in calls(ring.lab).values()))
        assert ring_faults(ring.cloud, REGION, stack_name(ESTATE, REGION, Kind.RING, RING)) == []
