"""What infrastructure and agent agree on."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.contract import (
    NODE_FILE,
    NodeFile,
    backup_prefix,
    data_center,
    secret_prefix,
    slot,
)


def node(**changed: str | None) -> NodeFile:
    values: dict[str, object] = {
        "estate": "acme",
        "ring": "orders",
        "region": "us-east-1",
        "data_center": "us-east-1-g1",
        "rack": "us-east-1a",
        "racks": ["us-east-1a", "us-east-1b", "us-east-1c"],
        "slot_table": "slots",
        "log_group": "logs",
        "backup_bucket": None,
    }
    return NodeFile.from_json(json.dumps(values | changed))


@given(st.text(), st.none() | st.text(), st.text())
def test_a_node_reads_back_what_it_was_told(table: str, bucket: str | None, artifacts: str) -> None:
    told = node(slot_table=table, backup_bucket=bucket)
    assert NodeFile.from_user_data(told.user_data()) == told
    with_bundles = replace(told, artifact_bucket=artifacts)
    assert NodeFile.from_user_data(with_bundles.user_data(script="#!")) == with_bundles


def test_user_data_of_another_version_is_read_as_far_as_it_is_known() -> None:
    assert node(rack_of_the_moon="b") == node()


def test_user_data_is_a_cloud_config_that_writes_one_file_and_runs_nothing() -> None:
    first, _, document = node().user_data().partition("\n")
    assert first == "#cloud-config"
    assert list(json.loads(document)) == ["write_files"]
    assert [file["path"] for file in json.loads(document)["write_files"]] == [NODE_FILE]


def test_foreign_user_data_is_refused() -> None:
    with pytest.raises(ValueError, match="not the cloud-config document of a ring node"):
        NodeFile.from_user_data("#!/bin/sh\n")


def test_a_data_center_is_named_by_region_and_generation() -> None:
    assert data_center("us-east-1", 1) == "us-east-1-g1"


@given(st.lists(st.integers(0, 9999), min_size=2, unique=True))
def test_slots_are_distinct_and_sort_by_index(indexes: list[int]) -> None:
    subjects = [slot("us-east-1-g1", "us-east-1a", index) for index in sorted(indexes)]
    assert subjects == sorted(subjects)
    assert len(set(subjects)) == len(indexes)


def test_rings_whose_names_begin_alike_share_no_prefix() -> None:
    assert not backup_prefix("orders-eu").startswith(backup_prefix("orders"))
    assert not secret_prefix("acme", "orders-eu").startswith(secret_prefix("acme", "orders"))
