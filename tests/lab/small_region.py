"""An estate in one network of this machine for each region, for stacks of a lab under test."""

from paved_road.estate import Estate, Region

ESTATE, REGION = "acme", "us-east-1"


def small_region(octet: int, name: str = REGION) -> Region:
    """Three zones in `10.<octet>`; whatever stands in it may be deleted."""
    estate = Estate(
        ESTATE,
        cidr="10.0.0.0/8",
        cidrs={name: f"10.{octet}.0.0/16"},
        zones={name: "abc"},
        deletable=True,
    )
    return estate.region(name)
