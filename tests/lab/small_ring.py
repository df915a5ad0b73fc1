"""A ring of three real nodes from the ring's own template, in a lab of the tests' own."""

import os
import random
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from aws_cdk import App
from aws_cdk.assertions import Template

from paved_road.estate import EstateStack
from paved_road.network import OwnNetwork, Tier
from paved_road.ring import Ring
from paved_road_bundle.build import build
from paved_road_bundle.publish import publish
from paved_road_contract.stacks import Kind
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import recorded_hosts, root
from paved_road_lab.lifecycle import down, up
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.vault import Vault
from tests.lab.conftest import free_port
from tests.lab.ring import CACHE, share_software
from tests.synth.ring.rings import Artifacts, in_region

REGION, ESTATE, RING = "us-east-1", "acme", "orders"
FORM_SECONDS = 240


@dataclass(frozen=True, kw_only=True)
class SmallRing:
    """Three racks of one node each."""

    folder: Path
    cloud: LabCloud

    @property
    def live(self) -> LiveRing:
        return LiveRing(clients=self.cloud, estate=ESTATE, region=REGION, name=RING)

    @property
    def vault(self) -> Vault:
        secrets, parameters = (
            self.cloud.client(name, REGION) for name in ("secretsmanager", "ssm")
        )
        return Vault(secrets, parameters, estate=ESTATE, ring=RING)

    def addresses(self) -> list[str]:
        return [host.address for host in recorded_hosts(self.folder)]

    def layouts(self) -> dict[str, Layout]:
        """By address."""
        return {
            host.address: Layout(root(self.folder, host.instance_id), Path())
            for host in recorded_hosts(self.folder)
        }

    def status(self, address: str) -> Status:
        """What the node's supervisor says."""
        found = Status.load(self.layouts()[address])
        assert found is not None
        return found

    def formed(self) -> bool:
        return self.live.survey().formed

    def logs(self) -> str:
        """The end of everything that was logged, for a test that failed."""
        files = self.folder.glob("hosts/*/root/var/log/paved-road/*.log")
        return "\n".join(f"== {file}\n{file.read_text()[-3000:]}" for file in files)


def create(cloud: LabCloud, name: str, template: Mapping[str, Any]) -> dict[str, str]:
    """A stack's outputs."""
    import json

    cloudformation = cloud.client("cloudformation", REGION)
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    assert found["StackStatus"] == "CREATE_COMPLETE", found
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}


def subnets(cloud: LabCloud) -> dict[str, str]:
    """A network that no other lab on this machine has, with a subnet in each zone."""
    prefix = f"10.{random.SystemRandom().randrange(100, 255)}"
    zones = {
        f"Subnet{zone.upper()}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"{prefix}.{number}.0/24",
                "AvailabilityZone": f"{REGION}{zone}",
            },
        }
        for number, zone in enumerate("abc", start=1)
    }
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": f"{prefix}.0.0/16"}}
    template = {
        "Resources": {"Vpc": vpc, **zones},
        "Outputs": {name: {"Value": {"Ref": name}} for name in ("Vpc", *zones)},
    }
    return create(cloud, "network", template)


def ring_template(network: Mapping[str, str]) -> dict[str, Any]:
    region = in_region()
    stack = EstateStack(App(), region, Kind.RING, RING, owner="platform", description="A ring")
    Ring(
        stack,
        "Ring",
        region=region,
        name=RING,
        artifacts=Artifacts(),
        backup=None,
        nodes_per_rack=1,
        instance_type="i8g.2xlarge",
        image_id="ami-12345678",
        deletable=True,
        network=OwnNetwork(
            region=region,
            vpc_id=network["Vpc"],
            cidr="10.0.0.0/16",
            subnets={tier: tuple(network[f"Subnet{zone}"] for zone in "ABC") for tier in Tier},
            endpoint_security_group_id="sg-0123456789abcdef0",
            access_log_bucket="logs",
            logs_key_arn="arn:aws:kms:us-east-1:123456789012:key/logs",
        ),
    )
    template = dict(Template.from_stack(stack).to_json())
    template.pop("Rules", None)
    template["Parameters"] = {}
    return template


@contextmanager
def small_ring(folder: Path) -> Iterator[SmallRing]:
    """Deployed, with its nodes starting; all ended at the end."""
    patience = {
        "PAVED_ROAD_HEAP_MIB": "320",
        "PAVED_ROAD_RING_DELAY_MS": "2000",
    }
    try:
        lab = up(folder, port=free_port())
        cloud = LabCloud(lab)
        s3 = cloud.client("s3", REGION)
        s3.create_bucket(Bucket=Artifacts.bucket_name)
        publish(build(CACHE), s3, Artifacts.bucket_name)
        share_software(folder)
        create(cloud, f"{ESTATE}-{REGION}-ring-{RING}", ring_template(subnets(cloud)))
        with patch.dict(os.environ, patience):
            hosts_up(folder, [REGION])
        yield SmallRing(folder=folder, cloud=cloud)
    finally:
        down(folder)


def presented(address: str, port: int, trust: str, certificate: Path | None = None) -> Any:
    """The certificate that a node shows on a new connection, as Python's `getpeercert` tells it.

    Reads one byte too: with TLS 1.3 a server that wants a certificate says no after the handshake.
    """
    import socket

    context = ssl.create_default_context(cadata=trust)
    if certificate is not None:
        context.load_cert_chain(certificate)
    with (
        socket.create_connection((address, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=address) as secured,
    ):
        secured.settimeout(2)
        try:
            if secured.recv(1) == b"":
                raise ConnectionResetError("closed")
        except TimeoutError:
            pass
        return secured.getpeercert()


def since(began: float) -> float:
    return round(time.monotonic() - began, 1)
