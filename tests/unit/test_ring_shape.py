"""Which shapes a ring may have, over all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road.estate import Region
from paved_road.faults import Faults, PropsError
from paved_road.network import OwnNetwork, Tier
from paved_road.ring.shape import MOST_NODES, Shape, check_shape

REGION = Region(estate="acme", name="us-east-1", zones="abcdef", cidr="10.0.0.0/16")
NETWORK = OwnNetwork(
    region=REGION,
    vpc_id="vpc",
    cidr="10.0.0.0/16",
    subnets={tier: tuple(REGION.zones) for tier in Tier},
    endpoint_security_group_id="sg",
    access_log_bucket="logs",
    logs_key_arn="arn:aws:kms:us-east-1:123456789012:key/logs",
)


def shape(*, replicas: int, nodes_per_rack: int, zones: str | None = None) -> Shape:
    return check_shape(
        Faults("Ring"),
        region=REGION,
        network=NETWORK,
        name="orders",
        zones=zones,
        nodes_per_rack=nodes_per_rack,
        instance_type="i8g.2xlarge",
        replication_factor=replicas,
        tokens_per_node=1,
        generation=1,
    )


@given(st.sampled_from([3, 5]), st.integers(1, MOST_NODES))
def test_every_rack_has_one_replica_and_as_many_nodes_as_the_others(
    replicas: int, nodes_per_rack: int
) -> None:
    if replicas * nodes_per_rack > MOST_NODES:
        with pytest.raises(PropsError, match="at most 1024 nodes"):
            shape(replicas=replicas, nodes_per_rack=nodes_per_rack)
        return
    made = shape(replicas=replicas, nodes_per_rack=nodes_per_rack)
    assert made.racks == "abcdef"[:replicas]
    assert made.nodes_per_rack == nodes_per_rack


@given(
    st.sampled_from([3, 5]).flatmap(
        lambda size: st.lists(st.sampled_from("abcdef"), min_size=size, max_size=size, unique=True)
    )
)
def test_named_zones_become_the_racks(zones: list[str]) -> None:
    assert shape(replicas=len(zones), nodes_per_rack=1, zones="".join(zones)).racks == "".join(
        zones
    )


@given(st.integers(-3, 9), st.integers(-3, 3), st.none() | st.text("abcxyz", max_size=7))
def test_any_props_make_a_shape_or_a_sentence(
    replicas: int, nodes_per_rack: int, zones: str | None
) -> None:
    racks = ""
    faults: tuple[str, ...] = ()
    try:
        racks = shape(replicas=replicas, nodes_per_rack=nodes_per_rack, zones=zones).racks
    except PropsError as error:
        faults = error.faults
    if faults:
        assert all(", got " in fault for fault in faults)
    else:
        assert len(racks) == len(set(racks)) == replicas
        assert replicas % 2 == 1
