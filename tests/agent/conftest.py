"""A simulated ring, for tests that begin when it has formed or before."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from paved_road_ring_agent import supervisor as supervising
from paved_road_ring_agent.contract import (
    UNFORMED,
    UNTRUSTED,
    authority_secret,
    contacts_parameter,
    superuser_secret,
    trust_parameter,
)
from paved_road_ring_agent.vault import Vault
from tests.agent.stand_ins import FakeProcess
from tests.agent.world import World


@pytest.fixture
def unborn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three machines of a ring that is not formed yet."""
    made = World(tmp_path, per_rack=1)
    monkeypatch.setattr(supervising, "start", made.start)
    monkeypatch.setattr(supervising, "Process", lambda pid, _: FakeProcess(made, pid))
    return made


@pytest.fixture
def world(unborn: World) -> World:
    """A ring of three that has formed."""
    unborn.until(lambda: unborn.settled(1))
    return unborn


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    """A ring's secrets and parameters, as its stack makes them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    with mock_aws():
        session = boto3.Session(region_name="us-east-1")
        secrets: Any = session.client("secretsmanager")
        ssm = session.client("ssm")
        secrets.create_secret(Name=authority_secret("acme", "orders"))
        secrets.create_secret(
            Name=superuser_secret("acme", "orders"),
            SecretString='{"username": "paved-road-us-east-1", "password": "first"}',
        )
        for told, before in ((trust_parameter, UNTRUSTED), (contacts_parameter, UNFORMED)):
            ssm.put_parameter(Name=told("acme", "orders"), Value=before, Type="String")
        yield Vault(secrets, ssm, estate="acme", ring="orders")
