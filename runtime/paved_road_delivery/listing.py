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
    pattern = contract.releases_pattern(service.estate, service.region, service.name)
    return stacks_matching(service.client("cloudformation"), pattern)


def stacks_matching(cloudformation: Any, pattern: str) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - boto3 makes its clients at run time
    """The same of those whose names are like `contract.releases_pattern`."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    found = [stack for page in pages for stack in page["Stacks"]]
    yield from sorted(
        (stack for stack in found if re.fullmatch(pattern, stack["StackName"])),
        key=lambda stack: str(stack["StackName"]),
    )


def numbers_used(service: LiveService) -> frozenset[int]:
    """Numbers of releases that stand, or stood: CloudFormation remembers them for 90 days."""
    prefix = contract.releases_prefix(service.estate, service.region, service.name)
    release = re.compile(re.escape(prefix) + r"(\d{3})")
    pages = service.client("cloudformation").get_paginator("list_stacks").paginate()
    found = (
        release.fullmatch(one["StackName"]) for page in pages for one in page["StackSummaries"]
    )
    return frozenset(int(one[1]) for one in found if one)


def deployed_template(service: LiveService, release: str) -> dict[str, Any]:
    """What a standing release was created from."""
    found = service.client("cloudformation").get_template(
        StackName=stack_name(service.estate, service.region, Kind.RELEASE, release)
    )
    return dict(found["TemplateBody"])
