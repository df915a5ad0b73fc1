"""A function that takes a bad release back when an alarm says so, with nobody at a keyboard."""

from typing import Any

from constructs import Construct

from paved_road.estate import EstateStack, Region, Rows, declare, read
from paved_road.estate.references import attribute, ref
from paved_road.guard import acknowledge_each
from paved_road.monitoring import Metric, Monitoring, Watch
from paved_road.network import Network
from paved_road.retention import kept_row
from paved_road.service.policy import document
from paved_road.service.rollback_code import HANDLER, code
from paved_road.service.rollback_role import statements, task_statements, wildcards
from paved_road.service.stacks import refuse_second
from paved_road_contract import tags
from paved_road_contract.stacks import Kind
from paved_road_delivery import contract
from paved_road_delivery.contract import ServiceOutput

TIMEOUT_SECONDS = 600
"""Rule and parameters take seconds, the stack's update and an old release that grows minutes."""

MEMORY_MB = 256
"""A fifth of a processor: less makes loading boto3 the longest part of a rollback."""


class RollbackStack(EstateStack):
    """What alarms of a service and of its releases start. A service without it goes back by hand.

    A stack of its own, so that neither a release nor a newer version of this library changes a
    byte of the service's. Only what was promoted within the hour or is being promoted goes back,
    only to the release before it, and only if that is held and healthy
    (`paved_road_delivery.ladder.alarmed`).

    `fargate`: as its service has it; the function then keeps as many tasks as it does instances.
    `alarm_actions` are ARNs, told when a rollback by alarm fails.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        service: str,
        owner: str,
        fargate: bool = False,
        log_retention_days: int = 90,
        alarm_actions: tuple[str, ...] = (),
    ) -> None:
        refuse_second(scope, region, Kind.ROLLBACK, service)
        super().__init__(
            scope,
            region,
            Kind.ROLLBACK,
            service,
            owner=owner,
            description=f"Rollback by alarm of {service} of {region.estate} in {region.name}",
            marks={tags.SERVICE: service},
        )
        self.service_name, self._fargate = service, fargate
        live_rules = read(self, region, Kind.SERVICE, service, ServiceOutput.LIVE_RULES)
        declare(
            self,
            "Rollback",
            resources={
                **self._function(live_rules, log_retention_days),
                **self._trigger(),
            },
        )
        Monitoring(
            self,
            "Monitoring",
            title=f"Rollback of {service} in {region.name}",
            region=region.name,
            watches=[
                Watch(
                    id="Fails",
                    meaning="a rollback by alarm did not end: see paved-road release status",
                    metric=Metric(
                        namespace="AWS/Lambda",
                        name="Errors",
                        dimensions={"FunctionName": ref("Function")},
                        statistic="Sum",
                    ),
                    bound=0,
                    minutes=1,
                )
            ],
            actions=alarm_actions,
            dashboard=False,
            path="Monitoring",
        )
        self._acknowledge()

    def _function(self, live_rules: str, log_retention_days: int) -> Rows:
        asset, region = code(self, "Code"), self.estate_region
        network = Network.from_estate(self, region)
        policy = document(
            *statements(
                region,
                self.service_name,
                live_rules=live_rules,
                log_group_arn=attribute("Logs", "Arn"),
            ),
            *(self._task_statements() if self._fargate else ()),
        )
        trusted = {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        return {
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                **kept_row(region.deletable),
                "Properties": {
                    "RetentionInDays": log_retention_days,
                    "KmsKeyId": network.logs_key_arn,
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": document(trusted),
                    "Policies": [{"PolicyName": "rollback", "PolicyDocument": policy}],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Description": f"Takes a bad release of {self.service_name} back",
                    "Code": {"S3Bucket": asset.s3_bucket_name, "S3Key": asset.s3_object_key},
                    "Handler": HANDLER,
                    "Runtime": "python3.13",
                    "Architectures": ["arm64"],
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Timeout": TIMEOUT_SECONDS,
                    "MemorySize": MEMORY_MB,
                    "LoggingConfig": {"LogGroup": {"Ref": "Logs"}},
                    "Environment": {
                        "Variables": {"ESTATE": region.estate, "SERVICE": self.service_name}
                    },
                },
            },
        }

    def _task_statements(self) -> list[Any]:
        region = self.estate_region
        cluster = read(self, region, Kind.SERVICE, self.service_name, ServiceOutput.CLUSTER)
        return task_statements(region, cluster)

    def _trigger(self) -> Rows:
        region, service = self.estate_region, self.service_name
        prefixes = (
            contract.releases_prefix(region.estate, region.name, service),
            f"{region.stack_name(Kind.SERVICE, service)}-",
        )
        return {
            "Alarmed": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "Description": f"An alarm of {service} or of one of its releases is on",
                    "EventPattern": {
                        "source": ["aws.cloudwatch"],
                        "detail-type": ["CloudWatch Alarm State Change"],
                        "detail": {
                            "alarmName": [{"prefix": prefix} for prefix in prefixes],
                            "state": {"value": ["ALARM"]},
                        },
                    },
                    "Targets": [{"Id": "rollback", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}}],
                },
            },
            "Admission": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "Action": "lambda:InvokeFunction",
                    "FunctionName": {"Ref": "Function"},
                    "Principal": "events.amazonaws.com",
                    "SourceArn": {"Fn::GetAtt": ["Alarmed", "Arn"]},
                },
            },
        }

    def _acknowledge(self) -> None:
        acknowledge_each(self, REASONS)
        wild = wildcards(self.estate_region, self.service_name, fargate=self._fargate)
        acknowledge_each(
            self,
            dict.fromkeys(
                wild,
                "Descriptions know no resources. Epochs of holders, names of held releases and ids "
                "that CloudFormation draws are not known before they are made; all are below names "
                "of this service alone.",
            ),
        )


REASONS = {
    "AwsSolutions-L1": "Runtimes are supported for years; the function changes to a newer one when "
    "the whole repository does.",
    "NIST.800.53.R5-LambdaConcurrency": "Several alarms of one fault start it at once and do the "
    "same; a reservation would be taken from the account's and fail in a new one, which has ten.",
    "NIST.800.53.R5-LambdaDLQ": "An event that was given up after three tries has nothing that "
    "the service's state does not say; the alarm `Fails` tells people.",
    "NIST.800.53.R5-LambdaInsideVPC": "It calls AWS alone. In the network, a rollback would need "
    "the network that may be what failed.",
    "NIST.800.53.R5-IAMNoInlinePolicy": "The policy serves this one role.",
}
