"""Lanes of a service's live rule, its cohort, and the parameters that say who stands in them."""

from dataclasses import dataclass

from paved_road.estate import Rows
from paved_road.estate.references import logical_id, ref
from paved_road_delivery import contract

IDLE_PORT = 8080
"""Of target groups in which nobody ever stands. Another port would replace them, and so send a live
service's traffic to empty ones."""


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """What routing reads, with the values that it begins with.

    In a lane without a release stands a target group with nobody in it, so 503. The delivery tool
    moves the parameters; CloudFormation leaves them alone while this template is the same. `path`
    is where the service stands in its stack.
    """

    path: str
    estate: str
    service: str
    vpc_id: str
    listener_arn: str

    @property
    def idle(self) -> dict[int, str]:
        """ARN of the target group of each lane at rest."""
        return {lane: ref(f"{self.path}/Idle{lane}") for lane in contract.LANES}

    def rows(self) -> Rows:
        """The resources."""
        idle = {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "VpcId": self.vpc_id,
                "Port": IDLE_PORT,
                "Protocol": "HTTP",
                "TargetType": "instance",
            },
        }
        resources = {
            **{f"Idle{lane}": idle for lane in contract.LANES},
            **{
                id: {
                    "Type": "AWS::SSM::Parameter",
                    "Properties": {"Name": name, "Type": "String", "Value": value},
                }
                for id, name, value in self._parameters()
            },
        }
        return {logical_id(f"{self.path}/{id}"): row for id, row in resources.items()}

    def _parameters(self) -> list[tuple[str, str, str]]:
        estate, service = self.estate, self.service
        found = [("LiveListener", contract.listener_parameter(estate, service), self.listener_arn)]
        for lane, idle in self.idle.items():
            target_group = contract.target_group_parameter(estate, service, lane)
            found.append((f"Lane{lane}TargetGroup", target_group, idle))
            # A rule without any weight is refused, so the first lane starts with one.
            weight = "1" if lane == contract.LANES[0] else "0"
            found.append(
                (f"Lane{lane}Weight", contract.weight_parameter(estate, service, lane), weight)
            )
        nobody = self.idle[contract.LANES[0]]
        return [
            *found,
            ("CohortTargetGroup", contract.cohort_target_group_parameter(estate, service), nobody),
            (
                "CohortPriority",
                contract.cohort_priority_parameter(estate, service),
                str(contract.COHORT_BEHIND),
            ),
        ]
