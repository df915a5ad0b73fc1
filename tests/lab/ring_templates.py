"""Templates of a region with one ring and of a service that uses it, for a lab's CloudFormation."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from paved_road.admission import Client
from paved_road.estate import EstateStack, Region
from paved_road.network import MEMBER_ENDPOINTS, Nat
from paved_road.ring.arns import Arns
from paved_road.ring.clients import ClientRoles
from paved_road.service import Capacity, ReleaseStack
from paved_road_contract.stacks import Kind
from stacks.artifacts import ArtifactStack
from stacks.backup import BackupStack, VaultStack
from stacks.network import NetworkStack
from stacks.ring import RingStack
from stacks.services import DATA, SERVICES
from tests.lab.small_region import ESTATE, small_region
from tests.synth.ring.rings import in_region

RING = "orders"


def templates(
    outdir: Path, nodes_per_rack: int, region: Region, copies_of: Sequence[Region] = ()
) -> list[tuple[str, str]]:
    """Names and templates of the stacks, in order, the ring's last.

    With `copies_of` the region keeps copies of those regions' backups, and its ring waits to come
    back from some.
    """
    app = App(outdir=str(outdir), analytics_reporting=False)
    vaults = [VaultStack(app, region, sources=copies_of, object_lock=None)] if copies_of else []
    stacks = (
        *vaults,
        NetworkStack(app, region, nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS),
        ArtifactStack(app, region),
        BackupStack(app, region, object_lock=None),
        RingStack(
            app,
            region,
            name=RING,
            owner="orders",
            nodes_per_rack=nodes_per_rack,
            instance_type="i8g.2xlarge",
            copies_of=copies_of,
            restored=bool(copies_of),
        ),
    )
    assembly = app.synth()
    names = [one.stack_name for one in stacks]
    return [(name, json.dumps(plain(assembly.get_stack_by_name(name).template))) for name in names]


def member_templates(outdir: Path, octet: int) -> list[tuple[str, str]]:
    """The estate's own `orders-data` and a release of it, of one instance."""
    region = small_region(octet)
    app = App(outdir=str(outdir), analytics_reporting=False)
    offer = SERVICES[DATA]
    service = offer.stack(app, region, name=DATA, owner=offer.owner)
    release = ReleaseStack(
        app,
        region,
        service=DATA,
        number=1,
        owner=offer.owner,
        artifact=offer.releases[1],
        capacity=Capacity(minimum=1, maximum=1, requests_per_minute_per_target=6000),
        rings=offer.rings,
    )
    assembly = app.synth()
    return [
        (name, json.dumps(plain(assembly.get_stack_by_name(name).template)))
        for name in (service.stack_name, release.stack_name)
    ]


def service_template(key_arn: str, service: str = "place-order") -> str:
    """What `service.connects_to(ring)` adds to a service's stack."""
    stack = EstateStack(
        App(), in_region(), Kind.SERVICE, service, owner="orders", description="A service"
    )
    role = iam.CfnRole(stack, "Role", assume_role_policy_document={"Statement": []})
    ClientRoles(
        stack,
        "Roles",
        arns=Arns(in_region()),
        estate=ESTATE,
        ring=RING,
        key_arn=key_arn,
        keyspaces=["orders"],
        client=Client(name=service, security_group_id="sg-1", role_name=role.ref),
    )
    return json.dumps(plain(Template.from_stack(stack).to_json()))


def plain(template: Mapping[str, Any]) -> dict[str, Any]:
    """Without the parameter that only an account bootstrapped by the CDK can answer."""
    parameters = {
        name: one
        for name, one in template.get("Parameters", {}).items()
        if name != "BootstrapVersion"
    }
    kept = {name: part for name, part in template.items() if name != "Rules"}
    return {**kept, "Parameters": parameters}
