"""Makes a walk's baseline: the deployed template of a release once more, under another name."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.cloud import DeliveryError
from paved_road_delivery.contract import ReleaseParameter
from paved_road_delivery.listing import deployed_template
from paved_road_delivery.policies import NEVER_UPDATED
from paved_road_delivery.service import LiveService, describe_stack

MOST_BYTES = 51_200
"""Of a template that is sent and not stored:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

CELL = "baseline"
"""Testers look for what is new, so a baseline is in a cell of its own."""

RESOLVED = re.compile(r"AWS::SSM::Parameter::Value<(?P<kind>[^<>]+)>")


def create_baseline(service: LiveService, name: str, of: str, members: int) -> None:
    """Begin to create `name` as the release `of` stands, with `members` at first.

    Made by the role that made the original, protected as it is, and never updated. One that stands
    already is left alone. Raises `DeliveryError` if the original is gone or its template too large.
    """
    from botocore.exceptions import ClientError

    cloudformation = service.client("cloudformation")
    estate, region = service.estate, service.region
    original, copy = (stack_name(estate, region, Kind.RELEASE, one) for one in (of, name))
    found = describe_stack(cloudformation, original)
    if found is None:
        raise DeliveryError(f"{of} does not stand any more, so no baseline can be made of it")
    given = found.get("Parameters", ())
    template = json.dumps(
        copied(deployed_template(service, of), estate=estate, region=region, of=of, name=name),
        separators=(",", ":"),
    )
    if len(template.encode()) > MOST_BYTES:
        raise DeliveryError(
            f"the template of {of} has {len(template.encode())} bytes and a copy of it may have "
            f"{MOST_BYTES}: deploy a baseline and name it with --baseline, or use --not-judged"
        )
    number = int(of.rpartition("-v")[2])
    values = {
        **{one["ParameterKey"]: one.get("ResolvedValue", one["ParameterValue"]) for one in given},
        ReleaseParameter.CELL: CELL,
        ReleaseParameter.PRIORITY: str(contract.baseline_priority(number)),
        ReleaseParameter.FLOOR: str(members),
    }
    try:
        cloudformation.create_stack(
            StackName=copy,
            TemplateBody=template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in values.items()
            ],
            Tags=renamed(found.get("Tags", []), estate=estate, region=region, of=of, name=name),
            StackPolicyBody=NEVER_UPDATED,
            EnableTerminationProtection=found.get("EnableTerminationProtection", False),
            **({"RoleARN": found["RoleARN"]} if found.get("RoleARN") else {}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise


def copied(
    template: Mapping[str, Any], *, estate: str, region: str, of: str, name: str
) -> dict[str, Any]:
    """The release's template under another name; parameters of SSM's take what they resolved to.

    Resolved anew, the newest machine image would be today's and not the one that serves.
    """
    made: dict[str, Any] = renamed(template, estate=estate, region=region, of=of, name=name)
    for key, declared in made.get("Parameters", {}).items():
        if kind := RESOLVED.fullmatch(str(declared["Type"])):
            kept = {name: one for name, one in declared.items() if name != "Default"}
            made["Parameters"][key] = {**kept, "Type": kind["kind"]}
    return made


def renamed(value: Any, *, estate: str, region: str, of: str, name: str) -> Any:  # noqa: ANN401 - any part of a template
    """The same with the release's name in every place where a release names itself.

    That is where it stands by itself or after its estate's or stack's beginning, and never within
    the path of an artifact: what is run is the same.
    """
    start = rf"(?:{re.escape(estate)}-(?:{re.escape(region)}-{Kind.RELEASE}-)?)?"
    own = re.compile(rf"(?<![\w./-])({start}){re.escape(of)}(?![\w.])")

    def again(one: Any) -> Any:  # noqa: ANN401 - see above
        if isinstance(one, str):
            return own.sub(rf"\g<1>{name}", one)
        if isinstance(one, Mapping):
            return {key: again(part) for key, part in one.items()}
        if isinstance(one, Sequence):
            return [again(part) for part in one]
        return one

    return again(value)
