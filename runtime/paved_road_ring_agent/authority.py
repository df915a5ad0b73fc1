"""The ring's own certificate authority: who a node is, proved to other nodes and to clients.

Its roots stand in one secret that agents alone can read. Each is trusted for a while before it
signs, and for as long as anything it signed is valid, so a new one takes over without a restart.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT_LIFE = timedelta(days=730)
SUCCESSION = timedelta(days=365)
"""So long before a root ends, its successor is made."""
SPREAD = timedelta(days=7)
"""A new root is trusted this long before it signs: every node and client must have read it by then.
Nodes read the authority every few minutes, clients at least when they are deployed or restarted."""
SKEW = timedelta(hours=1)
"""Certificates begin in the past: clocks differ."""


@dataclass(frozen=True, kw_only=True)
class Root:
    """One self-signed certificate and its key, both PEM; roots of a ring are numbered from 1."""

    number: int
    certificate: str
    key: str

    @property
    def parsed(self) -> x509.Certificate:
        """The certificate."""
        return x509.load_pem_x509_certificate(self.certificate.encode())

    @property
    def made(self) -> datetime:
        """When it began to be trusted."""
        return self.parsed.not_valid_before_utc + SKEW

    @property
    def ends(self) -> datetime:
        """When it stops being valid."""
        return self.parsed.not_valid_after_utc


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A ring's roots, oldest first; at least one."""

    roots: tuple[Root, ...]

    @property
    def number(self) -> int:
        """Of the newest root: it rises with every change, so each is written once."""
        return self.roots[-1].number

    def signer(self, now: datetime) -> Root:
        """The newest root that everybody has had time to learn of; the only one from the start."""
        spread = [root for root in self.roots if root.made + SPREAD <= now]
        return spread[-1] if spread else self.roots[0]

    def trust(self) -> str:
        """What others trust, in PEM: all roots, newest first."""
        return "".join(root.certificate for root in reversed(self.roots))

    def due(self, now: datetime) -> bool:
        """Whether the newest root needs a successor."""
        return self.roots[-1].ends - SUCCESSION <= now

    def to_json(self) -> str:
        """As the secret keeps it."""
        return json.dumps({"roots": [asdict(root) for root in self.roots]}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Authority | None":
        """What `to_json` wrote; None for the secret's first, empty content."""
        roots = json.loads(text).get("roots", ())
        return cls(roots=tuple(Root(**root) for root in roots)) if roots else None


def first(name: str, now: datetime) -> Authority:
    """A ring's first authority."""
    return Authority(roots=(_root(name, 1, now),))


def following(authority: Authority, name: str, now: datetime) -> Authority:
    """The same with one more root, and without those whose time is over."""
    living = tuple(root for root in authority.roots if root.ends > now)
    return Authority(roots=(*living, _root(name, authority.number + 1, now)))


def new_key() -> ec.EllipticCurvePrivateKey:
    """P-256: what every TLS library of the last ten years speaks."""
    return ec.generate_private_key(ec.SECP256R1())


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """PKCS #8 in PEM, as Cassandra reads it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def certificate_text(certificate: x509.Certificate) -> str:
    """PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """A root signs certificates and nothing else, a node's key proves who it is."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def now_utc(seconds: float) -> datetime:
    """A clock's seconds since 1970 as certificates tell time."""
    return datetime.fromtimestamp(seconds, UTC)


def _root(name: str, number: int, now: datetime) -> Root:
    key = new_key()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} root {number}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + ROOT_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Root(number=number, certificate=certificate_text(certificate), key=key_text(key))
