"""The estate: what stands where. This is the file to edit after a fork.

`cdk deploy --all` deploys everything that lives long. Releases stand in a stage of their own,
which `--all` leaves alone; `paved-road release deploy` creates them.
"""

from collections.abc import Mapping

from aws_cdk import App, Stage

from paved_road.faults import PropsError
from paved_road.guard import synth
from paved_road.service import RollbackStack, RoutingStack
from stacks.artifacts import ArtifactStack
from stacks.backup import BackupStack, VaultStack
from stacks.network import NetworkStack
from stacks.ring import RingStack
from stacks.services import SERVICES, Offer
from stacks.shapes import Shape, chosen


def build(app: App, shape: Shape, services: Mapping[str, Offer] = SERVICES) -> None:
    """Everything of one shape's estate, producers before what reads their outputs."""
    estate = shape.build()
    releases = Stage(app, "releases")
    for name in sorted(set(shape.replicas.values())):
        VaultStack(
            app,
            estate.region(name),
            sources=shape.sources_of(name),
            object_lock=shape.object_lock,
        )
    for region in estate.regions:
        NetworkStack(app, region, nat=shape.nat, interface_endpoints=shape.interface_endpoints)
        ArtifactStack(app, region)
        BackupStack(
            app,
            region,
            object_lock=shape.object_lock,
            replicate_to=shape.replica_of(region),
        )
        RingStack(
            app,
            region,
            name="orders",
            owner="orders",
            nodes_per_rack=shape.ring_nodes_per_rack,
            instance_type=shape.ring_instance_type,
            copies_of=shape.sources_of(region.name),
        )
        for name, offer in services.items():
            offer.stack(app, region, name=name, owner=offer.owner)
            RoutingStack(app, region, service=name, owner=offer.owner)
            RollbackStack(app, region, service=name, owner=offer.owner)
            for number in offer.releases:
                offer.release(releases, region, name, number, capacity=shape.service_capacity)


if __name__ == "__main__":
    application = App()
    try:
        build(application, chosen(application))
    except PropsError as faults:
        raise SystemExit(str(faults)) from None
    synth(application)
