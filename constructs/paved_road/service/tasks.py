"""A release on Fargate: a service of ECS whose tasks have an address each, and no machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paved_road.estate import Rows
from paved_road.estate.references import attribute, ref
from paved_road.monitoring import Metric
from paved_road.service.artifact import STOP_SECONDS
from paved_road.service.fargate import Fargate
from paved_road.service.place import Place
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter

PLATFORM_VERSION = "1.4.0"
"""Not LATEST, which may be another one for tasks that are started later.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html"""

STARTUP_SECONDS = 300
"""How long a task may fail its health check before it counts as failed. The deployment circuit
breaker gives up after three failed tasks or half of them, and with it the release's creation.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html"""


@dataclass(frozen=True, kw_only=True)
class Tasks:
    """Roles and cluster are the service's: a release adds none."""

    place: Place
    image: str
    size: Fargate
    cluster: str
    task_role_arn: str
    execution_role_arn: str

    @property
    def target_type(self) -> str:
        """See `Runner`."""
        return "ip"

    @property
    def targets(self) -> str:
        """See `Runner`."""
        return "Its tasks"

    def parameters(self) -> Rows:
        """None more."""
        return {}

    def resources(self) -> Rows:
        """See `Runner`."""
        capacity = self.place.capacity
        return {
            "Task": self._definition(),
            "Service": self._service(),
            "Scaled": {
                "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
                "Properties": {
                    "ServiceNamespace": "ecs",
                    "ScalableDimension": "ecs:service:DesiredCount",
                    "ResourceId": self._target(),
                    "MinCapacity": {"Ref": ReleaseParameter.FLOOR},
                    "MaxCapacity": capacity.maximum,
                },
            },
            "OnRequests": self._policy(
                {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": self.place.request_label,
                },
                capacity.requests_per_minute_per_target,
            ),
            "OnCpu": self._policy(
                {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}, capacity.cpu_percent
            ),
        }

    def output(self) -> tuple[str, str, str]:
        """See `Runner`."""
        return ReleaseOutput.TASKS, self._target(), "Its service of ECS, as it is scaled"

    def cpu(self) -> Metric:
        """See `Runner`."""
        return Metric(
            namespace="AWS/ECS",
            name="CPUUtilization",
            dimensions={
                "ClusterName": self.cluster,
                "ServiceName": attribute("Service", "Name"),
            },
            statistic="Average",
        )

    def reasons(self) -> Mapping[str, str]:
        """See `Runner`."""
        return {
            "AwsSolutions-ECS2": "Settings are names and addresses, never secrets: members read "
            "those in their own role. A release's settings are as immutable as its image.",
        }

    def _target(self) -> str:
        return f"service/{self.cluster}/{attribute('Service', 'Name')}"

    def _definition(self) -> dict[str, Any]:
        """One container without privileges, on a read-only file system with a `/tmp` of its own.

        Fargate gives a volume the rights that the image's `VOLUME /tmp` says.
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
        """
        place = self.place
        return {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": f"{place.region.estate}-{place.release}",
                "RequiresCompatibilities": ["FARGATE"],
                "NetworkMode": "awsvpc",
                "Cpu": str(self.size.cpu),
                "Memory": str(self.size.memory),
                "RuntimePlatform": {
                    "CpuArchitecture": self.size.architecture,
                    "OperatingSystemFamily": "LINUX",
                },
                "TaskRoleArn": self.task_role_arn,
                "ExecutionRoleArn": self.execution_role_arn,
                "Volumes": [{"Name": "tmp"}],
                "ContainerDefinitions": [
                    {
                        "Name": "service",
                        "Image": self.image,
                        "Essential": True,
                        "ReadonlyRootFilesystem": True,
                        "MountPoints": [{"SourceVolume": "tmp", "ContainerPath": "/tmp"}],  # noqa: S108 - in the container
                        "LinuxParameters": {
                            "InitProcessEnabled": True,
                            "Capabilities": {"Drop": ["ALL"]},
                        },
                        "StopTimeout": STOP_SECONDS,
                        "PortMappings": [{"ContainerPort": place.port, "Protocol": "tcp"}],
                        "Environment": [
                            {"Name": name, "Value": value} for name, value in place.told.items()
                        ],
                        "LogConfiguration": {
                            "LogDriver": "awslogs",
                            "Options": {
                                "awslogs-region": place.region.name,
                                "awslogs-group": place.log_group,
                                "awslogs-stream-prefix": place.release,
                                # Lines are lost before a request waits for them.
                                "mode": "non-blocking",
                                "max-buffer-size": "25m",
                            },
                        },
                    }
                ],
            },
        }

    def _service(self) -> dict[str, Any]:
        place = self.place
        return {
            "Type": "AWS::ECS::Service",
            # ECS takes a target group only once a listener knows it.
            "DependsOn": ["TestCell"],
            "Properties": {
                "Cluster": self.cluster,
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": {"Ref": ReleaseParameter.FLOOR},
                "LaunchType": "FARGATE",
                "PlatformVersion": PLATFORM_VERSION,
                "NetworkConfiguration": {
                    "AwsvpcConfiguration": {
                        "AssignPublicIp": "DISABLED",
                        "SecurityGroups": [place.security_group_id],
                        "Subnets": list(place.subnets),
                    }
                },
                "LoadBalancers": [
                    {
                        "ContainerName": "service",
                        "ContainerPort": place.port,
                        "TargetGroupArn": {"Ref": "Targets"},
                    }
                ],
                "HealthCheckGracePeriodSeconds": STARTUP_SECONDS,
                "DeploymentConfiguration": {
                    # There is nothing to roll back to: the creation fails and the stack goes.
                    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": False},
                    "MaximumPercent": 200,
                    "MinimumHealthyPercent": 100,
                },
                "AvailabilityZoneRebalancing": "ENABLED",
                "EnableECSManagedTags": True,
                "EnableExecuteCommand": False,
                "PropagateTags": "SERVICE",
            },
        }

    def _policy(self, metric: Mapping[str, str], target: int) -> dict[str, Any]:
        """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html"""
        return {
            "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
            "Properties": {
                "PolicyName": f"{self.place.stack}-{metric['PredefinedMetricType']}",
                "PolicyType": "TargetTrackingScaling",
                "ScalingTargetId": ref("Scaled"),
                "TargetTrackingScalingPolicyConfiguration": {
                    "PredefinedMetricSpecification": metric,
                    "TargetValue": target,
                },
            },
        }
