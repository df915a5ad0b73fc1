"""The credentials of an instance's role, as its metadata service hands them out."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.instances import Instance

LIFE = timedelta(hours=6)
"""What EC2 gives: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"""

RENEWED_BEFORE = timedelta(hours=1)
"""Longer than botocore's own 20 minutes, which count as an outage of the metadata service."""

TIME = "%Y-%m-%dT%H:%M:%SZ"


class RoleCredentials:
    """One instance's session of its role, named by the instance as on EC2."""

    def __init__(self, cloud: LabCloud, instance: Instance) -> None:
        self._cloud, self._instance = cloud, instance
        self._lock = threading.Lock()
        self._role: dict[str, Any] | None = None
        self._document: dict[str, str] = {}
        self._renew_at = datetime.min.replace(tzinfo=UTC)

    def role(self) -> dict[str, Any] | None:
        """The role of the instance profile; none without a profile."""
        if self._role is None and self._instance.profile_arn:
            name = self._instance.profile_arn.rsplit("/", 1)[-1]
            iam = self._cloud.client("iam", self._instance.region)
            found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
            self._role = next(iter(found["Roles"]), None)
        return self._role

    def document(self) -> dict[str, str] | None:
        """What EC2 answers for the role, renewed in time."""
        with self._lock:
            role, now = self.role(), datetime.now(UTC)
            if role is None:
                return None
            if now >= self._renew_at:
                self._document = self._assume(role["Arn"], now)
                self._renew_at = now + LIFE - RENEWED_BEFORE
            return self._document

    def _assume(self, role_arn: str, now: datetime) -> dict[str, str]:
        given = self._cloud.client("sts", self._instance.region).assume_role(
            RoleArn=role_arn,
            RoleSessionName=self._instance.id,
            DurationSeconds=int(LIFE.total_seconds()),
        )["Credentials"]
        return {
            "Code": "Success",
            "LastUpdated": now.strftime(TIME),
            "Type": "AWS-HMAC",
            "AccessKeyId": given["AccessKeyId"],
            "SecretAccessKey": given["SecretAccessKey"],
            "Token": given["SessionToken"],
            "Expiration": given["Expiration"].strftime(TIME),
        }
