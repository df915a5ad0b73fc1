"""What a ring has to do with its region's backup bucket: it is backed up there, or drilled."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.estate import Region
from paved_road.ring.arns import Arns
from paved_road.ring.driller import Driller
from paved_road.ring.needs import BackupTarget
from paved_road.ring.operators import Operators
from paved_road.ring.state import State
from paved_road_ring_agent.contract import backup_prefix


def attach_backup(
    scope: Construct,
    backup: BackupTarget,
    *,
    region: Region,
    arns: Arns,
    ring: str,
    data_center: str,
    state: State,
    nodes: iam.Role,
    drills_of: str | None,
) -> None:
    """Grants of the nodes, and the roles of people. A scratch ring's nodes only read."""
    if drills_of is None:
        backup.grant_write(nodes, prefix=backup_prefix(ring))
        Operators(
            scope,
            "Operators",
            region=region,
            arns=arns,
            ring=ring,
            data_center=data_center,
            state=state,
            backup=backup,
        )
        return
    backup.grant_read(nodes, prefix=backup_prefix(drills_of))
    Driller(
        scope,
        "Driller",
        region=region,
        arns=arns,
        ring=ring,
        source=drills_of,
        data_center=data_center,
        state=state,
        backup=backup,
    )
