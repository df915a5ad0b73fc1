"""The small stack that says which release gets how much traffic."""

from constructs import Construct

from paved_road.estate import EstateStack, Region, declare
from paved_road.service.stacks import refuse_second
from paved_road_contract import tags
from paved_road_contract.stacks import Kind
from paved_road_delivery import contract


class RoutingStack(EstateStack):
    """One rule on the service's live listener, and nothing else.

    Listener, target groups and weights are SSM parameters that are resolved at every update, so
    nothing here changes when traffic moves, and no other stack's failing update can hold up or
    undo a rollback. Group stickiness stays off: it would pin users to a bad release.
    """

    def __init__(self, scope: Construct, region: Region, *, service: str, owner: str) -> None:
        refuse_second(scope, region, Kind.ROUTING, service)
        super().__init__(
            scope,
            region,
            Kind.ROUTING,
            service,
            owner=owner,
            description=f"Routing of {service} of {region.estate} in {region.name}",
            marks={tags.SERVICE: service},
        )
        self.deploy_after(region.stack_name(Kind.SERVICE, service))
        lanes = contract.LANES
        declare(
            self,
            "Routing",
            parameters={
                "Listener": _resolved(contract.listener_parameter(region.estate, service)),
                **{
                    contract.routing_key(lane, "TargetGroup"): _resolved(
                        contract.target_group_parameter(region.estate, service, lane)
                    )
                    for lane in lanes
                },
                **{
                    contract.routing_key(lane, "Weight"): _resolved(
                        contract.weight_parameter(region.estate, service, lane)
                    )
                    for lane in lanes
                },
            },
            resources={"Live": _LIVE_RULE},
        )


def _resolved(name: str) -> dict[str, str]:
    """A template parameter that CloudFormation reads from SSM's `name` at every update."""
    return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}


_LIVE_RULE = {
    "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "Properties": {
        "ListenerArn": {"Ref": "Listener"},
        "Priority": contract.LIVE_PRIORITY,
        "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}],
        "Actions": [
            {
                "Type": "forward",
                "ForwardConfig": {
                    "TargetGroups": [
                        {
                            "TargetGroupArn": {"Ref": contract.routing_key(lane, "TargetGroup")},
                            "Weight": {"Ref": contract.routing_key(lane, "Weight")},
                        }
                        for lane in contract.LANES
                    ]
                },
            }
        ],
    },
}
"""The same for every service: what differs are the parameters' defaults."""
