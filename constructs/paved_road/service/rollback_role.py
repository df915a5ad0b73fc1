"""What the function that rolls back may do: move this service's traffic, and look."""

import json
from typing import Any

from paved_road.estate import Region
from paved_road.estate.references import ref
from paved_road.service.policy import allow
from paved_road_contract.stacks import Kind
from paved_road_delivery import contract


def statements(region: Region, service: str, *, live_rules: str, log_group_arn: str) -> list[Any]:
    """Of the role's policy. Whatever changes something names what it may change.

    `live_rules` are those of the live listener, routing's alone; nobody knows their ids before it
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
    lanes += [
        f"{start}{name(estate, service)}"
        for name in (contract.cohort_target_group_parameter, contract.cohort_priority_parameter)
    ]
    walk = f"{start}{contract.walk_parameter(estate, service)}"
    listener = f"{start}{contract.listener_parameter(estate, service)}"
    holders = f"{start}{contract.holders_path(estate, service)}"
    held = f"{start}{contract.held_parameter(estate, service, '*')}"
    groups = contract.releases_prefix(estate, region.name, service)
    routing = region.stack_name(Kind.ROUTING, service)
    return [
        allow(
            "MoveTraffic",
            ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"],
            live_rules,
        ),
        allow("ReadOwnParameters", ["ssm:GetParameter"], *lanes, walk, held),
        allow("ResolveOwnParameters", ["ssm:GetParameters"], *lanes, listener),
        allow("PutOwnParameters", ["ssm:PutParameter"], *lanes, walk, f"{holders}/*"),
        allow("SeeHolders", ["ssm:GetParametersByPath"], holders),
        allow("EndHolds", ["ssm:DeleteParameters"], f"{holders}/*"),
        {
            **allow(
                "SettleRouting",
                ["cloudformation:UpdateStack"],
                f"arn:aws:cloudformation:{region.name}:{account}:stack/{routing}/*",
            ),
            "Condition": {
                "ForAllValues:StringEquals": {"cloudformation:ResourceTypes": contract.ROUTED_TYPE},
                "Null": {"cloudformation:ResourceTypes": "false"},
            },
        },
        allow(
            "KeepCapacity",
            ["autoscaling:UpdateAutoScalingGroup"],
            f"arn:aws:autoscaling:{region.name}:{account}:autoScalingGroup:*:"
            f"autoScalingGroupName/{groups}*",
        ),
        allow(
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
        allow("WriteOwnLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], log_group_arn),
    ]


def task_statements(region: Region, cluster: str) -> list[Any]:
    """More of them, for a service whose releases may run on Fargate, in this cluster of its own.

    What scales a service of ECS has an id that nobody knows before, and no tags from a template;
    the conditions leave the fewest and most tasks of services, and nothing else that scales.
    """
    account = ref("AWS::AccountId")
    return [
        allow(
            "KeepTasks",
            ["ecs:DescribeServices", "ecs:UpdateService"],
            f"arn:aws:ecs:{region.name}:{account}:service/{cluster}/*",
        ),
        {
            **allow(
                "KeepFewestTasks",
                ["application-autoscaling:RegisterScalableTarget"],
                f"arn:aws:application-autoscaling:{region.name}:{account}:scalable-target/*",
            ),
            "Condition": {
                "StringEquals": {
                    "application-autoscaling:service-namespace": "ecs",
                    "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                }
            },
        },
        allow("LookAtTasks", ["application-autoscaling:DescribeScalableTargets"], "*"),
    ]


def wildcards(region: Region, service: str, *, fargate: bool) -> list[str]:
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
    if fargate:
        output = {
            "StackName": region.stack_name(Kind.SERVICE, service),
            "OutputName": contract.ServiceOutput.CLUSTER,
        }
        cluster = json.dumps({"Fn::GetStackOutput": output}, separators=(",", ":"))
        resources += [
            f"arn:aws:application-autoscaling:{region.name}:{account}:scalable-target/*",
            f"arn:aws:ecs:{region.name}:{account}:service/{cluster}/*",
        ]
    return [f"AwsSolutions-IAM5[Resource::{one}]" for one in resources]
