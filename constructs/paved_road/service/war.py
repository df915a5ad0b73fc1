"""A web application archive in Tomcat, both by key and checksum."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from paved_road.artifacts.view import ARTIFACTS, SERVICES, TOMCATS
from paved_road.buckets import bucket_name
from paved_road.estate import Region
from paved_road.faults import Faults

SCRIPT = Path(__file__).with_name("war.sh")
KEY = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Tomcat:
    """A binary distribution (`.tar.gz`) in the estate's artifact bucket, and its checksum."""

    key: str
    sha256: str

    def check(self, faults: Faults) -> None:
        """Note a key or checksum that cannot be."""
        check_object(faults, "artifact.tomcat", self.key, self.sha256, folder=f"{TOMCATS}/")


TOMCAT: Final = Tomcat(
    key=f"{TOMCATS}/tomcat-10.1.48.tar.gz",
    sha256="6c000c20136cf2aed046142997818416a160c0e516c1fba24544b4d09dba9513",
)
"""Servlet 6.0 (`jakarta.*`), as Apache published it to Maven Central: `org.apache.tomcat:tomcat`,
version 10.1.48, packaging `tar.gz`."""


@dataclass(frozen=True, kw_only=True)
class War:
    """A WAR in the estate's artifact bucket, served at `/` by Tomcat on Corretto 21.

    Put both there first (docs/artifacts.md), and let the service read them:
    `service.connects_to(ArtifactBucket.from_estate(...))`. A key can be written over, so the
    checksum is what counts: an instance that finds other bytes starts nothing, and its release's
    creation fails.
    """

    key: str
    sha256: str
    tomcat: Tomcat = TOMCAT
    image_id: str | None = None

    @staticmethod
    def by_digest(key: str, sha256: str) -> "War":
        """`War.by_digest("services/shop/shop-1.4.war", "9f86d0...")`; checked by the release."""
        return War(key=key, sha256=sha256)

    def check(self, faults: Faults) -> None:
        """Note a key or checksum that cannot be, of the WAR and of Tomcat."""
        check_object(faults, "artifact", self.key, self.sha256, folder=f"{SERVICES}/")
        self.tomcat.check(faults)

    def start_script(self, region: Region, *, log_group: str, release: str) -> str:
        """Fetch, verify, start."""
        arguments = (
            region.name,
            bucket_name(region, ARTIFACTS),
            *(self.key, self.sha256, self.tomcat.key, self.tomcat.sha256),
            log_group,
            release,
        )
        return (
            f"cat >/etc/paved-road/war.sh <<'SCRIPT'\n{SCRIPT.read_text(encoding='utf-8')}SCRIPT\n"
            f"bash /etc/paved-road/war.sh {' '.join(arguments)}\n"
        )


def check_object(faults: Faults, prop: str, key: str, sha256: str, *, folder: str) -> None:
    """Note an object that is not in that folder of the bucket or is not named by its checksum."""
    faults.check(
        KEY.fullmatch(key) is not None and key.startswith(folder) and ".." not in key,
        f"{prop}.key",
        f"must be a key below {folder} of letters, digits, dots, dashes, underscores and slashes",
        key,
    )
    faults.check(
        SHA256.fullmatch(sha256) is not None,
        f"{prop}.sha256",
        "must be 64 hexadecimal digits, since what stands under a key can be changed",
        sha256,
    )
