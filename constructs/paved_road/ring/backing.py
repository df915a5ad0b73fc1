"""What a ring has to do with its region's backup bucket: it is backed up there, or drilled."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.estate import Region
from paved_road.faults import Faults
from paved_road.ring.arns import Arns
from paved_road.ring.driller import Driller
from paved_road.ring.drills import check_drills
from paved_road.ring.needs import BackupTarget, CopySource
from paved_road.ring.operators import Operators
from paved_road.ring.state import State
from paved_road_ring_agent.contract import backup_prefix


def check_backing(
    faults: Faults,
    *,
    name: str,
    backed_up: bool,
    comes_back: bool,
    drilled_within_days: int | None,
    drills_of: str | None,
    deletable: bool,
) -> None:
    """Note what of these props cannot be; `comes_back`: from copies, or from a backup at all."""
    faults.check(
        backed_up or not comes_back,
        "backup",
        "must be set for a ring that is restored: it has to be backed up again",
        None,
    )
    check_drills(
        faults,
        name=name,
        backed_up=backed_up,
        drilled_within_days=drilled_within_days,
        drills_of=drills_of,
        deletable=deletable,
    )


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
    copies: CopySource | None,
    drills_of: str | None,
) -> Operators | Driller:
    """Grants of the nodes, and the roles of people. A scratch ring's nodes only read."""
    if drills_of is None:
        backup.grant_write(nodes, prefix=backup_prefix(ring))
        operators = Operators(
            scope,
            "Operators",
            region=region,
            arns=arns,
            ring=ring,
            data_center=data_center,
            state=state,
            backup=backup,
            copies=copies,
        )
        if copies is not None:
            copies.grant_read(nodes, prefix=backup_prefix(ring))
        return operators
    backup.grant_read(nodes, prefix=backup_prefix(drills_of))
    return Driller(
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
