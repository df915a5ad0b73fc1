"""When a release gets more instances: requests for each of them, and how busy they are."""

from paved_road.estate import Rows
from paved_road.estate.references import attribute
from paved_road.service.capacity import Capacity


def scaling(capacity: Capacity, load_balancer: str) -> Rows:
    """Policies of the group `Group`, whose target group is `Targets`.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
    """
    targets = attribute("Targets", "TargetGroupFullName")
    return {
        id: {
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
        for id, metric, target in (
            (
                "OnRequests",
                {
                    "PredefinedMetricType": "ALBRequestCountPerTarget",
                    "ResourceLabel": f"{load_balancer}/{targets}",
                },
                capacity.requests_per_minute_per_target,
            ),
            (
                "OnCpu",
                {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                capacity.cpu_percent,
            ),
        )
    }
