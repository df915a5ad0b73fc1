"""How large a task of Fargate is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from paved_road.faults import Faults
from paved_road.service.artifact import Artifact, Container

_GIB = 1024
SIZES: Final[Mapping[int, Sequence[int]]] = {
    256: (512, _GIB, 2 * _GIB),
    512: range(1 * _GIB, 4 * _GIB + 1, _GIB),
    1024: range(2 * _GIB, 8 * _GIB + 1, _GIB),
    2048: range(4 * _GIB, 16 * _GIB + 1, _GIB),
    4096: range(8 * _GIB, 30 * _GIB + 1, _GIB),
    8192: range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB),
    16384: range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB),
}
"""Mebibytes of memory by CPU units.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html"""


@dataclass(frozen=True, kw_only=True)
class Fargate:
    """The size of one task: `cpu` units (1024 are a vCPU), `memory` in MiB.

    Graviton by default: the image must be built for `architecture`. Checked by the release.
    """

    cpu: int = 1024
    memory: int = 2048
    architecture: Literal["ARM64", "X86_64"] = "ARM64"

    def check(self, faults: Faults, artifact: Artifact) -> None:
        """Note a size that Fargate has not, and what is no container."""
        faults.check(
            self.cpu in SIZES,
            "fargate.cpu",
            f"must be one of {', '.join(map(str, SIZES))}",
            self.cpu,
        )
        sizes = SIZES.get(self.cpu)
        if sizes:
            faults.check(
                self.memory in sizes,
                "fargate.memory",
                f"must be one of {', '.join(map(str, sizes))} MiB for {self.cpu} CPU units",
                self.memory,
            )
        faults.check(
            self.architecture in ("ARM64", "X86_64"),
            "fargate.architecture",
            "must be ARM64 or X86_64",
            self.architecture,
        )
        faults.check(
            isinstance(artifact, Container) and artifact.image_id is None,
            "artifact",
            "must be a Container without a machine image to run on Fargate",
            artifact,
        )
