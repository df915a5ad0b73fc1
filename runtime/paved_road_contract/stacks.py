"""Stack names: how one stack finds another across repositories, regions and accounts."""

from enum import StrEnum


class Kind(StrEnum):
    """What a stack is; the part of its name after estate and region."""

    NETWORK = "network"
    ARTIFACTS = "artifacts"
    VAULT = "vault"
    BACKUP = "backup"
    RING = "ring"
    SERVICE = "service"
    ROUTING = "routing"
    RELEASE = "release"
    ROLLBACK = "rollback"


MAXIMUM_LENGTH = 128
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html"""


def stack_name(estate: str, region: str, kind: Kind, name: str | None = None) -> str:
    """`acme-us-east-1-network`, `acme-us-east-1-ring-orders`, ..."""
    return "-".join(part for part in (estate, region, kind.value, name) if part)


def release_name(service: str, number: int) -> str:
    """`place-order-v042`: the last part of a release's stack name."""
    return f"{service}-v{number:03d}"
