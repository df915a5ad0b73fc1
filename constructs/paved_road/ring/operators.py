"""Roles of people and their tools: who may restore a ring, and who may purge its backups."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.estate import Region
from paved_road.ring.arns import Arns
from paved_road.ring.needs import BackupTarget, CopySource
from paved_road.ring.state import State
from paved_road.ring.statements import (
    Statement,
    attach,
    change_groups,
    look_at_instances,
    only_subjects,
    outputs_of,
)
from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring_agent.contract import (
    backup_prefix,
    bundle_parameter,
    ring_subject,
)
from paved_road_ring_agent.operators import purge_role, restore_role


class Operators(Construct):
    """Two roles by name, for whoever in the account is allowed to assume them.

    Neither is a node's: a node can hide no backup, and whoever purges cannot restore. `restore`
    reads backups, copies of other regions' too, looks at the ring, writes the ring's birth in the
    slot table and nothing else there, and has groups replace what is gone. `purge` hides what no
    kept backup needs.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: Region,
        arns: Arns,
        ring: str,
        data_center: str,
        state: State,
        backup: BackupTarget,
        copies: CopySource | None,
    ) -> None:
        super().__init__(scope, construct_id)
        estate, prefix = region.estate, backup_prefix(ring)
        ring_stack = stack_name(estate, region.name, Kind.RING, ring)
        stacks = [ring_stack, stack_name(estate, region.name, Kind.BACKUP)]
        vaults = [stack_name(estate, region.name, Kind.VAULT)] if copies else []
        self.restore = self._role(
            "Restore",
            restore_role(estate, region.name, ring),
            f"Restores ring {ring} from its backup",
            [
                *_look(arns, state, data_center, [*stacks, *vaults]),
                *_restore(arns, state, estate=estate, ring=ring, data_center=data_center),
            ],
            arns,
        )
        backup.grant_read(self.restore, prefix=prefix)
        if copies:
            copies.grant_read(self.restore, prefix=prefix)
        self.purge = self._role(
            "Purge",
            purge_role(estate, region.name, ring),
            f"Purges old backups of ring {ring}",
            _look(arns, state, data_center, stacks),
            arns,
        )
        backup.grant_purge(self.purge, prefix=prefix)

    def _role(
        self, id: str, name: str, does: str, statements: Sequence[Statement], arns: Arns
    ) -> iam.Role:
        role = iam.Role(
            self, id, role_name=name, assumed_by=iam.AccountRootPrincipal(), description=does
        )
        attach(self, f"{id}Policy", role, statements, arns=arns, description=does)
        return role


def _look(arns: Arns, state: State, data_center: str, stacks: Sequence[str]) -> list[Statement]:
    """What both need: where things are, and which life of the ring it is."""
    return [
        outputs_of(arns, stacks),
        Statement(
            sid="Birth",
            actions=["dynamodb:GetItem"],
            resources=[state.table_arn],
            conditions=only_subjects(ring_subject(data_center)),
        ),
        Statement(
            sid="TableKey",
            actions=["kms:Decrypt", "kms:DescribeKey"],
            resources=[state.key_arn],
            conditions={
                "StringEquals": {"kms:ViaService": f"dynamodb.{arns.region}.amazonaws.com"}
            },
        ),
    ]


def _restore(
    arns: Arns, state: State, *, estate: str, ring: str, data_center: str
) -> list[Statement]:
    return [
        # One by one too: what replacements asked for, which `paved-road ring follow` tells.
        Statement(
            sid="Claims",
            actions=["dynamodb:BatchGetItem", "dynamodb:GetItem"],
            resources=[state.table_arn],
        ),
        Statement(
            sid="BeginAnew",
            actions=["dynamodb:PutItem"],
            resources=[state.table_arn],
            conditions=only_subjects(ring_subject(data_center)),
        ),
        Statement(
            sid="Wanted",
            actions=["ssm:GetParameter"],
            resources=[arns.regional("ssm", f"parameter{bundle_parameter(estate, ring)}")],
        ),
        look_at_instances(),
        change_groups(
            arns,
            estate,
            ring,
            sid="Groups",
            actions=["autoscaling:TerminateInstanceInAutoScalingGroup"],
        ),
    ]
