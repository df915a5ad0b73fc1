"""CQL to a ring that stands, as its superuser, who changes nothing there."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_ring.live import LiveRing
from paved_road_ring_agent import records
from paved_road_ring_agent.cql import Cql, LoginRefusedError, Way, connected
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.management import NodeSilentError

FIRST_READ = f"{records.VERSIONS_SET} LIMIT 1"
"""Of a table that every ring has, at a quorum."""
LOGIN_SECONDS = 300.0


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


def served(ring: LiveRing, stack: ExitStack) -> Cql:
    """A session that has answered a read; `stack` ends it. Tries for some minutes."""
    logins = Retrying(
        retry=retry_if_exception_type((LoginRefusedError, NodeSilentError)),
        stop=stop_after_delay(LOGIN_SECONDS),
        wait=wait_fixed(1),
        reraise=True,
    )

    def once() -> Cql:
        with ExitStack() as attempt:
            cql = attempt.enter_context(session(ring))
            cql.execute(FIRST_READ)
            stack.push(attempt.pop_all())
        return cql

    return logins(once)
