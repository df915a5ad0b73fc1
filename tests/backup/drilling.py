"""A scratch ring whose groups, nodes and rows are stand-ins; its table and bucket are emulated."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.exceptions import ClientError

from paved_road_ring.drills.drill import Drill
from paved_road_ring.drills.tables import COLUMNS
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.contract import DATA_CENTER_TAG, RACK_TAG
from paved_road_ring_agent.facts import Phase, Slot
from paved_road_ring_agent.metric_names import METRICS
from paved_road_ring_agent.table import Table
from tests.agent.scenes import DC, RACKS, claim
from tests.backup.standing import REGION
from tests.unit.test_ring_restore import group

SCRATCH = "orders-drill"
MICROSECONDS = 1_000_000


@dataclass
class Groups:
    """Of the scratch ring, with agents that do at once what a smaller or larger size means.

    `fault` is what the node of the first slot says that it cannot go on for.
    """

    table: Table
    largest: int = 2
    fault: str = ""
    deaf: bool = False
    sizes: list[int] = field(default_factory=list)
    members: dict[str, dict[str, str]] = field(default_factory=lambda: {r: {} for r in RACKS})

    def get_paginator(self, operation: str) -> SimpleNamespace:
        answer = {
            "describe_auto_scaling_groups": self.groups,
            "describe_instances": self.instances,
        }
        return SimpleNamespace(paginate=answer[operation])

    def groups(self, Filters: Sequence[Mapping[str, Any]]) -> list[Any]:  # noqa: N803 - AWS's
        assert Filters[0]["Values"] == [SCRATCH]
        found = [
            {
                **group(rack),
                "MaxSize": self.largest,
                "Instances": [
                    {"InstanceId": one, "LifecycleState": state} for one, state in has.items()
                ],
                "Tags": [{"Key": DATA_CENTER_TAG, "Value": DC}, {"Key": RACK_TAG, "Value": rack}],
            }
            for rack, has in self.members.items()
        ]
        return [{"AutoScalingGroups": found}]

    def instances(self, Filters: Sequence[Mapping[str, Any]]) -> list[Any]:  # noqa: N803 - AWS's
        assert Filters[1]["Values"] == [SCRATCH]
        found = [
            {"InstanceId": one, "State": {"Name": "running"}}
            for has in self.members.values()
            for one in has
        ]
        return [{"Reservations": [{"Instances": found}]}]

    def set_desired_capacity(
        self,
        AutoScalingGroupName: str,  # noqa: N803 - AWS's
        DesiredCapacity: int,  # noqa: N803 - AWS's
        HonorCooldown: bool,  # noqa: N803 - AWS's
    ) -> None:
        assert not HonorCooldown
        rack = AutoScalingGroupName.removeprefix("rack-")
        self.sizes.append(DesiredCapacity)
        if DesiredCapacity:
            self._join(rack, DesiredCapacity)
        elif not self.deaf:
            has = self.members[rack]
            self.members[rack] = dict.fromkeys(has, "Terminating:Wait")

    def complete_lifecycle_action(self, **given: str) -> None:
        assert (given["LifecycleHookName"], given["LifecycleActionResult"]) == (
            "drain-node",
            "CONTINUE",
        )
        self._remove(given["InstanceId"])

    def terminate_instance_in_auto_scaling_group(self, **given: Any) -> None:
        assert given["ShouldDecrementDesiredCapacity"] is False
        self._remove(given["InstanceId"])

    def _remove(self, instance: str) -> None:
        for has in self.members.values():
            if has.pop(instance, None):
                return
        raise ClientError({"Error": {"Code": "ValidationError", "Message": "no such"}}, "any")

    def _join(self, rack: str, size: int) -> None:
        birth = self.table.birth()
        assert birth is not None, "instances are launched before the ring is born from a backup"
        for index in range(size):
            slot = Slot(data_center=DC, rack=rack, index=index)
            stuck = self.fault if slot == birth.slots(DC)[0] else ""
            held = replace(
                claim(f"{rack}{index}", epoch=1),
                incarnation=birth.incarnation,
                renewed=9e9,
                phase=Phase.FILLING if stuck else Phase.JOINED,
                fault=stuck,
            )
            before = self.table.claim(slot)
            self.table.take(slot, replace(held, epoch=before.epoch + 1 if before else 1))
            self.members[rack][held.instance] = "InService"
        if rack == RACKS[-1]:
            self.table.mark_formed(replace(birth, formed=True))


@dataclass
class Clients:
    """Groups and instances are stand-ins, all else is emulated."""

    scratch: Groups

    def client(self, service: str, region: str) -> Any:
        if service in {"autoscaling", "ec2"}:
            return self.scratch
        return boto3.client(service, region_name=region)  # type: ignore[call-overload]

    def resource(self, service: str, region: str) -> Any:
        return boto3.resource(service, region_name=region)  # type: ignore[call-overload]


def drilled(groups: Groups) -> LiveRing:
    return LiveRing(clients=Clients(groups), estate="acme", region=REGION, name="orders")


def a_drill(groups: Groups, **given: Any) -> Drill:
    return Drill(source=drilled(groups), say=lambda _: None, **given)


def published(name: str) -> list[float]:
    now = datetime.now(UTC)
    found = boto3.client("cloudwatch", region_name=REGION).get_metric_data(
        MetricDataQueries=[
            {
                "Id": "m",
                "MetricStat": {
                    "Metric": {
                        "Namespace": METRICS,
                        "MetricName": name,
                        "Dimensions": [
                            {"Name": "Estate", "Value": "acme"},
                            {"Name": "Ring", "Value": "orders"},
                            {"Name": "DataCenter", "Value": DC},
                        ],
                    },
                    "Period": 60,
                    "Stat": "Minimum",
                },
            }
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )
    return found["MetricDataResults"][0]["Values"]


@dataclass
class Sessions:
    """What both rings answer: of one table, each id with the second when it was written."""

    source: dict[int, int]
    restored: dict[int, int]
    table: str
    opened: list[str] = field(default_factory=list)

    @contextmanager
    def session(self, ring: LiveRing) -> Iterator[Any]:
        self.opened.append(ring.name)
        yield Answers(self.restored if ring.name == SCRATCH else self.source, self.table)


@dataclass
class Answers:
    """One ring's session."""

    rows: dict[int, int]
    table: str

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        if statement == COLUMNS:
            facts = {"keyspace_name": "shop", "table_name": self.table, "type": "int"}
            columns = {"id": ("partition_key", 0), "value": ("regular", -1)}
            return [
                SimpleNamespace(column_name=name, kind=kind, position=position, **facts)
                for name, (kind, position) in columns.items()
            ]
        if f'FROM "shop"."{self.table}"' in statement:
            after, until = parameters
            return [
                SimpleNamespace(t=id, k0=id, c0=id, w0=at * MICROSECONDS)
                for id, at in self.rows.items()
                if after < id <= until
            ]
        return []
