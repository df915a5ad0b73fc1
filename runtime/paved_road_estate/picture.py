"""Draws an estate from its templates, as a Mermaid diagram.

Boxes are stacks; arrows are what one stack's template reads of another's outputs, or where a
bucket replicates to. Nothing is drawn that no template says.
https://mermaid.js.org/syntax/flowchart.html
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from paved_road_contract.assembly import Stack
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import COMPONENT
from paved_road_estate.reads import read_outputs

SHAPES = {
    Kind.ARTIFACTS: ("[(", ")]"),
    Kind.RING: ("[(", ")]"),
    Kind.BACKUP: ("[(", ")]"),
    Kind.VAULT: ("[(", ")]"),
    Kind.RELEASE: ("[[", "]]"),
}


def picture(stacks: Sequence[Stack]) -> str:
    """The diagram's source. Same stacks, same text."""
    by_region: dict[str, list[Stack]] = defaultdict(list)
    for stack in sorted(stacks, key=lambda stack: stack.name):
        by_region[stack.region].append(stack)
    lines = ["flowchart TB"]
    for region, members in sorted(by_region.items()):
        lines.append(f'  subgraph {_id(region)}["{region}"]')
        lines += [f"    {_box(stack)}" for stack in members]
        lines.append("  end")
    lines += sorted(f"  {edge}" for edge in _edges(stacks))
    return "\n".join(lines) + "\n"


def _box(stack: Stack) -> str:
    kind = Kind(stack.tags[COMPONENT])
    opening, closing = SHAPES.get(kind, ("[", "]"))
    title = stack.name.split(f"{stack.region}-", 1)[1]
    label = "<br/>".join([title, *_facts(kind, stack)])
    return f'{_id(stack.name)}{opening}"{label}"{closing}'


def _facts(kind: Kind, stack: Stack) -> Iterator[str]:
    """One or two lines on what a reader wants to know of a stack of this kind."""
    resources = stack.resources.values()
    count = Counter(resource["Type"] for resource in resources)
    properties: dict[str, list[Any]] = defaultdict(list)
    for resource in resources:
        properties[resource["Type"]].append(resource.get("Properties", {}))
    groups = properties["AWS::AutoScaling::AutoScalingGroup"]
    if kind is Kind.NETWORK:
        zones = {subnet["AvailabilityZone"][-1] for subnet in properties["AWS::EC2::Subnet"]}
        yield f"{properties['AWS::EC2::VPC'][0]['CidrBlock']}, zones {' '.join(sorted(zones))}"
        yield f"{count['AWS::EC2::Subnet']} subnets, {count['AWS::EC2::NatGateway']} NAT gateways"
    elif kind is Kind.RING:
        yield f"{len(groups)} racks of {groups[0]['MinSize']} nodes"
    elif kind is Kind.RELEASE:
        scaled = properties["AWS::ApplicationAutoScaling::ScalableTarget"]
        if scaled:
            yield f"up to {scaled[0]['MaxCapacity']} tasks"
        else:
            yield f"up to {groups[0]['MaxSize']} instances"
    elif kind is Kind.SERVICE:
        balancer = properties["AWS::ElasticLoadBalancingV2::LoadBalancer"][0]
        yield f"{balancer['Scheme']} load balancer, {count['AWS::CloudWatch::Alarm']} alarms"
    elif kind is Kind.ARTIFACTS:
        yield "bundles that nodes start from"
    elif kind is Kind.ROUTING:
        yield "live rule and its weights"
    elif kind is Kind.ROLLBACK:
        yield "a function that alarms start"
    else:
        locked = sum(
            bool(bucket.get("ObjectLockEnabled")) for bucket in properties["AWS::S3::Bucket"]
        )
        yield f"{count['AWS::S3::Bucket']} buckets, {locked} with object lock"


def _edges(stacks: Sequence[Stack]) -> set[str]:
    known = {stack.name: stack for stack in stacks}
    network = {s.name for s in stacks if s.tags[COMPONENT] == Kind.NETWORK}
    vaults = {s.region: s for s in stacks if s.tags[COMPONENT] == Kind.VAULT}
    edges = set()
    for stack in stacks:
        producers = {name for name, _, _ in read_outputs(stack.template)}
        for producer in producers & (known.keys() - network):
            edges.add(f"{_id(stack.name)} --> {_id(producer)}")
        if stack.tags[COMPONENT] == Kind.BACKUP:
            text = json.dumps(stack.template)
            for region, vault in vaults.items():
                if region != stack.region and region in text:
                    edges.add(f"{_id(stack.name)} -. replicates .-> {_id(vault.name)}")
        if stack.tags[COMPONENT] == Kind.ROUTING:
            service = stack.name.replace(f"-{Kind.ROUTING}-", f"-{Kind.SERVICE}-")
            if service in known:
                edges.add(f"{_id(stack.name)} -. parameters .-> {_id(service)}")
    return edges


def _id(name: str) -> str:
    return re.sub(r"\W", "_", name)
