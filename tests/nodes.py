"""What nodes under test are told of themselves."""

from paved_road_ring_agent.contract import NodeFile

NODE = NodeFile(
    estate="acme",
    ring="orders",
    region="us-east-1",
    data_center="us-east-1-g1",
    rack="us-east-1a",
    racks=("us-east-1a", "us-east-1b", "us-east-1c"),
    slot_table="slots",
    log_group="logs",
    backup_bucket=None,
)
