"""A stack's tags on its auto scaling groups, and so on their instances.

Stock moto tags what EC2 made and nothing else. CloudFormation propagates a stack's tags to the
resources that take tags, and for a group to the instances that it launches.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
"""

from typing import Any

from moto.cloudformation import parsing

GROUP = "AWS::AutoScaling::AutoScalingGroup"


def install() -> None:
    """Add them before the group is created. What the group declares itself goes first."""
    stock = parsing.parse_and_create_resource

    def create(
        logical_id: str, resource_json: dict[str, Any], resources_map: Any, **given: Any
    ) -> Any:
        if resource_json["Type"] == GROUP:
            resource_json = _tagged(resource_json, resources_map.tags)
        return stock(logical_id, resource_json, resources_map, **given)

    parsing.parse_and_create_resource = create


def _tagged(row: dict[str, Any], tags: dict[str, str]) -> dict[str, Any]:
    properties = row.get("Properties", {})
    own = properties.get("Tags", [])
    named = {one["Key"] for one in own}
    more = [
        {"Key": key, "Value": value, "PropagateAtLaunch": True}
        for key, value in sorted(tags.items())
        if key not in named and not key.startswith("aws:")
    ]
    return {**row, "Properties": {**properties, "Tags": [*own, *more]}}
