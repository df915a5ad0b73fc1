"""The named cohort's rule: who its requests go to, and what says so.

The rule stands before the one that takes every request while there is a cohort, and behind it while
there is none: who is of the cohort is then treated like everybody. To change its place is one call,
so that nobody is ever sent to a target group at rest.
"""

from dataclasses import dataclass
from typing import Any

from paved_road_delivery import contract
from paved_road_delivery.contract import RoutingKey
from paved_road_delivery.service import LiveService


@dataclass(frozen=True, kw_only=True)
class CohortParameters:
    """What the parameters say: a target group's ARN, and the rule's place."""

    group: str
    priority: int

    @property
    def recorded(self) -> str | None:
        """Where they would have the cohort sent."""
        return self.group if self.priority == contract.COHORT_FRONT else None

    @property
    def resolved(self) -> dict[str, str]:
        """What routing's parameters are resolved to once it has settled."""
        return {
            RoutingKey.COHORT_TARGET_GROUP: self.group,
            RoutingKey.COHORT_PRIORITY: str(self.priority),
        }


@dataclass(frozen=True)
class CohortRule:
    """Of one service. Target groups are ARNs; None is no cohort."""

    service: LiveService

    def live(self) -> str | None:
        """Where the rule sends the cohort."""
        rule = self._rule()
        if int(rule["Priority"]) != contract.COHORT_FRONT:
            return None
        return str(rule["Actions"][0]["TargetGroupArn"])

    def parameters(self) -> CohortParameters:
        """As they are now."""
        group, priority = (self.service.parameter(name) for name in self._names())
        return CohortParameters(group=group, priority=int(priority))

    def route(self, group: str | None) -> None:
        """Change the live rule: its target while it is behind, its place before or after that."""
        elbv2, rule = self.service.client("elbv2"), self._rule()

        def aim(at: str) -> None:
            if rule["Actions"][0]["TargetGroupArn"] != at:
                elbv2.modify_rule(
                    RuleArn=rule["RuleArn"], Actions=[{"Type": "forward", "TargetGroupArn": at}]
                )

        def place(priority: int) -> None:
            if int(rule["Priority"]) != priority:
                elbv2.set_rule_priorities(
                    RulePriorities=[{"RuleArn": rule["RuleArn"], "Priority": priority}]
                )

        if group:
            aim(group)
            place(contract.COHORT_FRONT)
        else:
            place(contract.COHORT_BEHIND)
            aim(self._nobody())

    def record(self, group: str | None) -> None:
        """Put the parameters, in the same order."""
        name, place = self._names()
        front = (name, group or self._nobody()), (place, str(contract.COHORT_FRONT))
        behind = (place, str(contract.COHORT_BEHIND)), (name, self._nobody())
        for parameter, value in front if group else behind:
            self.service.client("ssm").put_parameter(Name=parameter, Value=value, Overwrite=True)

    def _rule(self) -> dict[str, Any]:
        return self.service.rule(contract.COHORT_FRONT, contract.COHORT_BEHIND)

    def _nobody(self) -> str:
        return self.service.idle()[0]

    def _names(self) -> tuple[str, str]:
        of = self.service.estate, self.service.name
        return (
            contract.cohort_target_group_parameter(*of),
            contract.cohort_priority_parameter(*of),
        )
