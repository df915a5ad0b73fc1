"""The role that drills: it restores into a scratch ring, and reads the ring that is drilled."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.estate import Region, read
from paved_road.ring.arns import Arns
from paved_road.ring.needs import BackupTarget
from paved_road.ring.state import State
from paved_road.ring.statements import (
    Statement,
    attach,
    change_groups,
    look_at_instances,
    only_subjects,
    outputs_of,
    put_metrics,
)
from paved_road_contract.drills import drill_lease, drills_prefix
from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring_agent.contract import (
    backup_prefix,
    bundle_parameter,
    ring_subject,
    superuser_secret,
    trust_parameter,
)
from paved_road_ring_agent.operators import drill_role


class Driller(Construct):
    """For whoever in the account is allowed to assume it: a person, or what drills on a schedule.

    Of the ring `source` it reads the slot table, the superuser's password, rows and backups, and
    it writes nothing but what it found, beside the backups. Of the scratch ring it writes the
    birth, and launches and ends instances. It cannot hide a backup, nor touch a group of another
    ring.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: Region,
        arns: Arns,
        ring: str,
        source: str,
        data_center: str,
        state: State,
        backup: BackupTarget,
    ) -> None:
        super().__init__(scope, construct_id)
        does = f"Drills ring {source}: restores its newest backup into {ring} and compares"
        role = iam.Role(
            self,
            "Role",
            role_name=drill_role(region.estate, region.name, source),
            assumed_by=iam.AccountRootPrincipal(),
            description=does,
        )
        statements = [
            *_of_both(self, region, arns, ring, source, state),
            *_of_source(self, region, source, data_center),
            *_of_scratch(region, arns, ring, data_center, state),
        ]
        attach(self, "Policy", role, statements, arns=arns, description=does)
        backup.grant_read(role, prefix=backup_prefix(source))
        backup.grant_record(role, prefix=drills_prefix(source))


def _of_both(
    scope: Construct, region: Region, arns: Arns, ring: str, source: str, state: State
) -> list[Statement]:
    stacks = [
        *(stack_name(region.estate, region.name, Kind.RING, one) for one in (source, ring)),
        stack_name(region.estate, region.name, Kind.BACKUP),
    ]
    secrets = [
        arns.regional("secretsmanager", f"secret:{superuser_secret(region.estate, one)}-??????")
        for one in (source, ring)
    ]
    parameters = [
        bundle_parameter(region.estate, ring),
        *(trust_parameter(region.estate, one) for one in (source, ring)),
    ]
    services = [f"{one}.{region.name}.amazonaws.com" for one in ("dynamodb", "secretsmanager")]
    return [
        outputs_of(arns, stacks),
        Statement(
            sid="Superusers",
            actions=["secretsmanager:GetSecretValue"],
            resources=secrets,
            wildcard="Secrets Manager ends each ARN with six random characters.",
        ),
        Statement(
            sid="Parameters",
            actions=["ssm:GetParameter"],
            resources=[arns.regional("ssm", f"parameter{one}") for one in parameters],
        ),
        Statement(
            sid="Keys",
            actions=["kms:Decrypt", "kms:DescribeKey"],
            resources=[state.key_arn, read(scope, region, Kind.RING, source, "KeyArn")],
            conditions={"StringEquals": {"kms:ViaService": services}},
        ),
        put_metrics(),
    ]


def _of_source(scope: Construct, region: Region, source: str, data_center: str) -> list[Statement]:
    table = read(scope, region, Kind.RING, source, "SlotTableArn")
    return [
        Statement(
            sid="SourceBirth",
            actions=["dynamodb:GetItem"],
            resources=[table],
            conditions=only_subjects(ring_subject(data_center)),
        ),
        Statement(sid="SourceClaims", actions=["dynamodb:BatchGetItem"], resources=[table]),
    ]


def _of_scratch(
    region: Region, arns: Arns, ring: str, data_center: str, state: State
) -> list[Statement]:
    return [
        Statement(
            sid="ScratchClaims",
            actions=["dynamodb:BatchGetItem", "dynamodb:GetItem"],
            resources=[state.table_arn],
        ),
        Statement(
            sid="ScratchBirth",
            actions=["dynamodb:PutItem"],
            resources=[state.table_arn],
            conditions=only_subjects(ring_subject(data_center), drill_lease(data_center)),
        ),
        look_at_instances(),
        change_groups(
            arns,
            region.estate,
            ring,
            sid="ScratchGroups",
            actions=[
                "autoscaling:CompleteLifecycleAction",
                "autoscaling:SetDesiredCapacity",
                "autoscaling:TerminateInstanceInAutoScalingGroup",
            ],
        ),
    ]
