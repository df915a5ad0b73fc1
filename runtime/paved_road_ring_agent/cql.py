"""CQL under TLS with a password: from an agent to its own node, from tools to a ring."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cassandra import (
    AuthenticationFailed,
    ConsistencyLevel,
    DriverException,
)
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.protocol import ErrorMessage

from paved_road_ring_agent.contract import NATIVE_PORT
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Credential

STATEMENT_SECONDS = 30.0
CONNECT_SECONDS = 5.0


DRIVER_ERRORS = (DriverException, ErrorMessage, NoHostAvailable, OSError)
"""What a statement raises within a session, as the driver has it."""


class LoginRefusedError(Exception):
    """The ring answers, but not to this role with this password."""


class Cql(Protocol):
    """A session, as what is done in one needs it."""

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """Rows, by attribute."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How to reach nodes: the roots to trust, and a certificate of one's own behind a fence."""

    addresses: Sequence[str]
    trust: str
    certificate: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Nodes must prove that they are the ring's, at the address called."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_verify_locations(cadata=self.trust)
        except (ValueError, ssl.SSLError) as error:
            raise NodeSilentError(f"there are no roots to trust: {error}") from error
        if self.certificate is not None:
            context.load_cert_chain(self.certificate)
        return context


@contextmanager
def connected(way: Way, credential: Credential) -> Iterator[Cql]:
    """A session. Raises `LoginRefusedError`, and `NodeSilentError` for all that may pass."""
    profile = ExecutionProfile(
        load_balancing_policy=WhiteListRoundRobinPolicy(way.addresses),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=STATEMENT_SECONDS,
    )
    cluster = Cluster(
        way.addresses,
        port=NATIVE_PORT,
        protocol_version=5,
        ssl_context=way.context(),
        auth_provider=PlainTextAuthProvider(credential.username, credential.password),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connect_timeout=CONNECT_SECONDS,
        control_connection_timeout=CONNECT_SECONDS,
    )
    try:
        yield _Session(cluster.connect())
    except NoHostAvailable as error:
        refused = [one for one in error.errors.values() if isinstance(one, AuthenticationFailed)]
        if refused:
            raise LoginRefusedError(f"{credential.username} was refused") from error
        raise NodeSilentError(str(error)) from error
    except DRIVER_ERRORS as error:
        raise NodeSilentError(str(error)) from error
    finally:
        cluster.shutdown()


@dataclass(frozen=True)
class _Session:
    """The driver's, waiting for the schema to agree after every change of it."""

    session: Session

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        return list(self.session.execute(statement, list(parameters) or None))


def text(value: str) -> str:
    """As a CQL string. Statements about roles take no parameters."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """As a quoted CQL name."""
    return '"' + value.replace('"', '""') + '"'
