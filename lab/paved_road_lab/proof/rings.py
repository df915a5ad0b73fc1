"""Racks: each group's instances are all there, in the rack's own zone."""

from collections.abc import Iterator

from paved_road_lab.proof.claim import Check, compare
from paved_road_lab.proof.deployed import Deployed


def racks(ring: Deployed) -> Iterator[Check]:
    """As many instances in service as the template says, in the zone of the one subnet."""
    groups, ec2 = ring.client("autoscaling"), ring.client("ec2")
    for name, declared in ring.of_type("AWS::AutoScaling::AutoScalingGroup"):
        found = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        group = found["AutoScalingGroups"][0]
        subnet_ids = group["VPCZoneIdentifier"].split(",")
        zones = {
            subnet["AvailabilityZone"]
            for subnet in ec2.describe_subnets(SubnetIds=subnet_ids)["Subnets"]
        }
        instances = [one["InstanceId"] for one in group["Instances"]]
        placed = [
            instance["Placement"]["AvailabilityZone"]
            for reservation in ec2.describe_instances(InstanceIds=instances)["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] == "running"
        ]
        (zone,) = zones if len(zones) == 1 else ("one zone",)
        yield compare(
            f"{ring.stack.name} {name}",
            "zones of its instances",
            placed,
            [zone] * int(declared["MinSize"]),
        )


def tables(ring: Deployed) -> Iterator[Check]:
    """Slot tables are encrypted, recoverable to a point in time and protected as declared."""
    dynamodb = ring.client("dynamodb")
    for name, declared in ring.of_type("AWS::DynamoDB::Table"):
        table = dynamodb.describe_table(TableName=name)["Table"]
        backups = dynamodb.describe_continuous_backups(TableName=name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        yield compare(
            f"{ring.stack.name} {name}",
            "encryption, recovery and protection",
            (
                table.get("SSEDescription", {}).get("Status") == "ENABLED",
                recovery["PointInTimeRecoveryStatus"] == "ENABLED",
                table.get("DeletionProtectionEnabled", False),
            ),
            (True, True, bool(declared.get("DeletionProtectionEnabled"))),
        )
