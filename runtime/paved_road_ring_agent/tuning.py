"""What depends on the machine: memory and patience."""

import os
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20
LARGEST_HEAP_MIB = 31 * 1024
"""Beyond it the JVM's pointers double in size.
https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/hardware.html#memory
"""


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """`heap_mib` of each node's JVM; `ring_delay_ms` is Cassandra's wait for gossip to spread.

    `shares_machine`: several nodes start on one machine's cores, so they start cheaply.
    """

    heap_mib: int
    ring_delay_ms: int = 30_000
    shares_machine: bool = False

    @classmethod
    def of_this_machine(cls) -> "Tuning":
        """A quarter of the memory for the heap, the rest for the page cache and off-heap.

        Several nodes on one machine are each given less: `PAVED_ROAD_HEAP_MIB`, and less patience:
        `PAVED_ROAD_RING_DELAY_MS`.
        """
        heap = os.environ.get("PAVED_ROAD_HEAP_MIB")
        delay = os.environ.get("PAVED_ROAD_RING_DELAY_MS")
        return cls(
            heap_mib=int(heap) if heap else min(_memory_mib() // 4, LARGEST_HEAP_MIB),
            shares_machine=heap is not None,
            ring_delay_ms=int(delay) if delay else cls.ring_delay_ms,
        )


def _memory_mib() -> int:
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("/proc/meminfo names no MemTotal")
