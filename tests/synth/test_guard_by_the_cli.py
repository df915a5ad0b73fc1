"""The guard as `cdk synth` runs it, which turns off the CDK's own refusal of a bad app."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

APP = """
from aws_cdk import App, Stage

from paved_road.estate import Region
from paved_road.guard import synth
from paved_road.service import Capacity, Container, ReleaseStack
from paved_road.service import instances

stock = instances.launch_template


def careless(**given):
    made = stock(**given)
    data = made["Properties"]["LaunchTemplateData"]
    data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] = False
    data["MetadataOptions"]["HttpTokens"] = "optional"
    return made


instances.launch_template = careless
app = App()
ReleaseStack(
    Stage(app, "releases"),
    Region(estate="acme", name="us-east-1", zones="abc"),
    service="place-order",
    number=1,
    owner="orders",
    artifact=Container.by_digest("place-order", "sha256:" + 64 * "0"),
    capacity=Capacity(minimum=3, maximum=6, requests_per_minute_per_target=400),
)
synth(app)
"""


@pytest.mark.slow
def test_a_release_that_the_rule_packs_refuse_ends_cdk_synth(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    shutil.copy(ROOT / "cdk.json", tmp_path)
    done = subprocess.run(
        ["cdk", "synth", "--quiet", "--app", f"{sys.executable} app.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "The guard refuses this estate" in done.stderr
    assert "releases/acme-us-east-1-release-place-order-v001/" in done.stderr
    assert "Traceback" not in done.stderr
