"""All claims about a deployed estate."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from paved_road_contract.assembly import Stack
from paved_road_contract.stacks import Kind
from paved_road_delivery.cloud import Say
from paved_road_lab.proof import networks, releases, rings
from paved_road_lab.proof.buckets import buckets
from paved_road_lab.proof.claim import Check, Claim
from paved_road_lab.proof.deployed import Clients, Deployed
from paved_road_lab.proof.marks import tagged


def prove(stacks: Sequence[Stack], clients: Clients, say: Say = lambda _: None) -> list[Claim]:
    """Compare what stands with the templates of `stacks`; reads only.

    `say` gets each claim as it is looked at, since a large estate takes many reads.
    """
    deployed = [Deployed(stack, clients) for stack in stacks]

    def of(*kinds: Kind) -> list[Deployed]:
        return [one for one in deployed if one.kind in kinds]

    def every(
        check: Callable[[Deployed], Iterable[Check]], among: Iterable[Deployed]
    ) -> Iterator[Check]:
        for one in among:
            yield from check(one)

    def claim(sentence: str, checks: Iterable[Check]) -> Claim:
        say(sentence)
        return Claim.of(sentence, checks)

    networks_, rings_, releases_ = of(Kind.NETWORK), of(Kind.RING), of(Kind.RELEASE)
    return [
        claim(
            "every subnet stands in its zone with its range and gives no public address",
            every(networks.subnets, networks_),
        ),
        claim("ring subnets have no route to the internet", every(networks.ring_routes, networks_)),
        claim(
            "default security groups are closed and unused",
            every(networks.default_groups, networks_),
        ),
        claim("each rack's nodes are placed in its own zone only", every(rings.racks, rings_)),
        claim("slot tables are encrypted, recoverable and protected", every(rings.tables, rings_)),
        claim(
            "buckets are encrypted, versioned, private and locked as declared",
            every(buckets, deployed),
        ),
        claim(
            "a release's targets are its instances, over all zones",
            every(releases.targets, releases_),
        ),
        claim(
            "each live rule points at a release's registered targets",
            every(releases.live_rule, of(Kind.SERVICE)),
        ),
        claim("what stands says whose it is", every(tagged, deployed)),
    ]
