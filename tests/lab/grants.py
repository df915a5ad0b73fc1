"""What a role is granted beside what its code called: both too much and too little are found.

After the tests of a ring:

    assert ring_faults(ring.cloud, REGION, stack_name) == []
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud

BY_OTHERS: Mapping[str, str] = {
    "kms:Decrypt": "DynamoDB and Secrets Manager call it for the node (kms:ViaService)",
    "kms:DescribeKey": "DynamoDB calls it for the node (kms:ViaService)",
    "kms:Encrypt": "DynamoDB calls it for the node (kms:ViaService)",
    "kms:GenerateDataKey": "DynamoDB and Secrets Manager call it for the node (kms:ViaService)",
    "logs:CreateLogStream": "the CloudWatch agent, which the boot script installs, ships the logs",
    "logs:PutLogEvents": "the CloudWatch agent, which the boot script installs, ships the logs",
    "ssm:UpdateInstanceInformation": "the Systems Manager agent of the image",
    "ssmmessages:CreateControlChannel": "the Systems Manager agent of the image",
    "ssmmessages:CreateDataChannel": "the Systems Manager agent of the image",
    "ssmmessages:OpenControlChannel": "the Systems Manager agent of the image",
    "ssmmessages:OpenDataChannel": "the Systems Manager agent of the image",
}
"""Granted, and called by programs that no lab host runs."""

RARELY: Mapping[str, str] = {
    "autoscaling:RecordLifecycleActionHeartbeat": "test_what_is_called_rarely_is_granted_by_name",
    "autoscaling:TerminateInstanceInAutoScalingGroup": (
        "test_what_is_called_rarely_is_granted_by_name"
    ),
}
"""Called only where something takes long or goes wrong: the test here that calls it."""

MEMBERS: Mapping[str, str] = {
    "ecr:BatchCheckLayerAvailability": "Docker pulls the image, which no lab host does",
    "ecr:BatchGetImage": "Docker pulls the image, which no lab host does",
    "ecr:GetAuthorizationToken": "the boot script signs in to the registry for Docker",
    "ecr:GetDownloadUrlForLayer": "Docker pulls the image, which no lab host does",
    "kms:Decrypt": "Secrets Manager calls it for the member (kms:ViaService)",
    "logs:CreateLogStream": "Docker ships the logs",
    "logs:PutLogEvents": "Docker ships the logs",
    **{action: why for action, why in BY_OTHERS.items() if action.startswith("ssm")},
}
"""The same of a service's members."""

BACKUPS: Mapping[str, str] = {
    "s3:AbortMultipartUpload": "when a part of a large content fails: `test_backup_calls` has that",
}
"""Granted on a backup bucket, to rings that have one."""

FREE = frozenset({"sts:GetCallerIdentity"})
"""Needs no grant.
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""


def ring_faults(cloud: LabCloud, region: str, stack: str) -> list[str]:
    """Compare what the nodes' role of a deployed ring stack may do with what its nodes called."""
    return compare(*_of_instances(cloud, region, stack))


def member_faults(cloud: LabCloud, region: str, stack: str) -> list[str]:
    """The same of the members' role of a deployed service stack."""
    return compare(*_of_instances(cloud, region, stack), excused=frozenset(MEMBERS))


def _of_instances(
    cloud: LabCloud, region: str, stack: str
) -> tuple[frozenset[str], frozenset[str]]:
    """What the role of a stack's instance profile is granted, and what was called in it."""
    api, document = cloud.client("cloudformation", region), deployed(cloud, region, stack)
    resources = api.describe_stack_resources(StackName=stack)["StackResources"]
    profiles = of_type(document, "AWS::IAM::InstanceProfile")
    (profile,) = profiles.values()
    (role,) = (one["Ref"] for one in profile["Properties"]["Roles"])
    names = [one["PhysicalResourceId"] for one in resources if one.get("LogicalResourceId") == role]
    called = called_actions(calls(cloud.lab), names)
    assert called, f"no call of {names[0]} was recorded"
    return granted_actions(document, role), called


def operator_faults(
    cloud: LabCloud, region: str, stack: str, role: str, *not_called: str
) -> list[str]:
    """The same of a role for people, by its name. `not_called`: what there was no cause for."""
    document = deployed(cloud, region, stack)
    (id,) = (
        id
        for id, one in of_type(document, "AWS::IAM::Role").items()
        if one["Properties"].get("RoleName") == role
    )
    called = called_actions(calls(cloud.lab), [role])
    excused = frozenset({"kms:Decrypt", "kms:DescribeKey", *not_called})
    return compare(granted_actions(document, id), called, excused=excused)


def deployed(cloud: LabCloud, region: str, stack: str) -> dict[str, Any]:
    """A stack's template as it stands."""
    template = cloud.client("cloudformation", region).get_template(StackName=stack)["TemplateBody"]
    found: dict[str, Any] = json.loads(template) if isinstance(template, str) else template
    return found


def of_type(template: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A template's resources of a type."""
    return {id: one for id, one in template["Resources"].items() if one["Type"] == kind}


def granted_actions(template: Mapping[str, Any], role: str | None = None) -> frozenset[str]:
    """All that policies of a template allow; those of the role with that logical id alone, if any.

    A pattern of actions is kept as it is, and so fits no call.
    """
    documents: list[Mapping[str, Any]] = []
    for id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            holders = [one.get("Ref") for one in properties.get("Roles", ())]
            if role is None or role in holders:
                documents.append(properties["PolicyDocument"])
        if resource["Type"] == "AWS::IAM::Role" and role in {None, id}:
            documents += [one["PolicyDocument"] for one in properties.get("Policies", ())]
    return frozenset(
        action
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in _listed(statement["Action"])
    )


def called_actions(
    recorded: Mapping[str, Mapping[str, int]], roles: Iterable[str]
) -> frozenset[str]:
    """All that these roles called, as `paved_road_lab.calls` counts it."""
    return frozenset(action for role in roles for action in recorded.get(role, ()))


def compare(
    granted: frozenset[str],
    called: frozenset[str],
    *,
    excused: frozenset[str] = frozenset({*BY_OTHERS, *RARELY, *BACKUPS}),
) -> list[str]:
    """What is wrong, as sentences; nothing if grants equal calls."""
    return [
        *(f"{one} is granted and nobody calls it" for one in sorted(granted - called - excused)),
        *(f"{one} is called and not granted" for one in sorted(called - granted - FREE)),
        *(
            f"{one} is excused and not even granted"
            for one in sorted(excused - granted)
            if one not in called
        ),
    ]


def _listed(actions: str | list[str]) -> list[str]:
    return [actions] if isinstance(actions, str) else list(actions)
