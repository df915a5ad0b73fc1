"""Who gets into a real ring and who does not: three nodes, real TLS, real roles."""

import json
import signal
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from paved_road.admission import Client
from paved_road.estate import EstateStack
from paved_road.ring.arns import Arns
from paved_road.ring.clients import ClientRoles
from paved_road_contract.stacks import Kind
from paved_road_ring.rotate import Rotation
from paved_road_ring.schema import SchemaRefusedError, State, read
from paved_road_ring.schema_owner import SchemaOwner
from paved_road_ring_agent.authority import now_utc
from paved_road_ring_agent.certificates import LIFE, Files, Subject, issue
from paved_road_ring_agent.contract import INTERNODE_PORT, NATIVE_PORT, NodeFile
from paved_road_ring_agent.cql import Way, connected
from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Credential
from tests.lab.deployed_estate import paved_road
from tests.lab.logins import Login, login, stranger
from tests.lab.rack_of_hosts import until
from tests.lab.small_ring import ESTATE, REGION, RING, SmallRing, create, presented, small_ring
from tests.synth.ring.rings import in_region

pytestmark = [pytest.mark.slow, pytest.mark.ring]

FORM_SECONDS, FOLLOW_SECONDS = 480, 120
OPTIONS_FRAME = struct.pack(">BBhBi", 0x04, 0, 0, 0x05, 0)
SCHEMA = {
    "0001_orders.cql": "CREATE KEYSPACE IF NOT EXISTS orders WITH replication = "
    "{'class': 'NetworkTopologyStrategy', 'us-east-1-g1': 3};",
    "0002_lines.cql": "CREATE TABLE IF NOT EXISTS orders.lines (id int PRIMARY KEY, words text);"
    "ALTER TABLE orders.lines ADD IF NOT EXISTS more text;",
}


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallRing, Any]]:
    folder: Path = tmp_path_factory.mktemp("ring")
    with small_ring(folder) as made:
        try:
            with stranger(made.addresses) as tried:
                until(lambda: all_open(made), FORM_SECONDS)
            yield made, tried
        except AssertionError:
            print(made.logs())  # noqa: T201 - why it did not form
            raise


@pytest.fixture(scope="module")
def living(ring: tuple[SmallRing, Any]) -> SmallRing:
    return ring[0]


def all_open(made: SmallRing) -> bool:
    addresses = made.addresses()
    answers = [login(address, "nobody", "nothing") for address in addresses]
    return len(answers) == 3 and set(answers) == {Login.REFUSED} and made.formed()


@pytest.fixture(scope="module")
def trust(living: SmallRing) -> str:
    return str(until(living.vault.trust, FOLLOW_SECONDS))


@pytest.fixture(scope="module")
def superuser(living: SmallRing) -> Credential:
    return living.vault.superuser()


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("schema")
    for name, text in SCHEMA.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def orders(living: SmallRing, schema: Path) -> SchemaOwner:
    """The keyspace is there."""
    owner = SchemaOwner(ring=living.live, say=lambda _: None)
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(lambda _: ended(owner, schema), range(2)))
    assert State.NEW in ends, "somebody must have applied it"
    assert set(ends) <= {State.NEW, "refused"}
    return owner


def ended(owner: SchemaOwner, folder: Path) -> str:
    try:
        return owner.apply(read(folder))[0].state
    except SchemaRefusedError as refused:
        assert "somebody else" in str(refused)  # noqa: PT017 - the other one's end is counted too
        return "refused"


def rows(address: str, trust: str, credential: Credential, statement: str) -> list[Any]:
    with connected(Way(addresses=[address], trust=trust), credential) as cql:
        return cql.execute(statement)


def test_cassandras_own_superuser_never_gets_in_not_even_while_the_ring_forms(
    ring: tuple[SmallRing, Any],
) -> None:
    _, tried = ring
    assert tried[Login.LET_IN] == 0
    for met in (Login.NO_PORT, Login.NO_HANDSHAKE, Login.REFUSED):
        assert tried[met] > 0, f"the stranger came too late to see: {met}"


def test_our_superuser_gets_in_everywhere_and_is_the_only_role(
    living: SmallRing, trust: str, superuser: Credential
) -> None:
    for address in living.addresses():
        found = rows(address, trust, superuser, "SELECT role, is_superuser FROM system_auth.roles")
        assert [row.role for row in found if row.is_superuser] == ["paved-road-us-east-1"]
        keyspaces = rows(address, trust, superuser, "SELECT * FROM system_schema.keyspaces")
        options = {row.keyspace_name: row.replication for row in keyspaces}
        for name in ("system_auth", "system_distributed", "system_traces", "paved_road"):
            assert options[name]["us-east-1-g1"] == "3"


@pytest.mark.parametrize("port", [INTERNODE_PORT, NATIVE_PORT])
def test_nobody_is_answered_in_plain_text(living: SmallRing, port: int) -> None:
    for address in living.addresses():
        with socket.create_connection((address, port), timeout=10) as plain:
            plain.sendall(OPTIONS_FRAME)
            try:
                answer = plain.recv(9)
            except ConnectionResetError:
                answer = b""
        # Not CQL's "supported": an alert of TLS, or nothing at all.
        assert answer[:1] in {b"", b"\x15"}


def test_nodes_take_connections_with_a_certificate_of_the_ring_only(
    living: SmallRing, trust: str
) -> None:
    for address, layout in living.layouts().items():
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            presented(address, INTERNODE_PORT, trust)
        shown = presented(address, INTERNODE_PORT, trust, Files(layout.certificates).node)
        assert ("IP Address", address) in shown["subjectAltName"]
        assert presented(address, NATIVE_PORT, trust)["subjectAltName"] == shown["subjectAltName"]


def test_old_protocols_are_refused(living: SmallRing) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    address = living.addresses()[0]
    with (
        socket.create_connection((address, NATIVE_PORT), timeout=10) as plain,
        pytest.raises((ssl.SSLError, ConnectionResetError)),
    ):
        context.wrap_socket(plain)


def test_one_frozen_node_locks_nobody_out(
    living: SmallRing, trust: str, superuser: Credential
) -> None:
    addresses = living.addresses()
    newcomers = [f"newcomer-{number}" for number, _ in enumerate(addresses)]
    for name in newcomers:
        statement = f"CREATE ROLE IF NOT EXISTS \"{name}\" WITH LOGIN = true AND PASSWORD = 'here'"
        rows(addresses[0], trust, superuser, statement)
    for frozen, name in zip(addresses, newcomers, strict=True):
        process = living.status(frozen).process
        process.signal(signal.SIGSTOP)
        try:
            for address in set(addresses) - {frozen}:
                # It never logged in before, so no node remembers its password.
                until(partial(gets_in, address, name, "here"), FOLLOW_SECONDS)
        finally:
            process.signal(signal.SIGCONT)
    for name in newcomers:
        until(partial(dropped, addresses[0], trust, superuser, name), FOLLOW_SECONDS)


def gets_in(address: str, user: str, password: str) -> bool:
    return login(address, user, password) is Login.LET_IN


def dropped(address: str, trust: str, superuser: Credential, name: str) -> bool:
    try:
        rows(address, trust, superuser, f'DROP ROLE IF EXISTS "{name}"')
    except NodeSilentError:
        return False
    return True


def test_a_service_reads_and_writes_its_rows_and_changes_no_schema(
    living: SmallRing, trust: str, orders: SchemaOwner
) -> None:
    _ = orders
    create(living.cloud, "place-order", service_template(living.live.outputs()["KeyArn"]))
    (entry,) = living.vault.registrations()
    address = living.addresses()[0]
    for secret in entry.secrets:
        credential = living.vault.credential(secret)
        until(partial(may_read, address, trust, credential), FOLLOW_SECONDS)
        rows(address, trust, credential, "INSERT INTO orders.lines (id, words) VALUES (1, 'one')")
        assert [
            row.words for row in rows(address, trust, credential, "SELECT * FROM orders.lines")
        ] == ["one"]
        for forbidden in (
            "CREATE TABLE orders.mine (id int PRIMARY KEY)",
            "ALTER TABLE orders.lines ADD mine int",
            "DROP TABLE orders.lines",
            "CREATE KEYSPACE mine WITH replication = {'class': 'SimpleStrategy'}",
            "CREATE ROLE mine",
            "SELECT * FROM system_auth.roles",
            "SELECT * FROM paved_road.schema_files",
        ):
            with pytest.raises(NodeSilentError, match="Unauthorized"):
                rows(address, trust, credential, forbidden)


def may_read(address: str, trust: str, credential: Credential) -> bool:
    if not gets_in(address, credential.username, credential.password):
        return False
    try:
        rows(address, trust, credential, "SELECT * FROM orders.lines")
    except NodeSilentError:
        return False
    return True


def service_template(key_arn: str) -> dict[str, Any]:
    """What `service.connects_to(ring)` adds to a service's stack."""
    stack = EstateStack(
        App(), in_region(), Kind.SERVICE, "place-order", owner="orders", description="A service"
    )
    role = iam.CfnRole(stack, "Role", assume_role_policy_document={"Statement": []})
    ClientRoles(
        stack,
        "Roles",
        arns=Arns(in_region()),
        estate=ESTATE,
        ring=RING,
        key_arn=key_arn,
        keyspaces=["orders"],
        client=Client(name="place-order", security_group_id="sg-1", role_name=role.ref),
    )
    template = dict(Template.from_stack(stack).to_json())
    template.pop("Rules", None)
    template["Parameters"] = {}
    return template


def test_the_superusers_password_is_followed_by_the_agents(
    living: SmallRing, orders: SchemaOwner
) -> None:
    _ = orders
    rotation = Rotation(
        secrets=living.cloud.client("secretsmanager", REGION), estate=ESTATE, ring=RING
    )
    address = living.addresses()[0]
    before = living.vault.superuser()
    rotation.superuser()
    after = living.vault.superuser()
    assert before.password != after.password
    until(lambda: login(address, after.username, after.password) is Login.LET_IN, FOLLOW_SECONDS)
    until(lambda: login(address, before.username, before.password) is Login.REFUSED, FOLLOW_SECONDS)


def test_a_certificate_is_renewed_without_a_restart(living: SmallRing, trust: str) -> None:
    address, layout = next(iter(living.layouts().items()))
    files, before = Files(layout.certificates), living.status(address)
    node = NodeFile.from_json(layout.node_file.read_text())
    slot = Slot(data_center=node.data_center, rack=node.rack, index=0)
    subject = Subject(estate=ESTATE, ring=RING, slot=slot, address=address)
    authority = living.vault.authority()
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
    assert living.status(address) == before, "Cassandra runs on"
    assert before.process.alive


def serial(
    address: str, trust: str, port: int = NATIVE_PORT, certificate: Path | None = None
) -> str:
    return str(presented(address, port, trust, certificate)["serialNumber"])


def test_schema_files_are_applied_once_and_never_changed(
    living: SmallRing, trust: str, orders: SchemaOwner, schema: Path, tmp_path: Path
) -> None:
    assert orders.apply(read(schema)) == []
    assert [step.state for step in orders.status(read(schema))] == [State.APPLIED] * 2
    for file in schema.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "0002_lines.cql").write_text(SCHEMA["0002_lines.cql"] + "-- changed")
    with pytest.raises(SchemaRefusedError, match="was changed after it was applied"):
        orders.apply(read(tmp_path))
    superuser = living.vault.superuser()
    ids = {rows(address, trust, superuser, TABLE_ID)[0].id for address in living.addresses()}
    assert len(ids) == 1
    pattern = "var/lib/paved-road/cassandra/data/orders/lines-*"
    folders = {
        one.name for layout in living.layouts().values() for one in layout.root.glob(pattern)
    }
    assert len(folders) == 1, "every node has the table once, and all the same"


TABLE_ID = (
    "SELECT id FROM system_schema.tables WHERE keyspace_name = 'orders' AND table_name = 'lines'"
)


def test_the_command_tells_what_is_applied(
    living: SmallRing, orders: SchemaOwner, schema: Path
) -> None:
    _ = orders
    done = paved_road(
        *("lab", "exec", "--folder", str(living.folder), "--"),
        *("paved-road", "schema", "status", str(schema), "--ring", RING),
        *("--estate", ESTATE, "--region", REGION, "--json"),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [step["state"] for step in told["files"]] == ["applied", "applied"]


def test_nothing_is_applied_while_a_node_is_missing(
    living: SmallRing, orders: SchemaOwner, schema: Path, tmp_path: Path
) -> None:
    for file in schema.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "0003_more.cql").write_text("CREATE TYPE IF NOT EXISTS orders.t (a int);")
    assert refusal(orders, tmp_path) == ""
    frozen = living.status(living.addresses()[0]).process
    frozen.signal(signal.SIGSTOP)
    try:
        until(lambda: "is down" in refusal(orders, tmp_path), FOLLOW_SECONDS)
    finally:
        frozen.signal(signal.SIGCONT)


def refusal(owner: SchemaOwner, folder: Path) -> str:
    try:
        owner.apply(read(folder), dry_run=True)
    except SchemaRefusedError as refused:
        return str(refused)
    return ""
