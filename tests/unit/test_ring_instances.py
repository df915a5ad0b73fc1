"""The table of instance types."""

import pytest

from paved_road_contract.instances import Architecture, instances, parse

HEADER = (
    "type,vcpu,memory_gib,nvme_count,nvme_gb_each,read_iops,write_iops,"
    "network_gbps_baseline,usd_per_hour,source\n"
)


def test_every_type_has_disks_and_figures_with_a_source() -> None:
    assert instances()
    for instance in instances().values():
        assert instance.storage_gb > 0
        assert min(instance.vcpu, instance.memory_gib, instance.read_iops, instance.write_iops) > 0
        assert min(instance.network_gbps_baseline, instance.usd_per_hour) > 0
        assert "specs:" in instance.source
        assert "price:" in instance.source


def test_storage_is_all_disks_together() -> None:
    assert instances()["i8g.8xlarge"].storage_gb == 7500


@pytest.mark.parametrize(
    ("name", "architecture"),
    [
        ("i8g.2xlarge", Architecture.ARM),
        ("i8ge.3xlarge", Architecture.ARM),
        ("i7i.2xlarge", Architecture.X86),
        ("i7ie.3xlarge", Architecture.X86),
        ("i4i.4xlarge", Architecture.X86),
        ("i3en.3xlarge", Architecture.X86),
    ],
)
def test_architecture_follows_from_the_name(name: str, architecture: Architecture) -> None:
    assert instances()[name].architecture is architecture


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("m8g.large,2,8,0,0,0,0,1,0.1,a guide", "m8g.large has no instance store"),
        ("i9.large,2,8,1,100,1,1,1,0.1,", "i9.large names no source"),
        ("i9.large,2,8,1,100,1,1,1,0.1,a, b", "i9.large has more columns than the table"),
        ("i9.large,2,8,1,100,1,1,1,0.1,a\ni9.large,2,8,1,100,1,1,1,0.1,a", "listed twice"),
    ],
)
def test_a_row_that_cannot_carry_a_ring_is_refused(rows: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse(HEADER + rows)


def test_the_table_cannot_be_changed_by_who_reads_it() -> None:
    with pytest.raises(TypeError):
        instances()["x"] = instances()["i8g.2xlarge"]  # type: ignore[index]
