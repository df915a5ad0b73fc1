"""A release on instances of EC2: an auto-scaled group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paved_road.estate import Rows
from paved_road.estate.references import ref
from paved_road.monitoring import Metric
from paved_road.service.boot import boot_script
from paved_road.service.launch import amazon_linux, launch_template
from paved_road.service.place import Place
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter

STARTUP_MINUTES = 15
"""How long an instance may take to pass its health check before the creation fails."""


@dataclass(frozen=True, kw_only=True)
class Instances:
    """`profile_arn` is the instance profile of the service's members."""

    place: Place
    instance_type: str
    profile_arn: str

    @property
    def target_type(self) -> str:
        """See `Runner`."""
        return "instance"

    @property
    def targets(self) -> str:
        """See `Runner`."""
        return "Its instances"

    def parameters(self) -> Rows:
        """The newest Amazon Linux, unless the artifact brings its image."""
        return {} if self.place.artifact.image_id else {"Image": amazon_linux(self.instance_type)}

    def resources(self) -> Rows:
        """See `Runner`."""
        place = self.place
        return {
            "Template": launch_template(
                image_id=place.artifact.image_id or {"Ref": "Image"},
                instance_type=self.instance_type,
                profile_arn=self.profile_arn,
                security_group_id=place.security_group_id,
                script=boot_script(place),
            ),
            "Group": self._group(),
            "OnRequests": self._policy(
                {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": place.request_label,
                },
                place.capacity.requests_per_minute_per_target,
            ),
            "OnCpu": self._policy(
                {"PredefinedMetricType": "ASGAverageCPUUtilization"}, place.capacity.cpu_percent
            ),
        }

    def output(self) -> tuple[str, str, str]:
        """See `Runner`."""
        return ReleaseOutput.GROUP, ref("Group"), "Its auto-scaled group"

    def cpu(self) -> Metric:
        """See `Runner`."""
        return Metric(
            namespace="AWS/EC2",
            name="CPUUtilization",
            dimensions={"AutoScalingGroupName": ref("Group")},
            statistic="Average",
        )

    def reasons(self) -> Mapping[str, str]:
        """See `Runner`."""
        return {
            "AwsSolutions-AS3": "A release's instances come and go with its load; its alarms speak "
            "for it."
        }

    def _group(self) -> dict[str, Any]:
        return {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            # Health checks and request counts need a listener that knows the target group.
            "DependsOn": ["TestCell"],
            "CreationPolicy": {
                "ResourceSignal": {
                    "Count": {"Ref": ReleaseParameter.FLOOR},
                    "Timeout": f"PT{STARTUP_MINUTES}M",
                }
            },
            "Properties": {
                "VPCZoneIdentifier": list(self.place.subnets),
                "MinSize": {"Ref": ReleaseParameter.FLOOR},
                "MaxSize": str(self.place.capacity.maximum),
                "LaunchTemplate": {
                    "LaunchTemplateId": {"Ref": "Template"},
                    "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
                },
                "TargetGroupARNs": [{"Ref": "Targets"}],
                "HealthCheckType": "ELB",
                "HealthCheckGracePeriod": STARTUP_MINUTES * 60,
                "DefaultInstanceWarmup": 120,
            },
        }

    def _policy(self, metric: Mapping[str, str], target: int) -> dict[str, Any]:
        """https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html"""
        return {
            "Type": "AWS::AutoScaling::ScalingPolicy",
            "Properties": {
                "AutoScalingGroupName": {"Ref": "Group"},
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingConfiguration": {
                    "PredefinedMetricSpecification": metric,
                    "TargetValue": target,
                },
            },
        }
