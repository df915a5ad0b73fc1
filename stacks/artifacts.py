"""Where a region's instances get their software."""

from constructs import Construct

from paved_road.artifacts import ArtifactBucket
from paved_road.estate import EstateStack, Region
from paved_road_contract.stacks import Kind


class ArtifactStack(EstateStack):
    """The artifact bucket. Deployed before rings, and published to before they are."""

    def __init__(self, scope: Construct, region: Region, *, owner: str = "platform") -> None:
        super().__init__(
            scope,
            region,
            Kind.ARTIFACTS,
            owner=owner,
            description=f"Artifacts of {region.estate} in {region.name}",
        )
        self.bucket = ArtifactBucket(self, "Artifacts", region=region, deletable=region.deletable)
