"""What people see of a network's resources in a console."""

from aws_cdk import CfnTag

from paved_road.estate import Region


def name_tag(region: Region, what: str) -> list[CfnTag]:
    """The `Name` tag, such as `acme-ring-a`."""
    return [CfnTag(key="Name", value=f"{region.estate}-{what}")]
