"""A function of the lab runs its own code with its own role, and is tried three times."""

import io
import json
import zipfile
from typing import Any

import pytest

from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud
from paved_road_lab.functions.invoke import Functions

pytestmark = pytest.mark.slow

REGION, BUCKET = "us-east-1", "code-of-functions"

CODE = """
import boto3, os

def handler(event, context):
    assert context.get_remaining_time_in_millis() > 0
    boto3.client("ssm").put_parameter(
        Name="/said", Value=os.environ["GREETING"] + event["to"], Type="String", Overwrite=True
    )

def fails(event, context):
    raise ValueError("always")

def borrows(event, context):
    import paved_road_contract.stacks
"""


@pytest.fixture
def function(cloud: LabCloud) -> Any:
    s3, iam = cloud.client("s3", REGION), cloud.client("iam", REGION)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app/main.py", CODE)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="abc.zip", Body=packed.getvalue())
    trusted = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda"}}]}
    names = {one["RoleName"] for one in iam.list_roles()["Roles"]}
    if "runs" not in names:
        iam.create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(trusted))
    role = iam.get_role(RoleName="runs")["Role"]["Arn"]

    def make(name: str) -> str:
        made = cloud.client("lambda", REGION).create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler=f"app.main.{name}",
            Code={"S3Bucket": BUCKET, "S3Key": "abc.zip"},
            Timeout=60,
            Environment={"Variables": {"GREETING": "hello "}},
        )
        return str(made["FunctionArn"])

    return make


def test_it_gets_the_event_its_variables_and_its_roles_credentials(
    cloud: LabCloud, function: Any
) -> None:
    functions = Functions(cloud=cloud, region=REGION)
    assert functions.invoke(function("handler"), {"to": "you"}, minute_seconds=1)
    said = cloud.client("ssm", REGION).get_parameter(Name="/said")["Parameter"]["Value"]
    assert said == "hello you"
    assert calls(cloud.lab)["runs"] == {"ssm:PutParameter": 1}


def test_one_that_fails_is_tried_twice_more_and_given_up(cloud: LabCloud, function: Any) -> None:
    waits: list[float] = []
    functions = Functions(cloud=cloud, region=REGION)
    assert not functions.invoke(function("fails"), {}, minute_seconds=60, pause=waits.append)
    assert waits == [60, 120]
    log = (cloud.lab.folder / "functions" / "fails.log").read_text()
    assert log.count("ValueError: always") == 3


def test_code_that_is_not_in_its_asset_is_not_found_beside_it(
    cloud: LabCloud, function: Any
) -> None:
    functions = Functions(cloud=cloud, region=REGION)
    assert not functions.invoke(function("borrows"), {}, minute_seconds=1, pause=lambda _: None)
    log = (cloud.lab.folder / "functions" / "borrows.log").read_text()
    assert "not in the function's code: paved_road_contract" in log
