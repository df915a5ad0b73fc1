"""The long-lived stack of a microservice. Its releases and its routing have stacks of their own."""

from constructs import Construct

from paved_road.estate import EstateStack, Region
from paved_road.faults import PropsError
from paved_road_contract import tags
from paved_road_contract.stacks import Kind


class ServiceStack(EstateStack):
    """What a team extends for each of its services, one verb each:

        class PlaceOrder(ServiceStack):
            def __init__(self, scope, region):
                super().__init__(scope, region, name="place-order", owner="orders")
                service = Service(self, "Service", network=Network.from_estate(self, region))
                service.connects_to(Ring.from_estate(self, region, "orders"))

    Raises `PropsError` for names that cannot be and for a service that stands already.
    """

    def __init__(self, scope: Construct, region: Region, *, name: str, owner: str) -> None:
        refuse_second(scope, region, Kind.SERVICE, name)
        super().__init__(
            scope,
            region,
            Kind.SERVICE,
            name,
            owner=owner,
            description=f"Service {name} of {region.estate} in {region.name}",
            marks={tags.SERVICE: name},
        )
        self.service_name = name


def refuse_second(scope: Construct, region: Region, kind: Kind, name: str) -> None:
    """Say in words what the CDK would say as a clash of construct ids."""
    if EstateStack.standing(scope, region.stack_name(kind, name)):
        raise PropsError(
            f"{kind.value.capitalize()} {name!r}",
            (f"name must differ from others of the estate in {region.name}, got {name!r} twice",),
        )
