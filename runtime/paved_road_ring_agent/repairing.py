"""A repair, for others or after a restore, that goes on while the agent's rounds go on.

A repair takes hours at terabytes, and fencing, draining and renewals must not wait for it. So each
round takes small steps for a moment, and how far it came is on disk: an agent that is started anew
goes on where the last one was.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from paved_road_ring_agent.actions import RepairOwn, RunRepair
from paved_road_ring_agent.layout import Layout, read_whole, write_whole

LOOK_SECONDS = 0.1


class RepairFailedError(Exception):
    """Cassandra says that a repair failed; it is begun again."""


class Repairs(Protocol):
    """What it needs of the own node."""

    def keyspaces(self) -> list[str]:
        """Those whose data is spread over nodes."""

    def begin_repair(self, keyspace: str, start: int, end: int, hosts: tuple[str, ...]) -> int:
        """Begin one; its number, 0 if nothing is to do."""

    def begin_own_repair(self, keyspace: str) -> int:
        """The same of what the node is the first replica of."""

    def repair_state(self, number: int) -> tuple[str, str]:
        """IN_PROGRESS, COMPLETED or FAILED, and Cassandra's last word."""


@dataclass(frozen=True)
class Job:
    """One repair of all keyspaces. `begin` begins that of one of them; 0 if nothing is to do.

    A repair counts only if it ended while it was for the owner, and with the hosts, that it was
    begun for, so they are part of its name.
    """

    name: str
    begin: Callable[[str], int]

    @classmethod
    def for_replacement(cls, action: RunRepair, node: Repairs) -> "Job":
        """Of one range among its survivors."""
        task, hosts = action.task, action.hosts
        return cls(
            f"{action.replaced.subject}#{action.repair.epoch}#{action.number}#{hosts}",
            lambda keyspace: node.begin_repair(keyspace, task.start, task.end, hosts),
        )

    @classmethod
    def of_own_ranges(cls, action: RepairOwn, node: Repairs) -> "Job":
        """Of the own ranges with all their replicas."""
        owner = f"{action.claim.epoch}#{action.claim.incarnation}"
        return cls(f"{action.slot.subject}#{owner}#own", node.begin_own_repair)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far one task has come.

    `process` is the Cassandra it was begun in (the permit's nonce): another one knows nothing of
    it. `number` is Cassandra's for the repair of `keyspace` that runs, 0 if none does; `done` are
    keyspaces that agree.
    """

    task: str
    process: str
    keyspace: str = ""
    number: int = 0
    done: tuple[str, ...] = ()

    def save(self, layout: Layout) -> None:
        """Write it down."""
        write_whole(layout.repairs_file, asdict(self))

    @staticmethod
    def of(layout: Layout, task: str, process: str) -> "Progress":
        """What was written down of this task in this process, or a beginning."""
        kept = read_whole(layout.repairs_file)
        if kept is not None:
            found = Progress(**{**kept, "done": tuple(kept["done"])})
            if (found.task, found.process) == (task, process):
                return found
        return Progress(task=task, process=process)


def take_steps(job: Job, node: Repairs, layout: Layout, process: str, seconds: float) -> bool:
    """Look after the repair for so many seconds; tells whether all keyspaces agree by now.

    Repairs of little data end at once, and each that waited for the next round would hold up the
    replacement for as long as a round takes. Raises `RepairFailedError`.
    """
    ends = time.monotonic() + seconds
    while not take_step(job, node, layout, process):
        if time.monotonic() >= ends:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def take_step(job: Job, node: Repairs, layout: Layout, process: str) -> bool:
    """Look after the repair once; tells whether all keyspaces agree by now.

    Raises `RepairFailedError`.
    """
    so_far = Progress.of(layout, job.name, process)
    if so_far.number:
        state, word = node.repair_state(so_far.number)
        if state == "IN_PROGRESS":
            return False
        ended = replace(so_far, number=0)
        if state == "FAILED":
            ended.save(layout)
            raise RepairFailedError(f"repair of {so_far.keyspace} failed: {word}")
        so_far = replace(ended, done=(*so_far.done, so_far.keyspace))
        so_far.save(layout)
    for keyspace in node.keyspaces():
        if keyspace in so_far.done:
            continue
        number = job.begin(keyspace)
        if number:
            replace(so_far, keyspace=keyspace, number=number).save(layout)
            return False
        so_far = replace(so_far, done=(*so_far.done, keyspace))
        so_far.save(layout)
    return True


def repair_now(node: Repairs, keyspace: str, seconds: float) -> None:
    """Wait for the repair of what the node is the first replica of, where that is little.

    Raises `RepairFailedError`, also if it takes longer.
    """
    number, deadline = node.begin_own_repair(keyspace), time.monotonic() + seconds
    while number:
        state, word = node.repair_state(number)
        if state == "COMPLETED":
            return
        if state == "FAILED" or time.monotonic() > deadline:
            raise RepairFailedError(f"repair of {keyspace} {state.lower()}: {word}")
        time.sleep(LOOK_SECONDS)
