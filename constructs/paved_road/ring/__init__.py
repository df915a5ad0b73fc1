"""Cassandra rings on instance store: infrastructure of one data center per region."""

from paved_road.ring.needs import ArtifactSource, BackupTarget, CopySource
from paved_road.ring.ring import Ring
from paved_road.ring.view import RingView
from paved_road_bundle.bundle import BundlePin
from paved_road_contract.instances import Instance, instances

__all__ = [
    "ArtifactSource",
    "BackupTarget",
    "BundlePin",
    "CopySource",
    "Instance",
    "Ring",
    "RingView",
    "instances",
]
