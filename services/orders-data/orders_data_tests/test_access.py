"""A member reads anew, whenever it opens a session, where its ring is and who it is there."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orders_data.access import finder
from orders_data.session import Way
from orders_data.table import AwayError
from paved_road_chassis.settings import MissingSettingError

SETTINGS = {
    "RING_ORDERS_CONTACTS": "/acme/contacts",
    "RING_ORDERS_DATA_CENTER": "us-east-1-g1",
    "RING_ORDERS_PORT": "9042",
    "RING_ORDERS_SECRETS": "acme/orders-data",
    "RING_ORDERS_TRUST": "/acme/trust",
}
SAID = "of {}"


class Said:
    """Stands for Secrets Manager and Parameter Store."""

    def __init__(self) -> None:
        self.parameters = {"/acme/contacts": "10.0.0.1,10.0.0.2", "/acme/trust": "PEM"}
        self.days = {"acme/orders-data/a": 1, "acme/orders-data/b": 2}

    def get_parameter(self, *, Name: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        if Name not in self.parameters:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": self.parameters[Name]}}

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803 - as above
        text = json.dumps({"username": SecretId[-1], "password": SAID.format(SecretId[-1])})
        created = datetime(2026, 1, self.days[SecretId], tzinfo=UTC)
        return {"SecretString": text, "CreatedDate": created}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return Said()


def test_the_way_is_that_of_now_as_the_newer_of_two_roles(said: Said) -> None:
    look = finder(said, said)
    assert look() == Way(
        addresses=["10.0.0.1", "10.0.0.2"],
        port=9042,
        data_center="us-east-1-g1",
        trust="PEM",
        username="b",
        password=SAID.format("b"),
    )
    said.parameters["/acme/contacts"] = "10.0.0.3"
    said.days["acme/orders-data/a"] = 3
    assert (look().addresses, look().username) == (["10.0.0.3"], "a")


def test_while_nobody_says_where_the_ring_is_it_is_away(said: Said) -> None:
    look = finder(said, said)
    said.parameters["/acme/contacts"] = "none"
    with pytest.raises(AwayError, match="lets nobody in yet"):
        look()
    del said.parameters["/acme/contacts"]
    with pytest.raises(AwayError, match="nobody says where the ring is"):
        look()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_missing_is_said_at_the_start(
    said: Said, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(MissingSettingError, match=f"{name} must be set"):
        finder(said, said)


def test_a_port_is_a_number(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RING_ORDERS_PORT", "cql")
    with pytest.raises(MissingSettingError, match="RING_ORDERS_PORT must be a port, got 'cql'"):
        finder(said, said)
