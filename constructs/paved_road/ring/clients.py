"""A service's two roles in a ring: their secrets, who may read them, and the entry agents look for.

All of it stands in the service's own stack and goes with it.
"""

import json
import re
from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from paved_road.admission import Client
from paved_road.faults import Faults
from paved_road.guard import acknowledge
from paved_road.ring.arns import Arns
from paved_road.ring.secrets import ROTATION, password_for
from paved_road_ring_agent.contract import (
    TURNS,
    client_parameter,
    client_role,
    client_secret,
    contacts_parameter,
    trust_parameter,
)

KEYSPACE = re.compile(r"(?!system|paved_road$)[a-z][a-z0-9_]{0,47}")
"""Unquoted names that are none of Cassandra's or the ring's own.
https://cassandra.apache.org/doc/5.0/cassandra/developing/cql/ddl.html#common-definitions
"""


class ClientRoles(Construct):
    """What `client` needs to log in to `ring` and to be given its keyspaces' rows, and no more.

    Two roles, so that one's password changes while the other is used. The ring's agents find the
    entry, make the roles and grant them to read and write rows; within a minute of the deploy.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        arns: Arns,
        estate: str,
        ring: str,
        key_arn: str,
        keyspaces: Sequence[str],
        client: Client,
    ) -> None:
        faults = Faults(f"Service {client.name!r}")
        for keyspace in keyspaces:
            faults.check(
                KEYSPACE.fullmatch(keyspace) is not None,
                "keyspaces",
                "must be lower-case names of at most 48 letters, digits and underscores that do "
                "not begin with `system`",
                keyspace,
            )
        faults.raise_if_any()
        super().__init__(scope, construct_id)
        secrets = [self._secret(arns, estate, ring, key_arn, client, turn) for turn in TURNS]
        ssm.CfnParameter(
            self,
            "Entry",
            name=client_parameter(estate, ring, client.name),
            type="String",
            value=json.dumps(
                {
                    "keyspaces": sorted(keyspaces),
                    "secrets": [client_secret(estate, ring, client.name, turn) for turn in TURNS],
                }
            ),
            description=f"Service {client.name} uses ring {ring}; its agents look for this",
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            description=f"Log in to ring {ring} as {client.name}",
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "ReadOwnPasswords",
                        "Effect": "Allow",
                        "Action": ["secretsmanager:GetSecretValue"],
                        "Resource": [secret.ref for secret in secrets],
                    },
                    {
                        "Sid": "DecryptThem",
                        "Effect": "Allow",
                        "Action": ["kms:Decrypt"],
                        "Resource": [key_arn],
                        "Condition": {
                            "StringEquals": {
                                "kms:ViaService": f"secretsmanager.{arns.region}.amazonaws.com"
                            }
                        },
                    },
                    {
                        "Sid": "KnowTheNodes",
                        "Effect": "Allow",
                        "Action": ["ssm:GetParameter"],
                        "Resource": [
                            arns.regional("ssm", f"parameter{name(estate, ring)}")
                            for name in (trust_parameter, contacts_parameter)
                        ],
                    },
                ],
            },
            roles=[client.role_name],
        )
        policy.node.add_dependency(*secrets)

    def _secret(
        self, arns: Arns, estate: str, ring: str, key_arn: str, client: Client, turn: str
    ) -> secretsmanager.CfnSecret:
        secret = secretsmanager.CfnSecret(
            self,
            f"Secret{turn.upper()}",
            name=client_secret(estate, ring, client.name, turn),
            description=f"Role {turn} of service {client.name} in ring {ring}",
            kms_key_id=key_arn,
            generate_secret_string=password_for(client_role(client.name, arns.region, turn)),
        )
        acknowledge(
            secret,
            *ROTATION,
            reason="Secrets Manager rotates by a function in the network that may log in anywhere. "
            "Here `paved-road ring rotate` draws a password for the role that is not in use, and "
            "the ring's agents, who may log in already, set it.",
        )
        return secret
