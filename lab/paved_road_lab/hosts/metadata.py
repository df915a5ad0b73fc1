"""What the metadata service of one instance knows, and who may ask: no sockets here."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable

from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.credentials import RoleCredentials
from paved_road_lab.hosts.instances import Instance

LONGEST_TOKEN_SECONDS = 21_600
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"""

Leaf = Callable[[], str | None]


class Tokens:
    """IMDSv2's session tokens: one instance's are nothing to another's service."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, seconds: str | None) -> str | None:
        """A token for that long; none if it is not asked for in seconds that are allowed."""
        if not seconds or not seconds.isdecimal() or not 1 <= int(seconds) <= LONGEST_TOKEN_SECONDS:
            return None
        token, now = secrets.token_urlsafe(40), self._clock()
        with self._lock:
            self._ends = {known: end for known, end in self._ends.items() if end > now}
            self._ends[token] = now + int(seconds)
        return token

    def admit(self, token: str | None) -> bool:
        """Whether it was issued here and has not expired."""
        with self._lock:
            return token is not None and self._ends.get(token, 0.0) > self._clock()


class Metadata:
    """The tree of one instance's metadata, user data and identity document."""

    def __init__(self, cloud: LabCloud, instance: Instance) -> None:
        self.instance = instance
        self._cloud = cloud
        self._credentials = RoleCredentials(cloud, instance)

    def of(self, instance: Instance) -> "Metadata":
        """The same for what the emulator says of the instance now."""
        return self if instance == self.instance else Metadata(self._cloud, instance)

    def read(self, path: str) -> str | None:
        """The text at a path, or the names below it as EC2 lists them; none if nothing is there."""
        wanted = path.strip("/")
        leaves = self._leaves()
        if wanted in leaves:
            return leaves[wanted]()
        below = sorted(leaf[len(wanted) + 1 :] for leaf in leaves if leaf.startswith(f"{wanted}/"))
        names = dict.fromkeys(
            name.split("/")[0] + ("/" if "/" in name else "") for name in below if name
        )
        return "\n".join(names) or None

    def _leaves(self) -> dict[str, Leaf]:
        """By path; what costs a call to the emulator is called only when it is asked for."""
        instance = self.instance
        facts = {
            "ami-id": instance.image,
            "instance-id": instance.id,
            "instance-type": instance.type,
            "local-ipv4": instance.address,
            "placement/availability-zone": instance.zone,
            "placement/region": instance.region,
        }
        leaves: dict[str, Leaf] = {
            f"latest/meta-data/{name}": lambda text=value: text  # type: ignore[misc]
            for name, value in facts.items()
        }
        leaves["latest/dynamic/instance-identity/document"] = self._identity
        leaves["latest/user-data"] = self._user_data
        if instance.profile_arn and (role := self._credentials.role()):
            leaves[f"latest/meta-data/iam/security-credentials/{role['RoleName']}"] = self._keys
        return leaves

    def _keys(self) -> str | None:
        document = self._credentials.document()
        return json.dumps(document, indent=2) if document else None

    def _identity(self) -> str:
        instance = self.instance
        document = {
            "accountId": self._cloud.lab.account,
            "architecture": instance.architecture,
            "availabilityZone": instance.zone,
            "imageId": instance.image,
            "instanceId": instance.id,
            "instanceType": instance.type,
            "pendingTime": instance.launched,
            "privateIp": instance.address,
            "region": instance.region,
            "version": "2017-09-30",
        }
        return json.dumps(document, indent=2)

    def _user_data(self) -> str | None:
        told = self._cloud.client("ec2", self.instance.region).describe_instance_attribute(
            InstanceId=self.instance.id, Attribute="userData"
        )
        encoded = (told.get("UserData") or {}).get("Value")
        return base64.b64decode(encoded).decode() if encoded else None
