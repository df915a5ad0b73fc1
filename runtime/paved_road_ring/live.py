"""A ring that stands in one region, read through AWS's own APIs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from paved_road_contract import tags
from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.survey import Survey, survey
from paved_road_ring_agent.contract import DATA_CENTER_TAG, RACK_TAG, bundle_parameter
from paved_road_ring_agent.software import Wanted
from paved_road_ring_agent.table import Table


class NoRingError(Exception):
    """There is no such ring here."""


class Clients(Protocol):
    """Where the ring stands: an AWS account, or a lab that stands for one."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client."""

    def resource(self, service: str, region: str) -> Any:  # noqa: ANN401 - as above
        """A boto3 resource."""


@dataclass(frozen=True, kw_only=True)
class LiveRing:
    """One data center of a ring. Raises `NoRingError` when it does not stand."""

    clients: Clients
    estate: str
    region: str
    name: str

    @property
    def stack(self) -> str:
        """Its stack's name."""
        return stack_name(self.estate, self.region, Kind.RING, self.name)

    def outputs(self) -> dict[str, str]:
        """What its stack publishes."""
        return self._outputs(self.stack, f"ring {self.name} does not stand in {self.region}")

    def backup_bucket(self) -> str:
        """Where its region's backups stand, whether or not the ring itself does still."""
        stack = stack_name(self.estate, self.region, Kind.BACKUP)
        absent = f"{self.estate} has no backup bucket in {self.region}: no stack {stack} stands"
        return self._outputs(stack, absent)["BucketName"]

    def copies_bucket(self) -> str:
        """Where copies of other regions' backups are kept in its region."""
        stack = stack_name(self.estate, self.region, Kind.VAULT)
        absent = f"{self.estate} keeps no copies in {self.region}: no stack {stack} stands"
        return self._outputs(stack, absent)["BucketName"]

    def _outputs(self, stack: str, absent: str) -> dict[str, str]:
        try:
            found = self._client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            raise NoRingError(absent) from error
        return {one["OutputKey"]: one["OutputValue"] for one in found[0].get("Outputs", ())}

    def table(self) -> Table:
        """Its slot table."""
        outputs = self.outputs()
        dynamodb = self.clients.resource("dynamodb", self.region)
        return Table(dynamodb, outputs["SlotTableName"], outputs["DataCenter"])

    def survey(self) -> Survey:
        """All views of it, now."""
        data_center, table = self.outputs()["DataCenter"], self.table()
        birth = table.birth()
        claims = table.all_claims(birth) if birth else {}
        wishes = {slot: table.repair(slot) for slot, claim in claims.items() if claim.epoch > 1}
        return survey(
            data_center,
            birth,
            claims,
            self.instances(),
            self.lifecycles(),
            time.time(),
            {slot: wish for slot, wish in wishes.items() if wish is not None},
            wanted.label if (wanted := self.wanted()) else "",
        )

    def wanted(self) -> Wanted | None:
        """The bundle that its stack wants on its nodes; None if the parameter names none."""
        name = bundle_parameter(self.estate, self.name)
        try:
            found = self._client("ssm").get_parameter(Name=name)
            return Wanted.from_json(found["Parameter"]["Value"])
        except ValueError:
            return None
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            return None

    def instances(self) -> dict[str, str]:
        """EC2's states of the ring's instances; those that ended long ago are forgotten there."""
        filters = [
            {"Name": f"tag:{tags.ESTATE}", "Values": [self.estate]},
            {"Name": f"tag:{tags.RING}", "Values": [self.name]},
        ]
        pages = self._client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
        return {
            one["InstanceId"]: one["State"]["Name"]
            for page in pages
            for reservation in page["Reservations"]
            for one in reservation["Instances"]
        }

    def groups(self) -> dict[str, Mapping[str, Any]]:
        """Its auto scaling groups by rack."""
        filters = [
            {"Name": f"tag:{tags.RING}", "Values": [self.name]},
            {"Name": f"tag:{DATA_CENTER_TAG}", "Values": [self.outputs()["DataCenter"]]},
        ]
        paginator = self._client("autoscaling").get_paginator("describe_auto_scaling_groups")
        return {
            tag["Value"]: group
            for page in paginator.paginate(Filters=filters)
            for group in page["AutoScalingGroups"]
            for tag in group["Tags"]
            if tag["Key"] == RACK_TAG
        }

    def lifecycles(self) -> dict[str, str]:
        """Auto Scaling's states of its instances."""
        return {
            one["InstanceId"]: one["LifecycleState"]
            for group in self.groups().values()
            for one in group["Instances"]
        }

    def _client(self, service: str) -> Any:  # noqa: ANN401 - see Clients
        return self.clients.client(service, self.region)
