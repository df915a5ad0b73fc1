"""How instances of a release are launched: private, hardened, from a known image."""

from typing import Any

AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
"""https://docs.aws.amazon.com/linux/al2023/ug/ec2.html#launch-via-aws-cli"""

ROOT_VOLUME_GIB = 20
"""Operating system and image layers; services keep nothing."""


def launch_template(
    *,
    image_id: str | dict[str, str],
    instance_type: str,
    profile_arn: str,
    security_group_id: str,
    script: str,
) -> dict[str, Any]:
    """No key pair, no public address, metadata by token and one hop, encrypted root volume."""
    return {
        "Type": "AWS::EC2::LaunchTemplate",
        "Properties": {
            "LaunchTemplateData": {
                "ImageId": image_id,
                "InstanceType": instance_type,
                "IamInstanceProfile": {"Arn": profile_arn},
                "NetworkInterfaces": [
                    {
                        "DeviceIndex": 0,
                        "AssociatePublicIpAddress": False,
                        "DeleteOnTermination": True,
                        "Groups": [security_group_id],
                    }
                ],
                "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
                "BlockDeviceMappings": [
                    {
                        "DeviceName": "/dev/xvda",
                        "Ebs": {
                            "Encrypted": True,
                            "VolumeSize": ROOT_VOLUME_GIB,
                            "VolumeType": "gp3",
                            "DeleteOnTermination": True,
                        },
                    }
                ],
                "Monitoring": {"Enabled": True},
                "UserData": {"Fn::Base64": script},
            }
        },
    }


def amazon_linux(instance_type: str) -> dict[str, str]:
    """A parameter: the newest Amazon Linux 2023 at the creation of the stack.

    Graviton families carry a `g` after their generation: `m8g`, `t4g`.
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    family = instance_type.partition(".")[0]
    graviton = "g" in family.lstrip("abcdefghijklmnopqrstuvwxyz")
    return {
        "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        "Default": f"{AMAZON_LINUX}{'arm64' if graviton else 'x86_64'}",
    }
