"""Stacks for the guard to examine, by their templates."""

import json
from pathlib import Path
from typing import Any, Protocol

from paved_road.guard.finding import Subject
from paved_road_contract import tags
from paved_road_contract.assembly import Stack

OWN = dict.fromkeys(tags.MANDATORY, "x") | {tags.COMPONENT: "network"}


class Make(Protocol):
    """The fixture `subject`."""

    def __call__(
        self, template: dict[str, Any], *, name: str = ..., region: str = ...
    ) -> Subject: ...


def subject_in(
    folder: Path,
    template: dict[str, Any],
    *,
    name: str = "acme-us-east-1-x",
    region: str = "us-east-1",
) -> Subject:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(template))
    return Subject(
        Stack(
            name=name,
            region=region,
            stage="",
            template_file=file,
            tags=OWN,
            dependencies=(),
            termination_protection=True,
        )
    )


def resources(**named: Any) -> dict[str, Any]:
    return {"Resources": named}
