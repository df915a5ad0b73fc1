"""What the emulator counts of each principal's calls."""

import io
import json
import urllib.request
from typing import Any

import boto3
import pytest

from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud
from paved_road_lab.extensions.s3_actions import s3_actions
from paved_road_lab.safety import ask, credential
from paved_road_lab.server import CALLS_PATH
from paved_road_lab.state import Lab, LabError

pytestmark = pytest.mark.slow

REGION = "us-east-1"


class Role:
    """Clients with temporary credentials of a role of the test."""

    def __init__(self, cloud: LabCloud, name: str) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        iam = cloud.client("iam", REGION)
        arn = iam.create_role(RoleName=name, Path="/nodes/", AssumeRolePolicyDocument=trust)
        given = cloud.client("sts", REGION).assume_role(
            RoleArn=arn["Role"]["Arn"], RoleSessionName="i-1"
        )["Credentials"]
        self.session = boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], REGION
        )
        self.endpoint, self.name, self.lab = cloud.lab.endpoint, name, cloud.lab

    def client(self, service: str) -> Any:
        return self.session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]

    def counted(self) -> dict[str, int]:
        return calls(self.lab)[self.name]


def test_calls_count_for_the_role_whatever_the_protocol(cloud: LabCloud) -> None:
    role = Role(cloud, "one-node")
    ec2, table = role.client("ec2"), role.client("dynamodb")
    ec2.describe_instances()
    ec2.describe_instances()
    role.client("autoscaling").describe_auto_scaling_groups()
    role.client("cloudwatch").put_metric_data(
        Namespace="N", MetricData=[{"MetricName": "m", "Value": 1}]
    )
    role.client("elbv2").describe_load_balancers()
    table.create_table(
        TableName="t",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    item = {"k": {"S": "a"}}
    table.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": item}}])
    assert table.get_item(TableName="t", Key=item)["Item"] == item
    assert role.counted() == {
        "autoscaling:DescribeAutoScalingGroups": 1,
        "cloudwatch:PutMetricData": 1,
        "dynamodb:CreateTable": 1,
        "dynamodb:GetItem": 1,
        "dynamodb:PutItem": 1,
        "ec2:DescribeInstances": 2,
        "elasticloadbalancing:DescribeLoadBalancers": 1,
    }


def test_objects_are_read_and_written_by_the_names_that_policies_use(cloud: LabCloud) -> None:
    role = Role(cloud, "one-archivist")
    s3 = role.client("s3")
    s3.create_bucket(Bucket="bucket-of-calls")
    s3.put_bucket_versioning(
        Bucket="bucket-of-calls", VersioningConfiguration={"Status": "Enabled"}
    )
    body = bytes(range(256)) * 4_000
    s3.put_object(Bucket="bucket-of-calls", Key="a/b c", Body=io.BytesIO(body))
    assert s3.get_object(Bucket="bucket-of-calls", Key="a/b c")["Body"].read() == body
    s3.head_object(Bucket="bucket-of-calls", Key="a/b c")
    s3.copy_object(
        Bucket="bucket-of-calls",
        Key="copy",
        CopySource={"Bucket": "bucket-of-calls", "Key": "a/b c"},
    )
    s3.list_objects_v2(Bucket="bucket-of-calls")
    begun = s3.create_multipart_upload(Bucket="bucket-of-calls", Key="large")
    upload = {"Bucket": "bucket-of-calls", "Key": "large", "UploadId": begun["UploadId"]}
    s3.upload_part(**upload, PartNumber=1, Body=b"part")
    s3.list_parts(**upload)
    s3.abort_multipart_upload(**upload)
    s3.put_object_tagging(
        Bucket="bucket-of-calls", Key="copy", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]}
    )
    s3.delete_objects(Bucket="bucket-of-calls", Delete={"Objects": [{"Key": "copy"}]})
    s3.list_buckets()
    assert role.counted() == {
        "s3:AbortMultipartUpload": 1,
        "s3:CreateBucket": 1,
        "s3:DeleteObject": 1,
        "s3:GetObject": 3,
        "s3:ListAllMyBuckets": 1,
        "s3:ListBucket": 1,
        "s3:ListMultipartUploadParts": 1,
        "s3:PutBucketVersioning": 1,
        "s3:PutObject": 4,
        "s3:PutObjectTagging": 1,
    }


@pytest.mark.parametrize(
    ("method", "host", "path", "query", "action"),
    [
        ("GET", "localhost:1", "/", "", "ListAllMyBuckets"),
        ("GET", "bucket.localhost:1", "/", "versions", "ListBucketVersions"),
        ("HEAD", "bucket.localhost:1", "/", "", "ListBucket"),
        ("DELETE", "localhost:1", "/bucket", "policy", "DeleteBucketPolicy"),
        ("DELETE", "localhost:1", "/bucket", "tagging", "PutBucketTagging"),
        ("GET", "bucket.localhost:1", "/key", "versionId=1", "GetObjectVersion"),
        ("GET", "localhost:1", "/bucket/key", "versionId=1&tagging", "GetObjectVersionTagging"),
        ("DELETE", "localhost:1", "/bucket/a/b", "tagging", "DeleteObjectTagging"),
        ("POST", "localhost:1", "/bucket/a/b", "uploadId=1", "PutObject"),
    ],
)
def test_s3_has_no_names_of_actions_so_they_are_derived(
    method: str, host: str, path: str, query: str, action: str
) -> None:
    environ = {
        "REQUEST_METHOD": method, "HTTP_HOST": host, "PATH_INFO": path, "QUERY_STRING": query
    }  # fmt: skip
    assert s3_actions(environ) == [f"s3:{action}"]


def test_presigned_requests_count_for_who_signed_them(cloud: LabCloud) -> None:
    role = Role(cloud, "one-signer")
    cloud.client("s3", REGION).create_bucket(Bucket="bucket-of-links")
    cloud.client("s3", REGION).put_object(Bucket="bucket-of-links", Key="a", Body=b"read me")
    there = {"Bucket": "bucket-of-links", "Key": "a"}
    address = role.client("s3").generate_presigned_url("get_object", Params=there)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=10) as answer:
        assert answer.read() == b"read me"
    assert role.counted() == {"s3:GetObject": 1}


def test_sessions_of_a_role_are_counted_together_and_keys_without_one_by_themselves(
    lab: Lab, cloud: LabCloud
) -> None:
    role = Role(cloud, "one-of-many")
    other = cloud.client("sts", REGION).assume_role(
        RoleArn=f"arn:aws:iam::{lab.account}:role/nodes/one-of-many", RoleSessionName="i-2"
    )["Credentials"]
    role.client("sts").get_caller_identity()
    boto3.client(
        "sts",
        REGION,
        endpoint_url=lab.endpoint,
        aws_access_key_id=other["AccessKeyId"],
        aws_secret_access_key=other["SecretAccessKey"],
        aws_session_token=other["SessionToken"],
    ).get_caller_identity()
    assert role.counted() == {"sts:GetCallerIdentity": 2}
    assert calls(lab)[credential(lab)]["iam:CreateRole"] >= 1


def test_calls_can_only_be_read(lab: Lab) -> None:
    with pytest.raises(LabError, match="counted, not told"):
        ask(lab, CALLS_PATH, {"me": {"dynamodb:GetItem": 1}})
