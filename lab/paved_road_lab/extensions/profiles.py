"""Instances of a group have the instance profile of its launch template.

Stock moto reads image, type, tags and user data from the template and leaves the profile out, so
that an instance would have no role to get credentials for.
"""

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup


def install() -> None:
    """Give what a group launches the profile, and say so in `DescribeInstances`."""
    before = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: Any) -> None:
        held = {state.instance.id for state in self.instance_states}
        before(self, count_needed, propagated_tags)
        given = _profile(self)
        if not given:
            return
        ec2 = self.autoscaling_backend.ec2_backend
        for state in self.instance_states:
            if state.instance.id not in held:
                association = ec2.associate_iam_instance_profile(
                    state.instance.id,
                    iam_instance_profile_name=given.get("Name"),
                    iam_instance_profile_arn=given.get("Arn"),
                )
                state.instance.iam_instance_profile = association.iam_instance_profile

    FakeAutoScalingGroup.replace_autoscaling_group_instances = launch


def _profile(group: FakeAutoScalingGroup) -> dict[str, str]:
    if not group.ec2_launch_template:
        return {}
    version = group.ec2_launch_template.get_version(group.launch_template_version)
    return version.data.get("IamInstanceProfile") or {}
