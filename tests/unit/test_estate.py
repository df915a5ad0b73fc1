"""The estate as values: names, zones and the address plan."""

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road.estate import Estate, Region
from paved_road.estate.regions import REGIONS
from paved_road.faults import PropsError
from paved_road_contract.stacks import Kind, release_name


def estate(**zones: str) -> Estate:
    return Estate(
        "acme", cidr="10.0.0.0/8", zones={name.replace("_", "-"): z for name, z in zones.items()}
    )


def test_stacks_are_named_after_estate_region_and_kind() -> None:
    region = estate(us_east_1="abc").regions[0]
    assert region.stack_name(Kind.NETWORK) == "acme-us-east-1-network"
    assert region.stack_name(Kind.RING, "orders") == "acme-us-east-1-ring-orders"
    assert release_name("place-order", 42) == "place-order-v042"


@given(st.lists(st.sampled_from(sorted(REGIONS)), min_size=1, unique=True))
def test_regions_never_overlap_and_keep_their_range_whatever_else_stands(names: list[str]) -> None:
    regions = Estate(
        "acme", cidr="10.0.0.0/8", zones={name: REGIONS[name].zones[:3] for name in names}
    ).regions
    ranges = [IPv4Network(region.cidr or "") for region in regions]
    assert all(not one.overlaps(other) for i, one in enumerate(ranges) for other in ranges[i + 1 :])
    for region in regions:
        alone = Estate("acme", cidr="10.0.0.0/8", zones={region.name: region.zones}).regions[0]
        assert alone.cidr == region.cidr


def test_two_zones_are_refused() -> None:
    with pytest.raises(PropsError, match=r"zones must name at least 3 zones.*got 'ab'"):
        estate(us_east_1="ab")


def test_seven_zones_are_refused() -> None:
    with pytest.raises(PropsError, match=r"zones must name at most 6 zones.*got 'abcdefg'"):
        estate(us_east_1="abcdefg")


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(PropsError, match=r"name must be one of us-east-1, .*got 'mars-north-1'"):
        estate(mars_north_1="abc")


def test_a_zone_that_the_region_lacks_is_refused() -> None:
    with pytest.raises(PropsError, match=r"among the zones 'abc' of eu-west-1, got 'abd'"):
        estate(eu_west_1="abd")


def test_overlapping_ranges_are_refused() -> None:
    with pytest.raises(PropsError, match=r"must not overlap us-east-1 \(10.0.0.0/16\)"):
        Estate(
            "acme",
            cidr="10.0.0.0/8",
            zones={"us-east-1": "abc", "us-west-2": "abc"},
            cidrs={"us-west-2": "10.0.0.0/16"},
        )


def test_ranges_in_use_elsewhere_are_respected() -> None:
    with pytest.raises(PropsError, match=r"must not overlap reserved 10.1.128.0/17"):
        Estate("acme", cidr="10.0.0.0/8", zones={"us-west-2": "abc"}, reserved=["10.1.128.0/17"])


def test_a_range_too_small_for_a_region_is_refused() -> None:
    with pytest.raises(PropsError, match=r"cidr must hold range 1, the /16 of us-west-2"):
        Estate("acme", cidr="10.0.0.0/16", zones={"us-west-2": "abc"})


def test_all_faults_come_together() -> None:
    with pytest.raises(PropsError) as refused:
        Estate(
            "Acme!",
            cidr="ten",
            zones={"us-east-1": "ab", "mars-1": "abc"},
            cidrs={"eu-west-1": "10.0.0.0/17"},
        )
    text = str(refused.value)
    for part in ("estate must be lower-case", "cidr must be", "at least 3", "mars-1", "cidrs"):
        assert part in text


def test_a_team_needs_only_a_region() -> None:
    region = Region(estate="acme", name="us-east-1", zones="abc")
    assert region.zone_names == ("us-east-1a", "us-east-1b", "us-east-1c")
