"""Restores a ring whose instances are all gone: reads, decides, and writes one item.

What follows is the agents': instances that the groups launch take the slots, and each fills its own
disk. Nothing is done twice by a command that is run again, and one that was cut off goes on.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring.live import LiveRing
from paved_road_ring.restore import Seen, birth_from
from paved_road_ring_agent.contract import region_of
from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.log_plan import SlotLogs
from paved_road_ring_backup.log_store import read_point
from paved_road_ring_backup.recovery import check_all_there, chosen, named, read_plan
from paved_road_ring_backup.restore import RestorePlan, RestoreRefusedError, Target
from paved_road_ring_backup.store import Store


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What a restore would do. `begun`: the same one was begun before.

    `lost` are instances that are ended in their groups, `living` those whose node must not be. `at`
    is the moment until which each slot's `logs` are replayed; 0: none are. `bucket` is where the
    backup is, if not where the region's own are.
    """

    plan: RestorePlan
    seen: Seen
    target: Target
    bucket: str
    begun: bool
    lost: tuple[str, ...]
    at: int = 0
    logs: Mapping[Slot, SlotLogs] = field(default_factory=dict)

    @property
    def logged(self) -> int:
        """Bytes of all slots' logs; of a ring that has doubled since some come twice."""
        return sum(self.logs[fill.source].size for fill in self.plan.fills.values() if self.logs)

    @property
    def age_days(self) -> float:
        """How long ago everything was in it."""
        return (self.seen.now - self.plan.manifest.whole_until) / 86_400


@dataclass(frozen=True, kw_only=True)
class Restoring:
    """Of one ring. `bucket` is another than the region's own, such as one of copies.

    `came_from` is the data center whose backup it is, if that is another one: one of another region
    is looked for in the copies that the ring's own region keeps.

    Raises `RestoreRefusedError` with every reason at once, before anything is done.
    """

    ring: LiveRing
    bucket: str = ""
    came_from: str = ""
    clock: Callable[[], float] = time.time

    def plan(self, *, at: int = 0, key: str = "") -> Planned:
        """From the ring manifest of that key, or the newest one, without what came after it.

        Or to the moment `at`, in seconds since 1970: from the newest before it, and logs.
        """
        seen = self._look()
        came_from = "" if self.came_from == seen.data_center else self.came_from
        bucket = self._bucket(came_from)
        store = Store(self._client(), bucket or self.ring.backup_bucket())
        manifest = (
            named(store, key)
            if key
            else chosen(store, seen.ring, came_from or seen.data_center, at or int(self.clock()))
        )
        logs = read_point(store, manifest, at) if at else {}
        begun = seen.comes_back_from(manifest.key, bucket, at)
        target = seen.target([] if begun else seen.living(), came_from)
        plan = read_plan(store, manifest, target)
        if bucket:
            check_all_there(store, plan)
        return Planned(
            plan=plan,
            seen=seen,
            target=target,
            bucket=bucket,
            begun=begun,
            lost=tuple(seen.lost()),
            at=at,
            logs=logs,
        )

    def begin(self, planned: Planned) -> None:
        """Have the ring's next forming start from it, and its groups launch what is gone."""
        if not planned.begun:
            self._give_birth(planned)
        groups = self.ring.clients.client("autoscaling", self.ring.region)
        for instance in planned.lost:
            groups.terminate_instance_in_auto_scaling_group(
                InstanceId=instance, ShouldDecrementDesiredCapacity=False
            )

    def _give_birth(self, planned: Planned) -> None:
        """After another look: reading the manifests took a while."""
        living = self._look().living()
        if living:
            raise RestoreRefusedError(f"{living[0]} has begun to run a node, or may have")
        incarnation = secrets.token_hex(4)
        birth = birth_from(
            planned.plan.manifest, planned.target, incarnation, planned.bucket, planned.at
        )
        if not self.ring.table().begin_anew(birth, planned.seen.birth):
            raise RestoreRefusedError("somebody else wrote the ring's birth: look at it again")

    def _look(self) -> Seen:
        """Whatever cannot be asked may live."""
        outputs = self.ring.outputs()
        try:
            wanted = self.ring.wanted()
            states, groups = self.ring.instances(), self.ring.groups()
            # Last, because it is the word of who lives: EC2 may be slow, and one comes to life.
            table = self.ring.table()
            birth = table.birth()
            return Seen(
                ring=self.ring.name,
                data_center=outputs["DataCenter"],
                birth=birth,
                claims=table.all_claims(birth) if birth else {},
                states=states,
                groups=groups,
                wanted=wanted.label if wanted else "",
                now=self.clock(),
            )
        except (BotoCoreError, ClientError) as error:
            raise RestoreRefusedError(
                f"nobody can tell whether ring {self.ring.name} lives: {error}"
            ) from error

    def _bucket(self, came_from: str) -> str:
        """Where the backup is; empty for where the region's own are."""
        if self.bucket or not came_from or region_of(came_from) == self.ring.region:
            return self.bucket
        return self.ring.copies_bucket()

    def _client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self.ring.clients.client("s3", self.ring.region)
