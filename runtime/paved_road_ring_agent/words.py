"""What peers' agents say of a slot when nobody can ask the table.

After a power cut no Cassandra answers, and the table may be out of reach in the same hour. Each
agent keeps on its data disk what it last read in the table, and tells it to its peers' agents. A
node with its data may start on their word alone:

- it holds the slot by its own memory too, as a member, under the epoch that is on its disk;
- more than half of all the slots' holders say the same of it (its own memory does not count);
- nobody names a later epoch or another holder.

A successor takes a slot through the table, and says so when it is asked. So the rule errs only if
the table became unreachable for a majority before any of them read that a successor had come, for
an instance that EC2 called terminated while it lived.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot, from_item, to_item
from paved_road_ring_agent.observed import Disk, Me, TableFacts, Word

Words = Mapping[str, Mapping[Slot, Word]]


def not_vouched(me: Me, disk: Disk | None, known: TableFacts | None, words: Words) -> str:
    """Why the node may not start on its peers' word; empty if it may.

    `words` are by the address of who was asked; peers that did not answer are left out.
    """
    if known is None or known.birth is None or disk is None or not disk.has_data:
        return "the disk holds no member's data and no memory of the table"
    own = known.claims.get(disk.slot)
    if own is None or own.phase is not Phase.JOINED:
        return f"{disk.slot.subject} was no member's when the table was last read"
    held = (own.instance, own.epoch, known.birth.incarnation)
    if held != (me.instance, disk.epoch, disk.incarnation):
        return f"{disk.slot.subject} was held by {own.instance} under epoch {own.epoch} at last"
    said = [facts[disk.slot] for facts in words.values() if disk.slot in facts]
    for word in said:
        if word.epoch > own.epoch or (word.epoch == own.epoch and word.instance != own.instance):
            return f"a peer says that {word.instance} holds it under epoch {word.epoch}"
    votes = sum(
        (word.instance, word.host_id, word.epoch) == (own.instance, own.host_id, own.epoch)
        for word in said
    )
    if 2 * votes <= len(known.claims):
        return f"{votes} of {len(known.claims)} nodes' agents say that it holds its slot"
    return ""


@dataclass(frozen=True)
class Telling:
    """What one agent tells: of which ring, and each slot's holder."""

    incarnation: str
    slots: Mapping[str, Word]

    @classmethod
    def of(cls, facts: TableFacts) -> "Telling":
        """From what was last read."""
        return cls(
            incarnation=facts.birth.incarnation if facts.birth else "",
            slots={
                slot.subject: Word(
                    instance=claim.instance,
                    host_id=claim.host_id,
                    epoch=claim.epoch,
                    renewed=claim.renewed,
                )
                for slot, claim in facts.claims.items()
            },
        )

    def to_json(self) -> str:
        """As it goes over the wire."""
        slots = {name: vars(word) for name, word in self.slots.items()}
        return json.dumps({"incarnation": self.incarnation, "slots": slots}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Telling":
        """`ValueError` for anything that is not one."""
        try:
            told = json.loads(text)
            slots = {
                str(name): Word(
                    instance=str(word["instance"]),
                    host_id=str(word["host_id"]),
                    epoch=int(word["epoch"]),
                    renewed=float(word["renewed"]),
                )
                for name, word in told["slots"].items()
            }
            return cls(incarnation=str(told["incarnation"]), slots=slots)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"no word of an agent: {error!r}") from error

    def about(self, known: TableFacts) -> dict[Slot, Word]:
        """What it says of the slots that are known; nothing if it is another ring's."""
        if known.birth is None or known.birth.incarnation != self.incarnation:
            return {}
        return {
            slot: self.slots[slot.subject] for slot in known.claims if slot.subject in self.slots
        }


def to_memory(facts: TableFacts) -> dict[str, Any]:
    """As it is kept on the data disk."""
    return {
        "birth": to_item(facts.birth) if facts.birth else None,
        "claims": [
            {
                "data_center": slot.data_center,
                "rack": slot.rack,
                "index": slot.index,
                "claim": to_item(claim),
            }
            for slot, claim in sorted(facts.claims.items())
        ],
    }


def from_memory(kept: Mapping[str, Any]) -> TableFacts:
    """What `to_memory` made."""
    return TableFacts(
        birth=from_item(Birth, kept["birth"]) if kept["birth"] else None,
        claims={
            Slot(data_center=one["data_center"], rack=one["rack"], index=one["index"]): from_item(
                Claim, one["claim"]
            )
            for one in kept["claims"]
        },
    )
