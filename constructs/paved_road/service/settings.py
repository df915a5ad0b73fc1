"""What a release tells its service beside what every service is told."""

import re
from collections.abc import Mapping, Sequence

from paved_road.estate.stack import LONGEST_NAME
from paved_road.faults import Faults

EVERYONE = ("PORT", "ESTATE", "REGION", "RELEASE")
"""Written for every service; a release that set one would contradict its own stack."""


def url_setting(service: str) -> str:
    """`ORDERS_DATA_URL`: where a service finds the service that it calls."""
    return f"{service.upper().replace('-', '_')}_URL"


def check_settings(faults: Faults, settings: Mapping[str, str], calls: Sequence[str]) -> None:
    """Note names and values that cannot stand in the file of settings."""
    taken = {*EVERYONE, *map(url_setting, calls)}
    for name, value in settings.items():
        faults.check(
            re.fullmatch(r"[A-Z][A-Z0-9_]*", name) is not None,
            "settings",
            "must have names of capital letters, digits and underscores",
            name,
        )
        faults.check(
            name not in taken, "settings", "must not name what a release is told anyway", name
        )
        faults.check("\n" not in value, "settings", f"must have values of one line ({name})", value)
    faults.check(
        len(set(calls)) == len(calls), "calls", "must name each service once", tuple(calls)
    )
    for service in calls:
        faults.check_name("calls", service, longest=LONGEST_NAME)
