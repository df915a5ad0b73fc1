"""What a ring's infrastructure and the agent on its nodes agree on.

Constructs write these names into templates, the agent reads them back. Anything stored under
such a name (slots, backups, secrets) outlives both, so a name never changes: a new meaning gets
a new name.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

INTERNODE_PORT = 7001
"""Gossip and streaming under TLS (`ssl_storage_port`); between nodes of the ring only."""

WORD_PORT = 7002
"""What a node's agent last read in the slot table, for its peers' agents only (`words.py`)."""

NATIVE_PORT = 9042
"""CQL, under TLS; from clients that the ring admitted only."""

DATA_CENTER_TAG = "paved-road:data-center"
RACK_TAG = "paved-road:rack"
"""On groups, instances and volumes, beside the estate's and the ring's tags."""

LAUNCH_HOOK = "claim-slot"
"""Completed with CONTINUE once the node has its slot and the process is up, else abandoned."""

TERMINATION_HOOK = "drain-node"
"""Completed with CONTINUE once the node is drained and its disk is not needed any more.

It fires for root volume replacements too (`detail.Action` is `ReplaceRootVolume`): those drain
and keep the slot.
"""

SUSPENDED_PROCESSES = ("AZRebalance", "ReplaceUnhealthy")
"""CloudFormation cannot suspend them (docs/decisions/ring-suspended-processes.md), so an agent
suspends them in its own group before it completes its launch hook: no node that holds data is
ever in service in a group that would replace it."""

PARTITION_KEY, SORT_KEY = "subject", "fact"
"""Keys of the slot table, both strings. A subject is a slot, a lease or the ring itself; its facts
are its current state and its history. Each slot is a subject of its own, because a partition
takes 1,000 writes a second and a thousand nodes claim at once."""

CLAIM = "claim"
"""The fact of a slot that says who holds it, written conditionally on its epoch."""


def data_center(region: str, generation: int) -> str:
    """`us-east-1-g1`: a new shape is a new data center beside the old one, hence the generation."""
    return f"{region}-g{generation}"


def region_of(data_center_name: str) -> str:
    """The region that a data center is in."""
    return data_center_name.rpartition("-g")[0]


def slot(data_center_name: str, rack: str, index: int) -> str:
    """Subject of a slot in the table: `slot#us-east-1-g1#us-east-1a#0007`, sorting by index."""
    return f"slot#{data_center_name}#{rack}#{index:04d}"


def ring_subject(data_center_name: str) -> str:
    """Subject of the ring itself, whose fact is its birth."""
    return f"ring#{data_center_name}"


def backup_prefix(ring: str) -> str:
    """All that a ring's nodes write to the backup bucket starts with this."""
    return f"rings/{ring}/"


def secret_prefix(estate: str, ring: str) -> str:
    """Names of a ring's secrets start with this: certificates, superuser, service roles."""
    return f"{estate}/rings/{ring}/"


FIRST_SCRIPT = "/etc/paved-road/first-boot.sh"
"""What user data has an instance run once: it fetches the bundle and leaves the rest to it."""


def superuser_secret(estate: str, ring: str) -> str:
    """JSON with `username` and `password` of the role that agents and `paved-road schema` act in.

    Made by CloudFormation with the ring; each region's is its own.
    """
    return f"{secret_prefix(estate, ring)}superuser"


def authority_secret(estate: str, ring: str) -> str:
    """The ring's certificate authority: keys and certificates of its roots, made by an agent."""
    return f"{secret_prefix(estate, ring)}authority"


def trust_parameter(estate: str, ring: str) -> str:
    """SSM parameter with the certificates that a ring's nodes are known by, in PEM: public."""
    return f"/{estate}/rings/{ring}/trust"


def contacts_parameter(estate: str, ring: str) -> str:
    """SSM parameter with addresses of some of a ring's nodes, by commas: where clients begin."""
    return f"/{estate}/rings/{ring}/contacts"


def bundle_parameter(estate: str, ring: str) -> str:
    """SSM parameter with the bundle that its nodes should run (`software.Wanted`).

    Read by a node whose root volume has no bundle: at its first boot, and after a replacement of
    its root volume, when its user data may be years old.
    """
    return f"/{estate}/rings/{ring}/bundle"


UNTRUSTED = "none"
"""What the trust parameter holds before an agent made an authority: SSM takes no empty value."""

UNFORMED = "none"
"""What the contacts parameter holds before a ring lets clients in."""


def clients_path(estate: str, ring: str) -> str:
    """SSM parameters below it say which services use a ring; each stands in its service's stack.

    Reading by path is granted for exactly this path, whereas listing secrets can't be.
    """
    return f"/{estate}/rings/{ring}/clients"


def client_parameter(estate: str, ring: str, service: str) -> str:
    """One service's entry: JSON with `keyspaces` and its two `secrets`, by name."""
    return f"{clients_path(estate, ring)}/{service}"


TURNS = ("a", "b")
"""Every service has two roles, so that one's password can change while the other is used."""


def client_secret(estate: str, ring: str, service: str, turn: str) -> str:
    """JSON with `username` and `password` of one of a service's two roles."""
    return f"{secret_prefix(estate, ring)}clients/{service}/{turn}"


def client_secrets(estate: str, ring: str, service: str) -> str:
    """What the names of both of a service's secrets begin with."""
    return client_secret(estate, ring, service, "").removesuffix("/")


def client_role(service: str, region: str, turn: str) -> str:
    """Name of the role in Cassandra. A ring has one set of roles for all its regions."""
    return f"{service}-{region}-{turn}"


def superuser_role(region: str) -> str:
    """Name of the superuser that a region's agents act as."""
    return f"paved-road-{region}"


NODE_FILE = "/etc/paved-road/node.json"
"""Where a node finds `NodeFile`. Its user data has the same, should a new root volume be blank."""


@dataclass(frozen=True, kw_only=True)
class NodeFile:
    """What a node is told at birth; everything else it reads from the slot table.

    It names no slot, no size, no peer and no bundle: those change without a new launch template.
    `racks` are all of the data center's, in the order of their tokens. `disks` are the NVMe disks
    that its instance type has: a node that finds another number does not start. Bundles stand in
    `artifact_bucket`, and which one the node runs is what `bundle_parameter` says; without a bucket
    it runs what whoever starts it has at hand, which only tests do.

    `waits_for_restore`: a ring that was never born is not born by its agents. Told only where it is
    so: the user data of all others stays as it was.
    """

    estate: str
    ring: str
    region: str
    data_center: str
    rack: str
    racks: tuple[str, ...]
    slot_table: str
    log_group: str
    backup_bucket: str | None
    disks: int = 1
    artifact_bucket: str | None = None
    waits_for_restore: bool = False

    def user_data(self, *, script: str = "", arguments: Sequence[str] = ()) -> str:
        """A cloud-config document that writes `NODE_FILE`. JSON is YAML, so none is generated.

        With a `script` it writes that too, and runs it once with `arguments`.
        """
        facts = asdict(self)
        if not self.waits_for_restore:
            del facts["waits_for_restore"]
        files = [(NODE_FILE, "0444", json.dumps(facts, sort_keys=True))]
        document: dict[str, Any] = {}
        if script:
            files.append((FIRST_SCRIPT, "0500", script))
            document["runcmd"] = [[FIRST_SCRIPT, *arguments]]
        document["write_files"] = [
            {"path": path, "permissions": mode, "content": content} for path, mode, content in files
        ]
        return f"{_CLOUD_CONFIG}{json.dumps(document, sort_keys=True)}\n"

    @classmethod
    def from_json(cls, text: str) -> "NodeFile":
        """Reads the content of `NODE_FILE`.

        An instance keeps the user data of its launch, whatever bundle it runs years later: what
        this version does not know is left alone.
        """
        facts = json.loads(text)
        known = {one.name: facts[one.name] for one in fields(cls) if one.name in facts}
        return cls(**{**known, "racks": tuple(facts["racks"])})

    @classmethod
    def from_user_data(cls, text: str) -> "NodeFile":
        """Reads user data as EC2's metadata service returns it; `ValueError` if it is not ours."""
        if not text.startswith(_CLOUD_CONFIG):
            raise ValueError("user data is not the cloud-config document of a ring node")
        document: dict[str, Any] = json.loads(text.removeprefix(_CLOUD_CONFIG))
        return cls.from_json(document["write_files"][0]["content"])


_CLOUD_CONFIG = "#cloud-config\n"
