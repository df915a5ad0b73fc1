"""An account's clients: one for each service and region."""

import pytest

from paved_road_delivery.cloud import Account


def test_a_client_is_made_once_and_for_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    account = Account()
    client = account.client("ssm", "us-east-1")
    assert account.client("ssm", "us-east-1") is client
    assert account.client("ssm", "us-west-2").meta.region_name == "us-west-2"
    assert Account() == account
