"""Creates a release in one region, protects it, and adopts it where nothing is in service."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tenacity import RetryError, retry, retry_if_result, stop_after_delay, wait_fixed

from paved_road_contract.assembly import Stack
from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.assemblies import held
from paved_road_delivery.cloud import DeliveryError, RefusedError, Say, run_cdk
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter, ServiceOutput
from paved_road_delivery.decide import Action, Observed, Plan, decide
from paved_road_delivery.groups import declared_maximum
from paved_road_delivery.ladder.guard import no_room
from paved_road_delivery.listing import numbers_used
from paved_road_delivery.observe import observe
from paved_road_delivery.policies import NEVER_UPDATED
from paved_road_delivery.service import Lane, LiveService, describe_stack, outputs_of

HEALTHY_WITHIN_SECONDS = 900


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
        return Release(service, number, assembly, held(assembly, wanted))

    def observe(self) -> Observed:
        """Everything that the decision needs, read once."""
        cloudformation = self.service.client("cloudformation")
        found = describe_stack(cloudformation, self.stack.name)
        wanted = self.stack.template
        live = self._loaded(self.service.live_weights())
        recorded = self._loaded({one.target_group: one.weight for one in self.service.lanes()})
        in_service = tuple(sorted(live | recorded))
        return Observed(
            release=release_name(self.service.name, self.number),
            number=self.number,
            wanted=wanted,
            minimum=int(wanted["Parameters"][ReleaseParameter.FLOOR]["Default"]),
            maximum=declared_maximum(self.stack.resources),
            status=found["StackStatus"] if found else None,
            standing=(
                cloudformation.get_template(StackName=self.stack.name)["TemplateBody"]
                if found
                else None
            ),
            target_group=outputs_of(found).get(ReleaseOutput.TARGET_GROUP) if found else None,
            retired=found is None and self.number in numbers_used(self.service),
            in_service=in_service,
            settled=live == recorded,
            live_capacity=sum(self.service.registered(one) for one in in_service),
            priorities=self._priorities(),
        )

    def deploy(self, say: Say, *, dry_run: bool = False) -> Outcome:
        """Do what `decide` says, and nothing in a dry run. Doing it twice changes nothing.

        Raises `RefusedError` for a refusal, `DeliveryError` for a release that cannot be created or
        does not become healthy.
        """
        observed = self.observe()
        plan = decide(observed)
        if plan.action is Action.REFUSE:
            raise RefusedError(plan.why)
        if plan.action is Action.CREATE:
            self._find_room(observed.release)
        if not dry_run:
            if plan.action is Action.CREATE:
                self._create(plan, say)
            self.protect()
            self.service.keep_lanes()
            if plan.adopt:
                self._adopt(say)
        in_service = plan.adopt or observed.target_group in observed.in_service
        return Outcome(self.service.region, observed.release, plan.action, plan.why, in_service)

    def _find_room(self, name: str) -> None:
        if full := no_room(observe(self.service), name):
            raise RefusedError(full)

    def _create(self, plan: Plan, say: Say) -> None:
        given = {
            ReleaseParameter.FLOOR: plan.floor,
            ReleaseParameter.PRIORITY: plan.priority,
        }
        # Kept if it fails, since the error names the log in it.
        folder = Path(tempfile.mkdtemp(prefix="paved-road-release-"))
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
            folder=folder,
            log=folder / "cdk-deploy.log",
            say=say,
        )
        shutil.rmtree(folder)

    def protect(self) -> None:
        """Never updated, and deleted only by who retires it. The CDK CLI does neither.

        A release of a deletable estate is never updated either, but goes when its stack does.
        """
        cloudformation = self.service.client("cloudformation")
        name = self.stack.name
        cloudformation.set_stack_policy(StackName=name, StackPolicyBody=NEVER_UPDATED)
        cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=self.stack.termination_protection
        )

    def _adopt(self, say: Say) -> None:
        found = describe_stack(self.service.client("cloudformation"), self.stack.name) or {}
        target_group = outputs_of(found)[ReleaseOutput.TARGET_GROUP]
        given = {one["ParameterKey"]: one["ParameterValue"] for one in found["Parameters"]}
        floor = int(given[ReleaseParameter.FLOOR])
        say(f"waiting until {floor} instances of {self.stack.name} are healthy")
        self._wait_healthy(target_group, floor)
        idle = self.service.idle()
        self.service.move([Lane(target_group, 1), *(Lane(one, 0) for one in idle[1:])])

    def _wait_healthy(self, target_group: str, floor: int) -> None:
        """Traffic never goes to a release that cannot take it."""

        @retry(
            retry=retry_if_result(lambda healthy: healthy < floor),
            stop=stop_after_delay(HEALTHY_WITHIN_SECONDS),
            wait=wait_fixed(5),
        )
        def healthy() -> int:
            return self.service.healthy(target_group)

        try:
            healthy()
        except RetryError:
            raise DeliveryError(
                f"fewer than {floor} targets of {self.stack.name} became healthy within "
                f"{HEALTHY_WITHIN_SECONDS} s: it was not put in service"
            ) from None

    def _priorities(self) -> frozenset[int]:
        listener = self.service.outputs()[ServiceOutput.TEST_LISTENER]
        pages = self.service.client("elbv2").get_paginator("describe_rules")
        return frozenset(
            int(rule["Priority"])
            for page in pages.paginate(ListenerArn=listener)
            for rule in page["Rules"]
            if rule["Priority"] != "default"
        )

    def _loaded(self, weights: dict[str, int]) -> frozenset[str]:
        """Target groups with weight that are releases' and not idle."""
        idle = self.service.idle()
        return frozenset(one for one, weight in weights.items() if weight > 0 and one not in idle)
