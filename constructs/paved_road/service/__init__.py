"""Microservices: a long-lived service stack, immutable releases, and routing between them."""

from paved_road.service.artifact import Artifact, Container, Image
from paved_road.service.capacity import Capacity
from paved_road.service.fargate import Fargate
from paved_road.service.front import Exposure
from paved_road.service.release import ReleaseStack
from paved_road.service.rollback import RollbackStack
from paved_road.service.routing import RoutingStack
from paved_road.service.service import Service
from paved_road.service.stacks import ServiceStack
from paved_road.service.view import ServiceView
from paved_road.service.war import TOMCAT, Tomcat, War

__all__ = [
    "TOMCAT",
    "Artifact",
    "Capacity",
    "Container",
    "Exposure",
    "Fargate",
    "Image",
    "ReleaseStack",
    "RollbackStack",
    "RoutingStack",
    "Service",
    "ServiceStack",
    "ServiceView",
    "Tomcat",
    "War",
]
