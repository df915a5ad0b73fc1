"""Cassandra's configuration files for one start under one claim. JSON is YAML, so JSON it is."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from paved_road_ring_agent import archiving
from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.certificates import Files
from paved_road_ring_agent.contract import INTERNODE_PORT, NATIVE_PORT, NodeFile
from paved_road_ring_agent.door import BEHIND_A_FENCE, Door
from paved_road_ring_agent.layout import Layout

LOGBACK = """\
<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%date{ISO8601} %-5level [%thread] %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
"""

AUTO_REPAIR: Mapping[str, Any] = {
    "enabled": True,
    "repair_type_overrides": {
        "full": {
            "enabled": True,
            "min_repair_interval": "72h",
            "initial_scheduler_delay": "5m",
        },
        "incremental": {"enabled": False},
        "preview_repaired": {"enabled": False},
    },
}
"""Cassandra repairs itself: every node its primary ranges, some 3% of the nodes at a time.

Full, because incremental repair reports success after a restore and repairs nothing that was once
marked repaired. Every three days: what fails or is late has two more turns before seven days have
passed, at which the ring's alarm goes, and ten, Cassandra's default gc_grace.
https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/auto_repair.html
"""


def cluster_name(ring: str, incarnation: str) -> str:
    """Nodes of one birth only gossip with each other: a ring formed anew is another cluster."""
    return f"{ring}-{incarnation}"


def cassandra_yaml(node: NodeFile, start: Start, layout: Layout) -> dict[str, Any]:
    """What differs from Cassandra's defaults, and why:

    - commit log `group`: a write is acknowledged when it is on disk, at most 10 ms later. With the
      default, `periodic`, a rack set that fails at once loses acknowledged writes
      (https://issues.apache.org/jira/browse/CASSANDRA-13987).
    - failure policies `die`: a node without its disk must stop, and be replaced.
    - `auto_repair`: see there.
    - `auto_snapshot_ttl`: what a dropped or truncated table leaves on the disk goes after a day;
      backups have it for longer. Without a limit it stays for good.
    - `materialized_views_enabled`: off, as by default, and for good: nothing finds or mends a view
      that differs from its table, so no restore could vouch for one
      (https://issues.apache.org/jira/browse/CASSANDRA-10346).
    """
    home = layout.cassandra
    token = {} if start.replaces else {"initial_token": str(start.birth.token(start.slot))}
    return {
        "cluster_name": cluster_name(node.ring, start.birth.incarnation),
        "num_tokens": 1,
        **token,
        "auto_bootstrap": start.bootstrap,
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "GossipingPropertyFileSnitch",
        "listen_address": start.claim.address,
        "storage_port": INTERNODE_PORT,
        "rpc_address": start.claim.address,
        "native_transport_port": NATIVE_PORT,
        "start_native_transport": start.door is not Door.CLOSED,
        **_encryption(start.door, Files(layout.certificates)),
        **AUTHENTICATION,
        **(NO_PASSWORDS if start.door is Door.UNLOCKED else {}),
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": ",".join(start.seeds)}],
            }
        ],
        "commitlog_sync": "group",
        "commitlog_sync_group_window": "10ms",
        "disk_failure_policy": "die",
        "commit_failure_policy": "die",
        "auto_repair": AUTO_REPAIR,
        "auto_snapshot_ttl": "1d",
        "materialized_views_enabled": False,
        "data_file_directories": [str(home / "data")],
        "commitlog_directory": str(home / "commitlog"),
        "saved_caches_directory": str(home / "saved_caches"),
        "hints_directory": str(home / "hints"),
        "cdc_raw_directory": str(home / "cdc_raw"),
    }


AUTHENTICATION: Mapping[str, Any] = {
    "authenticator": "PasswordAuthenticator",
    "authorizer": "CassandraAuthorizer",
    "role_manager": "CassandraRoleManager",
    "auth_read_consistency_level": "LOCAL_QUORUM",
    "auth_write_consistency_level": "LOCAL_QUORUM",
    "auth_cache_warming_enabled": False,
    **{
        f"{cache}_{setting}": value
        for cache in ("roles", "permissions", "credentials")
        for setting, value in (("validity", "60s"), ("update_interval", "10s"))
    },
}
"""Roles are read and written at a quorum of the own data center: with the default for writes,
`EACH_QUORUM`, one dead region blocks the rotation of passwords everywhere. What was read holds for
a minute and is renewed in the background every ten seconds, so that a few seconds without a quorum
log nobody out, and a password that was changed is refused within a minute. Nothing is remembered
before somebody logs in (`auth_cache_warming_enabled`): a node of a new ring, closed as it is, would
remember Cassandra's own superuser and let it in for a moment after it was dropped (tried)."""

NO_PASSWORDS: Mapping[str, Any] = {
    "authenticator": "AllowAllAuthenticator",
    "authorizer": "AllowAllAuthorizer",
}
"""Behind the fence alone, where Cassandra's own superuser with its known password would be no
better: roles cannot be read while their keyspace has no replica here."""


def _encryption(door: Door, files: Files) -> dict[str, Any]:
    """TLS on both ports, nothing in plain text, certificates from PEM files.

    Between nodes both sides show a certificate of the ring's authority. Whether it is for the
    address that it comes from is not asked (`require_endpoint_verification`): Java 17 refuses to
    ask that of a client's certificate, and Cassandra has one setting for both directions. Clients
    log in with a password, and show a certificate as well where a node prepares a new ring behind
    its fence.
    """
    common = {
        "ssl_context_factory": {
            "class_name": "org.apache.cassandra.security.PEMBasedSslContextFactory"
        },
        "keystore": str(files.node),
        "truststore": str(files.trust),
        "accepted_protocols": ["TLSv1.3", "TLSv1.2"],
    }
    return {
        "server_encryption_options": {
            **common,
            "outbound_keystore": str(files.node),
            "internode_encryption": "all",
            "legacy_ssl_storage_port_enabled": False,
            "optional": False,
            "require_client_auth": True,
            "require_endpoint_verification": False,
        },
        "client_encryption_options": {
            **common,
            "enabled": True,
            "optional": False,
            "require_client_auth": door in BEHIND_A_FENCE,
        },
    }


def _archiving(node: NodeFile, start: Start, layout: Layout) -> str:
    """Without a backup bucket nobody would ever take an archived segment away."""
    if archiving.replays(start):
        return archiving.properties(
            layout.archived_logs,
            layout.restored_logs,
            at=start.birth.at,
            archive=bool(node.backup_bucket),
        )
    archiving.forget_restored(layout)
    return archiving.properties(layout.archived_logs, archive=bool(node.backup_bucket))


def write(node: NodeFile, start: Start, layout: Layout) -> Path:
    """Write all files; returns their folder, which must come first on the class path."""
    folder = layout.configuration
    for needed in (folder, layout.archived_logs):
        needed.mkdir(parents=True, exist_ok=True)
    files: Mapping[str, str] = {
        "cassandra.yaml": json.dumps(cassandra_yaml(node, start, layout), indent=1),
        "cassandra-rackdc.properties": f"dc={node.data_center}\nrack={node.rack}\n",
        "logback.xml": LOGBACK,
        archiving.FILE: _archiving(node, start, layout),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
