"""What policies of templates allow, as far as these tests need it: any deny wins, else one allow.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Operators that are not known here are an error, never a guess.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request: its action, the resource's ARN, and the keys that conditions look at."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(call: Call, statements: Iterable[Statement]) -> bool:
    """By all policies that concern the caller and the resource, in one account."""
    effects = {one["Effect"] for one in statements if _concerns(one, call)}
    return effects == {"Allow"}


def resolved(value: Any, names: Mapping[str, str]) -> Any:
    """A template's part without references: `names` has `Name` for Ref, else `Name.Attribute`.

    Of another stack's output, `stack.Name`.
    """
    if isinstance(value, list):
        return [resolved(one, names) for one in value]
    if not isinstance(value, dict):
        return value
    match list(value.items()):
        case [("Ref", name)]:
            found: Any = names[name]
        case [("Fn::GetAtt", parts)]:
            found = names[".".join(parts)]
        case [("Fn::GetStackOutput", output)]:
            found = names[f"{output['StackName']}.{output['OutputName']}"]
        case [("Fn::Join", (between, parts))]:
            found = between.join(resolved(parts, names))
        case _:
            found = {key: resolved(one, names) for key, one in value.items()}
    return found


def _concerns(statement: Statement, call: Call) -> bool:
    return (
        any(_like(one, call.action) for one in _listed(statement["Action"]))
        and any(_like(one, call.resource) for one in _listed(statement["Resource"]))
        and all(
            _holds(operator, call.context.get(key), _listed(wanted))
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, found: str | None, wanted: list[str]) -> bool:
    if operator == "Null":
        return (found is None) == (wanted == ["true"])
    if operator == "ForAllValues:StringEquals":
        return found is None or found in wanted
    if found is None:
        return False
    if operator == "StringLike":
        return any(_like(one, found) for one in wanted)
    if operator in ("Bool", "StringEquals"):
        return found in wanted
    if operator == "NumericLessThan":
        return any(float(found) < float(one) for one in wanted)
    raise ValueError(f"{operator} is not evaluated here")


def _like(pattern: str, text: str) -> bool:
    """`*` is anything and `?` one character; nothing else is special."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
