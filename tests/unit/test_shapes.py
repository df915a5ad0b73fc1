"""The table of estates, and what marks one that may be deleted."""

from pathlib import Path

from aws_cdk import App

from paved_road.estate import EstateStack, Region
from paved_road_contract.assembly import stacks
from paved_road_contract.instances import usd_per_hour
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import DELETABLE, RING
from stacks.ring import RingStack
from stacks.shapes import SHAPES


def test_development_costs_less_a_node_than_production() -> None:
    price = usd_per_hour()
    development, production = (SHAPES[name] for name in ("development", "production"))
    assert price[development.ring_instance_type] < price[production.ring_instance_type] / 2
    assert development.ring_nodes_per_rack < production.ring_nodes_per_rack


def test_nothing_of_production_may_be_deleted() -> None:
    assert not SHAPES["production"].deletable
    assert SHAPES["production"].object_lock is not None


def test_only_stacks_of_deletable_estates_say_so(tmp_path: Path) -> None:
    """Beside each other too: a tag that all stacks of an app share would reach the wrong one."""
    app = App(outdir=str(tmp_path))
    for name, deletable in (("gone", True), ("kept", False)):
        region = Region(estate=name, name="us-east-1", zones="abc", deletable=deletable)
        EstateStack(app, region, Kind.NETWORK, owner="platform", description="nothing")
    app.synth()
    marked = {stack.name: stack.tags.get(DELETABLE) for stack in stacks(tmp_path)}
    assert marked == {"gone-us-east-1-network": "true", "kept-us-east-1-network": None}
    protected = {stack.name: stack.termination_protection for stack in stacks(tmp_path)}
    assert protected == {"gone-us-east-1-network": False, "kept-us-east-1-network": True}


def test_a_rings_stack_says_which_ring_it_holds(tmp_path: Path) -> None:
    """Whoever publishes a bundle finds the ring's parameter by it."""
    app = App(outdir=str(tmp_path))
    region = Region(estate="acme", name="us-east-1", zones="abc")
    RingStack(
        app, region, name="orders", owner="orders", nodes_per_rack=1, instance_type="i8g.large"
    )
    app.synth()
    assert [stack.tags[RING] for stack in stacks(tmp_path)] == ["orders"]
