"""Bad props of a ring are refused in sentences."""

from typing import Any

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.faults import PropsError
from paved_road_contract.stacks import Kind
from tests.synth.ring.rings import in_region, network, ring

BAD = {
    "no node": ({"nodes_per_rack": 0}, "nodes_per_rack must be at least 1, got 0"),
    "too many": ({"nodes_per_rack": 342}, "nodes_per_rack must make at most 1024 nodes .* got 342"),
    "quorum": ({"replication_factor": 2}, "replication_factor must be at least 3, .* got 2"),
    "even": ({"replication_factor": 4}, "replication_factor must be odd: .* got 4"),
    "too many replicas": (
        {"replication_factor": 4},
        "replication_factor must be at most 3, the zones of us-east-1.* got 4",
    ),
    "racks": ({"zones": "ab"}, "zones must name 3 racks, one for each replica, got 'ab'"),
    "twice": ({"zones": "aab"}, "zones must differ, got 'aab'"),
    "unknown zone": ({"zones": "abd"}, "zones must be among the zones 'abc' .* got 'abd'"),
    "vnodes": ({"tokens_per_node": 16}, "tokens_per_node must be 1, .* got 16"),
    "generation": ({"generation": 0}, "generation must be at least 1, got 0"),
    "no disk": (
        {"instance_type": "m8g.large"},
        "instance_type must have instance store .* i8g.2xlarge, .* got 'm8g.large'",
    ),
    "image": ({"image_id": "al2023"}, "image_id must be an AMI's id, got 'al2023'"),
    "nothing to come back from": ({"restored": True}, "backup must be set .*, got None"),
    "retention": ({"log_retention_days": 2}, "log_retention_days must be one that .*got 2"),
    "name": ({"name": "Orders"}, "name must be lower-case .* got 'Orders'"),
    "long name": ({"name": "o" * 41}, "name must have at most 40 characters"),
    "far network": (
        {"network": network(in_region(name="us-west-2"))},
        "network must stand in us-east-1, got 'us-west-2'",
    ),
    "thin network": (
        {"network": network(in_region("abcd"))},
        "network must have a ring subnet in each of the 3 zones of us-east-1, got 4",
    ),
}


@pytest.fixture(scope="module")
def empty() -> EstateStack:
    return EstateStack(App(), in_region(), Kind.RING, "orders", owner="platform", description="A")


@pytest.mark.parametrize(("changed", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_props_are_refused_in_a_sentence(
    empty: EstateStack, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(PropsError, match=sentence):
        ring(empty, **changed)
    assert empty.node.children == []


def test_all_faults_come_together(empty: EstateStack) -> None:
    with pytest.raises(PropsError) as refused:
        ring(
            empty,
            name="Orders!",
            nodes_per_rack=0,
            instance_type="m8g.large",
            replication_factor=7,
            zones="xx",
            generation=0,
            tokens_per_node=256,
            log_retention_days=4,
        )
    properties_at_fault = {fault.split()[0] for fault in refused.value.faults}
    assert properties_at_fault == {
        *("name", "nodes_per_rack", "instance_type", "replication_factor", "zones"),
        *("generation", "tokens_per_node", "log_retention_days"),
    }
