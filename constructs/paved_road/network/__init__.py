"""Networks: one VPC per region, tiers by what they can reach, zones by name."""

from paved_road.network.endpoints import AGENT_ENDPOINTS, MEMBER_ENDPOINTS
from paved_road.network.network import Network
from paved_road.network.plan import Tier
from paved_road.network.routes import Nat
from paved_road.network.view import NetworkView, OwnNetwork, vpc_of

__all__ = [
    "AGENT_ENDPOINTS",
    "MEMBER_ENDPOINTS",
    "Nat",
    "Network",
    "NetworkView",
    "OwnNetwork",
    "Tier",
    "vpc_of",
]
