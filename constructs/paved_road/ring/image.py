"""The image that a ring's nodes boot from, unless somebody names one."""

from aws_cdk import CfnParameter
from constructs import Construct

from paved_road_contract.instances import Architecture

AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
"""Public parameters with the newest Amazon Linux 2023, by architecture.
https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli
"""


def amazon_linux(scope: Construct, architecture: Architecture) -> str:
    """A parameter of the stack that is the newest image at each deploy."""
    return CfnParameter(
        scope,
        "Image",
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        default=f"{AMAZON_LINUX}{architecture.value}",
        description="Public parameter with the image of nodes launched from now on",
    ).value_as_string
