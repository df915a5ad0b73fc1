"""Whether what nodes stored last makes one whole ring: its manifest, or why there is none yet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from paved_road_ring_agent.facts import Birth, Claim, Slot
from paved_road_ring_agent.tokens import ShapeError
from paved_road_ring_backup.keys import Past, stamp
from paved_road_ring_backup.ring_manifest import Part, RingManifest

OLDEST_SECONDS = 3 * 3600
"""A slot whose newest run is older has fallen behind: three of its hourly runs failed."""


@dataclass(frozen=True)
class NotWhole:
    """No ring manifest can be written now. `reasons` are sentences, `slots` those concerned."""

    reasons: tuple[str, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """What one look at the slot table and at the nodes' reports shows.

    `reports` may hold several runs of a slot and runs of owners that are gone. Only runs under the
    epoch of the slot's present claim count, and none of another incarnation: whoever held the slot
    before may still write, and its successor has other data. So from the moment that a slot is
    claimed anew until its new owner's first run there is no whole set; the ring manifests written
    before stand.
    """

    past: Past
    birth: Birth
    claims: Mapping[Slot, Claim]
    reports: Iterable[Part]
    now: int
    oldest_seconds: int = OLDEST_SECONDS

    def outcome(self) -> RingManifest | NotWhole:
        """The ring manifest to write, or what stands against it."""
        size = len(self.claims) // len(self.birth.racks)
        expected = self.birth.slots(self.past.data_center, size)
        newest = self._newest()
        faults = [*self._misshapen(size, expected), *self._faults(expected, newest)]
        if faults:
            slots = sorted({slot for slot, _ in faults if slot is not None})
            return NotWhole(tuple(sentence for _, sentence in faults), tuple(slots))
        return RingManifest(
            past=self.past,
            moment=self.now,
            racks=self.birth.racks,
            base=self.birth.base,
            dc=self.birth.dc,
            nodes_per_rack=size,
            parts=tuple(newest[slot] for slot in expected),
        )

    def _newest(self) -> dict[Slot, Part]:
        found: dict[Slot, Part] = {}
        for part in sorted(self.reports, key=lambda one: one.run):
            claim = self.claims.get(part.run.slot)
            present = claim is not None and part.run.epoch == claim.epoch
            if present and part.run.past == self.past:
                found[part.run.slot] = part
        return found

    def _misshapen(self, size: int, expected: Iterable[Slot]) -> Iterator[tuple[Slot | None, str]]:
        try:
            self.birth.shape.check_size(size)
        except ShapeError as error:
            yield None, f"the ring has no whole size now: {error}"
        for slot in expected:
            if slot not in self.claims:
                yield slot, f"{slot.subject} is not claimed"

    def _faults(
        self, expected: Iterable[Slot], newest: Mapping[Slot, Part]
    ) -> Iterator[tuple[Slot | None, str]]:
        for slot in expected:
            part, claim = newest.get(slot), self.claims.get(slot)
            if claim is None:
                continue
            if part is None:
                yield slot, f"{slot.subject} has no backup under epoch {claim.epoch}"
            elif self.now - part.run.moment > self.oldest_seconds:
                yield slot, f"{slot.subject} has no backup since {stamp(part.run.moment)}"
            elif part.facts.token != self.birth.token(slot):
                yield slot, f"{slot.subject} was backed up at another token than its own"
        schemas = {part.facts.schema for part in newest.values()}
        if len(schemas) > 1:
            yield None, f"the schema changed between the backups: {', '.join(sorted(schemas))}"
