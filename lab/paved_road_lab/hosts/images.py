"""What a host runs in place of a release's container image: the lab has no registry and no Docker.

A JSON file names it by repository, or by repository and digest where one digest is to behave
differently: `{"place-order": {"module": "place_order", "folders": ["chassis", "place-order"]}}`.
Folders are the module's import path, relative to the file; `environment` may be added. Nothing of
the digest is verified.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

IMAGES_VARIABLE = "PAVED_ROAD_IMAGES"
"""Names the file, if it is not that of the sample services of this checkout."""

SAMPLES = Path(__file__).parents[3] / "services" / "images.json"

PULLED = re.compile(r"\.dkr\.ecr\.[^/\s]+/(?P<repository>[^@\s]+)@(?P<digest>sha256:[0-9a-f]{64})")


class NoImageError(Exception):
    """Nothing stands for the image that a release names."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A Python module that stands for an image."""

    module: str
    folders: tuple[Path, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def pulled(user_data: str) -> tuple[str, str]:
    """Repository and digest that user data runs. Raises `NoImageError` if it runs no container."""
    found = PULLED.search(user_data)
    if found is None:
        raise NoImageError(
            "user data runs no container image: machine images and WARs start in no lab"
        )
    return found["repository"], found["digest"]


def image_for(repository: str, digest: str) -> Image:
    """What stands for it. Raises `NoImageError` with those that there are."""
    file = Path(os.environ.get(IMAGES_VARIABLE) or SAMPLES)
    if not file.exists():
        raise NoImageError(f"there is no {file}: {IMAGES_VARIABLE} must name what images stand for")
    listed = json.loads(file.read_text(encoding="utf-8"))
    told = listed.get(f"{repository}@{digest}") or listed.get(repository)
    if told is None:
        raise NoImageError(
            f"nothing stands for the image {repository}@{digest}: {file} knows "
            f"{', '.join(sorted(listed))}"
        )
    return Image(
        module=told["module"],
        folders=tuple((file.parent / one).resolve() for one in told["folders"]),
        environment=told.get("environment", {}),
    )
