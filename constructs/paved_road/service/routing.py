"""The small stack that says which release gets how much traffic."""

from aws_cdk import CfnParameter
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from paved_road.estate import EstateStack, Region
from paved_road.estate.references import ref, ref_number
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
        self._estate, self._service = region.estate, service
        action = elb.CfnListenerRule
        self.rule = elb.CfnListenerRule(
            self,
            "Live",
            listener_arn=self._parameter(
                "Listener", contract.listener_parameter(region.estate, service)
            ),
            priority=contract.LIVE_PRIORITY,
            conditions=[
                action.RuleConditionProperty(
                    field="path-pattern",
                    path_pattern_config=action.PathPatternConfigProperty(values=["/*"]),
                )
            ],
            actions=[
                action.ActionProperty(
                    type="forward",
                    forward_config=action.ForwardConfigProperty(
                        target_groups=[self._lane(lane) for lane in contract.LANES]
                    ),
                )
            ],
        )

    def _lane(self, lane: int) -> elb.CfnListenerRule.TargetGroupTupleProperty:
        target_group = contract.target_group_parameter(self._estate, self._service, lane)
        weight = contract.weight_parameter(self._estate, self._service, lane)
        return elb.CfnListenerRule.TargetGroupTupleProperty(
            target_group_arn=self._parameter(f"Lane{lane}TargetGroup", target_group),
            weight=ref_number(self._parameter_id(f"Lane{lane}Weight", weight)),
        )

    def _parameter(self, id: str, name: str) -> str:
        return ref(self._parameter_id(id, name))

    def _parameter_id(self, id: str, name: str) -> str:
        CfnParameter(self, id, type="AWS::SSM::Parameter::Value<String>", default=name)
        return id
