"""One immutable version of a service: created once, never updated, retired."""

from collections.abc import Mapping, Sequence
from typing import Any

from constructs import Construct

from paved_road.estate import EstateStack, Region, declare, published, read
from paved_road.estate.estate import FEWEST_ZONES
from paved_road.estate.references import attribute, ref
from paved_road.faults import Faults
from paved_road.guard import acknowledge
from paved_road.monitoring import Monitoring
from paved_road.network import Network, Tier
from paved_road.ring import RingView
from paved_road.service.artifact import Artifact
from paved_road.service.boot import boot_script
from paved_road.service.capacity import Capacity
from paved_road.service.launch import amazon_linux, launch_template
from paved_road.service.scaling import scaling
from paved_road.service.settings import check_settings, url_setting
from paved_road.service.stacks import refuse_second
from paved_road.service.watches import release_watches
from paved_road_contract import tags
from paved_road_contract.stacks import Kind, release_name
from paved_road_delivery import contract
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter, ServiceOutput

STARTUP_MINUTES = 15
"""How long an instance may take to pass its health check before the creation fails."""

DRAIN_SECONDS = 30
"""How long a leaving instance may finish requests; services answer in far less."""


class ReleaseStack(EstateStack):
    """Release `number` of a service, as an auto-scaled group over `zones` of its region.

    Stands in a stage of its own (`releases`), so that `cdk deploy --all` leaves it alone and
    `paved-road release deploy` creates it. Everything it needs of its service is read by name.
    It gets no traffic by being there: until routing names its target group, only its test cell
    (`x-cell: <cell>` or `x-cell: <release>` on the test listener) reaches it.

    - `artifact`: a `Container` by digest or an `Image`.
    - `instance_type`: Graviton by default.
    - `settings`: what its service is told beside port, estate, region and release: names as in an
      environment, no secrets, since they stand in the template.
    - `calls`: services that it calls without TLS. Their address is among the settings, as
      `ORDERS_DATA_URL` for `orders-data`, read once like everything that a release is made of.
    - `rings`: rings that its service is connected to. Where their nodes are found, and under which
      names its roles, is among the settings as `RING_ORDERS_CONTACTS` and so on
      (`paved_road.ring.RingView.settings`); what these name changes while the ring lives.
    - `zones`: letters of zones of the region, part of the release as its number is. By default the
      region's first three: a zone that the estate adds later then changes no standing release, and
      serves those that name it.

    Parameters: `Cell`, `Priority` of the test cell's rule (the newest goes first) and `Floor`,
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
        zones: str | None = None,
        settings: Mapping[str, str] | None = None,
        calls: Sequence[str] = (),
        rings: Sequence[str] = (),
        alarm_actions: tuple[str, ...] = (),
    ) -> None:
        faults = Faults(f"Release {number} of {service!r}")
        faults.check(
            1 <= number <= contract.MOST_RELEASES,
            "number",
            f"must be between 1 and {contract.MOST_RELEASES}; numbers are never reused",
            number,
        )
        chosen = region.zones[:FEWEST_ZONES] if zones is None else zones
        faults.check(
            len(set(chosen) & set(region.zones)) == len(chosen) >= FEWEST_ZONES,
            "zones",
            f"must name at least {FEWEST_ZONES} of the region's zones {region.zones}, each once",
            chosen,
        )
        artifact.check(faults)
        capacity.check(faults)
        check_settings(faults, settings or {}, calls, rings)
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
        self._service, self._network = service, Network.from_estate(self, region)
        self._load_balancer = self._of_service(ServiceOutput.LOAD_BALANCER)
        image = artifact.image_id
        declare(
            self,
            "Release",
            parameters={
                ReleaseParameter.CELL: {"Type": "String", "Default": "testers"},
                ReleaseParameter.PRIORITY: {
                    "Type": "Number",
                    "Default": contract.cell_priority(number),
                },
                ReleaseParameter.FLOOR: {"Type": "Number", "Default": capacity.minimum},
                **({} if image else {"Image": amazon_linux(instance_type)}),
            },
            resources={
                "Targets": self._targets(),
                "TestCell": self._test_cell(name),
                "Template": launch_template(
                    image_id=image or {"Ref": "Image"},
                    instance_type=instance_type,
                    profile_arn=self._of_service(ServiceOutput.MEMBER_PROFILE),
                    security_group_id=self._of_service(ServiceOutput.MEMBER_SECURITY_GROUP),
                    script=boot_script(
                        artifact,
                        region,
                        stack=self.full_name,
                        release=name,
                        port=self._of_service(ServiceOutput.MEMBER_PORT),
                        health_path=self._of_service(ServiceOutput.HEALTH_PATH),
                        log_group=self._of_service(ServiceOutput.LOG_GROUP),
                        settings={
                            **self._addresses(calls),
                            **self._ways(rings),
                            **(settings or {}),
                        },
                    ),
                ),
                "Group": self._group(capacity, chosen),
                **scaling(capacity, self._load_balancer),
            },
            outputs=published(
                (ReleaseOutput.TARGET_GROUP, ref("Targets"), "Its instances"),
                (ReleaseOutput.GROUP, ref("Group"), "Its auto-scaled group"),
                (ReleaseOutput.RELEASE, name, "Its name"),
            ),
        )
        Monitoring(
            self,
            "Monitoring",
            title=f"Release {name} in {region.name}",
            region=region.name,
            watches=release_watches(
                self._load_balancer, attribute("Targets", "TargetGroupFullName"), ref("Group")
            ),
            actions=alarm_actions,
            dashboard=False,
            path="Monitoring",
        )
        acknowledge(
            self,
            "AwsSolutions-AS3",
            reason="A release's instances come and go with its load; its alarms speak for it.",
        )

    def _of_service(self, output: str) -> str:
        return read(self, self.estate_region, Kind.SERVICE, self._service, output)

    def _addresses(self, calls: Sequence[str]) -> dict[str, str]:
        def output(service: str, name: str) -> str:
            return read(self, self.estate_region, Kind.SERVICE, service, name)

        return {
            url_setting(one): f"http://{output(one, ServiceOutput.ADDRESS)}:"
            f"{output(one, ServiceOutput.PORT)}"
            for one in calls
        }

    def _ways(self, rings: Sequence[str]) -> dict[str, str]:
        found = (RingView.from_estate(self, self.estate_region, one) for one in rings)
        return {
            name: value for ring in found for name, value in ring.settings(self._service).items()
        }

    def _targets(self) -> dict[str, Any]:
        return {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "VpcId": self._network.vpc_id,
                "Port": self._of_service(ServiceOutput.MEMBER_PORT),
                "Protocol": "HTTP",
                "TargetType": "instance",
                "HealthCheckPath": self._of_service(ServiceOutput.HEALTH_PATH),
                "HealthCheckIntervalSeconds": 10,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 3,
                "TargetGroupAttributes": [
                    {"Key": "deregistration_delay.timeout_seconds", "Value": str(DRAIN_SECONDS)}
                ],
            },
        }

    def _test_cell(self, name: str) -> dict[str, Any]:
        return {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": self._of_service(ServiceOutput.TEST_LISTENER),
                "Priority": {"Ref": ReleaseParameter.PRIORITY},
                "Conditions": [
                    {
                        "Field": "http-header",
                        "HttpHeaderConfig": {
                            "HttpHeaderName": contract.CELL_HEADER,
                            "Values": [{"Ref": ReleaseParameter.CELL}, name],
                        },
                    }
                ],
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Targets"}}],
            },
        }

    def _group(self, capacity: Capacity, zones: str) -> dict[str, Any]:
        subnets = dict(
            zip(self.estate_region.zones, self._network.subnets[Tier.PRIVATE], strict=True)
        )
        return {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            # Health checks and request counts need a listener that knows the target group.
            "DependsOn": ["TestCell"],
            "CreationPolicy": {
                "ResourceSignal": {
                    "Count": {"Ref": ReleaseParameter.FLOOR},
                    "Timeout": f"PT{STARTUP_MINUTES}M",
                }
            },
            "Properties": {
                "VPCZoneIdentifier": [subnets[zone] for zone in zones],
                "MinSize": {"Ref": ReleaseParameter.FLOOR},
                "MaxSize": str(capacity.maximum),
                "LaunchTemplate": {
                    "LaunchTemplateId": {"Ref": "Template"},
                    "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
                },
                "TargetGroupARNs": [{"Ref": "Targets"}],
                "HealthCheckType": "ELB",
                "HealthCheckGracePeriod": STARTUP_MINUTES * 60,
                "DefaultInstanceWarmup": 120,
            },
        }
