"""The small stack that says which release gets how much traffic."""

from enum import Enum
from typing import Any

from constructs import Construct

from paved_road.estate import EstateStack, Region, declare
from paved_road.service.stacks import refuse_second
from paved_road_contract import tags
from paved_road_contract.stacks import Kind
from paved_road_delivery import contract
from paved_road_delivery.contract import RoutingKey


class CohortMark(Enum):
    """What tells that a request is of the named cohort: the header's name and its values.

    A condition takes three values at most, without case:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
    """

    HEADER = (contract.COHORT_HEADER, (contract.COHORT,))
    COOKIE = (
        "cookie",
        tuple(
            pattern.format(f"{contract.COHORT_COOKIE}={contract.COHORT}")
            for pattern in ("{}", "{};*", "*; {}*")
        ),
    )
    """Among others or alone, wherever it stands."""


class RoutingStack(EstateStack):
    """Two rules on the service's live listener, for everybody and for a cohort, and nothing else.

    Listener, target groups, weights and the cohort's priority are SSM parameters that are resolved
    at every update, so nothing here changes when traffic moves, and no other stack's failing update
    can hold up or undo a rollback. Group stickiness stays off: it would pin users to a bad release.

    - `cohort_by`: what says that a request is of the named cohort, a header by default. Whoever
      can send it joins the cohort and meets releases early, never one that was rolled back: on a
      service that faces the internet the edge sets it and takes away what callers send.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        service: str,
        owner: str,
        cohort_by: CohortMark = CohortMark.HEADER,
    ) -> None:
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
                RoutingKey.LISTENER: _resolved(contract.listener_parameter(region.estate, service)),
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
                RoutingKey.COHORT_TARGET_GROUP: _resolved(
                    contract.cohort_target_group_parameter(region.estate, service)
                ),
                RoutingKey.COHORT_PRIORITY: _resolved(
                    contract.cohort_priority_parameter(region.estate, service)
                ),
            },
            resources={"Live": _LIVE_RULE, "Cohort": _cohort_rule(cohort_by)},
        )


def _resolved(name: str) -> dict[str, str]:
    """A template parameter that CloudFormation reads from SSM's `name` at every update."""
    return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": name}


def _cohort_rule(mark: CohortMark) -> dict[str, Any]:
    header, values = mark.value
    return {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Properties": {
            "ListenerArn": {"Ref": RoutingKey.LISTENER},
            "Priority": {"Ref": RoutingKey.COHORT_PRIORITY},
            "Conditions": [
                {
                    "Field": "http-header",
                    "HttpHeaderConfig": {"HttpHeaderName": header, "Values": list(values)},
                }
            ],
            "Actions": [
                {"Type": "forward", "TargetGroupArn": {"Ref": RoutingKey.COHORT_TARGET_GROUP}}
            ],
        },
    }


_LIVE_RULE = {
    "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "Properties": {
        "ListenerArn": {"Ref": RoutingKey.LISTENER},
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
