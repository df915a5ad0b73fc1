"""What a release tells its service beside what every service is told."""

import re
from collections.abc import Mapping, Sequence

from paved_road.estate.stack import LONGEST_NAME
from paved_road.faults import Faults
from paved_road.ring.view import ring_setting

EVERYONE = ("PORT", "ESTATE", "REGION", "RELEASE")
"""Written for every service; a release that set one would contradict its own stack."""


def url_setting(service: str) -> str:
    """`ORDERS_DATA_URL`: where a service finds the service that it calls."""
    return f"{service.upper().replace('-', '_')}_URL"


def check_settings(
    faults: Faults, settings: Mapping[str, str], calls: Sequence[str], rings: Sequence[str]
) -> None:
    """Note names and values that cannot stand in the file of settings."""
    rings_own = tuple(ring_setting(ring, "") for ring in rings)
    taken = {*EVERYONE, *map(url_setting, calls)}
    for name, value in settings.items():
        faults.check(
            re.fullmatch(r"[A-Z][A-Z0-9_]*", name) is not None,
            "settings",
            "must have names of capital letters, digits and underscores",
            name,
        )
        faults.check(
            name not in taken and not name.startswith(rings_own),
            "settings",
            "must not name what a release is told anyway",
            name,
        )
        faults.check("\n" not in value, "settings", f"must have values of one line ({name})", value)
    for prop, what, names in (("calls", "service", calls), ("rings", "ring", rings)):
        faults.check(
            len(set(names)) == len(names), prop, f"must name each {what} once", tuple(names)
        )
        for one in names:
            faults.check_name(prop, one, longest=LONGEST_NAME)
