"""Contracts between stacks: explicit outputs with fixed names, read weakly.

The CDK's automatic cross-stack references are no contract: their names are hashes, they exist
only while a consumer is in the app, and an export cannot change while someone imports it
(https://github.com/aws/aws-cdk/issues/7602). So a producer always publishes, and a consumer in
any repository, region or account reads by stack name and output name. A published physical
value must never change: a new value gets a new output name.
"""

from aws_cdk import CfnOutput, Fn, Stack, Stage
from constructs import Construct

from paved_road.estate.estate import Region
from paved_road_contract.stacks import Kind


def publish(stack: Stack, name: str, value: str, description: str) -> None:
    """Publish `value` as the stack's output `name`, which is also its logical id."""
    CfnOutput(stack, name, value=value, description=description).override_logical_id(name)


def read(scope: Construct, region: Region, kind: Kind, name: str | None, output: str) -> str:
    """A token for another stack's output, resolved when the reading stack is created or updated.

    Where the producer stands in the same stage, it becomes a dependency, so that
    `cdk deploy --all` deploys it first; define it before its consumers.
    """
    stack = Stack.of(scope)
    producer_name = region.stack_name(kind, name)
    stage = Stage.of(stack)
    producer = stage.node.try_find_child(producer_name) if stage else None
    if isinstance(producer, Stack):
        stack.add_stack_dependency(producer)
    foreign = region.name if region.name != stack.region else None
    return Fn.get_stack_output(producer_name, output, foreign)
