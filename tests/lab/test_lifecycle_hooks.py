"""Lifecycle hooks, run as Auto Scaling runs them where somebody lives on the instances."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from paved_road_contract.assembly import Stack
from paved_road_lab.coverage import coverage
from paved_road_lab.living import announce_living, living_regions
from paved_road_lab.safety import ask
from paved_road_lab.server import LIVING_PATH
from paved_road_lab.state import Lab, LabError
from tests.lab.hooked_group import CLAIM, DRAIN, KEEP, LIVING, STILL, Create, hook

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("living")]


def test_an_instance_serves_once_its_launch_hook_is_completed(hooked_group: Create) -> None:
    group = hooked_group(CLAIM)
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


def test_an_abandoned_launch_is_replaced_unless_launches_are_suspended(
    hooked_group: Create,
) -> None:
    group = hooked_group(CLAIM)
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


def test_all_hooks_of_a_transition_must_continue(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, hook("join", "LAUNCHING", "ABANDON"))
    first, _ = group.states()
    group.complete(first, "claim")
    assert group.states()[first] == "Pending:Wait"
    group.complete(first, "join")
    assert group.states()[first] == "InService"


def test_what_leaves_waits_running_beside_its_successor(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, DRAIN)
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


def test_scaling_in_waits_and_counts_no_more(hooked_group: Create) -> None:
    group = hooked_group(DRAIN, MinSize="1", DesiredCapacity="3")
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
    hooked_group: Create,
) -> None:
    group = hooked_group(KEEP, retain=True)
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


def test_a_wait_that_ran_out_gets_its_default(hooked_group: Create) -> None:
    group = hooked_group(
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


def test_a_default_of_continue_lets_a_silent_launch_serve(hooked_group: Create) -> None:
    group = hooked_group(hook("claim", "LAUNCHING", "CONTINUE", 1))
    assert group.counts() == {"Pending:Wait": 2}
    time.sleep(1.1)
    assert len(group.registered()) == 2


def test_heartbeats_extend_a_wait(hooked_group: Create) -> None:
    group = hooked_group(hook("claim", "LAUNCHING", "ABANDON", 2))
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
    hooked_group: Create,
) -> None:
    group = hooked_group(CLAIM, DRAIN)
    dead, _ = group.start_all()
    group.api.suspend_processes(
        AutoScalingGroupName=group.name, ScalingProcesses=["ReplaceUnhealthy"]
    )
    group.ec2.terminate_instances(InstanceIds=[dead])
    assert dead in group.states()
    group.terminate(dead)
    assert dead not in group.states()
    assert group.counts() == {"InService": 1, "Pending:Wait": 1}


def test_a_deleted_hook_holds_nobody(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, DRAIN)
    leaving, _ = group.start_all()
    group.terminate(leaving)
    group.api.delete_lifecycle_hook(AutoScalingGroupName=group.name, LifecycleHookName="drain")
    assert not group.runs(leaving)
    (launching,) = group.in_state("Pending:Wait")
    group.api.delete_lifecycle_hook(AutoScalingGroupName=group.name, LifecycleHookName="claim")
    assert not group.runs(launching)
    assert group.counts() == {"InService": 2}


def test_hooks_of_an_updated_template_hold_from_then_on(hooked_group: Create) -> None:
    group = hooked_group(CLAIM)
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


def test_where_nobody_lives_hooks_go_on_at_once(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, DRAIN, region=STILL)
    assert group.counts() == {"InService": 2}
    group.terminate(group.in_state("InService")[0])
    assert group.counts() == {"InService": 2}
    group.delete_stack()
    assert group.stack_status() == "gone"


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


def test_many_at_once_leave_a_group_of_the_right_size(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, DRAIN, MinSize="20", MaxSize="20")
    with ThreadPoolExecutor(10) as many:
        list(many.map(lambda instance: group.complete(instance, "claim"), group.states()))
        assert group.counts() == {"InService": 20}
        list(many.map(group.terminate, group.in_state("InService")[:10]))
        leaving = group.in_state("Terminating:Wait")
        list(many.map(lambda instance: group.complete(instance, "drain"), leaving))
    assert group.counts() == {"InService": 10, "Pending:Wait": 10}
    assert not any(group.runs(instance) for instance in leaving)
