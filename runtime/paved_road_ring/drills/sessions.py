"""CQL to a ring that stands, as its superuser, who changes nothing there."""

from collections.abc import Iterator
from contextlib import contextmanager

from paved_road_ring.live import LiveRing
from paved_road_ring_agent.cql import Cql, Way, connected
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.management import NodeSilentError


@contextmanager
def session(ring: LiveRing) -> Iterator[Cql]:
    """At LOCAL_QUORUM, by all members. Raises `LoginRefusedError` and `NodeSilentError`."""
    table, vault = ring.table(), ring.vault()
    birth = table.birth()
    claims = table.all_claims(birth) if birth else {}
    members = [
        claims[slot].address for slot in sorted(claims) if claims[slot].phase is Phase.JOINED
    ]
    trust = vault.trust()
    if not members or trust is None:
        raise NodeSilentError(f"ring {ring.name} has no member that is known by a certificate")
    with connected(Way(addresses=members, trust=trust), vault.superuser()) as cql:
        yield cql
