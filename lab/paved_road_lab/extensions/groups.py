"""Auto scaling groups as AWS runs them.

Instances are spread over the group's subnets (stock moto puts all into the first), targets are
exactly the group's members in service after every change, a group is updated in place instead of
replaced, and a group whose `ReplaceUnhealthy` or `Launch` process is suspended launches no
replacement.
"""

from collections import Counter
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, autoscaling_backends

SUSPENDING = {"Launch", "ReplaceUnhealthy"}


def install() -> None:
    """Change how groups launch, change and register."""
    _spread_launches()
    _synchronize_targets()
    FakeAutoScalingGroup.update_from_cloudformation_json = classmethod(_update_in_place)


def _spread_launches() -> None:
    stock = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: Any) -> None:
        subnets = (self.vpc_zone_identifier or "").split(",")
        if not subnets[0]:
            stock(self, count_needed, propagated_tags)
            return
        ec2 = self.autoscaling_backend.ec2_backend
        whole, zones = self.vpc_zone_identifier, self.availability_zones
        try:
            for _ in range(count_needed):
                held = Counter(state.instance.subnet_id for state in self.active_instances())
                emptiest = min(subnets, key=lambda subnet: held[subnet])
                self.vpc_zone_identifier = emptiest
                self.availability_zones = [ec2.get_subnet(emptiest).availability_zone]
                stock(self, 1, propagated_tags)
        finally:
            self.vpc_zone_identifier, self.availability_zones = whole, zones

    FakeAutoScalingGroup.replace_autoscaling_group_instances = launch


def _synchronize_targets() -> None:
    stock_terminated = AutoScalingBackend.notify_terminate_instances
    stock_detach = AutoScalingBackend.detach_instances

    def register(self: AutoScalingBackend, group_name: str) -> None:
        group = self.autoscaling_groups[group_name]
        serving = {
            state.instance.id
            for state in group.instance_states
            if state.lifecycle_state == "InService"
        }
        for arn in group.target_group_arns:
            target_group = self.elbv2_backend.target_groups[arn]
            for target in set(target_group.targets) - serving:
                target_group.targets.pop(target)
            target_group.register([{"Id": one, "Port": target_group.port} for one in serving])

    def terminated(self: AutoScalingBackend, instance_ids: list[str]) -> None:
        held: dict[str, FakeAutoScalingGroup] = {}
        for name, group in self.autoscaling_groups.items():
            members = {state.instance.id for state in group.instance_states}
            if members & set(instance_ids):
                held[name] = group
        frozen = {name for name, group in held.items() if SUSPENDING & _suspended(group)}
        for name in frozen:
            # Its dead members stay listed until somebody terminates them in the group.
            self.autoscaling_groups.pop(name)
        try:
            stock_terminated(self, instance_ids)
        finally:
            for name in frozen:
                self.autoscaling_groups[name] = held[name]
        for name in held.keys() - frozen:
            register(self, name)

    def detach(self: AutoScalingBackend, group_name: str, *args: Any, **kwargs: Any) -> Any:
        detached = stock_detach(self, group_name, *args, **kwargs)
        register(self, group_name)
        return detached

    AutoScalingBackend.update_attached_target_groups = register
    AutoScalingBackend.notify_terminate_instances = terminated
    AutoScalingBackend.detach_instances = detach


def _suspended(group: FakeAutoScalingGroup) -> set[str]:
    return {process["ProcessName"] for process in group.suspended_processes}


def _update_in_place(
    cls: type[FakeAutoScalingGroup],
    original_resource: FakeAutoScalingGroup,
    new_resource_name: str,
    cloudformation_json: dict[str, Any],
    account_id: str,
    region_name: str,
) -> FakeAutoScalingGroup:
    """Sizes, subnets and launch template; members stay."""
    _ = cls, new_resource_name
    given = cloudformation_json["Properties"]
    group = original_resource
    mixed = given.get("MixedInstancesPolicy") or {}
    if mixed:
        group.mixed_instances_policy = mixed
    template = given.get("LaunchTemplate") or mixed.get("LaunchTemplate", {}).get(
        "LaunchTemplateSpecification"
    )
    if template:
        group.provided_launch_template_version = template.get("Version")
        group.launch_template_version = template.get("Version") or "$Default"
    group.vpc_zone_identifier = ",".join(given.get("VPCZoneIdentifier", [])) or None
    group.min_size, group.max_size = int(given["MinSize"]), int(given["MaxSize"])
    wanted = int(given.get("DesiredCapacity") or group.desired_capacity or 0)
    backend = autoscaling_backends[account_id][region_name]
    backend.set_desired_capacity(group.name, max(group.min_size, min(wanted, group.max_size)))
    return group
