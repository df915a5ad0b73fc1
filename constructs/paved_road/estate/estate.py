"""The estate as plain values: what stands where, and with which addresses.

Nothing here knows of stacks or resources, and nothing is looked up:

    acme = Estate("acme", cidr="10.0.0.0/8", zones={"us-east-1": "abc", "us-west-2": "abc"})
    for region in acme.regions:
        NetworkStack(app, region)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from paved_road.estate.regions import REGIONS
from paved_road.faults import Faults, PropsError
from paved_road_contract.stacks import Kind, stack_name

LONGEST_ESTATE_NAME = 16
"""Bucket names hold estate, region and account within 63 characters."""

FEWEST_ZONES, MOST_ZONES = 3, 6
"""Three replicas need three zones to lose one; six are reserved in each region's /16."""

REGION_PREFIX = 16
"""The largest VPC: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""


@dataclass(frozen=True, kw_only=True)
class Region:
    """One region of an estate. A team's repository needs only this, no `Estate`.

    `zones` are letters (`"abc"`). `cidr` is needed by the network alone. `account` is None for
    the account of the credentials that deploy. `deletable` marks development estates: stateful
    resources are then deleted with their stacks, stacks carry no termination protection but a tag
    that admits `paved-road estate empty`, without which versioned buckets cannot go.

    Raises `PropsError` for names, regions and zones that cannot be.
    """

    estate: str
    name: str
    zones: str
    cidr: str | None = None
    account: str | None = None
    cost_center: str = "unassigned"
    deletable: bool = False

    def __post_init__(self) -> None:
        faults = Faults(f"Region {self.name!r}")
        faults.check_name("estate", self.estate, longest=LONGEST_ESTATE_NAME)
        known = REGIONS.get(self.name)
        faults.check(known is not None, "name", f"must be one of {', '.join(REGIONS)}", self.name)
        faults.check(
            len(self.zones) >= FEWEST_ZONES,
            "zones",
            f"must name at least {FEWEST_ZONES} zones, so that losing one leaves a quorum",
            self.zones,
        )
        faults.check(
            len(self.zones) <= MOST_ZONES,
            "zones",
            f"must name at most {MOST_ZONES} zones, which the address plan reserves",
            self.zones,
        )
        faults.check(len(set(self.zones)) == len(self.zones), "zones", "must differ", self.zones)
        if known is not None:
            faults.check(
                set(self.zones) <= set(known.zones),
                "zones",
                f"must be among the zones {known.zones!r} of {self.name}",
                self.zones,
            )
        faults.raise_if_any()

    @property
    def zone_names(self) -> tuple[str, ...]:
        """`us-east-1a`, ... in the order given."""
        return tuple(f"{self.name}{letter}" for letter in self.zones)

    def stack_name(self, kind: Kind, name: str | None = None) -> str:
        """Name of one of this region's stacks: the contract between repositories."""
        return stack_name(self.estate, self.name, kind, name)


class Estate:
    """Everything one `app.py` describes, as `regions`.

    `cidr` holds a /16 for each region under a number that belongs to the region, so the order of
    `zones` and later additions renumber nothing. `cidrs` overrides that for a region whose
    range is given; `reserved` are ranges in use elsewhere (offices, other clouds) that no
    region may overlap. `zones` maps region names to zone letters.

    Raises `PropsError` with all faults of all regions.
    """

    def __init__(
        self,
        name: str,
        *,
        cidr: str,
        zones: Mapping[str, str],
        cidrs: Mapping[str, str] | None = None,
        reserved: Sequence[str] = (),
        account: str | None = None,
        cost_center: str = "unassigned",
        deletable: bool = False,
    ) -> None:
        faults = Faults(f"Estate {name!r}")
        faults.check(len(zones) > 0, "zones", "must name at least one region", dict(zones))
        plan = _address_plan(faults, cidr, zones, cidrs or {}, reserved)
        regions: list[Region] = []
        for region, letters in zones.items():
            try:
                regions.append(
                    Region(
                        estate=name,
                        name=region,
                        zones=letters,
                        cidr=str(plan[region]) if region in plan else None,
                        account=account,
                        cost_center=cost_center,
                        deletable=deletable,
                    )
                )
            except PropsError as error:
                faults.include(error)
        faults.raise_if_any()
        self.name = name
        self.regions = tuple(regions)

    def region(self, name: str) -> Region:
        """The region of that name; `KeyError` if the estate has none."""
        return {region.name: region for region in self.regions}[name]


def _address_plan(
    faults: Faults,
    cidr: str,
    zones: Mapping[str, str],
    cidrs: Mapping[str, str],
    reserved: Sequence[str],
) -> dict[str, IPv4Network]:
    """Each region's /16, checked against the others and what is reserved."""
    whole = _network(faults, "cidr", cidr)
    for region in cidrs:
        faults.check(region in zones, "cidrs", "must name regions of the estate", region)
    plan: dict[str, IPv4Network] = {}
    for region in zones:
        if region in cidrs:
            given = _network(faults, f"cidrs[{region!r}]", cidrs[region])
            if given and faults.check(
                given.prefixlen == REGION_PREFIX,
                f"cidrs[{region!r}]",
                f"must be a /{REGION_PREFIX}",
                cidrs[region],
            ):
                plan[region] = given
        elif whole and region in REGIONS:
            number = REGIONS[region].number
            slots = 2 ** max(0, REGION_PREFIX - whole.prefixlen)
            if faults.check(
                whole.prefixlen <= REGION_PREFIX and number < slots,
                "cidr",
                f"must hold range {number}, the /{REGION_PREFIX} of {region}",
                cidr,
            ):
                start = int(whole.network_address) + number * 2 ** (32 - REGION_PREFIX)
                plan[region] = IPv4Network((start, REGION_PREFIX))
    taken: list[tuple[str, IPv4Network]] = []
    for text in reserved:
        if network := _network(faults, "reserved", text):
            taken.append((f"reserved {text}", network))
    for region, network in plan.items():
        for other, range_ in taken:
            faults.check(
                not network.overlaps(range_),
                f"address range of {region}",
                f"must not overlap {other} ({range_})",
                str(network),
            )
        taken.append((region, network))
    return plan


def _network(faults: Faults, prop: str, text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except ValueError:
        faults.check(False, prop, "must be an IPv4 range such as 10.0.0.0/8", text)
        return None
