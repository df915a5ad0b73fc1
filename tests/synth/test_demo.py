"""What the demo releases is what app.py would release."""

from pathlib import Path

import pytest
from aws_cdk import App

from app import build
from paved_road_contract.assembly import stacks
from stacks import demo
from stacks.services import NOT_PUBLISHED, SERVICES
from stacks.shapes import SHAPES

SERVICE, REGION = "place-order", "us-east-1"


@pytest.mark.slow
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_the_demo_makes_releases_as_the_app_does(shape: str, tmp_path: Path) -> None:
    whole, alone = tmp_path / "whole", tmp_path / "alone"
    app = App(outdir=str(whole))
    build(app, SHAPES[shape], {SERVICE: SERVICES[SERVICE]})
    app.synth()
    app = App(outdir=str(alone))
    demo.build(app, SHAPES[shape], SERVICE, REGION, {1: NOT_PUBLISHED})
    app.synth()
    (made,) = stacks(alone)
    (same,) = (one for one in stacks(whole) if one.name == made.name)
    assert made.template == same.template
