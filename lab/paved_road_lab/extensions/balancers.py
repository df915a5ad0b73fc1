"""Load balancers that a process of this machine can stand for, and targets with the health it saw.

Stock moto gives load balancers names that resolve to nothing, and calls every target healthy.
Here a load balancer's name is an address of its own in its first subnet, as instances have it
(`addresses`). In regions where somebody forwards (`paved_road_lab.balancers`) or runs instances
(`paved_road_lab.living`), targets are what their checks say, initial before the first one, and
those that leave are shown as draining; elsewhere stock moto answers.
"""

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from moto.elbv2.models import (
    ELBv2Backend,
    FakeHealthStatus,
    FakeListener,
    FakeLoadBalancer,
    FakeTargetGroup,
    elbv2_backends,
)

from paved_road_lab import living

REASONS = {
    "initial": "Elb.RegistrationInProgress",
    "unhealthy": "Target.FailedHealthChecks",
    "draining": "Target.DeregistrationInProgress",
    "unused": "Target.NotInUse",
}
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html"""


@dataclass(kw_only=True)
class Told:
    """What the process that forwards said last: where it does, and how targets are."""

    regions: frozenset[str] = frozenset()
    health: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    not_emulated: dict[str, int] = field(default_factory=dict)


_told = Told()


def install() -> None:
    """Give load balancers addresses, and targets their health."""
    stock_create = ELBv2Backend.create_load_balancer
    stock_delete = ELBv2Backend.delete_load_balancer
    stock_health = ELBv2Backend.describe_target_health

    def create(self: ELBv2Backend, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        made: FakeLoadBalancer = stock_create(self, *args, **kwargs)
        first: Any = made.subnets[0]  # gives addresses to whatever asks
        made.dns_name = first.get_available_subnet_ip(made)
        return made

    def delete(self: ELBv2Backend, arn: str) -> None:
        going = self.load_balancers.get(arn)
        stock_delete(self, arn)
        if going:
            going.subnets[0].del_subnet_ip(going.dns_name)

    def health(
        self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        found: list[FakeHealthStatus] = stock_health(self, target_group_arn, targets)
        if self.region_name not in _told.regions | living.REGIONS:
            return found
        group = self.target_groups[target_group_arn]
        used = target_group_arn in _groups_in_use(self)
        seen = [_seen(group, one, used=used) for one in found]
        return seen if targets else [*seen, *_draining(group)]

    ELBv2Backend.create_load_balancer = create
    ELBv2Backend.delete_load_balancer = delete
    ELBv2Backend.describe_target_health = health


def hear(told: dict[str, Any]) -> None:
    """From now on this is how targets are."""
    _told.health = {
        (one["group"], one["target"]): (one["state"], one["why"]) for one in told["health"]
    }
    _told.not_emulated = {str(name): int(count) for name, count in told["not_emulated"].items()}
    _told.regions = frozenset(map(str, told["regions"]))


def forwarding() -> dict[str, Any]:
    """Where requests are forwarded, and what of the rules there is not done, by name and count."""
    return {"forwarding": sorted(_told.regions), "not_forwarded": dict(_told.not_emulated)}


def describe(regions: set[str]) -> dict[str, Any]:
    """Everything that forwards in these regions: see `balancers.model`."""
    backends = [
        backend
        for account in list(elbv2_backends.values())
        for region, backend in list(account.items())
        if region in regions
    ]
    return {
        "balancers": [
            _balancer(one) for backend in backends for one in list(backend.load_balancers.values())
        ],
        "groups": [
            _group(backend.target_groups[arn], backend)
            for backend in backends
            for arn in sorted(_groups_in_use(backend))
            if arn in backend.target_groups
        ],
    }


def _seen(group: FakeTargetGroup, status: FakeHealthStatus, *, used: bool) -> FakeHealthStatus:
    if status.instance_id not in group.targets or status.status == "unused":
        return status
    state, why = _told.health.get((group.arn, status.instance_id), ("initial", ""))
    if not used:
        state, why = "unused", "Target group is not configured to receive traffic"
    status.status, status.reason, status.description = state, REASONS.get(state), why or None
    return status


def _draining(group: FakeTargetGroup) -> list[FakeHealthStatus]:
    return [
        FakeHealthStatus(
            id,
            group.port,
            group.health_check_port,
            state,
            REASONS[state],
            "Target deregistration is in progress",
        )
        for (arn, id), (state, _) in _told.health.items()
        if arn == group.arn and state == "draining" and id not in group.targets
    ]


def _groups_in_use(backend: ELBv2Backend) -> set[str]:
    return {
        one["TargetGroupArn"]
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
        for rule in list(listener.rules.values())
        for action in rule.actions
        for one in _tuples(action.data)
    }


def _tuples(action: dict[str, Any]) -> list[dict[str, Any]]:
    named = [action] if "TargetGroupArn" in action else []
    return (action.get("ForwardConfig") or {}).get("TargetGroups") or named


def _balancer(balancer: FakeLoadBalancer) -> dict[str, Any]:
    return {
        "arn": balancer.arn,
        "address": balancer.dns_name,
        "idle_seconds": balancer.attrs.get("idle_timeout.timeout_seconds", 60),
        "listeners": [_listener(one) for one in list(balancer.listeners.values())],
    }


def _listener(listener: FakeListener) -> dict[str, Any]:
    def place(rule: Any) -> float:
        return float("inf") if rule.priority == "default" else int(rule.priority)

    return {
        "arn": listener.arn,
        "port": listener.port,
        "protocol": listener.protocol,
        "rules": [
            {
                "conditions": rule.conditions,
                "actions": [action.data for action in rule.actions],
            }
            for rule in sorted(listener.rules.values(), key=place)
        ],
    }


def _address(id: str, backend: ELBv2Backend) -> str | None:
    """Of an instance that runs, or an address of this machine; whatever else gets nothing.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    instance = backend.ec2_backend.get_instance_by_id(id)
    if instance is not None:
        return str(instance.private_ip) if instance.state in ("pending", "running") else None
    try:
        return id if ip_address(id).is_loopback else None
    except ValueError:
        return None


def _group(group: FakeTargetGroup, backend: ELBv2Backend) -> dict[str, Any]:
    registered = list(group.targets.values())
    addresses = {target["Id"]: _address(target["Id"], backend) for target in registered}
    targets = [
        {"id": target["Id"], "address": addresses[target["Id"]], "port": int(target["Port"])}
        for target in registered
        if addresses[target["Id"]]
    ]
    return {
        "arn": group.arn,
        "targets": targets,
        "left_out": sum(
            address is None and not id.startswith("i-") for id, address in addresses.items()
        ),
        "drain_seconds": group.attributes["deregistration_delay.timeout_seconds"],
        "check": {
            "path": group.health_check_path,
            "interval_seconds": group.health_check_interval_seconds,
            "timeout_seconds": group.health_check_timeout_seconds,
            "healthy_after": group.healthy_threshold_count,
            "unhealthy_after": group.unhealthy_threshold_count,
            "statuses": (group.matcher or {}).get("HttpCode", "200"),
        },
    }
