"""Which hosts to start, stop or give up: a pure function of what is and what should be."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from paved_road_lab.hosts.restarts import may_start


class Seen(Protocol):
    """What the plan needs to know of a host."""

    @property
    def instance_id(self) -> str:
        """Of the instance that it stands for."""

    @property
    def starts(self) -> tuple[float, ...]:
        """When its boot process was started, in seconds since the epoch."""

    @property
    def failed(self) -> bool:
        """Whether it was given up."""


@dataclass(frozen=True)
class Plan:
    """Ids of instances whose host is to be started, stopped with its disk, or given up."""

    starts: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()


class Rooted(Protocol):
    """An instance or a host, and the root volume that it has; empty if nobody knows."""

    @property
    def root_volume(self) -> str:
        """Its id."""


def new_roots(instances: Mapping[str, Rooted], hosts: Mapping[str, Rooted]) -> tuple[str, ...]:
    """Ids of instances whose root volume is another one than their host has."""
    return tuple(
        name
        for name in sorted(instances.keys() & hosts.keys())
        if instances[name].root_volume
        and hosts[name].root_volume
        and instances[name].root_volume != hosts[name].root_volume
    )


def plan(
    instances: Collection[str], hosts: Collection[Seen], alive: Collection[str], now: float
) -> Plan:
    """Every instance has one living host, every other host goes.

    `instances` are pending or running, `hosts` all that have a directory, `alive` those whose boot
    process lives. A host that was given up stays so: nothing but its instance's end, or a new
    start of the lab's hosts, changes that.
    """
    known = {host.instance_id: host for host in hosts}
    dead = [known[name] for name in sorted(known) if name in instances and name not in alive]
    waiting = [host for host in dead if not host.failed]
    new = sorted(set(instances) - known.keys())
    again = [host.instance_id for host in waiting if may_start(host.starts, now)]
    return Plan(
        starts=(*new, *again),
        stops=tuple(sorted(known.keys() - set(instances))),
        fails=tuple(host.instance_id for host in waiting if not may_start(host.starts, now)),
    )
