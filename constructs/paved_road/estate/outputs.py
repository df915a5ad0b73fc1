"""Contracts between stacks: explicit outputs with fixed names, read weakly.

The CDK's automatic cross-stack references are no contract: their names are hashes, they exist
only while a consumer is in the app, and an export cannot change while someone imports it
(https://github.com/aws/aws-cdk/issues/7602). So a producer always publishes, and a consumer in
any repository, region or account reads by stack name and output name. A published physical
value must never change: a new value gets a new output name.
"""

from functools import cache

from aws_cdk import CfnOutput, Fn
from constructs import Construct

from paved_road.estate.declared import Rows
from paved_road.estate.estate import Region
from paved_road.estate.stack import EstateStack
from paved_road_contract.stacks import Kind


def publish(stack: EstateStack, name: str, value: str, description: str) -> None:
    """Publish `value` as the stack's output `name`.

    An output that stands directly in its stack has its id as logical id, so the name is what
    templates and consumers see.
    """
    CfnOutput(stack, name, value=value, description=description)


def published(*outputs: tuple[str, str, str]) -> Rows:
    """The same for many, as rows for `declare`: each output's name, value and description."""
    return {
        name: {"Description": description, "Value": value} for name, value, description in outputs
    }


def read(scope: Construct, region: Region, kind: Kind, name: str | None, output: str) -> str:
    """A token for another stack's output, resolved when the reading stack is created or updated.

    Where the producer stands in the same stage, it becomes a dependency, so that
    `cdk deploy --all` deploys it first; define it before its consumers.
    """
    stack = EstateStack.around(scope)
    producer = region.stack_name(kind, name)
    stack.deploy_after(producer)
    foreign = region.name if region.name != stack.estate_region.name else None
    return _token(producer, output, foreign)


@cache
def _token(producer: str, output: str, region: str | None) -> str:
    """The same read is the same token in every stack, so the CDK is asked once."""
    return Fn.get_stack_output(producer, output, region)
