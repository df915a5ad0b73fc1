"""Releases that stand, with what they get of the traffic."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.contract import ReleaseOutput
from paved_road_delivery.service import LiveService, outputs_of


@dataclass(frozen=True)
class Standing:
    """One release in one region. `percent` is its share of the live rule's weight."""

    region: str
    release: str
    status: str
    percent: float
    healthy: int


def standing(service: LiveService) -> list[Standing]:
    """The service's releases in its region, by number."""
    weights = service.live_weights()
    whole = sum(weights.values()) or 1
    found = []
    for stack in release_stacks(service):
        outputs = outputs_of(stack)
        target_group = outputs.get(ReleaseOutput.TARGET_GROUP, "")
        found.append(
            Standing(
                region=service.region,
                release=outputs.get(ReleaseOutput.RELEASE, stack["StackName"]),
                status=stack["StackStatus"],
                percent=100 * weights.get(target_group, 0) / whole,
                healthy=service.healthy(target_group) if target_group else 0,
            )
        )
    return sorted(found, key=lambda one: one.release)


def release_stacks(service: LiveService) -> Iterator[dict[str, Any]]:
    """Stacks of the service's releases in its region, in whatever state, by number."""
    of = service.estate, service.region, service.name
    release = re.compile(contract.releases_pattern(*of))
    pages = service.client("cloudformation").get_paginator("describe_stacks").paginate()
    found = [stack for page in pages for stack in page["Stacks"]]
    yield from sorted(
        (stack for stack in found if release.fullmatch(stack["StackName"])),
        key=lambda stack: str(stack["StackName"]),
    )


def deployed_template(service: LiveService, release: str) -> dict[str, Any]:
    """What a standing release was created from."""
    found = service.client("cloudformation").get_template(
        StackName=stack_name(service.estate, service.region, Kind.RELEASE, release)
    )
    return dict(found["TemplateBody"])
