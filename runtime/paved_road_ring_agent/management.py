"""Cassandra's management beans, through Jolokia in its JVM: JSON on loopback, with a password.

Cassandra's own tool, nodetool, starts a JVM for every question and needs a part of Java (JNDI over
RMI) that small Java runtimes leave out. Jolokia answers from within:
https://jolokia.org/reference/html/manual/
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import urllib3

from paved_road_ring_agent.observed import Member, Status

STORAGE = "org.apache.cassandra.db:type=StorageService"
MESSAGING = "org.apache.cassandra.net:type=MessagingService"
DETECTOR = "org.apache.cassandra.net:type=FailureDetector"
USER = "paved-road"
ANSWER_SECONDS = 10.0
CLEANUP_SECONDS = 12 * 3600.0
FLUSH_SECONDS = 600.0


class NodeSilentError(Exception):
    """The own node does not answer, or refuses."""


def write_configuration(file: Path, port: int, password: str) -> None:
    """Where Jolokia listens and whom it answers. Readable by this user only."""
    lines = {
        "host": "127.0.0.1",
        "port": str(port),
        "user": USER,
        "password": password,
        "discoveryEnabled": "false",
    }
    file.touch(mode=0o600)
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    file.write_text(text, encoding="ascii")


class Management:
    """One node's beans."""

    def __init__(self, port: int, password: str) -> None:
        self._url = f"http://127.0.0.1:{port}/jolokia/"
        self._headers = urllib3.make_headers(basic_auth=f"{USER}:{password}")
        self._pool = urllib3.PoolManager(retries=False)

    def members(self) -> tuple[str, dict[str, Member], bool]:
        """The own host id, all members by host id, and whether this node is a normal one."""
        names = ["LocalHostId", "OperationMode", "HostIdToEndpointWithPort", "JoiningNodesWithPort"]
        storage = self._ask({"type": "read", "mbean": STORAGE, "attribute": names})
        states = self._ask({"type": "read", "mbean": DETECTOR, "attribute": "SimpleStatesWithPort"})
        up = {_endpoint(name): state == "UP" for name, state in states.items()}
        joining = {_endpoint(name) for name in storage["JoiningNodesWithPort"]}
        members = {
            host_id: Member(
                address=_endpoint(name),
                host_id=host_id,
                status=Status.JOINING if _endpoint(name) in joining else Status.NORMAL,
                alive=up.get(_endpoint(name), False),
            )
            for host_id, name in storage["HostIdToEndpointWithPort"].items()
        }
        return storage["LocalHostId"], members, storage["OperationMode"] == "NORMAL"

    def admits_clients(self) -> bool:
        """Whether the native port listens."""
        attribute = "NativeTransportRunning"
        return bool(self._ask({"type": "read", "mbean": STORAGE, "attribute": attribute}))

    def start_native_transport(self) -> None:
        """Have the native port listen."""
        self._execute("startNativeTransport")

    def reload_certificates(self) -> None:
        """Use what the certificate files hold now for connections from now on.

        Cassandra keeps the old ones and says so if they cannot be read.
        """
        self._ask({"type": "exec", "mbean": MESSAGING, "operation": "reloadSslCertificates"})

    def drain(self) -> None:
        """Flush everything and stop taking part."""
        self._execute("drain", seconds=600)

    def clean_up(self) -> None:
        """Remove what belongs to other nodes by now; answers when it is through.

        https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/topo_changes.html#cleanup-data-after-range-movements
        """
        for keyspace in self.keyspaces():
            operation = "forceKeyspaceCleanup(int,java.lang.String,[Ljava.lang.String;)"
            self._execute(operation, 1, keyspace, [], seconds=CLEANUP_SECONDS)

    def begin_repair(self, keyspace: str, start: int, end: int, hosts: tuple[str, ...]) -> int:
        """Begin a full repair of (`start`, `end`] among `hosts`; its number, 0 if nothing is to do.

        https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/repair.html
        """
        options = {
            "incremental": "false",
            "parallelism": "parallel",
            "primaryRange": "false",
            "ranges": f"{start}:{end}",
            "hosts": ",".join(hosts),
        }
        operation = "repairAsync(java.lang.String,java.util.Map)"
        return int(self._execute(operation, keyspace, options))

    def begin_own_repair(self, keyspace: str) -> int:
        """Begin a full repair of the ranges that this node is the first replica of."""
        options = {"incremental": "false", "parallelism": "parallel", "primaryRange": "true"}
        operation = "repairAsync(java.lang.String,java.util.Map)"
        return int(self._execute(operation, keyspace, options))

    def repair_state(self, number: int) -> tuple[str, str]:
        """IN_PROGRESS, COMPLETED or FAILED, and what Cassandra says of it last."""
        answer = self._execute("getParentRepairStatus", number)
        if not answer:
            return "IN_PROGRESS", "not begun"
        return str(answer[0]), str(answer[-1])

    def keyspaces(self) -> list[str]:
        """Those whose data is spread over nodes."""
        found = self._ask(
            {"type": "read", "mbean": STORAGE, "attribute": "NonLocalStrategyKeyspaces"}
        )
        return [str(name) for name in found]

    def all_keyspaces(self) -> list[str]:
        """Those of the system too, and none that is virtual."""
        found = self._ask({"type": "read", "mbean": STORAGE, "attribute": "Keyspaces"})
        return [str(name) for name in found]

    def self_description(self) -> dict[str, Any]:
        """Host id, token, Cassandra's version, and the version of the schema that it knows."""
        names = ["LocalHostId", "Tokens", "ReleaseVersion", "SchemaVersion"]
        found = self._ask({"type": "read", "mbean": STORAGE, "attribute": names})
        (token,) = found["Tokens"]
        return {
            "host_id": found["LocalHostId"],
            "token": int(token),
            "cassandra": found["ReleaseVersion"],
            "schema": found["SchemaVersion"],
        }

    def take_snapshot(self, tag: str, keyspaces: list[str], seconds: int) -> None:
        """Flush and link all files of keyspaces; Cassandra clears it after so many seconds.

        https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/backups.html
        """
        operation = "takeSnapshot(java.lang.String,java.util.Map,[Ljava.lang.String;)"
        options = {"ttl": f"{seconds}s"}
        self._execute(operation, tag, options, keyspaces, seconds=FLUSH_SECONDS)

    def clear_snapshot(self, tag: str) -> None:
        """Remove its links, of all keyspaces; one that is not there is none to remove."""
        operation = "clearSnapshot(java.util.Map,java.lang.String,[Ljava.lang.String;)"
        self._execute(operation, {}, tag, [], seconds=FLUSH_SECONDS)

    def read(self, bean: str, attribute: str) -> Any:  # noqa: ANN401 - JSON
        """One value."""
        return self._ask({"type": "read", "mbean": bean, "attribute": attribute})

    def read_all(self, pattern: str, attribute: str) -> list[Any]:
        """One value of each bean that fits the pattern; none of them need exist."""
        if not self._ask({"type": "search", "mbean": pattern}):
            return []
        found = self._ask({"type": "read", "mbean": pattern, "attribute": attribute})
        return [values[attribute] for values in found.values()]

    def _execute(self, operation: str, *arguments: Any, seconds: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401 - JSON
        request = {
            "type": "exec",
            "mbean": STORAGE,
            "operation": operation,
            "arguments": list(arguments),
        }
        return self._ask(request, seconds)

    def _ask(self, request: Mapping[str, Any], seconds: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401 - JSON
        try:
            answer = self._pool.request(
                "POST",
                self._url,
                body=json.dumps(request).encode(),
                headers=self._headers,
                timeout=seconds,
            )
            content = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, json.JSONDecodeError) as error:
            raise NodeSilentError(str(error)) from error
        if content.get("status") != 200:
            raise NodeSilentError(f"{request.get('operation', 'read')}: {content.get('error')}")
        return content["value"]


def _endpoint(name: str) -> str:
    """`/127.0.0.1:7000` and `127.0.0.1:7000` are the same node."""
    return name.rpartition("/")[2].rpartition(":")[0]
