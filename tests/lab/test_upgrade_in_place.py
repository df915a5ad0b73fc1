"""A new bundle reaches standing nodes by new root volumes; their disks stay.

Bundles are stand-ins: their agent writes down which one it is, and the disk keeps all of it.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.publish import publish
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import root
from paved_road_ring.refresh import Plan, request
from paved_road_ring_agent.contract import (
    LAUNCH_HOOK,
    NODE_FILE,
    TERMINATION_HOOK,
    bundle_parameter,
)
from tests.lab.published import BUCKET
from tests.lab.rack_of_hosts import REGION, a_network, lab_of
from tests.lab.stand_in_rack import Rack, packed
from tests.nodes import NODE
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bundle, Bundle]:
    folder: Path = tmp_path_factory.mktemp("bundles")
    return packed(folder / "old", "old"), packed(folder / "new", "new")


@pytest.fixture
def rack(folder: Path, bundles: tuple[Bundle, Bundle]) -> Rack:
    """On the old bundle, both of which are published."""
    old, _ = bundles
    cloud = LabCloud(lab_of(folder))
    s3 = cloud.client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET)
    for bundle in bundles:
        publish(bundle, s3, BUCKET)
    hosts_up(folder, [REGION])
    found = Rack(folder, cloud, a_network())
    found.deploy(old.wanted)
    until(lambda: [found.ran(node) for node in found.nodes()] == [[old.sha256]] * 2, seconds=60)
    return found


def test_a_new_bundle_reaches_a_node_with_its_next_root_volume_and_no_other(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    old, new = bundles
    before = one, other = rack.nodes()
    rack.deploy(new.wanted)
    rack.replace_root_volume(one)
    rack.until_it_ran(one, old, new)
    # The deploy touched nobody: the same processes, and the other one goes on as it was.
    after = {node.instance_id: node for node in rack.nodes()}
    assert after.keys() == {node.instance_id for node in before}
    assert after[other.instance_id] == other
    assert rack.ran(other) == [old.sha256]
    assert other.process()
    assert rack.boots(other).count("runs as") == 2

    # What it was told at its launch, and is told for ever, names no bundle.
    told = (root(rack.folder, one.instance_id) / NODE_FILE.lstrip("/")).read_text()
    assert BUCKET in told
    assert old.sha256 not in told


def test_a_refresh_of_the_rack_brings_it_to_one_node_after_the_other(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    """With the request that `paved-road ring refresh` makes, and hooks as agents complete them."""
    old, new = bundles
    api = rack.groups
    rack.deploy(new.wanted)
    group = rack.group()
    name = group["AutoScalingGroupName"]
    for hook, transition in ((LAUNCH_HOOK, "LAUNCHING"), (TERMINATION_HOOK, "TERMINATING")):
        api.put_lifecycle_hook(
            AutoScalingGroupName=name,
            LifecycleHookName=hook,
            LifecycleTransition=f"autoscaling:EC2_INSTANCE_{transition}",
        )
    instances = tuple(sorted(one["InstanceId"] for one in group["Instances"]))
    plan = Plan(
        rack="us-east-1a",
        group=name,
        image="ami-12345678",
        bundle=new.wanted.label,
        behind=instances,
        instances=instances,
        least_healthy_percent=50,
        faults=(),
    )
    # Images are the same, so whoever skips what matches replaces nothing.
    api.start_instance_refresh(**request(replace(plan, behind=()), group))
    assert rack.refreshes() == [("Successful", 0)]

    api.start_instance_refresh(**request(plan, group))
    with pytest.raises(ClientError, match="has a refresh under way"):
        api.start_instance_refresh(**request(plan, group))
    nodes = {node.instance_id: node for node in rack.nodes()}
    for done, instance in enumerate(instances):
        assert rack.lifecycles()[instance] == "ReplacingRootVolume:Wait"
        assert sorted(rack.lifecycles().values())[0] == "InService"
        assert rack.ran(nodes[instance]) == [old.sha256]
        assert nodes[instance].process()
        rack.complete(instance, TERMINATION_HOOK)
        assert rack.lifecycles()[instance] == "Pending:Wait"
        rack.until_it_ran(nodes[instance], old, new)
        assert rack.refreshes()[0] == ("InProgress", 1 - done)
        rack.complete(instance, LAUNCH_HOOK)
    assert rack.refreshes()[0] == ("Successful", 0)
    assert rack.lifecycles() == dict.fromkeys(instances, "InService")
    assert {node.instance_id for node in rack.nodes()} == set(instances)


def test_what_the_lab_knows_nothing_of_is_refused_and_a_refresh_can_be_cancelled(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    old, new = bundles
    group = rack.group()
    name = group["AutoScalingGroupName"]
    rack.groups.put_lifecycle_hook(
        AutoScalingGroupName=name,
        LifecycleHookName=TERMINATION_HOOK,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
    )
    first, second = sorted(rack.lifecycles())
    plan = Plan(
        rack="us-east-1a",
        group=name,
        image="ami-12345678",
        bundle=new.wanted.label,
        behind=(first, second),
        instances=(first, second),
        least_healthy_percent=50,
        faults=(),
    )
    asked = request(plan, group)
    with pytest.raises(ClientError, match="no strategy Rolling"):
        rack.groups.start_instance_refresh(**asked | {"Strategy": "Rolling"})
    with pytest.raises(ClientError, match="must specify an ImageId"):
        rack.groups.start_instance_refresh(**asked | {"DesiredConfiguration": {}})
    with pytest.raises(ClientError, match="no refresh under way"):
        rack.groups.cancel_instance_refresh(AutoScalingGroupName=name)
    rack.groups.start_instance_refresh(**asked)
    rack.groups.cancel_instance_refresh(AutoScalingGroupName=name)
    assert rack.refreshes() == [("Cancelling", 0)]
    rack.complete(first, TERMINATION_HOOK)
    assert rack.refreshes() == [("Cancelled", 0)]
    assert rack.lifecycles() == {first: "InService", second: "InService"}
    nodes = {node.instance_id: node for node in rack.nodes()}
    rack.until_it_ran(nodes[first], old, old)
    assert rack.ran(nodes[second]) == [old.sha256]


def test_a_reboot_keeps_the_bundle_that_a_root_volume_has(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    old, new = bundles
    rack.deploy(new.wanted)
    node, _ = rack.nodes()
    boot = node.process()
    assert boot
    boot.kill()
    rack.until_it_ran(node, old, old)


def test_a_bundle_with_another_checksum_never_runs_and_the_next_root_volume_heals(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    old, new = bundles
    node, other = rack.nodes()
    wrong = replace(new.wanted, sha256=64 * "0")
    rack.deploy(wrong)
    rack.replace_root_volume(node)
    until(lambda: rack.states() == {node.instance_id: "failed", other.instance_id: "running"})
    assert "is another bundle: expected a manifest with sha256 0000" in rack.boots(node)
    assert rack.ran(node) == rack.ran(other) == [old.sha256]

    rack.deploy(new.wanted)
    rack.replace_root_volume(node)
    rack.until_it_ran(node, old, new)
    assert rack.ran(other) == [old.sha256]


def test_a_boot_that_nobody_tells_what_to_run_asks_again_and_says_why(
    rack: Rack, bundles: tuple[Bundle, Bundle]
) -> None:
    old, new = bundles
    ssm = rack.cloud.client("ssm", REGION)
    name = bundle_parameter(NODE.estate, NODE.ring)
    node, _ = rack.nodes()
    ssm.delete_parameter(Name=name)
    rack.replace_root_volume(node)
    until(lambda: f"{name} does not say which bundle this node runs" in rack.boots(node))
    assert rack.ran(node) == [old.sha256]
    ssm.put_parameter(Name=name, Type="String", Value=new.wanted.to_json())
    rack.until_it_ran(node, old, new)
