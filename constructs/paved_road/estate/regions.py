"""AWS regions that an estate may stand in, with their place in the address plan.

`number` is a region's /16 within the estate's range and therefore permanent: append, never
reorder. `zones` are the letters that an account may see; which of them an account has differs
by account, so an estate names its zones and nothing is looked up. Source:
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
"""

from typing import NamedTuple


class RegionFacts(NamedTuple):
    """A region's permanent number in the address plan and its zone letters."""

    number: int
    zones: str


REGIONS: dict[str, RegionFacts] = {
    "us-east-1": RegionFacts(0, "abcdef"),
    "us-west-2": RegionFacts(1, "abcd"),
    "eu-west-1": RegionFacts(2, "abc"),
    "us-east-2": RegionFacts(3, "abc"),
    "eu-central-1": RegionFacts(4, "abc"),
    "ap-northeast-1": RegionFacts(5, "abcd"),
    "ap-southeast-1": RegionFacts(6, "abc"),
    "ap-southeast-2": RegionFacts(7, "abc"),
    "ap-south-1": RegionFacts(8, "abc"),
    "ap-northeast-2": RegionFacts(9, "abcd"),
    "ca-central-1": RegionFacts(10, "abd"),
    "eu-west-2": RegionFacts(11, "abc"),
    "eu-west-3": RegionFacts(12, "abc"),
    "eu-north-1": RegionFacts(13, "abc"),
    "sa-east-1": RegionFacts(14, "abc"),
}
