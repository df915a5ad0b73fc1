"""Empties the buckets of an estate that may be deleted, so that its stacks can be.

CloudFormation deletes empty buckets only, and a versioned bucket is empty when its last version
and its last delete marker are gone, which no expiry does in time. Nothing is touched unless every
stack of the estate says that it may go: by its tag, by lacking termination protection.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paved_road_contract.tags import DELETABLE, ESTATE
from paved_road_delivery.cloud import DeliveryError, RefusedError
from paved_road_estate.close import Clients


@dataclass(frozen=True)
class Standing:
    """One stack as CloudFormation describes it."""

    name: str
    tags: Mapping[str, str]
    protected: bool


@dataclass(frozen=True)
class Emptying:
    """One bucket, and how many versions and delete markers it had."""

    region: str
    stack: str
    bucket: str
    versions: int


def refusal(estate: str, region: str, standing: Sequence[Standing]) -> str:
    """Why none of the estate's buckets may be emptied; nothing if they may."""
    if not standing:
        return f"no stack of an estate {estate} stands in {region}"
    kept = [one.name for one in standing if one.tags.get(DELETABLE) != "true"]
    if kept:
        return (
            f"{estate} keeps its data: {', '.join(kept)} in {region} lack the tag {DELETABLE}, "
            "which stacks of an estate with `deletable=True` carry"
        )
    protected = [one.name for one in standing if one.protected]
    if protected:
        return f"{', '.join(protected)} in {region} are protected from termination: lift that first"
    return ""


def empty_buckets(
    cloud: Clients,
    estate: str,
    regions: Sequence[str],
    *,
    delete: bool,
    say: Callable[[str], None] = lambda _: None,
) -> list[Emptying]:
    """What the estate's buckets hold; deleted for good, all versions of it, if `delete`.

    Raises `RefusedError` before anything is deleted in any region, `DeliveryError` if S3 keeps
    something (a locked version, for one).
    """
    standing = {region: _standing(cloud, estate, region) for region in regions}
    refusals = [refusal(estate, region, found) for region, found in standing.items()]
    if why := "; ".join(filter(None, refusals)):
        raise RefusedError(f"nothing was deleted: {why}")
    done: list[Emptying] = []
    for region, found in standing.items():
        s3 = cloud.client("s3", region)
        for stack in found:
            for bucket in _buckets(cloud, region, stack.name):
                say(f"{'emptying' if delete else 'looking into'} {bucket}")
                versions = _emptied(s3, bucket) if delete else sum(map(len, _pages(s3, bucket)))
                done.append(Emptying(region, stack.name, bucket, versions))
    return done


def _standing(cloud: Clients, estate: str, region: str) -> list[Standing]:
    """By its tag: a name alone could be another estate's."""
    pages = cloud.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    found = [
        Standing(
            stack["StackName"],
            {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())},
            bool(stack.get("EnableTerminationProtection")),
        )
        for page in pages
        for stack in page["Stacks"]
    ]
    return [one for one in found if one.tags.get(ESTATE) == estate]


def _buckets(cloud: Clients, region: str, stack: str) -> list[str]:
    pages = cloud.client("cloudformation", region).get_paginator("list_stack_resources")
    return [
        resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::S3::Bucket"
        and resource["ResourceStatus"] != "DELETE_COMPLETE"
    ]


def _pages(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:  # noqa: ANN401 - boto3 makes its clients at run time
    """Keys and versions, at most a thousand at a time, which is what one deletion takes."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]


def _emptied(s3: Any, bucket: str) -> int:  # noqa: ANN401 - see _pages
    """How many it had. Listed from its start each time: no listing goes on from what is gone."""
    versions = 0
    while page := next(_pages(s3, bucket), []):
        done = s3.delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
        for error in done.get("Errors", ()):
            raise DeliveryError(
                f"{bucket} keeps {error['Key']}: {error['Message']} ({error['Code']})"
            )
        versions += len(page)
    return versions
