"""What `paved-road estate` does to stacks that stand."""

import pytest

from paved_road_delivery.cloud import RefusedError
from paved_road_estate.check import dangling
from paved_road_lab.cloud import LabCloud

pytestmark = pytest.mark.slow


def test_an_estate_of_which_nothing_stands_is_not_checked(cloud: LabCloud) -> None:
    with pytest.raises(RefusedError, match="no stack of an estate nosuch stands in us-east-1"):
        dangling(cloud, "nosuch", ["us-east-1"])
