"""One drill of a ring at a time, by a lease in the scratch ring's own table."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from paved_road_contract.drills import drill_lease
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.leases import LEASE_SECONDS, Leases
from paved_road_ring_backup.restore import RestoreRefusedError

WATCH_SECONDS = LEASE_SECONDS + 15.0
"""Whoever drilled before and was killed is known to be gone once it was silent for a lease."""
BEAT_SECONDS = 15.0


class TurnLostError(Exception):
    """Somebody else took over, since this drill was silent for a minute: it touches no more."""


@dataclass(kw_only=True)
class Turn:
    """Of one drill, which says every few seconds that it goes on."""

    leases: Leases
    subject: str
    ring: str
    elapsed: Callable[[], float]
    pause: Callable[[float], None] = time.sleep
    mine: bool = field(default=False, init=False)
    _beaten: float = field(default=0.0, init=False)

    @classmethod
    def of(
        cls, ring: LiveRing, holder: str, clock: Callable[[], float], elapsed: Callable[[], float]
    ) -> "Turn":
        """For a scratch ring."""
        leases = Leases(table=ring.table(), holder=holder, clock=clock, elapsed=elapsed)
        subject = drill_lease(ring.outputs()["DataCenter"])
        return cls(leases=leases, subject=subject, ring=ring.name, elapsed=elapsed)

    def take(self) -> None:
        """Raises `RestoreRefusedError` if somebody else drills."""
        began = self.elapsed()
        while not self.leases.take(self.subject):
            if self.elapsed() - began > WATCH_SECONDS:
                raise RestoreRefusedError(f"another drill holds {self.ring}: wait until it ends")
            self.pause(1)
        self.mine, self._beaten = True, self.elapsed()

    def beat(self) -> None:
        """Raises `TurnLostError`."""
        if self.elapsed() - self._beaten < BEAT_SECONDS:
            return
        if not self.leases.renew(self.subject):
            self.mine = False
            raise TurnLostError(f"another drill took {self.ring} over: this one lets go of it")
        self._beaten = self.elapsed()

    def sleep(self, seconds: float) -> None:
        """While something else is waited for."""
        self.beat()
        self.pause(seconds)

    def give_back(self) -> None:
        """Let the next one begin at once."""
        if self.mine:
            self.leases.give_back(self.subject)
