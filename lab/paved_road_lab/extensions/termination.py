"""Termination protection in a launch template holds for the instances launched from it.

Stock moto refuses to terminate a protected instance, but protects none at its launch. An instance's
own Auto Scaling group may end it all the same.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingDisableAPITermination.html
"""

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup
from moto.ec2.models import EC2Backend


def install() -> None:
    """Protect instances as their launch template says."""
    stock = EC2Backend.run_instances
    stock_launch = FakeAutoScalingGroup.replace_autoscaling_group_instances

    def run_instances(self: EC2Backend, *args: Any, **kwargs: Any) -> Any:
        reservation = stock(self, *args, **kwargs)
        if kwargs.get("launch_template"):
            template = self._get_template_from_args(kwargs["launch_template"])
            for instance in reservation.instances:
                instance.disable_api_termination = _protects(template)
        return reservation

    def launch(self: FakeAutoScalingGroup, *args: Any, **kwargs: Any) -> None:
        before = set(self.instance_states)
        stock_launch(self, *args, **kwargs)
        if self.ec2_launch_template:
            # Stock moto launches from the default version; the group says which one it means.
            template = self.ec2_launch_template.get_version(self.launch_template_version)
            for state in set(self.instance_states) - before:
                state.instance.disable_api_termination = _protects(template)

    EC2Backend.run_instances = run_instances
    FakeAutoScalingGroup.replace_autoscaling_group_instances = launch


def _protects(template: Any) -> bool:
    return str(template.data.get("DisableApiTermination", False)).lower() == "true"
