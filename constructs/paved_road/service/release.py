"""One immutable version of a service: created once, never updated, retired."""

from aws_cdk import (
    CfnCreationPolicy,
    CfnParameter,
    CfnResourceSignal,
    Token,
)
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from paved_road.estate import EstateStack, Region, publish, read
from paved_road.estate.references import attribute, ref, ref_number
from paved_road.faults import Faults
from paved_road.guard import acknowledge
from paved_road.monitoring import Monitoring
from paved_road.network import Network, Tier
from paved_road.service.artifact import Artifact
from paved_road.service.boot import boot_script
from paved_road.service.capacity import Capacity
from paved_road.service.launch import launch_template
from paved_road.service.stacks import refuse_second
from paved_road.service.watches import release_watches
from paved_road_contract import tags
from paved_road_contract.stacks import Kind, release_name
from paved_road_delivery import contract
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter, ServiceOutput

_TARGETS, _TEMPLATE, _GROUP = "Targets", "Template", "Group"

STARTUP_MINUTES = 15
"""How long an instance may take to pass its health check before the creation fails."""

DRAIN_SECONDS = 30
"""How long a leaving instance may finish requests; services answer in far less."""


class ReleaseStack(EstateStack):
    """Release `number` of a service, as an auto-scaled group over all zones of its region.

    Stands in a stage of its own (`releases`), so that `cdk deploy --all` leaves it alone and
    `paved-road release deploy` creates it. Everything it needs of its service is read by name.
    It gets no traffic by being there: until routing names its target group, only its test cell
    (`x-cell: <cell>` or `x-cell: <release>` on the test listener) reaches it.

    - `artifact`: a `Container` by digest or an `Image`.
    - `instance_type`: Graviton by default.

    Parameters: `Cell`, `Priority` of the test cell's rule (the number, by default) and `Floor`,
    the fewest instances, which the tool sets to what its predecessor has at that moment.

    Raises `PropsError` with all faults.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        service: str,
        number: int,
        owner: str,
        artifact: Artifact,
        capacity: Capacity,
        instance_type: str = "m8g.large",
        alarm_actions: tuple[str, ...] = (),
    ) -> None:
        faults = Faults(f"Release {number} of {service!r}")
        faults.check(
            1 <= number <= contract.MOST_RELEASES,
            "number",
            f"must be between 1 and {contract.MOST_RELEASES}; numbers are never reused",
            number,
        )
        artifact.check(faults)
        capacity.check(faults)
        faults.raise_if_any()
        name = release_name(service, number)
        refuse_second(scope, region, Kind.RELEASE, name)
        super().__init__(
            scope,
            region,
            Kind.RELEASE,
            name,
            owner=owner,
            description=f"Release {name} of {region.estate} in {region.name}",
            marks={tags.SERVICE: service, tags.RELEASE: name},
        )
        self._name, self._service, self._region = name, service, region
        self._network = Network.from_estate(self, region)
        self._load_balancer = self._of_service(ServiceOutput.LOAD_BALANCER)
        CfnParameter(self, ReleaseParameter.CELL, type="String", default="testers")
        CfnParameter(self, ReleaseParameter.PRIORITY, type="Number", default=number)
        CfnParameter(self, ReleaseParameter.FLOOR, type="Number", default=capacity.minimum)
        self.target_group = self._target_group()
        self._target_group_arn = ref(_TARGETS)
        self._target_group_name = attribute(_TARGETS, "TargetGroupFullName")
        self.test_rule = self._test_rule()
        self._launch_template(artifact, instance_type)
        self.group = self._group(capacity)
        self._group_name = ref(_GROUP)
        self._scaling(capacity)
        Monitoring(
            self,
            "Monitoring",
            title=f"Release {name} in {region.name}",
            region=region.name,
            watches=release_watches(
                self._load_balancer,
                self._target_group_name,
                self._group_name,
            ),
            actions=alarm_actions,
            dashboard=False,
        )
        publish(self, ReleaseOutput.TARGET_GROUP, self._target_group_arn, "Its instances")
        publish(self, ReleaseOutput.GROUP, self._group_name, "Its auto-scaled group")
        publish(self, ReleaseOutput.RELEASE, name, "Its name")

    def _of_service(self, output: str) -> str:
        return read(self, self._region, Kind.SERVICE, self._service, output)

    def _target_group(self) -> elb.CfnTargetGroup:
        return elb.CfnTargetGroup(
            self,
            _TARGETS,
            vpc_id=self._network.vpc_id,
            port=Token.as_number(self._of_service(ServiceOutput.MEMBER_PORT)),
            protocol="HTTP",
            target_type="instance",
            health_check_path=self._of_service(ServiceOutput.HEALTH_PATH),
            health_check_interval_seconds=10,
            healthy_threshold_count=2,
            unhealthy_threshold_count=3,
            target_group_attributes=[
                elb.CfnTargetGroup.TargetGroupAttributeProperty(
                    key="deregistration_delay.timeout_seconds", value=str(DRAIN_SECONDS)
                )
            ],
        )

    def _test_rule(self) -> elb.CfnListenerRule:
        rule = elb.CfnListenerRule
        return elb.CfnListenerRule(
            self,
            "TestCell",
            listener_arn=self._of_service(ServiceOutput.TEST_LISTENER),
            priority=ref_number(ReleaseParameter.PRIORITY),
            conditions=[
                rule.RuleConditionProperty(
                    field="http-header",
                    http_header_config=rule.HttpHeaderConfigProperty(
                        http_header_name=contract.CELL_HEADER,
                        values=[ref(ReleaseParameter.CELL), self._name],
                    ),
                )
            ],
            actions=[rule.ActionProperty(type="forward", target_group_arn=self._target_group_arn)],
        )

    def _launch_template(self, artifact: Artifact, instance_type: str) -> ec2.CfnLaunchTemplate:
        return launch_template(
            self,
            _TEMPLATE,
            image_id=artifact.image_id,
            instance_type=instance_type,
            profile_arn=self._of_service(ServiceOutput.MEMBER_PROFILE),
            security_group_id=self._of_service(ServiceOutput.MEMBER_SECURITY_GROUP),
            script=boot_script(
                artifact,
                self._region,
                stack=self.stack_name,
                release=self._name,
                port=self._of_service(ServiceOutput.MEMBER_PORT),
                health_path=self._of_service(ServiceOutput.HEALTH_PATH),
                log_group=self._of_service(ServiceOutput.LOG_GROUP),
            ),
        )

    def _group(self, capacity: Capacity) -> autoscaling.CfnAutoScalingGroup:
        group = autoscaling.CfnAutoScalingGroup(
            self,
            _GROUP,
            vpc_zone_identifier=list(self._network.subnets[Tier.PRIVATE]),
            min_size=ref(ReleaseParameter.FLOOR),
            max_size=str(capacity.maximum),
            launch_template=autoscaling.CfnAutoScalingGroup.LaunchTemplateSpecificationProperty(
                launch_template_id=ref(_TEMPLATE),
                version=attribute(_TEMPLATE, "LatestVersionNumber"),
            ),
            target_group_arns=[self._target_group_arn],
            health_check_type="ELB",
            health_check_grace_period=STARTUP_MINUTES * 60,
            default_instance_warmup=120,
        )
        group.cfn_options.creation_policy = CfnCreationPolicy(
            resource_signal=CfnResourceSignal(
                count=ref_number(ReleaseParameter.FLOOR), timeout=f"PT{STARTUP_MINUTES}M"
            )
        )
        # Health checks and request counts need a listener that knows the target group.
        group.add_resource_dependency(self.test_rule)
        acknowledge(
            group,
            "AwsSolutions-AS3",
            reason="A release's instances come and go with its load; its alarms speak for it.",
        )
        return group

    def _scaling(self, capacity: Capacity) -> None:
        """https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html"""
        policy = autoscaling.CfnScalingPolicy
        label = f"{self._load_balancer}/{self._target_group_name}"
        for id, metric, target in (
            (
                "OnRequests",
                policy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type="ALBRequestCountPerTarget", resource_label=label
                ),
                capacity.requests_per_minute_per_target,
            ),
            (
                "OnCpu",
                policy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type="ASGAverageCPUUtilization"
                ),
                capacity.cpu_percent,
            ),
        ):
            autoscaling.CfnScalingPolicy(
                self,
                id,
                auto_scaling_group_name=self._group_name,
                policy_type="TargetTrackingScaling",
                target_tracking_configuration=policy.TargetTrackingConfigurationProperty(
                    predefined_metric_specification=metric, target_value=target
                ),
            )
