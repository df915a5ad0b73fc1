"""One immutable version of a service: created once, never updated, retired."""

from collections.abc import Mapping, Sequence
from typing import Any

from constructs import Construct

from paved_road.estate import EstateStack, Region, declare, published, read
from paved_road.estate.estate import FEWEST_ZONES
from paved_road.estate.references import attribute, ref
from paved_road.faults import Faults
from paved_road.guard import acknowledge_each
from paved_road.monitoring import Monitoring
from paved_road.network import Network, Tier
from paved_road.ring import RingView
from paved_road.service.artifact import Artifact, Container
from paved_road.service.capacity import Capacity
from paved_road.service.fargate import Fargate
from paved_road.service.instances import Instances
from paved_road.service.place import Place, Runner
from paved_road.service.settings import check_settings, url_setting
from paved_road.service.stacks import refuse_second
from paved_road.service.tasks import Tasks
from paved_road.service.watches import release_watches
from paved_road_contract import tags
from paved_road_contract.stacks import Kind, release_name
from paved_road_delivery import contract
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter, ServiceOutput

DRAIN_SECONDS = 30
"""How long a leaving instance may finish requests; services answer in far less."""


class ReleaseStack(EstateStack):
    """Release `number` of a service, as a group that scales over `zones` of its region.

    Stands in a stage of its own (`releases`), so that `cdk deploy --all` leaves it alone and
    `paved-road release deploy` creates it. Everything it needs of its service is read by name.
    It gets no traffic by being there: until routing names its target group, only its test cell
    (`x-cell: <cell>` or `x-cell: <release>` on the test listener) reaches it.

    - `artifact`: a `Container` or a `War` by digest, or an `Image` (docs/artifacts.md).
    - `instance_type`: Graviton by default.
    - `fargate`: runs a `Container` as tasks of that size instead of on instances. Its service's
      stack stands with `fargate=True` then.
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
        fargate: Fargate | None = None,
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
        if fargate:
            fargate.check(faults, artifact)
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
        subnets = dict(zip(region.zones, self._network.subnets[Tier.PRIVATE], strict=True))
        runner = self._runner(
            Place(
                region=region,
                stack=self.full_name,
                release=name,
                artifact=artifact,
                capacity=capacity,
                subnets=[subnets[zone] for zone in chosen],
                security_group_id=self._of_service(ServiceOutput.MEMBER_SECURITY_GROUP),
                port=self._of_service(ServiceOutput.MEMBER_PORT),
                health_path=self._of_service(ServiceOutput.HEALTH_PATH),
                log_group=self._of_service(ServiceOutput.LOG_GROUP),
                load_balancer=self._load_balancer,
                settings={**self._addresses(calls), **self._ways(rings), **(settings or {})},
            ),
            instance_type,
            fargate,
        )
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
                **runner.parameters(),
            },
            resources={
                "Targets": self._targets(runner.target_type),
                "TestCell": self._test_cell(name),
                **runner.resources(),
            },
            outputs=published(
                (ReleaseOutput.TARGET_GROUP, ref("Targets"), runner.targets),
                runner.output(),
                (ReleaseOutput.RELEASE, name, "Its name"),
            ),
        )
        Monitoring(
            self,
            "Monitoring",
            title=f"Release {name} in {region.name}",
            region=region.name,
            watches=release_watches(
                self._load_balancer, attribute("Targets", "TargetGroupFullName"), runner.cpu()
            ),
            actions=alarm_actions,
            dashboard=False,
            path="Monitoring",
        )
        acknowledge_each(self, runner.reasons())

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

    def _runner(self, place: Place, instance_type: str, fargate: Fargate | None) -> Runner:
        if fargate and isinstance(place.artifact, Container):
            return Tasks(
                place=place,
                image=place.artifact.image(place.region),
                size=fargate,
                cluster=self._of_service(ServiceOutput.CLUSTER),
                task_role_arn=self._of_service(ServiceOutput.TASK_ROLE),
                execution_role_arn=self._of_service(ServiceOutput.EXECUTION_ROLE),
            )
        return Instances(
            place=place,
            instance_type=instance_type,
            profile_arn=self._of_service(ServiceOutput.MEMBER_PROFILE),
        )

    def _targets(self, target_type: str) -> dict[str, Any]:
        return {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "VpcId": self._network.vpc_id,
                "Port": self._of_service(ServiceOutput.MEMBER_PORT),
                "Protocol": "HTTP",
                "TargetType": target_type,
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
