"""Load balancers as the emulator has them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LOWEST_PORT, MOVED_BY = 1024, 10_000


def lab_port(port: int) -> int:
    """Where the lab listens instead: ports below 1024 need root, so 80 is 10080, 443 is 10443."""
    return port if port >= LOWEST_PORT else port + MOVED_BY


@dataclass(frozen=True, kw_only=True)
class Target:
    """One registered target: an instance, by its address on this machine."""

    id: str
    address: str
    port: int


@dataclass(frozen=True, kw_only=True)
class Check:
    """A target group's health check. `statuses` are pairs, first to last."""

    path: str = "/"
    interval_seconds: float = 30
    timeout_seconds: float = 5
    healthy_after: int = 5
    unhealthy_after: int = 2
    statuses: tuple[tuple[int, int], ...] = ((200, 200),)


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """Targets, how they are checked, and for how long those that leave may finish.

    `left_out` counts registered ones that nothing can be sent to.
    """

    arn: str
    targets: tuple[Target, ...] = ()
    left_out: int = 0
    check: Check = Check()
    drain_seconds: float = 300


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Holds if one of its values does. `name` is the header's, for `http-header`."""

    field: str
    values: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Forward:
    """To one of these target groups, drawn by weight."""

    weights: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """The load balancer answers by itself."""

    status: int
    content_type: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """The client is sent elsewhere. Parts that are left out stay as they are (`#{host}`)."""

    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True, kw_only=True)
class NotEmulated:
    """An action that this lab does not know, by its type."""

    type: str


Action = Forward | Fixed | Redirect | NotEmulated


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Its action is taken if all conditions hold; the default rule has none."""

    action: Action
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Rules in the order in which they are tried, the default last."""

    arn: str
    port: int
    protocol: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Balancer:
    """One load balancer at an address of its own."""

    arn: str
    address: str
    listeners: tuple[Listener, ...] = ()
    idle_seconds: float = 60


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Everything that forwards, at one moment."""

    balancers: tuple[Balancer, ...] = ()
    groups: Mapping[str, TargetGroup]


def routing(told: Mapping[str, Any]) -> Routing:
    """From what the emulator tells (`extensions/balancers.py`)."""
    return Routing(
        balancers=tuple(_balancer(one) for one in told["balancers"]),
        groups={one["arn"]: _group(one) for one in told["groups"]},
    )


def _balancer(told: Mapping[str, Any]) -> Balancer:
    return Balancer(
        arn=told["arn"],
        address=told["address"],
        idle_seconds=float(told["idle_seconds"]),
        listeners=tuple(
            Listener(
                arn=one["arn"],
                port=int(one["port"]),
                protocol=one["protocol"],
                rules=tuple(
                    Rule(
                        action=_action(rule["actions"]),
                        conditions=tuple(_condition(each) for each in rule["conditions"]),
                    )
                    for rule in one["rules"]
                ),
            )
            for one in told["listeners"]
        ),
    )


def _group(told: Mapping[str, Any]) -> TargetGroup:
    check = told["check"]
    return TargetGroup(
        arn=told["arn"],
        targets=tuple(Target(**one) for one in told["targets"]),
        left_out=int(told["left_out"]),
        drain_seconds=float(told["drain_seconds"]),
        check=Check(
            path=check["path"] or "/",
            interval_seconds=float(check["interval_seconds"]),
            timeout_seconds=float(check["timeout_seconds"]),
            healthy_after=int(check["healthy_after"]),
            unhealthy_after=int(check["unhealthy_after"]),
            statuses=tuple(_pair(one) for one in str(check["statuses"]).split(",")),
        ),
    )


def _pair(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def _condition(told: Mapping[str, Any]) -> Condition:
    """Values stand in a config of the field's own, or in `Values` as older templates write it."""
    for key, config in told.items():
        if key.endswith("Config"):
            values = tuple(_text(one) for one in config["Values"])
            return Condition(
                field=told["Field"], values=values, name=config.get("HttpHeaderName", "")
            )
    return Condition(field=told["Field"], values=tuple(told.get("Values", ())))


def _text(value: Any) -> str:  # noqa: ANN401 - JSON: a text, or a query's key and value
    return value if isinstance(value, str) else f"{value.get('Key', '*')}={value['Value']}"


def _action(told: list[Mapping[str, Any]]) -> Action:
    """The last one routes; those before it authenticate, which no lab does."""
    if len(told) != 1:
        return NotEmulated(type=told[0]["Type"])
    one = told[0]
    if one["Type"] == "forward":
        tuples = (one.get("ForwardConfig") or {}).get("TargetGroups") or [
            {"TargetGroupArn": one["TargetGroupArn"]}
        ]
        return Forward(
            weights={each["TargetGroupArn"]: int(each.get("Weight", 1)) for each in tuples}
        )
    if one["Type"] == "fixed-response":
        config = one["FixedResponseConfig"]
        return Fixed(
            status=int(config["StatusCode"]),
            content_type=config.get("ContentType", ""),
            body=config.get("MessageBody", ""),
        )
    if one["Type"] == "redirect":
        given = {key.lower(): value for key, value in one["RedirectConfig"].items()}
        status = int(given.pop("statuscode").removeprefix("HTTP_"))
        return Redirect(status=status, **given)
    return NotEmulated(type=one["Type"])
