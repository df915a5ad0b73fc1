"""What stays when its stack goes."""

from aws_cdk import CfnResource, RemovalPolicy


def kept(deletable: bool, *resources: CfnResource) -> None:
    """Retain resources when their stack goes or would replace them, unless they are `deletable`."""
    for resource in resources:
        resource.apply_removal_policy(RemovalPolicy.DESTROY if deletable else RemovalPolicy.RETAIN)


def kept_row(deletable: bool) -> dict[str, str]:
    """The same for a resource that is declared as a row."""
    policy = "Delete" if deletable else "Retain"
    return {"DeletionPolicy": policy, "UpdateReplacePolicy": policy}
