"""A service as its callers see it."""

from dataclasses import dataclass

from constructs import Construct

from paved_road.admission import Client, admit
from paved_road.estate import Region, read
from paved_road_contract.stacks import Kind
from paved_road_delivery.contract import ServiceOutput


def live_port(*, tls: bool) -> int:
    """Where a live listener answers."""
    return 443 if tls else 80


@dataclass(frozen=True)
class ServiceView:
    """`address` is the load balancer's DNS name."""

    name: str
    address: str
    port: int
    load_balancer_security_group_id: str

    @staticmethod
    def from_estate(
        scope: Construct, region: Region, name: str, *, tls: bool = False
    ) -> "ServiceView":
        """The service `name` in that region, read from its stack's outputs.

        `tls` says which of the two live ports it answers on; rules need a number that is known
        when they are reviewed.
        """

        def output(output: str) -> str:
            return read(scope, region, Kind.SERVICE, name, output)

        return ServiceView(
            name=name,
            address=output(ServiceOutput.ADDRESS),
            port=live_port(tls=tls),
            load_balancer_security_group_id=output(ServiceOutput.LOAD_BALANCER_SECURITY_GROUP),
        )

    def allow_clients_from(self, scope: Construct, security_group_id: str) -> None:
        """Admit a security group to the service; the rule stands in the caller's stack."""
        # A ring's rules are `Calls-ring-<name>`; no name holds a dot, so these are never those.
        ring_like = self.name.startswith("ring-")
        admit(
            scope,
            f"Calls.{self.name}" if ring_like else f"Calls-{self.name}",
            client=security_group_id,
            to=self.load_balancer_security_group_id,
            port=self.port,
            why=f"Callers of service {self.name}",
        )

    def connect(self, scope: Construct, client: Client) -> None:
        """Let another service call this one."""
        self.allow_clients_from(scope, client.security_group_id)
