"""Which bundle a node runs and which one it should: what the boot, the agent and people compare.

A bundle's label is Cassandra's version and the first digits of its manifest's checksum, as in the
name of its archive: `5.0.9-1a2b3c4d5e6f`.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

DIGITS = 12


def label(cassandra: str, checksum: str) -> str:
    """A bundle's short name, for tables and logs."""
    return f"{cassandra}-{checksum[:DIGITS]}"


def version_of(label: str) -> str:
    """Cassandra's version in a label; empty in an empty one."""
    return label.partition("-")[0]


def is_older(version: str, other: str) -> bool:
    """Whether one version of Cassandra came before another; never if either is not known."""
    if not version or not other:
        return False
    return _numbers(version) < _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The bundle that a ring's stack wants on its nodes, as its SSM parameter says it.

    `key` is its place in the artifact bucket, whose name is not here: that stays in user data, so
    that whoever can write the parameter can't have nodes run what is not in the estate's bucket.
    """

    cassandra: str
    key: str
    sha256: str

    @property
    def label(self) -> str:
        """Its short name."""
        return label(self.cassandra, self.sha256)

    def to_json(self) -> str:
        """The parameter's value."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Wanted":
        """`ValueError` for anything that is not one."""
        try:
            facts = json.loads(text)
            return cls(**{name: str(facts[name]) for name in ("cassandra", "key", "sha256")})
        except (KeyError, TypeError) as error:
            raise ValueError(f"{text!r} names no bundle") from error


def installed(bundle: Path) -> str:
    """The label of a bundle that is unpacked in that folder; empty if none is."""
    try:
        manifest = (bundle / "manifest.json").read_bytes()
    except OSError:
        return ""
    return label(str(json.loads(manifest)["cassandra"]), sha256(manifest).hexdigest())
