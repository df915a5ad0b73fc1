"""A ring as commands find it, emulated: its stacks' outputs, its bucket, its slot table."""

import json
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from paved_road_cli.main import app
from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.contract import PARTITION_KEY, SORT_KEY
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.store import Store
from tests.agent.scenes import DC
from tests.backup.bucket import BUCKET

REGION, RUNNER = "us-east-1", CliRunner()
WHERE = ("orders", "--estate", "acme", "--region", REGION)


class Clients:
    """Whatever is emulated here."""

    def client(self, service: str, region: str) -> Any:
        return boto3.client(service, region_name=region)  # type: ignore[call-overload]

    def resource(self, service: str, region: str) -> Any:
        return boto3.resource(service, region_name=region)  # type: ignore[call-overload]


RING = LiveRing(clients=Clients(), estate="acme", region=REGION, name="orders")


def stack(kind: Kind, name: str | None = None, *, region: str = REGION, **outputs: str) -> None:
    """One that publishes these and has nothing in it to speak of."""
    boto3.client("cloudformation", region_name=region).create_stack(
        StackName=stack_name("acme", region, kind, name),
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {key: {"Value": value} for key, value in outputs.items()},
            }
        ),
    )


@pytest.fixture
def bucket(store: Store) -> Store:
    """Found by its stack."""
    stack(Kind.BACKUP, BucketName=BUCKET)
    return store


@pytest.fixture
def table(bucket: Store) -> Table:
    """Of a ring that stands and was not born yet."""
    assert bucket
    return standing_ring(REGION, DC)


def standing_ring(region: str, data_center: str) -> Table:
    """Its stack's outputs and its table, which is empty."""
    names = {"DataCenter": data_center, "SlotTableName": "slots"}
    stack(Kind.RING, "orders", region=region, **names)
    return slot_table(region, "slots", data_center)


def slot_table(region: str, name: str, data_center: str) -> Table:
    dynamodb = boto3.resource("dynamodb", region_name=region)
    keys = {PARTITION_KEY: "HASH", SORT_KEY: "RANGE"}
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],  # type: ignore[typeddict-item]
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )
    return Table(dynamodb, name, data_center)


def paved_road(*arguments: str) -> Result:
    return RUNNER.invoke(app, ["ring", *arguments])
