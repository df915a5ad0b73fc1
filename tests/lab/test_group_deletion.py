"""Groups with lifecycle hooks are deleted, or refuse it, as in CloudFormation and Auto Scaling."""

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from tests.lab.hooked_group import CLAIM, DRAIN, KEEP, LIVING, STILL, Create

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("living")]


def test_a_stack_is_deleted_when_its_last_instance_was_let_go(hooked_group: Create) -> None:
    group = hooked_group(CLAIM, DRAIN)
    one, _ = group.start_all()
    group.delete_stack()
    assert group.stack_status() == "DELETE_IN_PROGRESS"
    assert group.counts() == {"Terminating:Wait": 2}
    group.complete(one, "drain")
    assert group.stack_status() == "DELETE_IN_PROGRESS"
    group.complete(group.in_state("Terminating:Wait")[0], "drain")
    assert group.stack_status() == "gone"
    assert group.states() == {}


def test_a_deletion_fails_on_instances_that_never_go(hooked_group: Create) -> None:
    group = hooked_group(KEEP, retain=True)
    retained, other = group.start_all()
    group.delete_stack()
    group.complete(retained, "drain", "ABANDON")
    group.complete(other, "drain")
    assert group.stack_status() == "DELETE_FAILED"
    assert group.runs(retained)
    group.terminate(retained)
    group.delete_stack()
    assert group.stack_status() == "gone"


def test_a_group_is_deleted_with_its_last_instance_or_at_once_by_force(
    hooked_group: Create,
) -> None:
    group = hooked_group(DRAIN)
    one, other = group.in_state("InService")
    group.api.delete_auto_scaling_group(AutoScalingGroupName=group.name)
    assert group.described()["Status"] == "Delete in progress"
    group.complete(one, "drain")
    assert group.counts() == {"Terminating:Wait": 1}
    group.api.delete_auto_scaling_group(AutoScalingGroupName=group.name, ForceDelete=True)
    assert group.states() == {}
    assert not group.runs(other)


def test_where_nobody_lives_a_deletion_takes_the_hooks_default(hooked_group: Create) -> None:
    group = hooked_group(KEEP, region=STILL, retain=True)
    with pytest.raises(ClientError, match=r"2 instances of .* are not let go"):
        group.delete_stack()
    assert group.counts() == {"Terminating:Retained": 2}
    assert group.stack_status() == "DELETE_FAILED"


def test_a_group_whose_instances_are_protected_from_scale_in_is_not_deleted(
    hooked_group: Create,
) -> None:
    group = hooked_group(region=STILL, NewInstancesProtectedFromScaleIn=True)
    with pytest.raises(ClientError, match="protected from scale-in"):
        group.delete_stack()
    assert group.counts() == {"InService": 2}


def test_termination_protection_stops_everybody_but_the_group(
    cloud: LabCloud, hooked_group: Create
) -> None:
    group = hooked_group(DRAIN)
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
