"""VPCs, subnets, zones, and that rings cannot reach the internet."""

from collections.abc import Iterator

from paved_road_lab.proof.claim import Check, compare
from paved_road_lab.proof.deployed import Deployed


def subnets(network: Deployed) -> Iterator[Check]:
    """Each subnet stands in its VPC, in its zone, with its range, without public addresses."""
    ec2 = network.client("ec2")
    vpc = network.outputs["VpcId"]
    for subnet_id, declared in network.of_type("AWS::EC2::Subnet"):
        found = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0]
        yield compare(
            f"{network.stack.name} {subnet_id}",
            "VPC, zone, range and public addresses",
            (
                found["VpcId"],
                found["AvailabilityZone"],
                found["CidrBlock"],
                found["MapPublicIpOnLaunch"],
            ),
            (vpc, declared["AvailabilityZone"], declared["CidrBlock"], False),
        )


def ring_routes(network: Deployed) -> Iterator[Check]:
    """A ring subnet's table has the VPC's own route and gateway endpoints, nothing else."""
    ec2 = network.client("ec2")
    for name, subnet_id in network.outputs.items():
        if not name.startswith("RingSubnet"):
            continue
        tables = ec2.describe_route_tables(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet_id]}]
        )["RouteTables"]
        ways_out = [
            route
            for table in tables
            for route in table["Routes"]
            if route.get("GatewayId") != "local"
            and not str(route.get("GatewayId", "")).startswith("vpce-")
        ]
        fault = f"routes {ways_out}" if ways_out else ""
        yield Check(
            f"{network.stack.name} {name}", fault if tables else "no route table of its own"
        )


def default_groups(network: Deployed) -> Iterator[Check]:
    """Nothing uses a VPC's default security group."""
    ec2 = network.client("ec2")
    vpc = network.outputs["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    group = ec2.describe_security_groups(
        Filters=[*of_vpc, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]
    users = [
        instance["InstanceId"]
        for reservation in ec2.describe_instances(Filters=of_vpc)["Reservations"]
        for instance in reservation["Instances"]
        if any(one["GroupId"] == group["GroupId"] for one in instance["SecurityGroups"])
    ]
    rules = len(group["IpPermissions"]) + len(group["IpPermissionsEgress"])
    fault = f"used by {', '.join(users)}" if users else ""
    yield Check(
        f"{network.stack.name} {group['GroupId']}", fault or (f"{rules} rules" if rules else "")
    )
