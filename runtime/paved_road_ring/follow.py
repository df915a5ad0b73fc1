"""A ring's life as it happens: what changed between two looks, and waiting for it to be whole."""

import time
from collections.abc import Callable

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from paved_road_ring.survey import Row, Survey
from paved_road_ring_agent.facts import Phase

LOOK_SECONDS = 1.0


class NotInTimeError(Exception):
    """The ring did not come to the awaited state; the sentence says what is missing."""


def changes(before: Survey | None, after: Survey) -> list[str]:
    """What a person wants to be told of, in the order of the slots. Nothing for no change."""
    had = {row.slot: row for row in before.rows} if before else {}
    told = [words for row in after.rows for words in _about(had.get(row.slot), row)]
    if after.formed and not (before and before.formed):
        told.append(f"{after.data_center} is formed and open to clients")
    return told


def follow(
    look: Callable[[], Survey],
    until: Callable[[Survey], bool] = lambda seen: seen.whole,
    *,
    seconds: float,
    say: Callable[[str], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Survey:
    """Look every second and say what changes, until it is as awaited: whole, by default.

    Raises `NotInTimeError` after `seconds`.
    """
    last: Survey | None = None

    def step() -> Survey:
        nonlocal last
        seen = look()
        for line in changes(last, seen):
            say(line)
        last = seen
        return seen

    try:
        found: Survey = Retrying(
            retry=retry_if_result(lambda seen: not until(seen)),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(LOOK_SECONDS),
            sleep=sleep,
        )(step)
    except RetryError:
        raise NotInTimeError(
            f"after {seconds:.0f} s the ring is not as awaited: {_missing(last)}"
        ) from None
    return found


def _about(before: Row | None, now: Row) -> list[str]:
    place = f"{now.rack} slot {now.slot.rpartition('#')[2]}"
    if before is None:
        return [f"{place} is held by {now.instance} under epoch {now.epoch}"]
    told: list[str] = []
    if now.epoch != before.epoch:
        told.append(
            f"{place} goes from {before.instance} to {now.instance}, epoch {now.epoch} "
            f"({now.phase})"
        )
    elif now.phase != before.phase:
        told.append(f"{place}: {now.instance} is {now.phase}")
    if now.software != before.software:
        told.append(f"{place}: {now.instance} runs bundle {now.software}")
    if now.state != before.state and now.instance == before.instance:
        told.append(f"{place}: EC2 says {now.instance} is {now.state}")
    if now.seen_down_by and not before.seen_down_by:
        told.append(f"{place}: {now.instance} is seen down by other nodes")
    return told


def _missing(last: Survey | None) -> str:
    if last is None:
        return "it was never seen"
    waiting = [row.slot for row in last.rows if row.phase != Phase.JOINED]
    said = [*last.disagreements, *(f"{slot} has not joined" for slot in waiting)]
    if not last.formed:
        said.append("it is not formed")
    return "; ".join(said[:3]) or "nothing is known to be missing"
