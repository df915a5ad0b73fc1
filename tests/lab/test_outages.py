"""Services of the lab that fail on demand, for those that were named."""

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from paved_road_lab.outages import break_services, outage
from paved_road_lab.state import Lab

pytestmark = pytest.mark.slow
REGION = "us-east-1"


def lists_tables(lab: Lab, session_name: str) -> bool:
    """Whether an instance of that name gets an answer from DynamoDB."""
    given = (
        LabCloud(lab)
        .client("sts", REGION)
        .assume_role(RoleArn=f"arn:aws:iam::{lab.account}:role/node", RoleSessionName=session_name)[
            "Credentials"
        ]
    )
    client = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=lab.endpoint,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    try:
        client.list_tables()
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"]) != 503
    return True


def test_an_outage_is_for_the_instances_that_were_named_and_ends(lab: Lab) -> None:
    with outage(lab, "dynamodb", ["i-1"]):
        assert not lists_tables(lab, "i-1")
        assert lists_tables(lab, "i-2")
        assert LabCloud(lab).client("ec2", REGION).describe_regions()["Regions"]
    assert lists_tables(lab, "i-1")


def test_an_outage_can_be_everybodys(lab: Lab) -> None:
    break_services(lab, {"dynamodb": ["*"]})
    assert not lists_tables(lab, "i-1")
    break_services(lab, {})
    assert lists_tables(lab, "i-1")
