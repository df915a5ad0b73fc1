"""The scratch ring of a drill: a stack of its own whose groups are empty between drills.

Nothing here ever names another ring: a stack that does not say that it is for drills of the very
ring that is drilled is refused.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from paved_road_contract.drills import DRILLS_OF, drill_ring
from paved_road_ring.live import LiveRing, NoRingError
from paved_road_ring_agent.contract import TERMINATION_HOOK
from paved_road_ring_agent.facts import Birth
from paved_road_ring_backup.restore import RestoreRefusedError

END_SECONDS, LOOK_SECONDS = 900.0, 2.0
_GONE = ("terminated", "shutting-down")


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """Of the ring `source`. Raises `RestoreRefusedError` if it is none."""

    ring: LiveRing
    source: str
    sleep: Callable[[float], None] = time.sleep
    elapsed: Callable[[], float] = time.monotonic

    @classmethod
    def of(cls, source: LiveRing) -> "Scratch":
        """The one that stands for a ring."""
        name = drill_ring(source.name)
        ring = LiveRing(
            clients=source.clients, estate=source.estate, region=source.region, name=name
        )
        try:
            found = ring.outputs().get(DRILLS_OF)
        except NoRingError as error:
            raise RestoreRefusedError(
                f"there is nothing to restore {source.name} into: deploy a drill stack, which is "
                f"{ring.stack} (docs/runbooks/drill.md)"
            ) from error
        if found != source.name:
            raise RestoreRefusedError(
                f"{ring.stack} does not say that it is for drills of {source.name}, so it is not "
                "touched"
            )
        return cls(ring=ring, source=source.name)

    def left(self) -> list[str]:
        """Instances that run, or that a group has still."""
        running = {one for one, state in self.ring.instances().items() if state not in _GONE}
        return sorted({*running, *self.ring.lifecycles()})

    def begin(self, birth: Birth) -> None:
        """Have it be born from a backup, and only then launch its nodes."""
        table = self.ring.table()
        if not table.begin_anew(birth, table.birth()):
            raise RestoreRefusedError(
                f"somebody else begins {self.ring.name}: is another drill on?"
            )
        self._size(birth.founding)

    def end(self, say: Callable[[str], None]) -> list[str]:
        """End all of its instances, of whichever drill, and wait until they are gone; which.

        What they hold is a copy, so nobody is asked and nothing is drained. Raises `TimeoutError`.
        """
        self._size(0)
        found = self.left()
        if found:
            say(f"{len(found)} instances of {self.ring.name} are ended")
        deadline = self.elapsed() + END_SECONDS
        while left := self.left():
            if self.elapsed() > deadline:
                raise TimeoutError(f"{', '.join(left)} of {self.ring.name} did not end")
            for group, instance, lifecycle in self._members():
                self._let_go(group, instance, lifecycle)
            self.sleep(LOOK_SECONDS)
        return found

    def _size(self, nodes: int) -> None:
        groups = self.ring.clients.client("autoscaling", self.ring.region)
        for group in self.ring.groups().values():
            groups.set_desired_capacity(
                AutoScalingGroupName=group["AutoScalingGroupName"],
                DesiredCapacity=nodes,
                HonorCooldown=False,
            )

    def _members(self) -> Iterator[tuple[str, str, str]]:
        for group in self.ring.groups().values():
            for one in group["Instances"]:
                yield group["AutoScalingGroupName"], one["InstanceId"], one["LifecycleState"]

    def _let_go(self, group: str, instance: str, lifecycle: str) -> None:
        groups = self.ring.clients.client("autoscaling", self.ring.region)
        try:
            if lifecycle == "Terminating:Wait":
                groups.complete_lifecycle_action(
                    AutoScalingGroupName=group,
                    LifecycleHookName=TERMINATION_HOOK,
                    InstanceId=instance,
                    LifecycleActionResult="CONTINUE",
                )
            elif not lifecycle.startswith("Terminat"):
                groups.terminate_instance_in_auto_scaling_group(
                    InstanceId=instance, ShouldDecrementDesiredCapacity=False
                )
        except ClientError as error:
            # The group moves on by itself: what was seen a moment ago may be over.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
