"""The lab as a place that releases are delivered to."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from paved_road_lab.safety import environment, session
from paved_road_lab.state import Lab


@dataclass(frozen=True)
class LabCloud:
    """What the delivery tool needs of a cloud, from the lab and nowhere else."""

    lab: Lab

    @property
    def environment(self) -> Mapping[str, str]:
        """Of processes that deploy into the lab."""
        return environment(self.lab)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client that reaches the lab only."""
        return _client(self.lab, service, region)

    def resource(self, service: str, region: str) -> Any:  # noqa: ANN401 - see client
        """A boto3 resource that reaches the lab only."""
        return _resource(self.lab, service, region, threading.get_ident())


@cache
def _client(lab: Lab, service: str, region: str) -> Any:  # noqa: ANN401 - see LabCloud
    """Made once in a process, since loading a service's model takes longer than calling it."""
    return session(lab, region).client(service)  # type: ignore[call-overload]


@cache
def _resource(lab: Lab, service: str, region: str, thread: int) -> Any:  # noqa: ANN401 - see LabCloud
    """Made once a thread, since threads may not share one."""
    del thread
    return session(lab, region).resource(service)  # type: ignore[call-overload]
