"""Tags: what stands says whose it is."""

from collections.abc import Iterator

from paved_road_contract.tags import MANDATORY
from paved_road_lab.proof.claim import Check
from paved_road_lab.proof.deployed import Deployed


def tagged(deployed: Deployed) -> Iterator[Check]:
    """VPCs, subnets, groups, buckets and tables carry the mandatory tags with their values."""
    for subject, found in _found(deployed):
        wanted = {key: deployed.stack.tags[key] for key in MANDATORY}
        wrong = {key: found.get(key) for key in wanted if found.get(key) != wanted[key]}
        yield Check(f"{deployed.stack.name} {subject}", f"tags {wrong}" if wrong else "")


def _found(deployed: Deployed) -> Iterator[tuple[str, dict[str, str]]]:
    ec2, s3 = deployed.client("ec2"), deployed.client("s3")
    for kind in ("AWS::EC2::VPC", "AWS::EC2::Subnet"):
        for physical_id, _ in deployed.of_type(kind):
            tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [physical_id]}])
            yield physical_id, _pairs(tags["Tags"])
    for name, _ in deployed.of_type("AWS::AutoScaling::AutoScalingGroup"):
        groups = deployed.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[name]
        )["AutoScalingGroups"]
        yield name, _pairs(groups[0]["Tags"])
    for name, _ in deployed.of_type("AWS::S3::Bucket"):
        yield name, _pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    for name, _ in deployed.of_type("AWS::DynamoDB::Table"):
        dynamodb = deployed.client("dynamodb")
        arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
        yield name, _pairs(dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"])


def _pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}
