"""What a member is told by the release that it belongs to."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


class MissingSettingError(Exception):
    """A sentence for a person: which settings are missing or wrong."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """From `/etc/paved-road/service.env`, which the release's user data writes.

    `address` is where to listen: everywhere by default, since an instance has its address to
    itself. `notice_seconds` is how long a draining member goes on taking requests while it says
    that it is not ready, so that nobody is turned away before the load balancer has noticed;
    `drain_seconds` is how long requests under way may then take. Both together are below the
    deregistration delay of a release's target group (30 s).
    """

    port: int
    release: str = ""
    address: str = "0.0.0.0"  # noqa: S104 - security groups say who reaches it
    notice_seconds: float = 5
    drain_seconds: float = 20

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises `MissingSettingError` without a port that is a number."""
        port = environment.get("PORT", "")
        if not port.isdecimal():
            raise MissingSettingError(f"PORT must be the port to listen on, got {port!r}")
        return Settings(
            port=int(port),
            release=environment.get("RELEASE", ""),
            address=environment.get("ADDRESS", Settings.address),
            notice_seconds=float(environment.get("NOTICE_SECONDS", Settings.notice_seconds)),
        )


def required(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """A setting that a service cannot do without. Raises `MissingSettingError`."""
    if not environment.get(name):
        raise MissingSettingError(f"{name} must be set")
    return environment[name]
