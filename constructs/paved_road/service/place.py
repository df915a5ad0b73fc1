"""What a release's members need to know, whatever runs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from paved_road.estate import Region, Rows
from paved_road.estate.references import attribute
from paved_road.monitoring import Metric
from paved_road.service.artifact import Artifact
from paved_road.service.capacity import Capacity


@dataclass(frozen=True, kw_only=True)
class Place:
    """One release: what it runs and how large, where, and what its service gives it."""

    region: Region
    stack: str
    release: str
    artifact: Artifact
    capacity: Capacity
    subnets: Sequence[str]
    security_group_id: str
    port: str
    health_path: str
    log_group: str
    load_balancer: str
    settings: Mapping[str, str]

    @property
    def told(self) -> dict[str, str]:
        """All settings of a member, as an environment has them."""
        return {
            "PORT": self.port,
            "ESTATE": self.region.estate,
            "REGION": self.region.name,
            "RELEASE": self.release,
            **self.settings,
        }

    @property
    def request_label(self) -> str:
        """The target group `Targets` as request counts are known by, in scaling policies."""
        return f"{self.load_balancer}/{attribute('Targets', 'TargetGroupFullName')}"


class Runner(Protocol):
    """A release's members: rows of its stack beside its target group `Targets` and `TestCell`."""

    @property
    def target_type(self) -> str:
        """How the target group knows them: `instance` or `ip`."""

    @property
    def targets(self) -> str:
        """What the target group holds, in words."""

    def parameters(self) -> Rows:
        """Beside those that every release has."""

    def resources(self) -> Rows:
        """The members and what scales them."""

    def output(self) -> tuple[str, str, str]:
        """Name, value and description of what delivery raises the minimum of."""

    def cpu(self) -> Metric:
        """How busy they are, in percent."""

    def reasons(self) -> Mapping[str, str]:
        """Findings of the rule packs that are right in general and wrong here."""
