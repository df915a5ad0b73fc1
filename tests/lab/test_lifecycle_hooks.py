"""Lifecycle hooks, run as Auto Scaling runs them where somebody lives on the instances."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_contract.assembly import Stack
from paved_road_lab.cloud import LabCloud
from paved_road_lab.coverage import coverage
from paved_road_lab.living import announce_living, living_regions
from paved_road_lab.safety import ask
from paved_road_lab.server import LIVING_PATH
from paved_road_lab.state import Lab, LabError
from tests.lab.small_stacks import network

pytestmark = pytest.mark.slow

LIVING, STILL = "us-east-1", "eu-west-1"
"""A region with hosts, and one without."""

RANGES = itertools.count(1)


@pytest.fixture(autouse=True)
def living(lab: Lab) -> Iterator[None]:
    announce_living(lab, [LIVING])
    yield
    announce_living(lab, [])


def hook(name: str, transition: str, default: str, seconds: int = 600) -> dict[str, Any]:
    return {
        "LifecycleHookName": name,
        "LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}",
        "HeartbeatTimeout": seconds,
        "DefaultResult": default,
    }


@dataclass
class Group:
    """A group of the stack of a test, and what is asked of it."""

    cloud: LabCloud
    stack: str
    name: str
    targets: str
    region: str

    @property
    def api(self) -> Any:
        return self.cloud.client("autoscaling", self.region)

    @property
    def ec2(self) -> Any:
        return self.cloud.client("ec2", self.region)

    @property
    def cloudformation(self) -> Any:
        return self.cloud.client("cloudformation", self.region)

    def described(self) -> dict[str, Any]:
        found = self.api.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        groups: list[dict[str, Any]] = found["AutoScalingGroups"]
        return groups[0] if groups else {"Instances": []}

    def states(self) -> dict[str, str]:
        return {one["InstanceId"]: one["LifecycleState"] for one in self.described()["Instances"]}

    def in_state(self, state: str) -> list[str]:
        return [instance for instance, found in self.states().items() if found == state]

    def counts(self) -> dict[str, int]:
        found = sorted(self.states().values())
        return {state: found.count(state) for state in found}

    def registered(self) -> set[str]:
        elb = self.cloud.client("elbv2", self.region)
        health = elb.describe_target_health(TargetGroupArn=self.targets)
        return {one["Target"]["Id"] for one in health["TargetHealthDescriptions"]}

    def runs(self, instance: str) -> bool:
        found = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        return bool(found[0]["Instances"][0]["State"]["Name"] == "running")

    def complete(self, instance: str, hook_name: str, result: str = "CONTINUE") -> None:
        self.api.complete_lifecycle_action(
            AutoScalingGroupName=self.name,
            LifecycleHookName=hook_name,
            InstanceId=instance,
            LifecycleActionResult=result,
        )

    def start_all(self) -> list[str]:
        for instance in self.in_state("Pending:Wait"):
            self.complete(instance, "claim")
        return self.in_state("InService")

    def terminate(self, instance: str, *, decrement: bool = False) -> None:
        self.api.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=decrement
        )

    def delete_stack(self) -> None:
        self.cloudformation.delete_stack(StackName=self.stack)

    def stack_status(self) -> str:
        try:
            found = self.cloudformation.describe_stacks(StackName=self.stack)
        except ClientError:
            return "gone"
        return str(found["Stacks"][0]["StackStatus"])


Create = Callable[..., Group]


@pytest.fixture
def create(cloud: LabCloud, request: pytest.FixtureRequest) -> Create:
    def make(
        *hooks: dict[str, Any], region: str = LIVING, retain: bool = False, **declared: Any
    ) -> Group:
        template = network(f"10.{next(RANGES)}")
        for resource in template["Resources"].values():
            if "AvailabilityZone" in resource["Properties"]:
                zone = resource["Properties"]["AvailabilityZone"][-1]
                resource["Properties"]["AvailabilityZone"] = region + zone
        properties = template["Resources"]["Group"]["Properties"]
        properties |= {"MinSize": "2", "LifecycleHookSpecificationList": list(hooks), **declared}
        if retain:
            properties["InstanceLifecyclePolicy"] = {
                "RetentionTriggers": {"TerminateHookAbandon": "retain"}
            }
        stack = request.node.name.replace("_", "-")[:100]
        cloudformation = cloud.client("cloudformation", region)
        cloudformation.create_stack(StackName=stack, TemplateBody=json.dumps(template))
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
        told = {one["OutputKey"]: one["OutputValue"] for one in found}
        return Group(cloud, stack, told["Group"], told["Targets"], region)

    return make


CLAIM = hook("claim", "LAUNCHING", "ABANDON")
DRAIN = hook("drain", "TERMINATING", "CONTINUE")
KEEP = hook("drain", "TERMINATING", "ABANDON")


def test_an_instance_serves_once_its_launch_hook_is_completed(create: Create) -> None:
    group = create(CLAIM)
    declared = group.api.describe_lifecycle_hooks(AutoScalingGroupName=group.name)
    (found,) = declared["LifecycleHooks"]
    assert (found["LifecycleHookName"], found["HeartbeatTimeout"]) == ("claim", 600)
    assert group.counts() == {"Pending:Wait": 2}
    assert group.registered() == set()
    first, second = group.states()
    assert group.runs(first)
    group.complete(first, "claim")
    assert group.states() == {first: "InService", second: "Pending:Wait"}
    assert group.registered() == {first}
    with pytest.raises(ClientError, match="No active Lifecycle Action found"):
        group.complete(first, "claim")
    of_all = group.api.describe_auto_scaling_instances(InstanceIds=[second])
    assert of_all["AutoScalingInstances"][0]["LifecycleState"] == "Pending:Wait"


def test_an_abandoned_launch_is_replaced_unless_launches_are_suspended(create: Create) -> None:
    group = create(CLAIM)
    first, second = group.states()
    group.complete(first, "claim", "ABANDON")
    assert not group.runs(first)
    assert group.counts() == {"Pending:Wait": 2}
    assert first not in group.states()
    group.api.suspend_processes(AutoScalingGroupName=group.name, ScalingProcesses=["Launch"])
    group.complete(second, "claim", "ABANDON")
    assert group.counts() == {"Pending:Wait": 1}
    group.api.resume_processes(AutoScalingGroupName=group.name, ScalingProcesses=["Launch"])
    assert group.counts() == {"Pending:Wait": 2}


def test_all_hooks_of_a_transition_must_continue(create: Create) -> None:
    group = create(CLAIM, hook("join", "LAUNCHING", "ABANDON"))
    first, _ = group.states()
    group.complete(first, "claim")
    assert group.states()[first] == "Pending:Wait"
    group.complete(first, "join")
    assert group.states()[first] == "InService"


def test_what_leaves_waits_running_beside_its_successor(create: Create) -> None:
    group = create(CLAIM, DRAIN)
    leaving, staying = group.start_all()
    group.terminate(leaving)
    assert group.states()[leaving] == "Terminating:Wait"
    assert group.counts() == {"InService": 1, "Pending:Wait": 1, "Terminating:Wait": 1}
    assert group.registered() == {staying}
    assert group.runs(leaving)
    group.complete(leaving, "drain")
    assert leaving not in group.states()
    assert not group.runs(leaving)
    assert group.counts() == {"InService": 1, "Pending:Wait": 1}


def test_scaling_in_waits_and_counts_no_more(create: Create) -> None:
    group = create(DRAIN, MinSize="1", DesiredCapacity="3")
    assert group.counts() == {"InService": 3}
    group.api.set_desired_capacity(AutoScalingGroupName=group.name, DesiredCapacity=2)
    assert group.counts() == {"InService": 2, "Terminating:Wait": 1}
    group.terminate(group.in_state("InService")[0], decrement=True)
    assert group.counts() == {"InService": 1, "Terminating:Wait": 2}
    with pytest.raises(ClientError, match="equals minSize"):
        group.terminate(group.in_state("InService")[0], decrement=True)
    for instance in group.in_state("Terminating:Wait"):
        group.complete(instance, "drain", "ABANDON")
        assert not group.runs(instance)
    assert group.counts() == {"InService": 1}


def test_an_abandoned_termination_retains_the_instance_where_the_group_says_so(
    create: Create,
) -> None:
    group = create(KEEP, retain=True)
    first = group.start_all()[0]
    group.terminate(first)
    group.complete(first, "drain", "ABANDON")
    assert group.states()[first] == "Terminating:Retained"
    assert group.counts() == {"InService": 2, "Terminating:Retained": 1}
    assert group.runs(first)
    policy = group.described()["InstanceLifecyclePolicy"]
    assert policy == {"RetentionTriggers": {"TerminateHookAbandon": "retain"}}
    group.terminate(first)
    assert not group.runs(first)
    assert group.counts() == {"InService": 2}


def test_a_wait_that_ran_out_gets_its_default(create: Create) -> None:
    group = create(
        hook("claim", "LAUNCHING", "ABANDON", 1), hook("drain", "TERMINATING", "ABANDON", 1),
        retain=True,
    )  # fmt: skip
    before = group.start_all()
    assert len(before) == 2
    group.terminate(before[0])
    (late,) = group.in_state("Pending:Wait")
    time.sleep(1.1)
    assert group.states()[before[0]] == "Terminating:Retained"
    assert not group.runs(late)
    assert group.counts() == {"InService": 1, "Pending:Wait": 1, "Terminating:Retained": 1}


def test_a_default_of_continue_lets_a_silent_launch_serve(create: Create) -> None:
    group = create(hook("claim", "LAUNCHING", "CONTINUE", 1))
    assert group.counts() == {"Pending:Wait": 2}
    time.sleep(1.1)
    assert len(group.registered()) == 2


def test_heartbeats_extend_a_wait(create: Create) -> None:
    group = create(hook("claim", "LAUNCHING", "ABANDON", 2))
    beating, silent = group.states()
    for _ in range(3):
        time.sleep(0.8)
        group.api.record_lifecycle_action_heartbeat(
            AutoScalingGroupName=group.name, LifecycleHookName="claim", InstanceId=beating
        )
    assert group.states()[beating] == "Pending:Wait"
    assert silent not in group.states()
    with pytest.raises(ClientError, match="No active Lifecycle Action found"):
        group.api.record_lifecycle_action_heartbeat(
            AutoScalingGroupName=group.name, LifecycleHookName="claim", InstanceId=silent
        )


def test_a_dead_member_leaves_without_a_hook_when_it_is_terminated_in_the_group(
    create: Create,
) -> None:
    group = create(CLAIM, DRAIN)
    dead, _ = group.start_all()
    group.api.suspend_processes(
        AutoScalingGroupName=group.name, ScalingProcesses=["ReplaceUnhealthy"]
    )
    group.ec2.terminate_instances(InstanceIds=[dead])
    assert dead in group.states()
    group.terminate(dead)
    assert dead not in group.states()
    assert group.counts() == {"InService": 1, "Pending:Wait": 1}


def test_a_deleted_hook_holds_nobody(create: Create) -> None:
    group = create(CLAIM, DRAIN)
    leaving, _ = group.start_all()
    group.terminate(leaving)
    group.api.delete_lifecycle_hook(AutoScalingGroupName=group.name, LifecycleHookName="drain")
    assert not group.runs(leaving)
    (launching,) = group.in_state("Pending:Wait")
    group.api.delete_lifecycle_hook(AutoScalingGroupName=group.name, LifecycleHookName="claim")
    assert not group.runs(launching)
    assert group.counts() == {"InService": 2}


def test_hooks_of_an_updated_template_hold_from_then_on(create: Create) -> None:
    group = create(CLAIM)
    group.start_all()
    found = group.cloudformation.get_template(StackName=group.stack)["TemplateBody"]
    template = json.loads(found) if isinstance(found, str) else found
    properties = template["Resources"]["Group"]["Properties"]
    properties["LifecycleHookSpecificationList"] = [DRAIN]
    properties["MinSize"] = "3"
    group.cloudformation.update_stack(StackName=group.stack, TemplateBody=json.dumps(template))
    assert group.counts() == {"InService": 3}
    group.terminate(group.in_state("InService")[0])
    assert group.counts() == {"InService": 3, "Terminating:Wait": 1}


def test_a_stack_is_deleted_when_its_last_instance_was_let_go(create: Create) -> None:
    group = create(CLAIM, DRAIN)
    one, _ = group.start_all()
    group.delete_stack()
    assert group.stack_status() == "DELETE_IN_PROGRESS"
    assert group.counts() == {"Terminating:Wait": 2}
    group.complete(one, "drain")
    assert group.stack_status() == "DELETE_IN_PROGRESS"
    group.complete(group.in_state("Terminating:Wait")[0], "drain")
    assert group.stack_status() == "gone"
    assert group.states() == {}


def test_a_deletion_fails_on_instances_that_never_go(create: Create) -> None:
    group = create(KEEP, retain=True)
    retained, other = group.start_all()
    group.delete_stack()
    group.complete(retained, "drain", "ABANDON")
    group.complete(other, "drain")
    assert group.stack_status() == "DELETE_FAILED"
    assert group.runs(retained)
    group.terminate(retained)
    group.delete_stack()
    assert group.stack_status() == "gone"


def test_a_group_is_deleted_with_its_last_instance_or_at_once_by_force(create: Create) -> None:
    group = create(DRAIN)
    one, other = group.in_state("InService")
    group.api.delete_auto_scaling_group(AutoScalingGroupName=group.name)
    assert group.described()["Status"] == "Delete in progress"
    group.complete(one, "drain")
    assert group.counts() == {"Terminating:Wait": 1}
    group.api.delete_auto_scaling_group(AutoScalingGroupName=group.name, ForceDelete=True)
    assert group.states() == {}
    assert not group.runs(other)


def test_where_nobody_lives_hooks_go_on_at_once(create: Create) -> None:
    group = create(CLAIM, DRAIN, region=STILL)
    assert group.counts() == {"InService": 2}
    group.terminate(group.in_state("InService")[0])
    assert group.counts() == {"InService": 2}
    group.delete_stack()
    assert group.stack_status() == "gone"


def test_where_nobody_lives_a_deletion_takes_the_hooks_default(create: Create) -> None:
    group = create(KEEP, region=STILL, retain=True)
    with pytest.raises(ClientError, match=r"2 instances of .* are not let go"):
        group.delete_stack()
    assert group.counts() == {"Terminating:Retained": 2}
    assert group.stack_status() == "DELETE_FAILED"


def test_a_group_whose_instances_are_protected_from_scale_in_is_not_deleted(
    create: Create,
) -> None:
    group = create(region=STILL, NewInstancesProtectedFromScaleIn=True)
    with pytest.raises(ClientError, match="protected from scale-in"):
        group.delete_stack()
    assert group.counts() == {"InService": 2}


def test_termination_protection_stops_everybody_but_the_group(
    cloud: LabCloud, create: Create
) -> None:
    group = create(DRAIN)
    one, other = group.in_state("InService")
    group.ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": True})
    with pytest.raises(ClientError, match="may not be terminated"):
        group.ec2.terminate_instances(InstanceIds=[one])
    group.terminate(one)
    group.complete(one, "drain")
    assert not group.runs(one)
    assert group.runs(other)
    ec2 = cloud.client("ec2", LIVING)
    template = ec2.create_launch_template(
        LaunchTemplateName="protected",
        LaunchTemplateData={"ImageId": "ami-12345678", "DisableApiTermination": True},
    )["LaunchTemplate"]["LaunchTemplateId"]
    launched = ec2.run_instances(
        MinCount=1, MaxCount=1, LaunchTemplate={"LaunchTemplateId": template}
    )["Instances"][0]["InstanceId"]
    with pytest.raises(ClientError, match="may not be terminated"):
        ec2.terminate_instances(InstanceIds=[launched])


def test_who_lives_where_is_told_and_read_with_the_labs_token(lab: Lab) -> None:
    assert living_regions(lab) == [LIVING]
    announce_living(lab, [STILL, LIVING])
    assert living_regions(lab) == [STILL, LIVING]
    with pytest.raises(LabError, match=r"the lab refused .*regions"):
        ask(lab, LIVING_PATH, {"regions": 3})


def test_the_report_says_where_hooks_wait(tmp_path: Path) -> None:
    kind = "AWS::AutoScaling::AutoScalingGroup"
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"G": {"Type": kind, "Properties": {}}}}))
    stack = Stack("s", LIVING, "", file, {}, (), termination_protection=False)
    for living, said in (([], "hooks go on at once,"), ([LIVING], f"hooks wait in {LIVING}")):
        (group,) = coverage([stack], [kind], living)
        assert group.degree == "accepted but inert"
        assert said in group.note


def test_many_at_once_leave_a_group_of_the_right_size(create: Create) -> None:
    group = create(CLAIM, DRAIN, MinSize="20", MaxSize="20")
    with ThreadPoolExecutor(10) as many:
        list(many.map(lambda instance: group.complete(instance, "claim"), group.states()))
        assert group.counts() == {"InService": 20}
        list(many.map(group.terminate, group.in_state("InService")[:10]))
        leaving = group.in_state("Terminating:Wait")
        list(many.map(lambda instance: group.complete(instance, "drain"), leaving))
    assert group.counts() == {"InService": 10, "Pending:Wait": 10}
    assert not any(group.runs(instance) for instance in leaving)
