"""Nothing is open to everybody, and no secret stands in a template."""

import re
from collections.abc import Iterator, Mapping

from paved_road.guard.finding import Finding, Subject, walk

EVERYBODY = ("0.0.0.0/0", "::/0")
SAYS_WHOSE = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)
"""Keys by which a condition admits somebody in particular. Others, such as `aws:SecureTransport`,
say how a call is made, and everybody can make it so.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

POSITIVE = re.compile(r"(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))")
"""Operators that hold only if the key is there and is what was named."""

SECRET_PROPERTY = re.compile(r"(SecretString|Password|AuthToken|PrivateKey)$")


def exposure(subject: Subject) -> Iterator[Finding]:
    """Wildcard principals, ingress from everywhere, public addresses, literal secrets."""
    public = _public_groups(subject)
    for name, resource in subject.resources.items():
        for path, value in walk(resource.get("Properties", {}), name):
            if isinstance(value, Mapping):
                yield from _principals(subject, path, value)
                yield from _ingress(subject, path, value, open_on_443=name in public)
                if (
                    value.get("AssociatePublicIpAddress")
                    or value.get("MapPublicIpOnLaunch")
                    or value.get("AssignPublicIp") == "ENABLED"
                ):
                    yield subject.finding(path, "must not get a public address")
            elif _is_literal_secret(path, value):
                yield subject.finding(path, "must be a dynamic reference, not a literal")


def _principals(subject: Subject, path: str, value: Mapping[str, object]) -> Iterator[Finding]:
    if value.get("Effect") != "Allow" or _says_whose(value.get("Condition")):
        return
    principal = value.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    # The endpoint of a VPC is reached from within it; its statements name their resources.
    inside_vpc = _type(subject, path) == "AWS::EC2::VPCEndpoint"
    narrow = inside_vpc and "*" not in _list(value.get("Resource"))
    if "*" in _list(named) and not narrow:
        yield subject.finding(
            path, "must name its principals, or whose they are in a condition, got '*'"
        )


def _says_whose(condition: object) -> bool:
    """Whether one of its tests, which must all hold, admits somebody in particular."""
    return isinstance(condition, Mapping) and any(
        key.lower() in SAYS_WHOSE and "*" not in _list(wanted)
        for operator, tests in condition.items()
        if POSITIVE.fullmatch(operator)
        for key, wanted in tests.items()
    )


def _ingress(
    subject: Subject, path: str, value: Mapping[str, object], *, open_on_443: bool
) -> Iterator[Finding]:
    is_rule = (
        ".SecurityGroupIngress." in path or _type(subject, path) == "AWS::EC2::SecurityGroupIngress"
    )
    source = value.get("CidrIp") or value.get("CidrIpv6")
    if not is_rule or source not in EVERYBODY:
        return
    if not (open_on_443 and value.get("FromPort") == value.get("ToPort") == 443):
        yield subject.finding(path, f"must not admit everybody, got {source!r}")


def _public_groups(subject: Subject) -> set[str]:
    """Security groups of load balancers that were asked to face the internet."""
    return {
        group["Fn::GetAtt"][0]
        for resource in subject.resources.values()
        if resource.get("Properties", {}).get("Scheme") == "internet-facing"
        for group in resource["Properties"].get("SecurityGroups", ())
        if isinstance(group, Mapping) and "Fn::GetAtt" in group
    }


def _is_literal_secret(path: str, value: object) -> bool:
    return (
        isinstance(value, str)
        and SECRET_PROPERTY.search(path.rpartition(".")[2]) is not None
        and not value.startswith("{{resolve:")
    )


def _type(subject: Subject, path: str) -> str:
    """Type of the resource that a path begins with."""
    return str(subject.resources[path.partition(".")[0]]["Type"])


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
