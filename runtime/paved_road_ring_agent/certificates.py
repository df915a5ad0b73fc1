"""A node's own certificate: short-lived, bound to its address and slot, renewed at half its life.

Cassandra reads it from files and again whenever it is told to, so nothing restarts for a new one.
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from paved_road_ring_agent.authority import (
    SKEW,
    Authority,
    certificate_text,
    key_text,
    new_key,
    usage,
)
from paved_road_ring_agent.facts import Slot

LIFE = timedelta(days=7)
"""Nobody revokes certificates: one that leaks is worth little a week later. Agents that can't
renew for half of it are alarmed on long before (silent slots)."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom a certificate is for."""

    estate: str
    ring: str
    slot: Slot
    address: str

    @property
    def identity(self) -> str:
        """As a URI. https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md"""
        slot = self.slot
        return (
            f"spiffe://{self.estate}/rings/{self.ring}/"
            f"{slot.data_center}/{slot.rack}/{slot.index:04d}"
        )


def issue(authority: Authority, subject: Subject, now: datetime) -> str:
    """A fresh key and its certificate in one PEM text, as Cassandra wants them.

    For servers and clients: nodes call each other.
    """
    root = authority.signer(now)
    signing_key = load_pem_private_key(root.key.encode(), password=None)
    key = new_key()
    issuer_key = root.parsed.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{subject.ring} node")]))
        .issuer_name(root.parsed.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(min(now + LIFE, root.ends))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address(subject.address)),
                    x509.UniformResourceIdentifier(subject.identity),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_key),
            critical=False,
        )
        .sign(signing_key, hashes.SHA256())  # type: ignore[arg-type] # always an EC key of ours
    )
    return key_text(key) + certificate_text(certificate)


def is_valid(held: str | None, now: datetime) -> bool:
    """Whether there is one whose time is not over."""
    if held is None:
        return False
    return x509.load_pem_x509_certificate(held.encode()).not_valid_after_utc > now


def is_aged(held: str | None, now: datetime) -> bool:
    """Whether there is none, or half of its life is over."""
    if held is None:
        return True
    certificate = x509.load_pem_x509_certificate(held.encode())
    begins, ends = certificate.not_valid_before_utc + SKEW, certificate.not_valid_after_utc
    return now >= begins + (ends - begins) / 2


def is_due(held: str | None, authority: Authority, subject: Subject, now: datetime) -> bool:
    """Whether a new certificate is needed in place of `held`, the node's present one.

    It is if that is aged, if it is for another address or slot, or if another root signs by now.
    """
    if held is None or is_aged(held, now):
        return True
    certificate = x509.load_pem_x509_certificate(held.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return (
        subject.identity not in names.get_values_for_type(x509.UniformResourceIdentifier)
        or [str(one) for one in names.get_values_for_type(x509.IPAddress)] != [subject.address]
        or certificate.issuer != authority.signer(now).parsed.subject
    )


@dataclass(frozen=True)
class Files:
    """Where Cassandra and this agent find a node's certificate: a folder that a reboot empties."""

    folder: Path

    @property
    def node(self) -> Path:
        """Key and certificate."""
        return self.folder / "node.pem"

    @property
    def trust(self) -> Path:
        """The roots of the ring's authority."""
        return self.folder / "trust.pem"

    def held(self) -> str | None:
        """The present certificate with its key."""
        try:
            return self.node.read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def trusted(self) -> str | None:
        """The present roots."""
        try:
            return self.trust.read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def context(self, purpose: ssl.Purpose) -> ssl.SSLContext:
        """TLS between two nodes, each with its certificate; raises `OSError` while there is none.

        `CLIENT_AUTH` is the side that is called. Nodes are called by address, which is in the name.
        """
        context = ssl.create_default_context(purpose, cafile=str(self.trust))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.node)
        return context

    def write(self, *, node: str, trust: str) -> None:
        """Replace both. Roots first: a certificate of a new root is never without its root."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(self.trust, trust)
        _replace(self.node, node)


def _replace(file: Path, text: str) -> None:
    beside = file.with_suffix(".new")
    with open(beside, "w", encoding="ascii", opener=_private) as stream:
        stream.write(text)
    beside.replace(file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
