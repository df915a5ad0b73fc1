"""What stays when its stack goes."""

from aws_cdk import CfnDeletionPolicy, CfnResource


def kept(deletable: bool, *resources: CfnResource) -> None:
    """Retain resources when their stack goes or would replace them, unless they are `deletable`."""
    policy = CfnDeletionPolicy.DELETE if deletable else CfnDeletionPolicy.RETAIN
    for resource in resources:
        resource.cfn_options.deletion_policy = policy
        resource.cfn_options.update_replace_policy = policy
