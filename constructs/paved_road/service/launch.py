"""How instances of a release are launched: private, hardened, from a known image."""

from aws_cdk import CfnParameter, Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.estate.references import ref

AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
"""https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli"""

ROOT_VOLUME_GIB = 20
"""Operating system and image layers; services keep nothing."""


def launch_template(
    scope: Construct,
    id: str,
    *,
    image_id: str | None,
    instance_type: str,
    profile_arn: str,
    security_group_id: str,
    script: str,
) -> ec2.CfnLaunchTemplate:
    """No key pair, no public address, metadata by token and one hop, encrypted root volume.

    Without `image_id` it is the newest Amazon Linux 2023 at the creation of the stack.
    """
    data = ec2.CfnLaunchTemplate
    return ec2.CfnLaunchTemplate(
        scope,
        id,
        launch_template_data=data.LaunchTemplateDataProperty(
            image_id=image_id or _amazon_linux(scope, instance_type),
            instance_type=instance_type,
            iam_instance_profile=data.IamInstanceProfileProperty(arn=profile_arn),
            network_interfaces=[
                data.NetworkInterfaceProperty(
                    device_index=0,
                    associate_public_ip_address=False,
                    delete_on_termination=True,
                    groups=[security_group_id],
                )
            ],
            metadata_options=data.MetadataOptionsProperty(
                http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[
                data.BlockDeviceMappingProperty(
                    device_name="/dev/xvda",
                    ebs=data.EbsProperty(
                        encrypted=True,
                        volume_size=ROOT_VOLUME_GIB,
                        volume_type="gp3",
                        delete_on_termination=True,
                    ),
                )
            ],
            monitoring=data.MonitoringProperty(enabled=True),
            user_data=Fn.base64(script),
        ),
    )


def _amazon_linux(scope: Construct, instance_type: str) -> str:
    """Graviton families carry a `g` after their generation: `m8g`, `t4g`.

    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    family = instance_type.partition(".")[0]
    graviton = "g" in family.lstrip("abcdefghijklmnopqrstuvwxyz")
    CfnParameter(
        scope,
        "Image",
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        default=f"{AMAZON_LINUX}{'arm64' if graviton else 'x86_64'}",
    )
    return ref("Image")
