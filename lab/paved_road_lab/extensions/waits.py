"""How members of a group wait in lifecycle hooks, and how a wait ends.

A wait is one lifecycle action per hook of the transition. It ends when all were completed with
CONTINUE, at the first ABANDON, or with a hook's default result once its deadline has passed. There
is no thread: `settle` looks at the clock whenever somebody looks at groups, instances or targets.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState, autoscaling_backends

from paved_road_lab import living

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
CONTINUE, ABANDON = "CONTINUE", "ABANDON"

PENDING_WAIT, TERMINATING_WAIT = "Pending:Wait", "Terminating:Wait"
REPLACING_WAIT = "ReplacingRootVolume:Wait"
RETAINED = "Terminating:Retained"
"""https://docs.aws.amazon.com/autoscaling/ec2/userguide/manage-retained-instances.html"""

COUNTED = ("InService", "Pending", PENDING_WAIT, "Pending:Proceed", REPLACING_WAIT)
"""States that count towards the desired capacity: what terminates has a successor already."""

DELETING = "Delete in progress"
"""`Status` of a group that goes with its last member."""

GLOBAL_SECONDS, HEARTBEATS = 48 * 3600, 100
"""No heartbeat extends a wait beyond the smaller of 48 hours and 100 times the hook's timeout.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/completing-lifecycle-hooks.html
"""

STEPS: list[Callable[[FakeAutoScalingGroup], None]] = []
"""What else goes on in a group whenever somebody looks."""

LOCK = RLock()
"""Held by whatever changes members, since requests are served by threads."""


@dataclass
class Action:
    """One hook's lifecycle action on one instance."""

    hook: Any
    began: float = field(default_factory=time.time)
    deadline: float = 0.0

    def beat(self) -> None:
        """Record a heartbeat; the first one is the beginning."""
        timeout = self.hook.heartbeat_timeout
        longest = min(GLOBAL_SECONDS, HEARTBEATS * timeout)
        self.deadline = min(time.time() + timeout, self.began + longest)


def actions(state: InstanceState) -> dict[str, Action]:
    """What the member waits for, by name of the hook."""
    found: dict[str, Action] = state.__dict__.setdefault("lifecycle_actions", {})
    return found


def hooks(group: FakeAutoScalingGroup, transition: str) -> list[Any]:
    """The group's hooks of a transition."""
    declared = group.autoscaling_backend.describe_lifecycle_hooks(group.name)
    return [hook for hook in declared if hook.lifecycle_transition == transition]


def hold(group: FakeAutoScalingGroup, state: InstanceState, transition: str) -> bool:
    """Make a member wait; false where it needs not: no hook, no host, or a dead instance."""
    found = hooks(group, transition)
    if not found or group.region not in living.REGIONS or is_dead(state):
        return False
    state.lifecycle_state = PENDING_WAIT if transition == LAUNCHING else TERMINATING_WAIT
    actions(state).clear()
    for hook in found:
        action = actions(state)[hook.name] = Action(hook)
        action.beat()
    return True


def hold_for_new_root(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    """Take a member out of service until its terminating hooks let its root volume be replaced."""
    if hold(group, state, TERMINATING):
        state.lifecycle_state = REPLACING_WAIT
    else:
        _replace_root(group, state)


def _replace_root(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    """The same instance with another volume as its root; it launches, as far as hooks go."""
    instance = state.instance
    ec2 = group.autoscaling_backend.ec2_backend
    devices = instance.block_device_mapping
    device = (
        instance.root_device_name if instance.root_device_name in devices else next(iter(devices))
    )
    old = devices[device]
    new = ec2.create_volume(size=old.size or 8, zone_name=str(instance.placement.zone))
    ec2.detach_volume(old.volume_id, instance.id, device)
    ec2.attach_volume(new.id, instance.id, device, old.delete_on_termination)
    ec2.delete_volume(old.volume_id)
    state.root_image = getattr(state, "refresh_image", None)
    if not hold(group, state, LAUNCHING):
        state.lifecycle_state = "InService"


def leave(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    """Let a member go: after its terminating hooks, or at once where nothing waits.

    A retained one had its hooks and goes at once.
    """
    if state.lifecycle_state == TERMINATING_WAIT:
        return
    if state.lifecycle_state == RETAINED or not hold(group, state, TERMINATING):
        end(group, state)


def end(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    """Take a member out of its group and end its instance.

    Termination protection does not hold against the instance's own group.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
    """
    group.instance_states = [other for other in group.instance_states if other is not state]
    if not is_dead(state):
        state.instance.terminate()


def fill(group: FakeAutoScalingGroup) -> None:
    """Launch what the desired capacity lacks, and bring the targets up to date."""
    group.set_desired_capacity(group.desired_capacity)


def complete(group: FakeAutoScalingGroup, state: InstanceState, hook: str, result: str) -> None:
    """End one action; the instance moves on when none is left. ABANDON skips the others."""
    waiting = actions(state)
    waiting.pop(hook)
    if result == ABANDON:
        waiting.clear()
    if waiting:
        return
    if state.lifecycle_state == PENDING_WAIT and result == CONTINUE and not is_dead(state):
        state.lifecycle_state = "InService"
    elif state.lifecycle_state == REPLACING_WAIT and result == CONTINUE and not is_dead(state):
        _replace_root(group, state)
    elif state.lifecycle_state == TERMINATING_WAIT and result == ABANDON and retains(group):
        state.lifecycle_state = RETAINED
    else:
        end(group, state)
    fill(group)


def settle(group: FakeAutoScalingGroup) -> None:
    """Complete what waited too long with its default, and forget a group that is deleted."""
    for state in list(group.instance_states):
        for name, action in list(actions(state).items()):
            if name in actions(state) and time.time() >= action.deadline:
                complete(group, state, name, action.hook.default_result)
    for step in STEPS:
        step(group)
    if getattr(group, "status", None) == DELETING and not group.instance_states:
        forget(group)


def settle_all() -> None:
    """Settle every group of every account and region."""
    with LOCK:
        for account in list(autoscaling_backends.values()):
            for backend in list(account.values()):
                for group in list(backend.autoscaling_groups.values()):
                    settle(group)


def forget(group: FakeAutoScalingGroup) -> None:
    """A group that is gone, and its hooks with it."""
    backend = group.autoscaling_backend
    backend.autoscaling_groups.pop(group.name, None)
    for hook in backend.describe_lifecycle_hooks(group.name):
        backend.delete_lifecycle_hook(group.name, hook.name)


def retains(group: FakeAutoScalingGroup) -> bool:
    """Whether instances whose termination was abandoned stay.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/configure-instance-retention.html
    """
    policy = getattr(group, "instance_lifecycle_policy", None) or {}
    triggers = policy.get("RetentionTriggers") or {}
    return str(triggers.get("TerminateHookAbandon", "terminate")).lower() == "retain"


def is_dead(state: InstanceState) -> bool:
    """Whether the member's instance was ended behind the group's back."""
    return bool(state.instance.state == "terminated")
