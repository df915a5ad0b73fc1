"""Auto Scaling lifecycle hooks: how they are declared, completed and kept waiting.

Stock moto stores hooks and runs none: instances are in service and gone at once, completing an
action is an error, and a template's hooks are ignored. Here, where something runs on the
instances (`paved_road_lab.living`), members wait: `waits` says what that is, `members` when.
Elsewhere every hook goes on at once.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html
"""

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    autoscaling_backends,
)
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import BaseResponse, EmptyResult

from paved_road_lab.extensions import waits
from paved_road_lab.extensions.waits import LOCK

LOOKS = ("autoscaling", "cloudformation", "ec2", "elbv2")
"""Services through which somebody could see that a wait is over."""


def install() -> None:
    """Let templates declare hooks, and instances complete them."""
    _settle_before_every_look()
    _hooks_of_templates()
    _hooks_of_requests()
    AutoScalingResponse.complete_lifecycle_action = _complete
    AutoScalingResponse.record_lifecycle_action_heartbeat = _heartbeat
    AutoScalingResponse.delete_lifecycle_hook = _delete_hook


def _settle_before_every_look() -> None:
    stock = BaseResponse.call_action

    def call_action(self: BaseResponse) -> Any:
        if self.service_name in LOOKS:
            waits.settle_all()
        return stock(self)

    BaseResponse.call_action = call_action


def _declare(backend: AutoScalingBackend, name: str, specifications: list[dict[str, Any]]) -> None:
    """Store hooks as a group's declaration lists them."""
    for one in specifications:
        timeout = one.get("HeartbeatTimeout")
        backend.create_lifecycle_hook(
            name=one["LifecycleHookName"],
            as_name=name,
            transition=one["LifecycleTransition"],
            timeout=int(timeout) if timeout else None,
            result=one.get("DefaultResult", waits.ABANDON),
        )


def _hooks_of_templates() -> None:
    """Hooks declared in the group itself exist before its first instance, as CloudFormation says.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-autoscaling-autoscalinggroup-lifecyclehookspecification.html
    """
    stock_create = FakeAutoScalingGroup.create_from_cloudformation_json.__func__
    stock_update = FakeAutoScalingGroup.update_from_cloudformation_json.__func__

    def create(
        cls: Any, /, name: str, given: Any, account: str, region: str, **others: Any
    ) -> FakeAutoScalingGroup:
        properties = given["Properties"]
        backend = autoscaling_backends[account][region]
        _declare(backend, name, properties.get("LifecycleHookSpecificationList", []))
        group: FakeAutoScalingGroup = stock_create(cls, name, given, account, region, **others)
        group.instance_lifecycle_policy = properties.get("InstanceLifecyclePolicy")
        return group

    def update(
        cls: Any, /, original_resource: FakeAutoScalingGroup, **given: Any
    ) -> FakeAutoScalingGroup:
        properties = given["cloudformation_json"]["Properties"]
        backend, name = original_resource.autoscaling_backend, original_resource.name
        for hook in backend.describe_lifecycle_hooks(name):
            backend.delete_lifecycle_hook(name, hook.name)
        _declare(backend, name, properties.get("LifecycleHookSpecificationList", []))
        original_resource.instance_lifecycle_policy = properties.get("InstanceLifecyclePolicy")
        group: FakeAutoScalingGroup = stock_update(cls, original_resource, **given)
        return group

    FakeAutoScalingGroup.create_from_cloudformation_json = classmethod(create)
    FakeAutoScalingGroup.update_from_cloudformation_json = classmethod(update)


def _hooks_of_requests() -> None:
    stock_create = AutoScalingResponse.create_auto_scaling_group
    stock_update = AutoScalingResponse.update_auto_scaling_group

    def create(self: AutoScalingResponse) -> Any:
        backend, name = self.autoscaling_backend, self._get_param("AutoScalingGroupName")
        _declare(backend, name, self._get_param("LifecycleHookSpecificationList", []))
        done = stock_create(self)
        _keep_policy(self)
        return done

    def update(self: AutoScalingResponse) -> Any:
        done = stock_update(self)
        _keep_policy(self)
        return done

    AutoScalingResponse.create_auto_scaling_group = create
    AutoScalingResponse.update_auto_scaling_group = update


def _keep_policy(request: AutoScalingResponse) -> None:
    policy = request._get_param("InstanceLifecyclePolicy")
    if policy:
        _group(request).instance_lifecycle_policy = policy


def _complete(self: AutoScalingResponse) -> EmptyResult:
    result = self._get_param("LifecycleActionResult")
    if result not in (waits.CONTINUE, waits.ABANDON):
        raise ValidationError(f"{result} is neither CONTINUE nor ABANDON")
    with LOCK:
        group, state, action = _asked_for(self)
        waits.complete(group, state, action.hook.name, result)
    return EmptyResult()


def _heartbeat(self: AutoScalingResponse) -> EmptyResult:
    with LOCK:
        _asked_for(self)[2].beat()
    return EmptyResult()


def _asked_for(
    request: AutoScalingResponse,
) -> tuple[FakeAutoScalingGroup, InstanceState, waits.Action]:
    """The action that a request names, by instance: nobody is sent a token here."""
    instance_id, hook = (request._get_param(one) for one in ("InstanceId", "LifecycleHookName"))
    group = _group(request)
    for state in group.instance_states:
        action = waits.actions(state).get(hook)
        if action and state.instance_id == instance_id:
            return group, state, action
    raise ValidationError(f"No active Lifecycle Action found with instance ID {instance_id}")


def _group(request: AutoScalingResponse) -> FakeAutoScalingGroup:
    """The group that a request names, by name or ARN."""
    name = request._get_param("AutoScalingGroupName").split("autoScalingGroupName/")[-1]
    group = request.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - no group is named {name}")
    return group


def _delete_hook(self: AutoScalingResponse) -> EmptyResult:
    """Outstanding actions end first: launches are abandoned, terminations go on.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteLifecycleHook.html
    """
    hook = self._get_param("LifecycleHookName")
    with LOCK:
        group = _group(self)
        self.autoscaling_backend.delete_lifecycle_hook(group.name, hook)
        for state in list(group.instance_states):
            if hook in waits.actions(state):
                launching = state.lifecycle_state == waits.PENDING_WAIT
                waits.complete(group, state, hook, waits.ABANDON if launching else waits.CONTINUE)
    return EmptyResult()
