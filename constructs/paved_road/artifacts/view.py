"""An artifact bucket as rings see it."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.admission import Client
from paved_road.buckets import BucketView, bucket_arn, bucket_name
from paved_road.estate import Region, read
from paved_road.guard import acknowledge
from paved_road_bundle.bundle import FOLDER
from paved_road_contract.stacks import Kind

ARTIFACTS = "artifacts"

SERVICES, TOMCATS = "services", "tomcat"
"""Folders of the bucket: what a service starts from stands below `services/<its name>/`, and Tomcat
for all of them below `tomcat/`."""


class ArtifactView(BucketView):
    """Name and ARNs of a region's artifact bucket and its key."""

    @property
    def name(self) -> str:
        """There is one in a region."""
        return ARTIFACTS

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> "ArtifactView":
        """The region's artifact bucket by its computed name; its key from its stack's outputs."""
        return ArtifactView(
            bucket_name(region, ARTIFACTS),
            bucket_arn(region, ARTIFACTS),
            read(scope, region, Kind.ARTIFACTS, None, "KeyArn"),
        )

    def grant_read_bundles(self, role: iam.IRole) -> None:
        """Let `role` read bundles by their names; it can list and write nothing."""
        self.grant_objects(
            role,
            FOLDER,
            actions=["s3:GetObject"],
            key_actions=["kms:Decrypt"],
            reason="Bundles come after the role, each under a name of its own, and the launch "
            "template pins which one runs.",
        )

    def connect(self, scope: Construct, client: Client) -> None:
        """Let a service's members read what stands in the service's own folder, and Tomcats.

        For `service.connects_to(ArtifactBucket.from_estate(...))`, by services that run a `War`.
        """
        objects = [
            f"{self.bucket_arn}/{folder}/*" for folder in (f"{SERVICES}/{client.name}", TOMCATS)
        ]
        policy = iam.CfnManagedPolicy(
            scope,
            "Artifacts",
            description=f"What members of {client.name} start from",
            policy_document={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "ReadArtifacts",
                        "Effect": "Allow",
                        "Action": ["s3:GetObject"],
                        "Resource": objects,
                    },
                    {
                        "Sid": "DecryptThem",
                        "Effect": "Allow",
                        "Action": ["kms:Decrypt"],
                        "Resource": [self.key_arn],
                    },
                ],
            },
            roles=[client.role_name],
        )
        acknowledge(
            policy,
            *(
                f"AwsSolutions-IAM5[Resource::{one}]".replace(Aws.ACCOUNT_ID, "<AWS::AccountId>")
                for one in objects
            ),
            reason="Releases come after the role, each with an archive of its own, and pin by "
            "checksum what they run.",
        )
