"""A ring of three real nodes gets a new bundle in one rack, under writes, and nothing streams."""

import json
import shutil
from pathlib import Path

import pytest
from cassandra import ConsistencyLevel

from paved_road_bundle.bundle import Bundle, BundlePin
from paved_road_bundle.contents import AGENT, Contents
from paved_road_bundle.lock import Lock
from paved_road_bundle.pack import pack
from paved_road_bundle.publish import publish
from paved_road_bundle.wheels import WheelLock
from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.bundles import told
from paved_road_ring.refresh import Refresh
from paved_road_ring_agent.holder import NO_ROLE
from tests.lab.clients import make_table, missing, writing
from tests.lab.living_ring import LivingRing
from tests.lab.ring_templates import RING
from tests.lab.small_region import ESTATE, REGION
from tests.lab.software import CACHE
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1
OLD = BundlePin.of_this_version()


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The next version of the agent, which differs by a comment."""
    folder: Path = tmp_path_factory.mktemp("next")
    packages = [folder / package.name for package in AGENT]
    for package, copy in zip(AGENT, packages, strict=True):
        shutil.copytree(package, copy)
    with (packages[0] / "__init__.py").open("a") as source:
        source.write("# The next version.\n")
    contents = Contents.of(Lock.read(), WheelLock.read(), packages=packages)
    return pack(contents, CACHE, folder)


def deploy(ring: LivingRing, pin: BundlePin) -> None:
    """The ring's own template, with another pin."""
    name = stack_name(ESTATE, REGION, Kind.RING, RING)
    api = ring.client("cloudformation")
    found = api.get_template(StackName=name)["TemplateBody"]
    body = found if isinstance(found, str) else json.dumps(found)
    assert body.count(OLD.sha256) == 1  # its parameter
    body = body.replace(OLD.sha256, pin.sha256).replace(OLD.key, pin.key)
    api.update_stack(StackName=name, TemplateBody=body)


def test_a_rack_gets_a_new_bundle_under_writes_and_keeps_its_data(
    ring: LivingRing, new: Bundle
) -> None:
    until(lambda: all(node.decided().endswith(NO_ROLE) for node in ring.nodes()))
    make_table(ring.addresses())
    assert told(ring.survey()) == [
        f"3 nodes run bundle {OLD.wanted.label}, as the ring's stack wants."
    ]
    deploy(ring, new)
    upkeep = Refresh(ring.live)
    node, *others = ring.nodes()
    (fault,) = upkeep.plan(node.rack, 1).faults
    assert fault.startswith(f"{new.key} is not in ")
    (bucket,) = [word.rstrip(":") for word in fault.split() if word.endswith(":")]
    publish(new, ring.client("s3"), bucket)

    plan = upkeep.plan(node.rack, 1)
    assert plan.faults == ()
    assert plan.behind == (node.instance,)
    before = ring.claims()
    with writing(ring.addresses(node)) as writer:
        until(lambda: len(writer.acknowledged) > 100)
        id = upkeep.start(plan)

        def ended() -> str:
            (found,) = ring.client("autoscaling").describe_instance_refreshes(
                AutoScalingGroupName=plan.group, InstanceRefreshIds=[id]
            )["InstanceRefreshes"]
            return str(found["Status"]) if found["Status"] != "InProgress" else ""

        assert until(ended, 300) == "Successful"
        ring.wait_until_whole(3)
        until(lambda: ring.claim_of(node).software == new.wanted.label)
        so_far = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > so_far + 50)

    # The same instance under the same epoch, with the data that it had: nobody streamed anything.
    after = ring.claims()
    assert {slot: (one.instance, one.epoch, one.host_id) for slot, one in after.items()} == {
        slot: (one.instance, one.epoch, one.host_id) for slot, one in before.items()
    }
    assert ring.node(node.instance).host.root_volume != node.host.root_volume
    assert json.loads(node.layout.owner_file.read_text())["software"] == new.wanted.label
    assert {ring.claim_of(one).software for one in others} == {OLD.wanted.label}
    assert [ring.node(one.instance).host for one in others] == [one.host for one in others]
    assert (
        told(ring.survey())[0]
        == f"1 node runs bundle {new.wanted.label}, as the ring's stack wants."
    )
    for coordinator in ring.addresses():
        for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
            assert missing(coordinator, writer.acknowledged, level) == []
