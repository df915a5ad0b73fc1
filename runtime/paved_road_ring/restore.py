"""What would happen to a ring that is restored, and what may not: decided from what was seen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paved_road_contract.instances import Instance, instances
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.software import version_of
from paved_road_ring_backup.restore import RestoreRefusedError, Target
from paved_road_ring_backup.ring_manifest import RingManifest

FRESH_SECONDS = 60.0
"""Holders renew their claim every ten seconds. One that did lately lives, whatever EC2 says."""
FORGOTTEN_SECONDS = 3_600.0
"""EC2 forgets an instance about an hour after its end; one that it never knew is not gone.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html"""
NEVER_STARTED = frozenset({Phase.FILLING, Phase.FILLED})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A ring from outside: its birth, who holds slots, and AWS's words on instances and groups.

    `groups` are auto scaling groups by rack, `states` EC2's, `wanted` the label of the bundle that
    new instances run.
    """

    ring: str
    data_center: str
    birth: Birth | None
    claims: Mapping[Slot, Claim]
    states: Mapping[str, str]
    groups: Mapping[str, Mapping[str, Any]]
    wanted: str
    now: float

    @property
    def lifecycles(self) -> Mapping[str, str]:
        """Auto Scaling's states of instances."""
        return {
            one["InstanceId"]: str(one["LifecycleState"])
            for group in self.groups.values()
            for one in group["Instances"]
        }

    def living(self) -> list[str]:
        """Instances that run a node, or may: in doubt they do.

        One that waits in its group for a slot, or for its disk to be filled, never started one.
        """
        return sorted({*self._not_ended(), *self._heard_of()})

    def _not_ended(self) -> Iterator[str]:
        phases = {claim.instance: claim.phase for claim in self.claims.values()}
        for instance, state in self.states.items():
            waits = _is_new(self.lifecycles.get(instance, ""))
            idle = waits and phases.get(instance, Phase.FILLING) in NEVER_STARTED
            if state != "terminated" and not idle:
                yield instance

    def _heard_of(self) -> Iterator[str]:
        for claim in self.claims.values():
            state, silent = self.states.get(claim.instance), self.now - claim.renewed
            wait = FORGOTTEN_SECONDS if state is None else FRESH_SECONDS
            if state in (None, "terminated") and silent < wait:
                yield claim.instance

    def lost(self) -> list[str]:
        """Members of groups that are gone, and that their group takes for living still.

        Nobody is left who would have them replaced. What EC2 does not know yet is not gone.
        """
        return sorted(
            instance
            for instance, lifecycle in self.lifecycles.items()
            if self.states.get(instance, "" if _is_new(lifecycle) else "terminated") == "terminated"
            and not lifecycle.startswith("Terminating")
        )

    def comes_back_from(self, origin: str, bucket: str, at: int = 0) -> bool:
        """Whether just that was begun, and clients were not let in yet."""
        birth = self.birth
        return (
            birth is not None
            and not birth.formed
            and (birth.origin, birth.bucket, birth.at) == (origin, bucket, at)
        )

    def target(self, living: list[str], came_from: str = "") -> Target:
        """The ring as it is deployed, for a backup of that other data center if one is named.

        Raises `RestoreRefusedError`.
        """
        sizes = {rack: int(group["DesiredCapacity"]) for rack, group in self.groups.items()}
        machine, types = machine_of(self.groups)
        if len({*sizes.values()}) != 1 or machine is None:
            raise RestoreRefusedError(
                f"the ring's racks are to have one size and one known type of instance, and have "
                f"sizes {sizes} and types {types}"
            )
        (nodes_per_rack,) = {*sizes.values()}
        return Target(
            ring=self.ring,
            data_center=self.data_center,
            racks=tuple(sorted(self.groups)),
            nodes_per_rack=nodes_per_rack,
            cassandra=version_of(self.wanted),
            living=living,
            disk_bytes=machine.storage_gb * 10**9,
            bits_per_second=machine.network_gbps_baseline * 1e9,
            came_from=came_from,
        )


def birth_from(
    manifest: RingManifest, target: Target, incarnation: str, bucket: str, at: int = 0
) -> Birth:
    """The birth of a ring that comes back: the backup's tokens, its own racks, a new incarnation.

    Also in another data center: there its tokens are none that it would have drawn by itself, and a
    data center that is put beside it takes another number (`dc`).
    """
    return Birth(
        incarnation=incarnation,
        racks=target.racks,
        base=manifest.base,
        dc=manifest.dc,
        origin=manifest.key,
        bucket=bucket,
        nodes=target.nodes_per_rack,
        at=at,
        came_from=target.came_from,
    )


def _is_new(lifecycle: str) -> bool:
    """Launched, and not yet let go by its launch hook: its agent never said that a node is up."""
    return lifecycle.startswith("Pending")


def machine_of(groups: Mapping[str, Mapping[str, Any]]) -> tuple[Instance | None, str]:
    """What all racks' groups launch, None if that is not one known type; and all types by name."""
    overrides = (
        group["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"] for group in groups.values()
    )
    kinds = {str(override["InstanceType"]) for (override,) in overrides}
    machine = instances().get(next(iter(kinds))) if len(kinds) == 1 else None
    return machine, ", ".join(sorted(kinds)) or "none"
