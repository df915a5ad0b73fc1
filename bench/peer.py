"""The peer: services as a CDK user writes them with the library's own higher-level constructs.

The same resources as ours, in one stack for each service: load balancer, live and test listener,
four target groups, rules, group with launch template and two scaling policies, role, log group, a
store's passwords and who may read them, parameters, alarms and dashboard, with five tags each. One
egress rule stands on its own that ours holds in its group, which these constructs cannot. What the
rule packs find is acknowledged as ours is, but once for the app, which is cheaper. What ours has
besides (published outputs, parameters of routing and releases, reads by name, an explanation at
each finding) has no peer.
"""

from aws_cdk import (
    Acknowledgment,
    App,
    Duration,
    Environment,
    Stack,
    Tags,
    Validations,
    aws_kms,
)
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

ACKNOWLEDGED = (
    "AwsSolutions-AS3",
    "AwsSolutions-IAM5[Resource::*]",
    "AwsSolutions-SMG4",
    "NIST.800.53.R5-ALBHttpToHttpsRedirection",
    "NIST.800.53.R5-ALBWAFEnabled",
    "NIST.800.53.R5-CloudWatchAlarmAction",
    "NIST.800.53.R5-ELBv2ACMCertificateRequired",
    "NIST.800.53.R5-IAMNoInlinePolicy",
    "NIST.800.53.R5-SecretsManagerRotationEnabled",
)


class PeerService(Stack):
    """One service in one region."""

    def __init__(self, scope: Construct, region: str, name: str) -> None:
        super().__init__(
            scope,
            f"{name}-{region}",
            env=Environment(region=region, account="123456789012"),
            analytics_reporting=False,
        )
        for key in ("estate", "owner", "cost-center", "component", "service"):
            Tags.of(self).add(f"bench:{key}", name)
        vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id="vpc-0123456789abcdef0",
            availability_zones=[f"{region}{zone}" for zone in "abc"],
            private_subnet_ids=[f"subnet-0123456789abcdef{number}" for number in range(3)],
        )
        front = ec2.SecurityGroup(self, "FrontGroup", vpc=vpc, allow_all_outbound=False)
        members = ec2.SecurityGroup(self, "MemberGroup", vpc=vpc, allow_all_outbound=False)
        members.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
        members.add_ingress_rule(front, ec2.Port.tcp(8080))
        front.add_egress_rule(members, ec2.Port.tcp(8080))
        ring = ec2.SecurityGroup.from_security_group_id(self, "Ring", "sg-0123456789abcdef0")
        ring.add_ingress_rule(members, ec2.Port.tcp(9042))
        members.add_egress_rule(ring, ec2.Port.tcp(9042))
        balancer = elb.ApplicationLoadBalancer(
            self, "Balancer", vpc=vpc, security_group=front, deletion_protection=True
        )
        balancer.log_access_logs(s3.Bucket.from_bucket_name(self, "AccessLogs", "access-logs"))
        live, test = (
            balancer.add_listener(
                name,
                port=port,
                open=False,
                protocol=elb.ApplicationProtocol.HTTP,
                default_action=elb.ListenerAction.fixed_response(503, message_body="nobody"),
            )
            for name, port in (("Live", 80), ("Test", 8080))
        )
        logs_key = aws_kms.Key.from_key_arn(
            self,
            "Key",
            f"arn:aws:kms:{region}:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
        )
        log_group = logs.LogGroup(
            self, "Logs", retention=logs.RetentionDays.THREE_MONTHS, encryption_key=logs_key
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            inline_policies={
                "member": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        ),
                        *(
                            iam.PolicyStatement(actions=[action], resources=["*"])
                            for action in (
                                "ecr:BatchGetImage",
                                "ecr:GetAuthorizationToken",
                                "ssmmessages:OpenDataChannel",
                            )
                        ),
                    ]
                )
            },
        )
        store = iam.ManagedPolicy(self, "Store", roles=[role])
        for turn in "AB":
            secretsmanager.Secret(
                self,
                f"Password{turn}",
                encryption_key=logs_key,
                generate_secret_string=secretsmanager.SecretStringGenerator(
                    secret_string_template=f'{{"username": "{name}"}}',
                    generate_string_key="password",
                    exclude_punctuation=True,
                ),
            ).grant_read(store)
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=vpc,
            min_capacity=3,
            max_capacity=60,
            health_checks=autoscaling.HealthChecks.with_additional_checks(
                additional_types=[autoscaling.AdditionalHealthCheckType.ELB],
                grace_period=Duration.minutes(15),
            ),
            launch_template=ec2.LaunchTemplate(
                self,
                "Template",
                role=role,
                security_group=members,
                require_imdsv2=True,
                instance_type=ec2.InstanceType("m8g.large"),
                machine_image=ec2.MachineImage.from_ssm_parameter(
                    "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
                ),
                detailed_monitoring=True,
                user_data=ec2.UserData.for_linux(),
                block_devices=[
                    ec2.BlockDevice(
                        device_name="/dev/xvda",
                        volume=ec2.BlockDeviceVolume.ebs(20, encrypted=True),
                    )
                ],
            ),
        )
        targets = [
            elb.ApplicationTargetGroup(
                self,
                f"Targets{number}",
                vpc=vpc,
                port=8080,
                protocol=elb.ApplicationProtocol.HTTP,
                target_type=elb.TargetType.INSTANCE,
                health_check=elb.HealthCheck(path="/health"),
                deregistration_delay=Duration.seconds(30),
            )
            for number in range(4)
        ]
        group.attach_to_application_target_group(targets[0])
        elb.ApplicationListenerRule(
            self,
            "LiveRule",
            listener=live,
            priority=100,
            conditions=[elb.ListenerCondition.path_patterns(["/*"])],
            action=elb.ListenerAction.weighted_forward(
                [elb.WeightedTargetGroup(target_group=one, weight=1) for one in targets[:3]]
            ),
        )
        elb.ApplicationListenerRule(
            self,
            "TestRule",
            listener=test,
            priority=1,
            conditions=[elb.ListenerCondition.http_header("x-cell", ["testers"])],
            action=elb.ListenerAction.forward([targets[3]]),
        )
        group.scale_on_request_count("OnRequests", target_requests_per_minute=400)
        group.scale_on_cpu_utilization("OnCpu", target_utilization_percent=60)
        for number in range(8):
            ssm.StringParameter(
                self, f"Parameter{number}", parameter_name=f"/x/{name}/{number}", string_value="1"
            )
        self._watch(balancer, targets[0], group)

    def _watch(
        self,
        balancer: elb.ApplicationLoadBalancer,
        targets: elb.ApplicationTargetGroup,
        group: autoscaling.AutoScalingGroup,
    ) -> None:
        requests = balancer.metrics.request_count()
        errors = balancer.metrics.http_code_target(elb.HttpCodeTarget.TARGET_5XX_COUNT)
        metrics: dict[str, cloudwatch.IMetric] = {
            "ErrorRate": cloudwatch.MathExpression(
                expression="100 * part / whole", using_metrics={"part": errors, "whole": requests}
            ),
            "Latency": balancer.metrics.target_response_time(statistic="p99"),
            "NobodyAnswers": balancer.metrics.http_code_elb(elb.HttpCodeElb.ELB_503_COUNT),
            "Saturation": balancer.metrics.rejected_connection_count(),
            "NoHealthyTargets": targets.metrics.healthy_host_count(),
            "UnhealthyTargets": targets.metrics.unhealthy_host_count(),
            "Busy": cloudwatch.Metric(
                namespace="AWS/EC2",
                metric_name="CPUUtilization",
                dimensions_map={"AutoScalingGroupName": group.auto_scaling_group_name},
            ),
        }
        for name, metric in metrics.items():
            cloudwatch.Alarm(self, name, metric=metric, threshold=1, evaluation_periods=3)
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            widgets=[
                [cloudwatch.GraphWidget(title=name, left=[metric])]
                for name, metric in list(metrics.items())[:4]
            ],
        )


def peer(app: App, regions: tuple[str, ...], services: int) -> None:
    """That many services in each region."""
    Validations.of(app).acknowledge(
        *(Acknowledgment(id=rule, reason="This is a measurement.") for rule in ACKNOWLEDGED)
    )
    for region in regions:
        for number in range(services):
            PeerService(app, region, f"service-{number}")
