"""The ring that a command is about."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paved_road_ring.live import LiveRing


def live_ring(name: str, estate: str, region: str) -> "LiveRing":
    """Under the caller's own credentials. Imports late, so that `--help` needs no boto3."""
    from paved_road_delivery.cloud import Account
    from paved_road_ring.live import LiveRing

    return LiveRing(clients=Account(), estate=estate, region=region, name=name)
