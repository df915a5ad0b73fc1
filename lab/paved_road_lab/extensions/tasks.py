"""Services of ECS as stacks make them: how few tasks they may have, and that they go with a stack.

Stock moto's CloudFormation has no model for scalable targets and skips them, and leaves a service
behind that its stack had. No task runs here: a service is a record.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalabletarget.html
"""

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.common_models import CloudFormationModel
from moto.ecs.models import Service, ecs_backends


class ScalableTarget(CloudFormationModel):
    """Between how many members something scales. Its `Ref` names all three parts of it."""

    def __init__(self, namespace: str, resource: str, dimension: str) -> None:
        self.namespace, self.resource, self.dimension = namespace, resource, dimension
        self.physical_resource_id = f"{resource}|{dimension}|{namespace}"

    @staticmethod
    def cloudformation_name_type() -> str:
        """None: CloudFormation draws no name."""
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        """As templates call it."""
        return "AWS::ApplicationAutoScaling::ScalableTarget"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "ScalableTarget":
        """Register it."""
        _ = resource_name
        given = cloudformation_json["Properties"]
        made = cls(given["ServiceNamespace"], given["ResourceId"], given["ScalableDimension"])
        applicationautoscaling_backends[account_id][region_name].register_scalable_target(
            made.namespace,
            made.resource,
            made.dimension,
            int(given["MinCapacity"]),
            int(given["MaxCapacity"]),
            given.get("RoleARN"),
            given.get("SuspendedState"),
        )
        return made

    def delete(self, account_id: str, region_name: str) -> None:
        """Let it go with its stack."""
        applicationautoscaling_backends[account_id][region_name].deregister_scalable_target(
            self.namespace, self.resource, self.dimension
        )


def install() -> None:
    """Let services of ECS go with their stacks, as CloudFormation does: whatever their size."""

    def delete(self: Service, account_id: str, region_name: str) -> None:
        ecs_backends[account_id][region_name].delete_service(
            self.cluster_name, self.name, force=True
        )

    Service.delete = delete
