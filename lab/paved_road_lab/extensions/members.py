"""Members of an Auto Scaling group: launched, counted and let go through the group's hooks.

A launch waits before it is in service, so before it is a target; whatever the group lets go waits
with its instance running and counts no more, so its successor starts beside it. A group whose
`Launch` process is suspended launches nothing until it is resumed.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
"""

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    TerminateInstanceActivity,
)
from moto.autoscaling.responses import AutoScalingResponse

from paved_road_lab import living
from paved_road_lab.extensions import waits
from paved_road_lab.extensions.waits import LOCK


class StillLeavingError(Exception):
    """Members of a group wait in their terminating hooks."""


def install() -> None:
    """Change how groups launch, shrink, end and are deleted."""
    _launches()
    _sizes()
    _deletions()
    AutoScalingBackend.terminate_instance = _terminate


def _launches() -> None:
    stock_launch = FakeAutoScalingGroup.replace_autoscaling_group_instances
    stock_resume = AutoScalingBackend.resume_processes

    def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: Any) -> None:
        if "Launch" in {process["ProcessName"] for process in self.suspended_processes}:
            return
        before = set(self.instance_states)
        stock_launch(self, count_needed, propagated_tags)
        for state in set(self.instance_states) - before:
            waits.hold(self, state, waits.LAUNCHING)

    def resume(self: AutoScalingBackend, group_name: str, scaling_processes: list[str]) -> None:
        stock_resume(self, group_name, scaling_processes)
        waits.fill(self.autoscaling_groups[group_name])

    FakeAutoScalingGroup.replace_autoscaling_group_instances = launch
    AutoScalingBackend.resume_processes = resume


def _sizes() -> None:
    stock = FakeAutoScalingGroup.set_desired_capacity

    def resize(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
        wanted = (self.min_size if new_capacity is None else new_capacity) or 0
        with LOCK:
            surplus = len(self.active_instances()) - wanted
            if surplus <= 0:
                stock(self, wanted)
                return
            self.desired_capacity = wanted
            free = [one for one in self.active_instances() if not one.protected_from_scale_in]
            for state in free[:surplus]:
                waits.leave(self, state)
            if self.name in self.autoscaling_backend.autoscaling_groups:
                self.autoscaling_backend.update_attached_elbs(self.name)
                self.autoscaling_backend.update_attached_target_groups(self.name)

    def active(self: FakeAutoScalingGroup) -> list[InstanceState]:
        return [one for one in self.instance_states if one.lifecycle_state in waits.COUNTED]

    FakeAutoScalingGroup.set_desired_capacity = resize
    FakeAutoScalingGroup.active_instances = active


def _terminate(
    self: AutoScalingBackend, instance_id: str, should_decrement: bool
) -> TerminateInstanceActivity:
    """A replacement comes at once, whatever `ReplaceUnhealthy` says: it was asked for by name.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
    """
    with LOCK:
        group, state = _member(self, instance_id)
        before, least = group.desired_capacity or 0, group.min_size or 0
        if should_decrement and state.lifecycle_state in waits.COUNTED:
            if before <= least:
                raise ValidationError(
                    f"Currently, desiredSize equals minSize ({least}). Terminating "
                    "instance without replacement will violate group's min size constraint."
                )
            group.desired_capacity = before - 1
        waits.leave(group, state)
        waits.fill(group)
        return TerminateInstanceActivity(state.instance, before)


def _member(
    backend: AutoScalingBackend, instance_id: str
) -> tuple[FakeAutoScalingGroup, InstanceState]:
    for group in list(backend.autoscaling_groups.values()):
        for state in group.instance_states:
            if state.instance_id == instance_id:
                return group, state
    raise ValidationError(
        f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
    )


def _deletions() -> None:
    stock_delete = AutoScalingBackend.delete_auto_scaling_group
    stock_request = AutoScalingResponse.delete_auto_scaling_group
    stock_notify = AutoScalingBackend.notify_terminate_instances

    def delete(self: AutoScalingBackend, group_name: str) -> None:
        with LOCK:
            group = self.autoscaling_groups.get(group_name)
            stock_delete(self, group_name)
            if group and any(waits.actions(state) for state in group.instance_states):
                group.status = waits.DELETING
                self.autoscaling_groups[group_name] = group
            elif group:
                waits.forget(group)

    def request(self: AutoScalingResponse) -> Any:
        name, forced = (self._get_param(one) for one in ("AutoScalingGroupName", "ForceDelete"))
        group = self.autoscaling_backend.autoscaling_groups.get(name)
        if group and forced:
            with LOCK:
                for state in list(group.instance_states):
                    waits.end(group, state)
        return stock_request(self)

    def notify(self: AutoScalingBackend, instance_ids: list[str]) -> None:
        with LOCK:
            stock_notify(self, instance_ids)

    AutoScalingBackend.delete_auto_scaling_group = delete
    AutoScalingResponse.delete_auto_scaling_group = request
    AutoScalingBackend.notify_terminate_instances = notify


def empty(group: FakeAutoScalingGroup) -> None:
    """Let every member go, as CloudFormation does before it deletes a group.

    Where nobody runs on the instances, their terminating hooks end with their defaults at once.
    Raises `StillLeavingError` while hooks wait, `ValidationError` if members will never go.
    """
    with LOCK:
        waits.settle(group)
        protected = [one for one in group.active_instances() if one.protected_from_scale_in]
        if protected:
            raise ValidationError(
                f"{len(protected)} instances of {group.name} are protected from scale-in, so it "
                "can't be emptied: end their protection first"
            )
        group.min_size = 0
        if group.region not in living.REGIONS:
            _default_at_once(group)
        group.set_desired_capacity(0)
        waiting = [one for one in group.instance_states if waits.actions(one)]
        if waiting:
            raise StillLeavingError(f"{len(waiting)} instances of {group.name} wait in hooks")
        if group.instance_states:
            raise ValidationError(
                f"{len(group.instance_states)} instances of {group.name} are not let go: retained "
                "ones stay until TerminateInstanceInAutoScalingGroup, ones in standby until they "
                "are back"
            )


def _default_at_once(group: FakeAutoScalingGroup) -> None:
    defaults = {hook.default_result for hook in waits.hooks(group, waits.TERMINATING)}
    retained = waits.ABANDON in defaults and waits.retains(group)
    group.desired_capacity = 0
    for state in list(group.instance_states):
        waits.actions(state).clear()
        if retained and not waits.is_dead(state):
            state.lifecycle_state = waits.RETAINED
        else:
            waits.end(group, state)
