"""Creates a release in one region, protects it, and adopts it where nothing is in service."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tenacity import RetryError, retry, retry_if_result, stop_after_delay, wait_fixed

from paved_road_contract.assembly import Stack, stacks
from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.cloud import DeliveryError, Say, run_cdk
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter, ServiceOutput
from paved_road_delivery.decide import Action, Observed, Plan, decide
from paved_road_delivery.service import Lane, LiveService, describe_stack, outputs_of

HEALTHY_WITHIN_SECONDS = 900

NEVER_UPDATED = json.dumps(
    {
        "Statement": [
            {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        ]
    }
)


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be in a dry run, in one region."""

    region: str
    release: str
    action: Action
    why: str
    in_service: bool


@dataclass(frozen=True)
class Release:
    """One release of an assembly, in one region."""

    service: LiveService
    number: int
    assembly: Path
    stack: Stack

    @staticmethod
    def find(service: LiveService, number: int, assembly: Path) -> "Release":
        """`DeliveryError` if the assembly does not hold it, with those it holds."""
        name = release_name(service.name, number)
        wanted = stack_name(service.estate, service.region, Kind.RELEASE, name)
        held = {stack.name: stack for stack in stacks(assembly)}
        if wanted not in held:
            others = [one for one in held if f"-{Kind.RELEASE}-{service.name}-v" in one]
            raise DeliveryError(
                f"{assembly} holds no release {wanted}"
                + (f"; it holds {', '.join(sorted(others))}" if others else "")
            )
        return Release(service, number, assembly, held[wanted])

    def observe(self) -> Observed:
        """Everything that the decision needs, read once."""
        cloudformation = self.service.client("cloudformation")
        found = describe_stack(cloudformation, self.stack.name)
        wanted = self.stack.template
        group = next(
            resource["Properties"]
            for resource in self.stack.resources.values()
            if resource["Type"] == "AWS::AutoScaling::AutoScalingGroup"
        )
        idle = self.service.idle()
        in_service = tuple(
            lane.target_group
            for lane in self.service.lanes()
            if lane.target_group not in idle and lane.weight > 0
        )
        return Observed(
            release=release_name(self.service.name, self.number),
            number=self.number,
            wanted=wanted,
            minimum=int(wanted["Parameters"][ReleaseParameter.FLOOR]["Default"]),
            maximum=int(group["MaxSize"]),
            status=found["StackStatus"] if found else None,
            standing=(
                cloudformation.get_template(StackName=self.stack.name)["TemplateBody"]
                if found
                else None
            ),
            target_group=outputs_of(found).get(ReleaseOutput.TARGET_GROUP) if found else None,
            in_service=in_service,
            live_capacity=sum(self.service.healthy(target_group) for target_group in in_service),
            priorities=self._priorities(),
        )

    def deploy(self, say: Say, *, dry_run: bool = False) -> Outcome:
        """Do what `decide` says, and nothing in a dry run. Doing it twice changes nothing.

        Raises `DeliveryError` for a refusal and for a release that does not become healthy.
        """
        observed = self.observe()
        plan = decide(observed)
        if plan.action is Action.REFUSE:
            raise DeliveryError(plan.why)
        if not dry_run:
            if plan.action is Action.CREATE:
                self._create(plan, say)
            self._protect()
            if plan.adopt:
                self._adopt(say)
        in_service = plan.adopt or observed.target_group in observed.in_service
        return Outcome(self.service.region, observed.release, plan.action, plan.why, in_service)

    def _create(self, plan: Plan, say: Say) -> None:
        given = {
            ReleaseParameter.FLOOR: plan.floor,
            ReleaseParameter.PRIORITY: plan.priority,
        }
        with tempfile.TemporaryDirectory() as folder:
            run_cdk(
                [
                    *("deploy", "--app", str(self.assembly.resolve()), "--exclusively"),
                    *("--method", "direct", "--require-approval", "never", self.stack.selector),
                    *(
                        part
                        for key, value in given.items()
                        for part in ("--parameters", f"{self.stack.name}:{key}={value}")
                    ),
                ],
                environment=self.service.cloud.environment,
                folder=Path(folder),
                log=Path(folder) / "cdk-deploy.log",
                say=say,
            )

    def _protect(self) -> None:
        """Never updated, and deleted only by who retires it. The CDK CLI does neither."""
        cloudformation = self.service.client("cloudformation")
        name = self.stack.name
        cloudformation.set_stack_policy(StackName=name, StackPolicyBody=NEVER_UPDATED)
        cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=True
        )

    def _adopt(self, say: Say) -> None:
        found = describe_stack(self.service.client("cloudformation"), self.stack.name)
        target_group = outputs_of(found or {})[ReleaseOutput.TARGET_GROUP]
        say(f"waiting until {release_name(self.service.name, self.number)} is healthy")
        self._wait_healthy(target_group)
        self.service.move([Lane(target_group, 1), *self.service.lanes()[1:]])

    def _wait_healthy(self, target_group: str) -> None:
        """Traffic never goes to a release that cannot take it."""

        @retry(
            retry=retry_if_result(lambda healthy: healthy == 0),
            stop=stop_after_delay(HEALTHY_WITHIN_SECONDS),
            wait=wait_fixed(5),
        )
        def healthy() -> int:
            return self.service.healthy(target_group)

        try:
            healthy()
        except RetryError:
            raise DeliveryError(
                f"no target of {self.stack.name} became healthy within "
                f"{HEALTHY_WITHIN_SECONDS} s: it was not put in service"
            ) from None

    def _priorities(self) -> frozenset[int]:
        listener = self.service.outputs()[ServiceOutput.TEST_LISTENER]
        rules = self.service.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
        return frozenset(int(rule["Priority"]) for rule in rules if rule["Priority"] != "default")
