"""One microservice: its address, identity, alarms and the parameters that move its traffic."""

from collections.abc import Sequence

from aws_cdk import Token
from constructs import Construct

from paved_road.admission import Client
from paved_road.estate import Region, Rows, declare, published
from paved_road.estate.references import logical_id, ref
from paved_road.faults import Faults
from paved_road.guard import acknowledge_each
from paved_road.log_retention import check_log_retention
from paved_road.monitoring import Monitoring
from paved_road.network import NetworkView
from paved_road.service.front import Exposure, Front, check_address
from paved_road.service.lanes import Lanes
from paved_road.service.members import Members
from paved_road.service.sources import check_sources
from paved_road.service.stacks import ServiceStack
from paved_road.service.store import Store
from paved_road.service.task_home import TaskHome
from paved_road.service.view import ServiceView
from paved_road.service.watches import service_watches
from paved_road_delivery.contract import ServiceOutput


class Service(Construct):
    """A service's long-lived part, in a `ServiceStack`. Releases add nothing to it.

    - `exposure`: internal by default; facing the internet needs `certificate_arn`.
    - `certificate_arn`: turns TLS on, in any exposure. A certificate of the same region.
    - `clients`: address ranges or security groups that may call an internal service. Nobody by
      default: services admit themselves by `connects_to(Service.from_estate(...))`.
    - `testers`: who may reach the test listener, where releases are seen before anyone else sees
      them. Nobody by default.
    - `member_port`, `health_path`: where members listen and say that they can take traffic. The
      port is chosen once, since releases that stand listen there and the rules would admit another
      one only: it is published, so the ledger (`paved_road.guard.ledger`) refuses a change.
    - `log_retention_days`: as CloudWatch Logs knows them.
    - `alarm_actions`: ARNs that alarms notify.
    - `fargate`: releases may run on Fargate: adds a cluster, and a role in which ECS starts tasks.
    - `deletable`: goes with its stack; for development.

    Raises `PropsError` with all faults.
    """

    def __init__(
        self,
        scope: ServiceStack,
        id: str,
        *,
        network: NetworkView,
        exposure: Exposure = Exposure.INTERNAL,
        certificate_arn: str | None = None,
        clients: Sequence[str] = (),
        testers: Sequence[str] = (),
        member_port: int = 8080,
        health_path: str = "/health",
        log_retention_days: int = 90,
        alarm_actions: Sequence[str] = (),
        fargate: bool = False,
        deletable: bool = False,
    ) -> None:
        region = scope.estate_region
        faults = Faults(f"Service {scope.service_name!r}")
        check_address(faults, region.name, exposure, certificate_arn, clients)
        check_sources(faults, "clients", clients)
        check_sources(faults, "testers", testers)
        faults.check(
            1024 <= member_port <= 65535,
            "member_port",
            "must be between 1024 and 65535, since services run without privileges",
            member_port,
        )
        faults.check(
            health_path.startswith("/"), "health_path", "must start with a slash", health_path
        )
        check_log_retention(faults, "log_retention_days", log_retention_days)
        faults.raise_if_any()
        super().__init__(scope, id)
        self._stack = scope
        self.name = scope.service_name
        self._connected: set[tuple[type[Store], str]] = set()
        self.members = Members(
            path=f"{id}/Members",
            service=self.name,
            region=region,
            network=network,
            log_retention_days=log_retention_days,
            deletable=deletable,
            fargate=fargate,
        )
        self.tasks = TaskHome(path=f"{id}/Tasks", members=self.members) if fargate else None
        self.front = Front(
            path=f"{id}/Front",
            service=self.name,
            network=network,
            exposure=exposure,
            certificate_arn=certificate_arn,
            clients=clients,
            testers=testers,
            members=self.members,
            member_port=member_port,
            deletable=deletable,
        )
        self.lanes = Lanes(
            path=id,
            estate=region.estate,
            service=self.name,
            vpc_id=network.vpc_id,
            listener_arn=self.front.live_listener_arn,
        )
        self.view = ServiceView(
            name=self.name,
            address=self.front.address,
            port=self.front.port,
            load_balancer_security_group_id=self.front.security_group_id,
        )
        declare(
            self,
            "Parts",
            resources={
                **self.members.rows(),
                **(self.tasks.rows() if self.tasks else {}),
                **self.front.rows(),
                logical_id(f"{id}/FrontToMembers"): {
                    "Type": "AWS::EC2::SecurityGroupIngress",
                    "Properties": {
                        "GroupId": self.members.security_group_id,
                        "SourceSecurityGroupId": self.front.security_group_id,
                        "IpProtocol": "tcp",
                        "FromPort": member_port,
                        "ToPort": member_port,
                        "Description": "The load balancer",
                    },
                },
                **self.lanes.rows(),
            },
            outputs=self._published(health_path),
        )
        acknowledge_each(
            self,
            {
                **self.members.reasons(),
                **self.front.reasons(),
                **(self.tasks.reasons() if self.tasks else {}),
            },
        )
        self.monitoring = Monitoring(
            self,
            "Monitoring",
            title=f"Service {self.name} in {region.name}",
            region=region.name,
            watches=service_watches(self.front.load_balancer_name),
            actions=alarm_actions,
            path=f"{id}/Monitoring",
        )

    @staticmethod
    def from_estate(
        scope: Construct, region: Region, name: str, *, tls: bool = False
    ) -> ServiceView:
        """Another service as its callers see it, found by name."""
        return ServiceView.from_estate(scope, region, name, tls=tls)

    def connects_to(self, store: Store) -> None:
        """Let this service's members call a ring or another service. Saying it twice is fine.

        In a ring they may read and write the rows of the keyspace that is named like the service
        (`place_order`), or of those that the ring's view was given by `for_keyspaces`.
        """
        if (kind := (type(store), store.name)) not in self._connected:
            self._connected.add(kind)
            client = Client(
                name=self.name,
                security_group_id=self.members.security_group_id,
                role_name=self.members.role_name,
            )
            store.connect(self, client)

    def _published(self, health_path: str) -> Rows:
        front, members = self.front, self.members
        return published(
            (ServiceOutput.ADDRESS, self.view.address, "Where callers find the service"),
            (ServiceOutput.PORT, str(self.view.port), "Port of the live listener"),
            (ServiceOutput.LISTENER, front.live_listener_arn, "The live listener"),
            (
                ServiceOutput.TEST_LISTENER,
                front.test_listener_arn,
                "The listener of test cells",
            ),
            (
                ServiceOutput.LIVE_RULES,
                _rules_of(front.live_listener_arn, self._stack.estate_region.name),
                "Rules of the live listener, as policies name them",
            ),
            (
                ServiceOutput.LOAD_BALANCER,
                front.load_balancer_name,
                "Dimension of the load balancer's metrics",
            ),
            (
                ServiceOutput.LOAD_BALANCER_SECURITY_GROUP,
                self.view.load_balancer_security_group_id,
                "Admits callers",
            ),
            (
                ServiceOutput.MEMBER_SECURITY_GROUP,
                members.security_group_id,
                "Of every release's instances",
            ),
            (ServiceOutput.MEMBER_PROFILE, members.profile_arn, "Of every release"),
            (ServiceOutput.MEMBER_PORT, str(front.member_port), "Where members listen"),
            (ServiceOutput.HEALTH_PATH, health_path, "Says that a member can take traffic"),
            (ServiceOutput.LOG_GROUP, members.log_group_name, "Where members log"),
            *(self.tasks.outputs() if self.tasks else ()),
            *(
                (f"{ServiceOutput.IDLE_TARGET_GROUP}{lane}", arn, f"Lane {lane} at rest")
                for lane, arn in self.lanes.idle.items()
            ),
        )


def _rules_of(listener_arn: str, region: str) -> str:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_elasticloadbalancingv2.html"""
    start = f"arn:aws:elasticloadbalancing:{region}:{ref('AWS::AccountId')}:listener-rule/"
    listener = {"Fn::Select": [1, {"Fn::Split": [":listener/", listener_arn]}]}
    return Token.as_string({"Fn::Join": ["", [start, listener, "/*"]]})
