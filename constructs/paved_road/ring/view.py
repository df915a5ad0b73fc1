"""What others need of a ring, whether they made it or found it by name."""

from dataclasses import dataclass, replace

from constructs import Construct

from paved_road.admission import Client, admit
from paved_road.estate import EstateStack, Region, publish, read
from paved_road.ring.access import Access
from paved_road.ring.arns import Arns
from paved_road.ring.clients import ClientRoles
from paved_road.ring.state import State
from paved_road_contract.drills import DRILLS_OF
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.contract import (
    NATIVE_PORT,
    client_secrets,
    contacts_parameter,
    trust_parameter,
)


def ring_setting(ring: str, end: str) -> str:
    """`RING_ORDERS_CONTACTS`: the name of what a ring's clients are told."""
    return f"RING_{ring.upper().replace('-', '_')}_{end}"


@dataclass(frozen=True, kw_only=True)
class RingView:
    """One ring in one region, as clients see it.

    `data_center` is what a driver's local data center must be set to. `native_port` is CQL's,
    under TLS; it is the same for every ring, so it is a plain number that may go into any text.
    `keyspaces` are those whose rows a service that connects may read and write; none named means
    the one that is named like the service.
    """

    region: Region
    name: str
    data_center: str
    node_security_group_id: str
    key_arn: str
    native_port: int = NATIVE_PORT
    keyspaces: tuple[str, ...] = ()

    @property
    def trust_parameter(self) -> str:
        """SSM parameter with the roots that the ring's nodes are known by, in PEM."""
        return trust_parameter(self.region.estate, self.name)

    @classmethod
    def from_estate(cls, scope: Construct, region: Region, name: str) -> "RingView":
        """The ring `name` of the region's estate, read from what its stack publishes."""
        return cls(
            region=region,
            name=name,
            data_center=read(scope, region, Kind.RING, name, "DataCenter"),
            node_security_group_id=read(scope, region, Kind.RING, name, "NodeSecurityGroupId"),
            key_arn=read(scope, region, Kind.RING, name, "KeyArn"),
        )

    @property
    def contacts_parameter(self) -> str:
        """SSM parameter with addresses of some of its nodes, by commas, which agents keep right."""
        return contacts_parameter(self.region.estate, self.name)

    def settings(self, service: str) -> dict[str, str]:
        """What members of a service that is connected are told, as an environment has it.

        `RING_ORDERS_CONTACTS`, `..._TRUST` and `..._SECRETS` (to which `/a` and `/b` are added) are
        names to read in this region, whenever a member opens a session; docs/ring-clients.md.
        """
        return {
            ring_setting(self.name, end): value
            for end, value in (
                ("CONTACTS", self.contacts_parameter),
                ("DATA_CENTER", self.data_center),
                ("PORT", str(self.native_port)),
                ("SECRETS", client_secrets(self.region.estate, self.name, service)),
                ("TRUST", self.trust_parameter),
            )
        }

    def for_keyspaces(self, *names: str) -> "RingView":
        """The same ring for a service that uses these keyspaces, such as ones of its team."""
        return replace(self, keyspaces=names)

    def connect(self, scope: Construct, client: Client) -> None:
        """Admit a service, with roles of its own that may read and write its keyspaces' rows."""
        self.allow_clients_from(scope, client.security_group_id)
        ClientRoles(
            scope,
            f"Roles-ring-{self.name}",
            arns=Arns(self.region),
            estate=self.region.estate,
            ring=self.name,
            key_arn=self.key_arn,
            keyspaces=self.keyspaces or (client.name.replace("-", "_"),),
            client=client,
        )

    def allow_clients_from(self, scope: Construct, security_group_id: str) -> None:
        """Admit members of a security group to the native port of the ring's nodes.

        The rules stand in the stack of `scope`, the client's, and go with it; the ring's own
        template does not change.
        """
        admit(
            scope,
            f"Calls-ring-{self.name}",
            client=security_group_id,
            to=self.node_security_group_id,
            port=self.native_port,
            why=f"Clients of ring {self.name}",
        )


def publish_ring(
    stack: EstateStack, view: RingView, state: State, access: Access, *, drills_of: str | None
) -> None:
    """What a ring's stack says to others."""
    if drills_of is not None:
        publish(stack, DRILLS_OF, drills_of, "Whose backups are restored here, and go again")
    publish(stack, "DataCenter", view.data_center, "A driver's local data center")
    publish(stack, "NativePort", str(view.native_port), "CQL under TLS")
    publish(stack, "NodeSecurityGroupId", view.node_security_group_id, "Members: the nodes")
    publish(stack, "SlotTableName", state.table_name, "Which instance holds which slot")
    publish(stack, "SlotTableArn", state.table_arn, "For policies on the slot table")
    publish(stack, "NodeRoleArn", access.role_arn, "The role that nodes act in")
    publish(stack, "KeyArn", view.key_arn, "Encrypts slots, logs and secrets of the ring")
