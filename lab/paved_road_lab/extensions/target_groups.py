"""Target group attributes that a template states.

Stock moto keeps its defaults whatever `TargetGroupAttributes` says.
"""

from typing import Any

from moto.elbv2.models import FakeTargetGroup


def install() -> None:
    """Apply the attributes after creation."""
    stock = FakeTargetGroup.create_from_cloudformation_json.__func__

    def create(
        cls: type[FakeTargetGroup],
        resource_name: str,
        cloudformation_json: dict[str, Any],
        *args: Any,
        **kwargs: Any,
    ) -> FakeTargetGroup:
        group: FakeTargetGroup = stock(cls, resource_name, cloudformation_json, *args, **kwargs)
        for attribute in cloudformation_json["Properties"].get("TargetGroupAttributes", ()):
            group.attributes[attribute["Key"]] = attribute["Value"]
        return group

    FakeTargetGroup.create_from_cloudformation_json = classmethod(create)
