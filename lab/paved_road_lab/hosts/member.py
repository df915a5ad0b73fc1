"""What an instance of a release does when it boots: take its settings, start its service."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from paved_road_lab.balancers.model import lab_port
from paved_road_lab.hosts.images import Image, image_for, pulled
from paved_road_lab.hosts.programs import Command

SETTINGS_FILE = "etc/paved-road/service.env"
BEGIN, END = f"cat >/{SETTINGS_FILE} <<'SETTINGS'\n", "\nSETTINGS\n"

NOT_DONE = {
    "packages, registry and container": "the service runs as a process, from the checkout",
    "signal to CloudFormation": "the emulator waits for none",
    "read-only file system, no privileges": "it runs as whoever runs the lab",
}
"""What a release's user data does on EC2 and no host does, and what is instead."""


def is_member(user_data: str) -> bool:
    """Whether it is a release's user data."""
    return BEGIN in user_data


def settings_in(user_data: str) -> dict[str, str]:
    """What user data writes for the service."""
    text = user_data.partition(BEGIN)[2].partition(END)[0]
    pairs = (line.partition("=") for line in text.splitlines())
    return {name: value for name, _, value in pairs}


def boot_member(user_data: str, root: Path, address: str) -> Command:
    """Write the service's settings and say how it is started.

    Raises `NoImageError` if nothing stands for its image.
    """
    settings = in_the_lab(settings_in(user_data), address)
    target = root / SETTINGS_FILE
    text = "".join(f"{name}={value}\n" for name, value in settings.items())
    target.write_text(text, encoding="utf-8")
    return command(image_for(*pulled(user_data)), settings)


def in_the_lab(settings: Mapping[str, str], address: str) -> dict[str, str]:
    """The member listens at its own address, and calls others at the ports that they have here."""
    return {name: _moved(value) for name, value in settings.items()} | {"ADDRESS": address}


def command(image: Image, settings: Mapping[str, str]) -> Command:
    """A container that is always started again, as Docker is told."""
    return Command(
        name="service",
        argv=(sys.executable, "-m", image.module),
        restart="always",
        environment={
            "PYTHONPATH": os.pathsep.join(map(str, image.folders)),
            "PYTHONDONTWRITEBYTECODE": "1",
            **settings,
            **image.environment,
        },
    )


def _moved(value: str) -> str:
    """An address of another service, with the port where its load balancer listens in the lab."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.port:
        return value
    return value.replace(f":{parts.port}", f":{lab_port(parts.port)}", 1)
