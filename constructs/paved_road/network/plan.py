"""Which addresses a zone's tiers get: a pure function of the region's range and the zone's letter.

A region's /16 holds eight /19 blocks. The block of a zone follows from its letter, so a zone that
is added later moves no other. Blocks 6 and 7 are free for tiers that span zones. Within a block,
in /24 units:

    private  0-15   /20  4,091 instances of services (AWS keeps 5 addresses of each subnet)
    ring    16-23   /21  2,043 ring nodes, so a rack of a thousand-node ring fits six times over
    free    24-30        room for a tier of /22, /23 and /24
    public     31   /24  load balancers, which need at least a /27 each
                         https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html

IPv6 needs no room in this plan: a /56 of the VPC gives each subnet a /64 when it is wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network


class Tier(StrEnum):
    """Who lives in a subnet, and therefore what it can reach."""

    PUBLIC = "public"
    PRIVATE = "private"
    RING = "ring"


ZONE_PREFIX = 19
_UNIT_PREFIX = 24
_ZONE_LETTERS = "abcdef"


@dataclass(frozen=True)
class _Place:
    first_unit: int
    prefix: int


_PLACES: Mapping[Tier, _Place] = {
    Tier.PRIVATE: _Place(0, 20),
    Tier.RING: _Place(16, 21),
    Tier.PUBLIC: _Place(31, 24),
}


def subnet_range(region_range: str, zone: str, tier: Tier) -> IPv4Network:
    """The range of one tier in the zone with that letter. `ValueError` for other letters."""
    block = _ZONE_LETTERS.index(zone) * 2 ** (32 - ZONE_PREFIX)
    place = _PLACES[tier]
    offset = block + place.first_unit * 2 ** (32 - _UNIT_PREFIX)
    start = int(IPv4Network(region_range).network_address) + offset
    return IPv4Network((start, place.prefix))
