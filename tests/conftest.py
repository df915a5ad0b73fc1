"""For all tests: what a busy machine may not decide, and which files are begun first."""

import pytest
from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

LONGEST = (
    "test_ring_restored",
    "test_ring_restored_elsewhere",
    "test_ring_heals",
    "test_ring_drilled",
    "test_ring_without_table",
    "test_ring_security",
    "test_services_live",
    "test_judge_live",
    "test_real_moment",
    "test_ring_calls",
    "test_orders_in_the_ring",
    "test_demo_release",
    "test_releases_attacked",
    "test_ring_upgraded",
    "test_estate_in_the_lab",
    "test_upgrade_in_place",
    "test_stock_moto",
    "test_real_node",
    "test_fargate_live",
)
"""Files by what they take, a minute and more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no process is left alone with one at the end."""
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))
