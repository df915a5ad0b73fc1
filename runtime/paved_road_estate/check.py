"""Finds deployed templates that read outputs which do not exist (any more).

CloudFormation resolves such reads when a stack is created or updated, so a producer that lost an
output breaks its readers only later, in the middle of somebody's deploy.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from paved_road_delivery.cloud import RefusedError
from paved_road_estate.close import Clients
from paved_road_estate.reads import read_outputs


@dataclass(frozen=True, order=True)
class Dangling:
    """A read that finds nothing."""

    stack: str
    producer: str
    output: str


def dangling(cloud: Clients, estate: str, regions: Sequence[str]) -> tuple[int, list[Dangling]]:
    """How many reads the estate's stacks make, and which of them find nothing.

    Raises `RefusedError` for a region in which no stack of the estate stands: nothing was checked.
    """
    reads = 0
    found: list[Dangling] = []
    published: dict[str, dict[str, set[str]]] = {}
    for region in regions:
        client = cloud.client("cloudformation", region)
        published[region] = published.get(region) or _published(cloud, region)
        standing = [name for name in published[region] if name.startswith(f"{estate}-{region}-")]
        if not standing:
            raise RefusedError(
                f"no stack of an estate {estate} stands in {region}: nothing to check"
            )
        for name in sorted(standing):
            template = client.get_template(StackName=name)["TemplateBody"]
            template = json.loads(template) if isinstance(template, str) else template
            for producer, output, where in read_outputs(template):
                reads += 1
                there = where or region
                if there not in published:
                    published[there] = _published(cloud, there)
                if output not in published[there].get(producer, ()):
                    found.append(Dangling(name, producer, output))
    return reads, sorted(set(found))


def _published(cloud: Clients, region: str) -> dict[str, set[str]]:
    """Names of outputs by stack, live."""
    pages = cloud.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    return {
        stack["StackName"]: {one["OutputKey"] for one in stack.get("Outputs", ())}
        for page in pages
        for stack in page["Stacks"]
    }
