"""Artifact buckets: what instances start from, read by them and written by nobody of them."""

from paved_road.artifacts.bucket import ArtifactBucket
from paved_road.artifacts.view import ArtifactView

__all__ = ["ArtifactBucket", "ArtifactView"]
