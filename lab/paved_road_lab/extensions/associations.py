"""A template's association of a subnet with a route table, as the EC2 API shows it.

Stock moto keeps associations from CloudFormation where no call finds them.
"""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.subnets import SubnetRouteTableAssociation


def install() -> None:
    """Associate in the route table as well, and keep the association's id for its deletion."""
    stock = SubnetRouteTableAssociation.create_from_cloudformation_json.__func__

    def create(
        cls: type[SubnetRouteTableAssociation],
        /,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> SubnetRouteTableAssociation:
        association: SubnetRouteTableAssociation = stock(
            cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
        )
        given = cloudformation_json["Properties"]
        association.association_id = ec2_backends[account_id][region_name].associate_route_table(
            route_table_id=given["RouteTableId"], subnet_id=given["SubnetId"]
        )
        return association

    SubnetRouteTableAssociation.create_from_cloudformation_json = classmethod(create)
