"""What an instance of a release runs in the lab, from the user data that constructs write."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from paved_road_lab.hosts.images import IMAGES_VARIABLE, NoImageError, image_for, pulled
from paved_road_lab.hosts.member import SETTINGS_FILE, boot_member, is_member, settings_in
from tests.nodes import NODE
from tests.synth.service.services import DIGEST, release, template_of
from tests.templates import of_type

IMAGES = {
    "place-order": {"module": "place_order", "folders": ["chassis", "/elsewhere"]},
    f"place-order@{DIGEST}": {
        "module": "bad",
        "folders": ["bad"],
        "environment": {"FAIL": "1", "PORT": "9"},
    },
}


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "images.json"
    file.write_text(json.dumps(IMAGES))
    monkeypatch.setenv(IMAGES_VARIABLE, str(file))
    return tmp_path


def user_data(**props: Any) -> str:
    """As CloudFormation hands it over: outputs of other stacks are what they are called."""
    (launch,) = of_type(template_of(release(App(), **props)), "AWS::EC2::LaunchTemplate").values()
    return _resolved(launch["LaunchTemplateData"]["UserData"]["Fn::Base64"])


def _resolved(value: Any) -> str:
    match value:
        case str():
            return value
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(map(_resolved, parts))
        case {"Fn::GetStackOutput": told}:
            known = {"MemberPort": "8080", "Address": "127.9.0.4", "Port": "80"}
            return known.get(str(told["OutputName"]), "")
        case {"Ref": name}:
            return str(name).rpartition("::")[2]
        case _:
            raise AssertionError(value)


def test_a_member_is_told_what_its_release_says(images: Path) -> None:
    given = user_data(number=2, settings={"MODE": "calm"}, calls=("orders-data",))
    assert is_member(given)
    root = images / "root"
    (root / SETTINGS_FILE).parent.mkdir(parents=True)
    command = boot_member(given.replace(DIGEST, f"sha256:{1:064x}"), root, "127.9.64.5")
    expected = {
        "PORT": "8080",
        "ESTATE": "acme",
        "REGION": "us-east-1",
        "RELEASE": "place-order-v002",
        "ORDERS_DATA_URL": "http://127.9.0.4:10080",
        "MODE": "calm",
        "ADDRESS": "127.9.64.5",
    }
    written = (root / SETTINGS_FILE).read_text().splitlines()
    assert dict(line.split("=", 1) for line in written) == expected
    assert command.environment.items() >= expected.items()
    assert command.environment["PYTHONPATH"] == f"{images / 'chassis'}:/elsewhere"
    assert command.argv == (sys.executable, "-m", "place_order")
    assert command.restart == "always"


def test_on_aws_a_member_is_told_the_port_that_callers_use() -> None:
    told = settings_in(user_data(calls=("orders-data",)))
    assert told["ORDERS_DATA_URL"] == "http://127.9.0.4:80"


def test_one_digest_may_stand_for_something_else(images: Path) -> None:
    found = image_for(*pulled(user_data()))
    assert (found.module, found.folders) == ("bad", (images / "bad",))
    assert found.environment == {"FAIL": "1", "PORT": "9"}
    assert image_for("place-order", "sha256:1").module == "place_order"


def test_an_image_that_nothing_stands_for_is_named(images: Path) -> None:
    with pytest.raises(NoImageError, match=r"nothing stands for the image get-price@sha256:1"):
        image_for("get-price", "sha256:1")
    (images / "images.json").unlink()
    with pytest.raises(NoImageError, match=IMAGES_VARIABLE):
        image_for("get-price", "sha256:1")


def test_a_machine_image_boots_in_no_lab() -> None:
    with pytest.raises(NoImageError, match="runs no container image"):
        pulled("#!/bin/bash\n")


def test_a_rings_node_is_no_member() -> None:
    assert not is_member(NODE.user_data())
