"""What the slot table, EC2, the groups and the nodes themselves say, and where they disagree."""

from collections.abc import Mapping
from dataclasses import dataclass

from paved_road_ring_agent.facts import Birth, Claim, Phase, Repair, Slot

SILENT_SECONDS = 60.0
"""Holders renew their claim every ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One slot. `seen_down_by` counts the nodes that see its holder down.

    `software` is the label of the bundle that the holder runs; empty if it never said so. `fault`
    is why the holder cannot go on by itself, in its own words.
    """

    slot: str
    rack: str
    token: int
    instance: str
    state: str
    lifecycle: str
    address: str
    epoch: int
    phase: str
    silent_seconds: int
    seen_down_by: int
    software: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A data center's ring.

    `formed`: it was opened to clients. `losses`: what may be lost for good. `wanted`: the label of
    the bundle that its stack wants on its nodes.
    """

    data_center: str
    incarnation: str
    formed: bool
    rows: tuple[Row, ...]
    disagreements: tuple[str, ...]
    losses: tuple[str, ...] = ()
    wanted: str = ""

    @property
    def whole(self) -> bool:
        """Whether every slot has a living member and nobody contradicts anybody."""
        joined = all(row.phase == Phase.JOINED for row in self.rows)
        return self.formed and bool(self.rows) and joined and not self.disagreements


def survey(
    data_center: str,
    birth: Birth | None,
    claims: Mapping[Slot, Claim],
    states: Mapping[str, str],
    lifecycles: Mapping[str, str],
    now: float,
    repairs: Mapping[Slot, Repair] | None = None,
    wanted: str = "",
) -> Survey:
    """Lay the views side by side.

    `states` are EC2's of the ring's instances, `lifecycles` Auto Scaling's; an instance that one of
    them does not name is "unknown" there. `repairs` are what replacements asked for.
    """
    rows = tuple(
        Row(
            slot=slot.subject,
            rack=slot.rack,
            token=birth.token(slot) if birth else 0,
            instance=claim.instance,
            state=states.get(claim.instance, "unknown"),
            lifecycle=lifecycles.get(claim.instance, "unknown"),
            address=claim.address,
            epoch=claim.epoch,
            phase=claim.phase,
            silent_seconds=max(0, int(now - claim.renewed)),
            seen_down_by=sum(claim.host_id in other.down for other in claims.values()),
            software=claim.software,
            fault=claim.fault,
        )
        for slot, claim in sorted(claims.items())
    )
    return Survey(
        data_center=data_center,
        incarnation=birth.incarnation if birth else "",
        formed=birth is not None and birth.formed,
        rows=rows,
        disagreements=(
            *(words for row in rows for words in _about(row)),
            *_unheld(birth, data_center, claims),
            *_idle(claims, states),
        ),
        losses=_losses(repairs or {}),
        wanted=wanted,
    )


def _about(row: Row) -> list[str]:
    found: list[str] = []
    if row.state != "running":
        found.append(f"{row.slot} is held by {row.instance}, which EC2 says is {row.state}")
    elif row.seen_down_by:
        found.append(f"{row.slot}: {row.seen_down_by} nodes see {row.instance} down; EC2: running")
    elif row.silent_seconds > SILENT_SECONDS:
        found.append(f"{row.slot}: {row.instance} has been silent for {row.silent_seconds} s")
    if row.fault:
        found.append(f"{row.slot}: {row.instance} cannot go on: {row.fault}")
    return found


def _unheld(birth: Birth | None, data_center: str, claims: Mapping[Slot, Claim]) -> list[str]:
    if birth is None:
        return ["the slot table records no ring"]
    free = [slot.subject for slot in birth.slots(data_center) if slot not in claims]
    return [f"{subject} is held by nobody" for subject in free]


def _losses(repairs: Mapping[Slot, Repair]) -> tuple[str, ...]:
    return tuple(
        f"{slot.subject} was rebuilt from a single replica in {len(wish.alone)} of its ranges "
        f"under epoch {wish.epoch}: writes that this replica had missed are lost"
        for slot, wish in sorted(repairs.items())
        if wish.alone
    )


def _idle(claims: Mapping[Slot, Claim], states: Mapping[str, str]) -> list[str]:
    holders = {claim.instance for claim in claims.values()}
    return [
        f"{instance} runs and holds no slot"
        for instance, state in sorted(states.items())
        if state == "running" and instance not in holders
    ]
