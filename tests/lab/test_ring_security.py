"""Who gets into a real ring and who does not: three nodes, real TLS, real roles."""

import json
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from paved_road_ring.rotate import Rotation
from paved_road_ring.schema import SchemaRefusedError, State, read
from paved_road_ring.schema_owner import SchemaOwner
from paved_road_ring_agent.authority import now_utc
from paved_road_ring_agent.certificates import LIFE, Files, Subject, issue
from paved_road_ring_agent.contract import INTERNODE_PORT, NATIVE_PORT
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Credential
from tests.lab.deployed_estate import paved_road
from tests.lab.handshakes import answer_in_plain_text, presented, serial, speak_old_tls
from tests.lab.living_ring import LivingRing, ring_lab
from tests.lab.logins import Login, login, stranger
from tests.lab.orders_schema import SCHEMA, ended, refusal, table_folders, table_ids, write_schema
from tests.lab.ring_logs import logs_kept
from tests.lab.ring_templates import RING, service_template
from tests.lab.small_region import ESTATE, REGION
from tests.lab.small_stacks import create
from tests.lab.statements import FORBIDDEN, dropped, gets_in, may_read, rows
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

FORM_SECONDS, FOLLOW_SECONDS = 480, 120


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingRing]:
    with ring_lab(tmp_path_factory.mktemp("ring")) as made:
        made.start_hosts(heap_mib=320, ring_delay_ms=2_000)
        yield made


@pytest.fixture(scope="module")
def tried(switched_on: LivingRing) -> Counter[Login]:
    """What a stranger met on every node from before it was launched until the ring was open."""
    with (
        logs_kept(switched_on, "test_ring_security"),
        stranger(lambda: [node.address for node in switched_on.nodes()]) as met,
    ):
        switched_on.deploy(1)
        until(lambda: all_open(switched_on), FORM_SECONDS)
    return met


@pytest.fixture(scope="module")
def ring(switched_on: LivingRing, tried: Counter[Login]) -> LivingRing:
    """Formed, and open to those it knows."""
    assert tried
    return switched_on


def all_open(made: LivingRing) -> bool:
    answers = [login(node.address, "nobody", "nothing") for node in made.nodes()]
    return len(answers) == 3 and set(answers) == {Login.REFUSED} and made.survey().formed


@pytest.fixture(scope="module")
def trust(ring: LivingRing) -> str:
    return str(until(ring.vault.trust, FOLLOW_SECONDS))


@pytest.fixture(scope="module")
def superuser(ring: LivingRing) -> Credential:
    return ring.vault.superuser()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("schema")
    write_schema(folder)
    return folder


@pytest.fixture(scope="module")
def orders(ring: LivingRing, schema: Path) -> SchemaOwner:
    """The keyspace is there."""
    owner = SchemaOwner(ring=ring.live, say=lambda _: None)
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda _: ended(owner, schema), range(2)))
    assert State.NEW in ends, "somebody must have applied it"
    assert set(ends) <= {State.NEW, "refused"}
    return owner


def test_cassandras_own_superuser_never_gets_in_not_even_while_the_ring_forms(
    tried: Counter[Login],
) -> None:
    assert tried[Login.LET_IN] == 0
    for met in (Login.NO_PORT, Login.NO_HANDSHAKE, Login.REFUSED):
        assert tried[met] > 0, f"the stranger came too late to see: {met}"


def test_our_superuser_gets_in_everywhere_and_is_the_only_role(
    ring: LivingRing, trust: str, superuser: Credential
) -> None:
    for address in ring.addresses():
        found = rows(address, trust, superuser, "SELECT role, is_superuser FROM system_auth.roles")
        assert [row.role for row in found if row.is_superuser] == ["paved-road-us-east-1"]
        keyspaces = rows(address, trust, superuser, "SELECT * FROM system_schema.keyspaces")
        options = {row.keyspace_name: row.replication for row in keyspaces}
        for name in ("system_auth", "system_distributed", "system_traces", "paved_road"):
            assert options[name]["us-east-1-g1"] == "3"


@pytest.mark.parametrize("port", [INTERNODE_PORT, NATIVE_PORT])
def test_nobody_is_answered_in_plain_text(ring: LivingRing, port: int) -> None:
    for address in ring.addresses():
        answer = answer_in_plain_text(address, port)
        # Not CQL's "supported": an alert of TLS, or nothing at all.
        assert answer[:1] in {b"", b"\x15"}


def test_nodes_take_connections_with_a_certificate_of_the_ring_only(
    ring: LivingRing, trust: str
) -> None:
    for node in ring.nodes():
        address, own = node.address, Files(node.layout.certificates).node
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            presented(address, INTERNODE_PORT, trust)
        shown = presented(address, INTERNODE_PORT, trust, own)
        assert ("IP Address", address) in shown["subjectAltName"]
        assert presented(address, NATIVE_PORT, trust)["subjectAltName"] == shown["subjectAltName"]


def test_old_protocols_are_refused(ring: LivingRing) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        speak_old_tls(ring.addresses()[0])


def test_one_frozen_node_locks_nobody_out(
    ring: LivingRing, trust: str, superuser: Credential
) -> None:
    nodes = ring.nodes()
    addresses = [node.address for node in nodes]
    newcomers = [f"newcomer-{number}" for number, _ in enumerate(addresses)]
    for name in newcomers:
        statement = f"CREATE ROLE IF NOT EXISTS \"{name}\" WITH LOGIN = true AND PASSWORD = 'here'"
        rows(addresses[0], trust, superuser, statement)
    for node, name in zip(nodes, newcomers, strict=True):
        with node.frozen():
            for address in set(addresses) - {node.address}:
                # It never logged in before, so no node remembers its password.
                until(partial(gets_in, address, name, "here"), FOLLOW_SECONDS)
    for name in newcomers:
        until(partial(dropped, addresses[0], trust, superuser, name), FOLLOW_SECONDS)


def test_a_service_reads_and_writes_its_rows_and_changes_no_schema(
    ring: LivingRing, trust: str, orders: SchemaOwner
) -> None:
    _ = orders
    create(ring.cloud, "place-order", service_template(ring.live.outputs()["KeyArn"]))
    (entry,) = ring.vault.registrations()
    address = ring.addresses()[0]
    for secret in entry.secrets:
        credential = ring.vault.credential(secret)
        until(partial(may_read, address, trust, credential), FOLLOW_SECONDS)
        rows(address, trust, credential, "INSERT INTO orders.lines (id, words) VALUES (1, 'one')")
        assert [
            row.words for row in rows(address, trust, credential, "SELECT * FROM orders.lines")
        ] == ["one"]
        for forbidden in FORBIDDEN:
            with pytest.raises(NodeSilentError, match="Unauthorized"):
                rows(address, trust, credential, forbidden)


def test_the_superusers_password_is_followed_by_the_agents(
    ring: LivingRing, orders: SchemaOwner
) -> None:
    _ = orders
    rotation = Rotation(secrets=ring.client("secretsmanager"), estate=ESTATE, ring=RING)
    address = ring.addresses()[0]
    before = ring.vault.superuser()
    rotation.superuser()
    after = ring.vault.superuser()
    assert before.password != after.password
    until(lambda: login(address, after.username, after.password) is Login.LET_IN, FOLLOW_SECONDS)
    until(lambda: login(address, before.username, before.password) is Login.REFUSED, FOLLOW_SECONDS)


def test_a_certificate_is_renewed_without_a_restart(ring: LivingRing, trust: str) -> None:
    node = ring.nodes()[0]
    address, files, before = node.address, Files(node.layout.certificates), node.status()
    subject = Subject(estate=ESTATE, ring=RING, slot=ring.slot_of(node), address=address)
    authority = ring.vault.authority()
    assert authority is not None
    old = serial(address, trust)
    aged = issue(authority, subject, now_utc(time.time()) - LIFE / 2 - timedelta(hours=2))
    files.write(node=aged, trust=authority.trust())
    until(lambda: files.held() != aged, FOLLOW_SECONDS)
    until(lambda: serial(address, trust) != old, FOLLOW_SECONDS)
    until(
        lambda: serial(address, trust, INTERNODE_PORT, files.node) == serial(address, trust),
        FOLLOW_SECONDS,
    )
    assert node.status() == before, "Cassandra runs on"
    assert before.process.alive


def test_schema_files_are_applied_once_and_never_changed(
    ring: LivingRing, trust: str, orders: SchemaOwner, schema: Path, tmp_path: Path
) -> None:
    assert orders.apply(read(schema)) == []
    assert [step.state for step in orders.status(read(schema))] == [State.APPLIED] * 2
    write_schema(tmp_path, {"0002_lines.cql": SCHEMA["0002_lines.cql"] + "-- changed"})
    with pytest.raises(SchemaRefusedError, match="was changed after it was applied"):
        orders.apply(read(tmp_path))
    assert len(table_ids(ring, trust)) == 1
    assert len(table_folders(ring)) == 1, "every node has the table once, and all the same"


def test_the_command_tells_what_is_applied(
    ring: LivingRing, orders: SchemaOwner, schema: Path
) -> None:
    _ = orders
    done = paved_road(
        *("lab", "exec", "--folder", str(ring.folder), "--"),
        *("paved-road", "schema", "status", str(schema), "--ring", RING),
        *("--estate", ESTATE, "--region", REGION, "--json"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [step["state"] for step in told["files"]] == ["applied", "applied"]


def test_nothing_is_applied_while_a_node_is_missing(
    ring: LivingRing, orders: SchemaOwner, tmp_path: Path
) -> None:
    write_schema(tmp_path, {"0003_more.cql": "CREATE TYPE IF NOT EXISTS orders.t (a int);"})
    assert refusal(orders, tmp_path) == ""
    with ring.nodes()[0].frozen():
        until(lambda: "is down" in refusal(orders, tmp_path), FOLLOW_SECONDS)
