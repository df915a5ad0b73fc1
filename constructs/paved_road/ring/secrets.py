"""What a ring keeps secret, and what it lets everybody know."""

import json

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from paved_road.guard import acknowledge
from paved_road.retention import kept
from paved_road_ring_agent.contract import (
    UNFORMED,
    UNTRUSTED,
    authority_secret,
    contacts_parameter,
    superuser_role,
    superuser_secret,
    trust_parameter,
)

ROTATION = ("AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled")
"""Rules that want Secrets Manager to rotate a secret, on a schedule and by a function."""


class Secrets(Construct):
    """The superuser's password, the certificate authority's keys, and what clients go by.

    CloudFormation draws the password and never shows it; the authority has no value until an agent
    makes one. The roots that clients trust and the addresses where they begin are no secrets. All
    stay when the stack goes, unless `deletable`: without them nobody could log in to what is left.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        estate: str,
        ring: str,
        region: str,
        key_arn: str,
        deletable: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        superuser = secretsmanager.CfnSecret(
            self,
            "Superuser",
            name=superuser_secret(estate, ring),
            description=f"Superuser of ring {ring}, for its agents and paved-road",
            kms_key_id=key_arn,
            generate_secret_string=password_for(superuser_role(region)),
        )
        acknowledge(
            superuser,
            *ROTATION,
            reason="Secrets Manager rotates by a function in the network that may log in anywhere. "
            "Here `paved-road ring rotate` draws a password and agents, who may log in already, "
            "set it; nobody but agents and that command uses it.",
        )
        authority = secretsmanager.CfnSecret(
            self,
            "Authority",
            name=authority_secret(estate, ring),
            description=f"Certificate authority of ring {ring}: its agents make and renew it",
            kms_key_id=key_arn,
        )
        acknowledge(
            authority,
            *ROTATION,
            reason="Agents add a new root a year before the last one ends and sign with it once "
            "everybody trusts it: a function that swaps it at once would cut nodes off.",
        )
        trust, contacts = (
            ssm.CfnParameter(
                self,
                id,
                name=name,
                type="String",
                value=before,
                description=f"{what} of ring {ring}; its agents write them",
            )
            for id, name, before, what in (
                ("Trust", trust_parameter(estate, ring), UNTRUSTED, "Roots to know nodes by"),
                ("Contacts", contacts_parameter(estate, ring), UNFORMED, "Addresses of nodes"),
            )
        )
        kept(deletable, superuser, authority, trust, contacts)
        self.authority_arn = authority.ref

    def close_to_others(self, role: iam.Role) -> None:
        """Let nobody but `role` read or write the authority's keys, whatever else they may."""
        secretsmanager.CfnResourcePolicy(
            self,
            "AgentsOnly",
            secret_id=self.authority_arn,
            block_public_policy=True,
            resource_policy={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "AgentsOnly",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": [
                            "secretsmanager:GetSecretValue",
                            "secretsmanager:PutSecretValue",
                        ],
                        "Resource": "*",
                        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": role.role_arn}},
                    }
                ],
            },
        )


def password_for(
    username: str,
) -> secretsmanager.CfnSecret.GenerateSecretStringProperty:
    """Has CloudFormation draw a password of 286 bits, without signs that need quoting anywhere."""
    return secretsmanager.CfnSecret.GenerateSecretStringProperty(
        secret_string_template=json.dumps({"username": username}),
        generate_string_key="password",
        password_length=48,
        exclude_punctuation=True,
    )
