"""What the function that rolls back may do: move this service's traffic, and look."""

from typing import Any

from paved_road.estate import Region
from paved_road.estate.references import ref
from paved_road_contract.stacks import Kind
from paved_road_delivery import contract


def statements(region: Region, service: str, *, live_rules: str, log_group_arn: str) -> list[Any]:
    """Of the role's policy. Whatever changes something names what it may change.

    `live_rules` are those of the live listener, which has one; nobody knows its id before routing
    stands. Updates of the routing stack must say that it holds rules alone, so that a role that
    CloudFormation acts in makes nothing else on this function's word. CloudFormation reads the
    parameters in the caller's name where a stack has no role of its own.
    """
    account, estate = ref("AWS::AccountId"), region.estate
    start = f"arn:aws:ssm:{region.name}:{account}:parameter"
    lanes = [
        f"{start}{name(estate, service, lane)}"
        for lane in contract.LANES
        for name in (contract.target_group_parameter, contract.weight_parameter)
    ]
    walk = f"{start}{contract.walk_parameter(estate, service)}"
    listener = f"{start}{contract.listener_parameter(estate, service)}"
    holders = f"{start}{contract.holders_path(estate, service)}"
    held = f"{start}{contract.held_parameter(estate, service, '*')}"
    groups = contract.releases_prefix(estate, region.name, service)
    routing = region.stack_name(Kind.ROUTING, service)
    return [
        _allow("MoveTraffic", ["elasticloadbalancing:ModifyRule"], live_rules),
        _allow("ReadOwnParameters", ["ssm:GetParameter"], *lanes, walk, held),
        _allow("ResolveOwnParameters", ["ssm:GetParameters"], *lanes, listener),
        _allow("PutOwnParameters", ["ssm:PutParameter"], *lanes, walk, f"{holders}/*"),
        _allow("SeeHolders", ["ssm:GetParametersByPath"], holders),
        _allow("EndHolds", ["ssm:DeleteParameters"], f"{holders}/*"),
        {
            **_allow(
                "SettleRouting",
                ["cloudformation:UpdateStack"],
                f"arn:aws:cloudformation:{region.name}:{account}:stack/{routing}/*",
            ),
            "Condition": {
                "ForAllValues:StringEquals": {"cloudformation:ResourceTypes": contract.ROUTED_TYPE},
                "Null": {"cloudformation:ResourceTypes": "false"},
            },
        },
        _allow(
            "KeepCapacity",
            ["autoscaling:UpdateAutoScalingGroup"],
            f"arn:aws:autoscaling:{region.name}:{account}:autoScalingGroup:*:"
            f"autoScalingGroupName/{groups}*",
        ),
        _allow(
            "Look",
            [
                "autoscaling:DescribeAutoScalingGroups",
                "cloudformation:DescribeStacks",
                "cloudwatch:DescribeAlarms",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "*",
        ),
        _allow("WriteOwnLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], log_group_arn),
    ]


def wildcards(region: Region, service: str) -> list[str]:
    """Findings of the rule pack on those statements."""
    account, estate = "<AWS::AccountId>", region.estate
    start = f"arn:aws:ssm:{region.name}:{account}:parameter"
    resources = [
        "*",
        f"{start}{contract.holders_path(estate, service)}/*",
        f"{start}{contract.held_parameter(estate, service, '*')}",
        f"arn:aws:cloudformation:{region.name}:{account}:stack/"
        f"{region.stack_name(Kind.ROUTING, service)}/*",
        f"arn:aws:autoscaling:{region.name}:{account}:autoScalingGroup:*:autoScalingGroupName/"
        f"{contract.releases_prefix(estate, region.name, service)}*",
    ]
    return [f"AwsSolutions-IAM5[Resource::{one}]" for one in resources]


def _allow(sid: str, actions: list[str], *resources: object) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}
