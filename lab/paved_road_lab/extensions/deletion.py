"""Stacks are deleted in reverse order of their references, completely or not at all.

Stock moto forgets a stack before it deletes its resources, in any order, and leaves listeners,
rules, target groups and most of a network behind. Here whatever refers goes before what it refers
to, a failing deletion keeps the stack as DELETE_FAILED, and termination protection holds. While
instances of a group wait in their hooks the stack is DELETE_IN_PROGRESS, and whoever asks
CloudFormation next carries the deletion on.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import RLock
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap, clean_json
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import BaseResponse
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends

from paved_road_lab.extensions.members import StillLeavingError, empty
from paved_road_lab.extensions.references import references

Deleter = Callable[[Any, Any, dict[str, Any]], None]


def _rule(elb: Any, rule: Any, _: dict[str, Any]) -> None:
    elb.delete_rule(rule.arn)


def _listener(elb: Any, listener: Any, _: dict[str, Any]) -> None:
    elb.delete_listener(listener.arn)


def _target_group(elb: Any, group: Any, _: dict[str, Any]) -> None:
    elb.delete_target_group(group.arn)


ELB: Mapping[str, Deleter] = {
    "AWS::ElasticLoadBalancingV2::ListenerRule": _rule,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _target_group,
}

EC2: Mapping[str, Deleter] = {
    "AWS::EC2::EIP": lambda ec2, eip, _: ec2.release_address(allocation_id=eip.allocation_id),
    "AWS::EC2::FlowLog": lambda ec2, log, _: ec2.delete_flow_logs([log.id]),
    "AWS::EC2::InternetGateway": lambda ec2, igw, _: ec2.delete_internet_gateway(igw.id),
    "AWS::EC2::NatGateway": lambda ec2, nat, _: ec2.delete_nat_gateway(nat.id),
    "AWS::EC2::Route": lambda ec2, _, given: ec2.delete_route(
        given["RouteTableId"], given["DestinationCidrBlock"]
    ),
    "AWS::EC2::RouteTable": lambda ec2, table, _: ec2.delete_route_table(table.id),
    "AWS::EC2::SubnetRouteTableAssociation": lambda ec2, association, _: (
        ec2.disassociate_route_table(association.association_id)
    ),
    "AWS::EC2::VPCEndpoint": lambda ec2, endpoint, _: ec2.delete_vpc_endpoints([endpoint.id]),
    "AWS::EC2::VPCGatewayAttachment": lambda ec2, _, given: ec2.detach_internet_gateway(
        given["InternetGatewayId"], given["VpcId"]
    ),
}


def _managed_policy(iam: Any, policy: Any, given: dict[str, Any]) -> None:
    for role in given.get("Roles", ()):
        iam.detach_role_policy(policy.arn, role)
    del iam.managed_policies[policy.arn]


IN_PROGRESS = "DELETE_IN_PROGRESS"
LOCK = RLock()
"""One deletion at a time, since every request may carry one on."""


def install() -> None:
    """Replace moto's way of deleting."""
    ResourceMap.delete = _delete_resources
    CloudFormationBackend.delete_stack = _delete_stack
    CloudFormationResponse.call_action = _carry_on


def _carry_on(self: CloudFormationResponse) -> Any:
    backend = self.cloudformation_backend
    with LOCK:
        for stack in list(backend.stacks.values()):
            if stack.status == IN_PROGRESS:
                # What fails now shows in the stack's status, not in somebody's request.
                with suppress(Exception):
                    backend.delete_stack(stack.stack_id)
    return BaseResponse.call_action(self)


def _delete_stack(self: CloudFormationBackend, name_or_stack_id: str) -> None:
    for stack in list(self.stacks.values()):
        if name_or_stack_id not in (stack.name, stack.stack_id):
            continue
        if stack.enable_termination_protection:
            raise ValidationError(
                message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is "
                "enabled"
            )
        exports = [export.name for export in stack.exports]
        try:
            stack.delete()
        except StillLeavingError:
            if stack.status == IN_PROGRESS:
                stack.events.pop()  # the deletion began once, however often it is carried on
            stack.status = IN_PROGRESS
            return
        except Exception:
            stack.status = "DELETE_FAILED"
            raise
        del self.stacks[stack.stack_id]
        self.deleted_stacks[stack.stack_id] = stack
        for export in exports:
            self.exports.pop(export, None)


def _delete_resources(self: ResourceMap) -> None:
    for name in deletion_order(self._resource_json_map):
        declared = self._resource_json_map[name]
        standing = self._parsed_resources.get(name)
        kept = str(declared.get("DeletionPolicy", "")).startswith("Retain")
        if standing is None or isinstance(standing, str) or kept:
            continue
        _delete(self, standing, declared)
        del self._parsed_resources[name]


def deletion_order(resources: Mapping[str, Any]) -> list[str]:
    """Names so that whatever refers to another comes before it."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in resources:
            return
        seen.add(name)
        for referred in sorted(references(resources[name])):
            visit(referred)
        order.append(name)

    for name in resources:
        visit(name)
    return order[::-1]


def _delete(resources: ResourceMap, standing: Any, declared: dict[str, Any]) -> None:
    kind, account, region = declared["Type"], resources._account_id, resources._region_name
    given = clean_json(declared.get("Properties", {}), resources)
    if isinstance(standing, FakeAutoScalingGroup):
        empty(standing)
    if kind in ELB:
        ELB[kind](elbv2_backends[account][region], standing, given)
    elif kind == "AWS::IAM::ManagedPolicy":
        _managed_policy(iam_backends[account]["aws"], standing, given)
    elif kind in EC2:
        EC2[kind](ec2_backends[account][region], standing, given)
    else:
        resources._delete_resource(standing, declared)
