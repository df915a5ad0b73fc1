"""What a release runs: code that never changes once it has a number."""

import re
from dataclasses import dataclass
from typing import Protocol

from paved_road.estate import Region
from paved_road.estate.references import ref
from paved_road.faults import Faults

STOP_SECONDS = 40
"""How long a service may finish what runs before it is killed: longer than its target group's
deregistration delay (30 s). Docker's own are 10.
https://docs.docker.com/reference/cli/docker/container/run/#stop-timeout"""


class Artifact(Protocol):
    """How an instance gets its code and starts it."""

    @property
    def image_id(self) -> str | None:
        """The machine image, or None for Amazon Linux 2023."""

    def check(self, faults: Faults) -> None:
        """Note what is wrong with it."""

    def start_script(self, region: Region, *, log_group: str, release: str) -> str:
        """Shell lines that start the service on a fresh instance."""


@dataclass(frozen=True)
class Container:
    """An image in the account's registry (ECR), by digest: a tag can be moved, a digest cannot.

    It runs in the host's network, so that the instance's metadata stays one hop away (hop limit 1)
    and the security group sees the service's port itself. It starts without privileges, on a
    read-only file system with a writable `/tmp`, with its settings in the environment.
    """

    repository: str
    digest: str
    image_id: str | None = None

    @staticmethod
    def by_digest(repository: str, digest: str) -> "Container":
        """`Container.by_digest("place-order", "sha256:...")`; checked by the release."""
        return Container(repository, digest)

    def check(self, faults: Faults) -> None:
        """Note a repository or digest that cannot be."""
        faults.check(
            re.fullmatch(r"[a-z0-9]+([._/-][a-z0-9]+)*", self.repository) is not None,
            "artifact.repository",
            "must be a repository's name without registry and tag",
            self.repository,
        )
        faults.check(
            re.fullmatch(r"sha256:[0-9a-f]{64}", self.digest) is not None,
            "artifact.digest",
            "must be sha256: and 64 hexadecimal digits, since tags can be moved",
            self.digest,
        )

    def start_script(self, region: Region, *, log_group: str, release: str) -> str:
        """Install Docker from Amazon Linux's repository, pull by digest, run."""
        registry = _registry(region)
        return f"""\
dnf install --assumeyes docker
systemctl enable --now docker
aws ecr get-login-password --region {region.name} |
  docker login --username AWS --password-stdin {registry}
docker run --detach --restart always --stop-timeout {STOP_SECONDS} --name service \\
  --network host --read-only --tmpfs /tmp \\
  --cap-drop ALL --security-opt no-new-privileges --env-file /etc/paved-road/service.env \\
  --log-driver awslogs --log-opt awslogs-region={region.name} \\
  --log-opt awslogs-group={log_group} --log-opt tag="{release}/$(hostname)" \\
  {self.image(region)}
"""

    def image(self, region: Region) -> str:
        """Where it is pulled from, in that region."""
        return f"{_registry(region)}/{self.repository}@{self.digest}"


def _registry(region: Region) -> str:
    return f"{ref('AWS::AccountId')}.dkr.ecr.{region.name}.amazonaws.com"


@dataclass(frozen=True)
class Image:
    """A machine image that starts the service itself (a baked AMI, with Tomcat for instance).

    It finds its settings in `/etc/paved-road/service.env`.
    """

    image_id: str

    @staticmethod
    def ami(image_id: str) -> "Image":
        """`Image.ami("ami-0123456789abcdef0")`; checked by the release."""
        return Image(image_id)

    def check(self, faults: Faults) -> None:
        """Note an id that is not an AMI's."""
        faults.check(
            re.fullmatch(r"ami-([0-9a-f]{8}|[0-9a-f]{17})", self.image_id) is not None,
            "artifact.image_id",
            "must be an AMI's id",
            self.image_id,
        )

    def start_script(self, region: Region, *, log_group: str, release: str) -> str:
        """Nothing: the image knows."""
        _ = region, log_group, release
        return ""
