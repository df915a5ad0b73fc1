"""Keys of an estate: rotating, administered by the account, used by whom a statement names."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_kms as kms
from constructs import Construct

from paved_road.retention import kept


def key(
    scope: Construct,
    id: str,
    *,
    description: str,
    deletable: bool,
    statements: Sequence[dict[str, object]] = (),
) -> kms.CfnKey:
    """A key whose use is granted by policies of the account, and by further `statements`.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    administer = {
        "Sid": "AccountAdministers",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{Aws.ACCOUNT_ID}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    made = kms.CfnKey(
        scope,
        id,
        description=description,
        enable_key_rotation=True,
        key_policy={"Version": "2012-10-17", "Statement": [administer, *statements]},
    )
    kept(deletable, made)
    return made
