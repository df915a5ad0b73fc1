"""How long a minute lasts on the ladder: 60 seconds on AWS, less in a lab."""

from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from paved_road_cli import release_promote
from paved_road_cli.main import app
from paved_road_contract.lab import LAB_VARIABLE
from paved_road_delivery.cloud import RefusedError
from paved_road_delivery.ladder.asks import LADDER

COMMAND = ["release", "promote", "place-order", "2", "--estate", "acme", "--region", "us-east-1"]
COMMAND += ["--why", "new prices", "--not-judged"]


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What promote had driven."""
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(release_promote, "live", lambda *_: None)
    monkeypatch.setattr(
        release_promote, "drive", lambda _, ask, **given: told.append({"ask": ask, **given})
    )
    return told


def test_in_a_lab_the_whole_ladder_is_quicker(
    driven: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAB_VARIABLE, "/a/lab")
    assert CliRunner().invoke(app, [*COMMAND, "--period", "6"]).exit_code == 0
    (one,) = driven
    assert one["look"] == timedelta(seconds=6)
    assert [rung.soak for rung in one["ask"].rungs] == [rung.soak / 10 for rung in LADDER]


def test_against_aws_a_minute_is_a_minute(
    driven: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LAB_VARIABLE, raising=False)
    refused = CliRunner().invoke(app, [*COMMAND, "--period", "6"]).exception
    assert isinstance(refused, RefusedError)
    assert "--period 6 is for a lab" in str(refused)
    assert driven == []
    assert CliRunner().invoke(app, COMMAND).exit_code == 0
    assert [rung.soak for rung in driven[0]["ask"].rungs] == [rung.soak for rung in LADDER]
