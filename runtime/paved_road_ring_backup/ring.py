"""The ring's manifest, written by whichever agent holds the lease for it."""

from collections.abc import Mapping

from paved_road_ring_agent.facts import Birth, Claim, Slot
from paved_road_ring_backup.assembly import OLDEST_SECONDS, Assembly, NotWhole
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.retention import DAY
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store

LOOK_BACK_SECONDS = 7 * DAY
"""How far back the newest run of a slot is looked for, so that it can be said since when there is
none."""


def assemble(
    store: Store,
    past: Past,
    birth: Birth,
    claims: Mapping[Slot, Claim],
    now: int,
    oldest_seconds: int = OLDEST_SECONDS,
) -> RingManifest | NotWhole:
    """Look for each slot's newest run; if they make one whole, write the manifest that says so.

    Two agents that do it at once do no harm: a manifest is written once, and both name whole sets.
    """
    found = (
        store.newest_part(past, slot, claim.epoch, now - LOOK_BACK_SECONDS)
        for slot, claim in claims.items()
    )
    outcome = Assembly(
        past=past,
        birth=birth,
        claims=claims,
        reports=[part for part in found if part is not None],
        now=now,
        oldest_seconds=oldest_seconds,
    ).outcome()
    if isinstance(outcome, RingManifest):
        store.put(outcome.key, outcome.to_json())
    return outcome
