"""Instance refreshes that replace root volumes, as a rack of a ring has them.

Members go one after another, or as many at once as the healthy percentage allows: each waits in the
group's terminating hooks, gets a new root volume, which makes its host boot from nothing but its
instance store, and waits in the launching hooks. There is no thread: a refresh goes on whenever
somebody looks (`waits.settle_all`). Stock moto knows no refresh at all.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult

from paved_road_lab.extensions import waits
from paved_road_lab.extensions.waits import LOCK

UNDER_WAY = ("InProgress", "Cancelling")


class InstanceRefreshInProgressError(AutoscalingClientError):
    """A group has one refresh at a time."""

    code = "InstanceRefreshInProgress"


class NoRefreshError(AutoscalingClientError):
    """There is none to cancel."""

    code = "ActiveInstanceRefreshNotFound"


@dataclass
class Refresh:
    """One refresh: `waiting` members are to come, `begun` had their turn."""

    waiting: list[str]
    at_once: int
    image: str
    policy: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid4()))
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    begun: list[str] = field(default_factory=list)
    status: str = "InProgress"

    def described(self, group: FakeAutoScalingGroup) -> dict[str, Any]:
        """As Auto Scaling lists it."""
        total, left = len(self.waiting) + len(self.begun), len(self.waiting)
        out = _out_of_service(group) if self.status in UNDER_WAY else 0
        return {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": group.name,
            "Status": self.status,
            "Strategy": "ReplaceRootVolume",
            "StartTime": self.began,
            "PercentageComplete": 100 * max(0, total - left - out) // total if total else 100,
            "InstancesToUpdate": left,
        }


def install() -> None:
    """Let refreshes be started, described and cancelled, and go on at every look."""
    waits.STEPS.append(_go_on)
    AutoScalingResponse.start_instance_refresh = _start
    AutoScalingResponse.describe_instance_refreshes = _describe
    AutoScalingResponse.cancel_instance_refresh = _cancel


def _of(group: FakeAutoScalingGroup) -> list[Refresh]:
    """The group's refreshes, the newest first."""
    found: list[Refresh] = group.__dict__.setdefault("instance_refreshes", [])
    return found


def _asked(request: AutoScalingResponse) -> FakeAutoScalingGroup:
    name = request._get_param("AutoScalingGroupName")
    group = request.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - no group is named {name}")
    return group


def _start(self: AutoScalingResponse) -> ActionResult:
    preferences = self._get_param("Preferences", {})
    desired = self._get_param("DesiredConfiguration", {}).get("MixedInstancesPolicy", {})
    with LOCK:
        group = _asked(self)
        if any(one.status in UNDER_WAY for one in _of(group)):
            raise InstanceRefreshInProgressError(f"{group.name} has a refresh under way")
        image = _image(self._get_param("Strategy"), desired)
        members = [one for one in group.instance_states if one.lifecycle_state == "InService"]
        if preferences.get("SkipMatching"):
            members = [one for one in members if _has(one, group) != image]
        if preferences.get("ScaleInProtectedInstances") != "Refresh":
            members = [one for one in members if not one.protected_from_scale_in]
        healthy = int(preferences.get("MinHealthyPercentage", 90))
        count = len(group.active_instances())
        refresh = Refresh(
            waiting=sorted(one.instance_id for one in members),
            at_once=max(1, count - math.ceil(count * healthy / 100)),
            image=image,
            policy=desired,
        )
        _of(group).insert(0, refresh)
        _go_on(group)
        return ActionResult({"InstanceRefreshId": refresh.id})


def _image(strategy: str, desired: dict[str, Any]) -> str:
    """The image to replace root volumes with, if a replacement is what is asked for."""
    if strategy != "ReplaceRootVolume":
        raise ValidationError(f"the lab knows no strategy {strategy} but ReplaceRootVolume alone")
    template = desired.get("LaunchTemplate", {})
    images = [one.get("ImageId") for one in template.get("Overrides", ())]
    if not images or None in images:
        raise ValidationError("all overrides of the desired configuration must specify an ImageId")
    version = template.get("LaunchTemplateSpecification", {}).get("Version", "$Default")
    if version in {"$Latest", "$Default"}:
        raise ValidationError(f"root volumes are not replaced by launch template version {version}")
    return str(images[0])


def _has(state: InstanceState, group: FakeAutoScalingGroup) -> str:
    """The image of a member's root volume."""
    return str(getattr(state, "root_image", None) or group.image_id)


def _describe(self: AutoScalingResponse) -> ActionResult:
    with LOCK:
        group = _asked(self)
        wanted = self._get_param("InstanceRefreshIds", [])
        return ActionResult(
            {
                "InstanceRefreshes": [
                    one.described(group) for one in _of(group) if not wanted or one.id in wanted
                ]
            }
        )


def _cancel(self: AutoScalingResponse) -> ActionResult:
    with LOCK:
        group = _asked(self)
        for refresh in _of(group):
            if refresh.status in UNDER_WAY:
                refresh.status = "Cancelling"
                refresh.waiting.clear()
                _go_on(group)
                return ActionResult({"InstanceRefreshId": refresh.id})
        raise NoRefreshError(f"{group.name} has no refresh under way")


def _go_on(group: FakeAutoScalingGroup) -> None:
    """Begin with as many members as may be out of service, and end when all are back."""
    for refresh in _of(group):
        if refresh.status not in UNDER_WAY:
            continue
        members = {one.instance_id: one for one in group.instance_states}
        refresh.waiting = [name for name in refresh.waiting if name in members]
        while refresh.waiting and _out_of_service(group) < refresh.at_once:
            state = members[refresh.waiting.pop(0)]
            refresh.begun.append(state.instance_id)
            state.refresh_image = refresh.image
            waits.hold_for_new_root(group, state)
        if not refresh.waiting and not _out_of_service(group):
            done = refresh.status == "InProgress"
            refresh.status = "Successful" if done else "Cancelled"
            if done:
                group.mixed_instances_policy = {
                    **(group.mixed_instances_policy or {}),
                    **refresh.policy,
                }


def _out_of_service(group: FakeAutoScalingGroup) -> int:
    return sum(one.lifecycle_state != "InService" for one in group.active_instances())
