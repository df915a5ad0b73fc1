"""What a service whose releases may run on Fargate has beside its members: a cluster and a role."""

from collections.abc import Sequence
from dataclasses import dataclass

from paved_road.estate import Rows
from paved_road.estate.references import attribute, logical_id, ref
from paved_road.service.members import Members, taken_by_tasks
from paved_road.service.policy import document
from paved_road_delivery.contract import ServiceOutput


@dataclass(frozen=True, kw_only=True)
class TaskHome:
    """A cluster costs nothing and groups the service's tasks. The execution role is ECS's own: it
    pulls images and writes logs, so that the code in a task can do neither with it.
    """  # noqa: D205 - one paragraph says it

    path: str
    members: Members

    @property
    def cluster(self) -> str:
        """Its name."""
        return ref(f"{self.path}/Cluster")

    @property
    def execution_role_arn(self) -> str:
        """What ECS acts in to start a task."""
        return attribute(f"{self.path}/ExecutionRole", "Arn")

    def rows(self) -> Rows:
        """The resources."""
        resources = {
            "Cluster": {
                "Type": "AWS::ECS::Cluster",
                "Properties": {
                    "ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}]
                },
            },
            "ExecutionRole": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": document(taken_by_tasks(self.members.region)),
                    "Policies": [
                        {
                            "PolicyName": "start",
                            "PolicyDocument": document(*self.members.start_statements()),
                        }
                    ],
                },
            },
        }
        return {logical_id(f"{self.path}/{id}"): row for id, row in resources.items()}

    def outputs(self) -> Sequence[tuple[str, str, str]]:
        """What its stack publishes of it."""
        return (
            (ServiceOutput.CLUSTER, self.cluster, "Of releases on Fargate"),
            (ServiceOutput.TASK_ROLE, self.members.role_arn, "The members' role"),
            (ServiceOutput.EXECUTION_ROLE, self.execution_role_arn, "What ECS starts tasks in"),
        )

    def reasons(self) -> dict[str, str]:
        """Findings of the rule packs that are right in general and wrong here."""
        return {
            "AwsSolutions-ECS4": "Container Insights bills each task's metrics; CPU and health are "
            "measured without it, and alarms are on these."
        }
