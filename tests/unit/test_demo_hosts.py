"""What stands for images where the demo has no ring."""

import json
from pathlib import Path

from paved_road_cli.demo_hosts import KEEPS_ORDERS, in_memory
from paved_road_cli.demo_release import SERVICE, SLOW
from paved_road_lab.hosts.images import SAMPLES


def test_orders_are_kept_in_memory_and_nothing_else_differs() -> None:
    made, samples = in_memory(SAMPLES), json.loads(SAMPLES.read_text())
    assert made.keys() == samples.keys()
    for name, one in made.items():
        told = json.loads(json.dumps(one))
        folders = told.pop("folders")
        assert all(Path(folder).is_dir() for folder in folders)
        assert [Path(folder).name for folder in folders] == samples[name].pop("folders")
        if name == KEEPS_ORDERS:
            assert told.pop("environment") == {"ORDERS_IN": "memory"}
        assert told == samples[name]


def test_the_slow_release_is_slow_in_the_lab() -> None:
    slow = json.loads(SAMPLES.read_text())[f"{SERVICE}@{SLOW}"]
    assert 0 < int(slow["environment"]["FAULT_DELAY_MS"]) < 1000, "no alarm on latency sees it"
