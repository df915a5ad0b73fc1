"""Addresses of tiers and zones."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road.network import Tier
from paved_road.network.plan import subnet_range

REGION_RANGES = st.integers(0, 2**16 - 1).map(lambda n: str(IPv4Network((n * 2**16, 16))))


@given(REGION_RANGES)
def test_subnets_of_six_zones_never_overlap_and_stay_in_the_region(region: str) -> None:
    ranges = [subnet_range(region, zone, tier) for zone in "abcdef" for tier in Tier]
    assert all(one.subnet_of(IPv4Network(region)) for one in ranges)
    assert all(not one.overlaps(other) for i, one in enumerate(ranges) for other in ranges[i + 1 :])


def test_a_quarter_of_the_region_is_free_for_tiers_to_come() -> None:
    highest = max(subnet_range("10.0.0.0/16", "f", tier).broadcast_address for tier in Tier)
    assert str(highest) == "10.0.191.255"


def test_a_rack_of_a_thousand_node_ring_fits_its_subnet() -> None:
    assert subnet_range("10.0.0.0/16", "a", Tier.RING).num_addresses - 5 > 334


def test_a_seventh_zone_has_no_block() -> None:
    with pytest.raises(ValueError, match="not found"):
        subnet_range("10.0.0.0/16", "g", Tier.RING)
