"""What an estate costs while nobody uses it, added up from its templates.

List prices of us-east-1 without discounts, from `prices.csv` and the instance table; other
regions differ by some percent. What is billed by use (requests, gigabytes, log lines) costs
next to nothing at idle and is left out, by name.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from paved_road_contract.assembly import Stack

HOURS_PER_MONTH = 730
CPU_UNITS, MIB_PER_GB = 1024, 1024
"""Of a vCPU and of a gigabyte, as ECS counts them."""
DETAILED_MONITORING = "EC2 detailed monitoring"
BILLED_BY_USE = (
    "AWS::S3::Bucket",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
)


@dataclass(frozen=True)
class Line:
    """One kind of resource: how many units, and what they cost a month."""

    resource: str
    unit: str
    count: float
    usd_per_month: float


@dataclass(frozen=True)
class Costs:
    """Lines, dearest first. `unpriced` are instance types that no table knows."""

    lines: tuple[Line, ...]
    by_use: Mapping[str, int]
    unpriced: tuple[str, ...]

    @property
    def usd_per_month(self) -> float:
        """Their sum."""
        return sum(line.usd_per_month for line in self.lines)


def costs(stacks: Sequence[Stack], instance_usd_per_hour: Mapping[str, float]) -> Costs:
    """Monthly costs at idle: groups at their minimum size, no traffic, no data."""
    prices = _prices()
    units: defaultdict[str, float] = defaultdict(float)
    by_use: Counter[str] = Counter()
    unpriced: set[str] = set()
    for stack in stacks:
        template = stack.template
        for resource in template.get("Resources", {}).values():
            if resource["Type"] in BILLED_BY_USE:
                by_use[resource["Type"]] += 1
        for item, count in _units(template):
            units[item] += count
    lines = []
    for item, count in units.items():
        if item in prices:
            unit, monthly = prices[item]
        elif item in instance_usd_per_hour:
            unit, monthly = "instance", instance_usd_per_hour[item] * HOURS_PER_MONTH
        else:
            unpriced.add(item)
            continue
        lines.append(Line(item, unit, count, count * monthly))
    lines.sort(key=lambda line: (-line.usd_per_month, line.resource))
    return Costs(tuple(lines), dict(sorted(by_use.items())), tuple(sorted(unpriced)))


@dataclass(frozen=True)
class Member:
    """One instance or task of a release, in words; no price where `prices.csv` knows none."""

    what: str
    usd_per_hour: float | None


def member(template: Mapping[str, Any]) -> Member:
    """What a release's template runs."""
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::EC2::LaunchTemplate":
            kind = str(properties["LaunchTemplateData"]["InstanceType"])
            return Member(kind, _usd_per_hour([(kind, 1)]))
        if resource["Type"] == "AWS::ECS::TaskDefinition" and "FARGATE" in properties.get(
            "RequiresCompatibilities", ()
        ):
            (_, cpu), (_, memory) = parts = list(_parts_of_task(properties))
            what = f"a task with {cpu:g} vCPU and {memory:g} GB ({_architecture(properties)})"
            return Member(what, _usd_per_hour(parts))
    return Member("what its template does not size", None)


def _usd_per_hour(parts: Sequence[tuple[str, float]]) -> float | None:
    prices = _prices()
    if any(item not in prices for item, _ in parts):
        return None
    return sum(count * prices[item][1] for item, count in parts) / HOURS_PER_MONTH


def _prices() -> dict[str, tuple[str, float]]:
    """Unit and dollars a month, by resource type."""
    table = files("paved_road_estate").joinpath("prices.csv").read_text(encoding="utf-8")
    return {
        row["resource"]: (
            row["unit"],
            float(row["usd"]) * (HOURS_PER_MONTH if row["per"] == "hour" else 1),
        )
        for row in csv.DictReader(table.splitlines())
    }


def _units(template: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """What of a template is billed by the hour or month, and how often it stands there."""
    resources: Mapping[str, Any] = template.get("Resources", {})
    for resource in resources.values():
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind == "AWS::AutoScaling::AutoScalingGroup":
            yield from _group_units(template, properties)
        elif kind == "AWS::ECS::Service":
            yield from _task_units(template, properties)
        elif kind == "AWS::EC2::VPCEndpoint":
            if properties.get("VpcEndpointType") == "Interface":
                yield kind, len(properties["SubnetIds"])
        elif kind == "AWS::CloudWatch::Alarm":
            metrics = [m for m in properties.get("Metrics", ()) if "MetricStat" in m]
            yield kind, len(metrics) or 1
        elif kind in _prices():
            yield kind, 1


def _group_units(
    template: Mapping[str, Any], group: Mapping[str, Any]
) -> Iterator[tuple[str, int]]:
    size = _number(template, group["MinSize"])
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    source = group.get("LaunchTemplate") or mixed["LaunchTemplateSpecification"]
    launch = template["Resources"][source["LaunchTemplateId"]["Ref"]]["Properties"]
    data = launch["LaunchTemplateData"]
    overrides: list[Mapping[str, Any]] = mixed.get("Overrides", [])
    override = next((o["InstanceType"] for o in overrides if "InstanceType" in o), None)
    yield str(data.get("InstanceType") or override), size
    if data.get("Monitoring", {}).get("Enabled"):
        yield DETAILED_MONITORING, size
    volumes = (device.get("Ebs", {}) for device in data.get("BlockDeviceMappings", ()))
    yield "AWS::EC2::Volume", size * sum(int(volume.get("VolumeSize", 0)) for volume in volumes)


def _task_units(
    template: Mapping[str, Any], service: Mapping[str, Any]
) -> Iterator[tuple[str, float]]:
    """Fargate bills what a task is given, not what it uses; its 20 GB of disk are included."""
    if service.get("LaunchType") != "FARGATE":
        return
    size = _number(template, service["DesiredCount"])
    task = template["Resources"][service["TaskDefinition"]["Ref"]]["Properties"]
    yield from ((item, size * count) for item, count in _parts_of_task(task))


def _parts_of_task(task: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    yield f"Fargate vCPU ({_architecture(task)})", int(task["Cpu"]) / CPU_UNITS
    yield f"Fargate GB ({_architecture(task)})", int(task["Memory"]) / MIB_PER_GB


def _architecture(task: Mapping[str, Any]) -> str:
    return str(task.get("RuntimePlatform", {}).get("CpuArchitecture", "X86_64"))


def _number(template: Mapping[str, Any], value: object) -> int:
    """A number, or the default of the parameter that stands for it."""
    if isinstance(value, Mapping):
        value = template["Parameters"][value["Ref"]]["Default"]
    return int(str(value))
