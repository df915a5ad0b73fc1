"""Breaks a service of the lab for some instances or for all, and mends it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from paved_road_lab.safety import ask
from paved_road_lab.server import OUTAGES_PATH
from paved_road_lab.state import Lab


def break_services(lab: Lab, outages: Mapping[str, Iterable[str]]) -> None:
    """From now on exactly these services fail: by the name in signatures, for instances by id.

    `{"dynamodb": ["*"]}` breaks it for everybody, `{}` mends all.
    """
    ask(lab, OUTAGES_PATH, {name: sorted(whom) for name, whom in outages.items()})


@contextmanager
def outage(lab: Lab, service: str, instances: Iterable[str]) -> Iterator[None]:
    """One service is broken for these instances meanwhile."""
    break_services(lab, {service: instances})
    try:
        yield
    finally:
        break_services(lab, {})
