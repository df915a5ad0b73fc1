"""A ring's authority and its nodes' certificates: who signs, who is trusted, what is due when."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.authority import (
    ROOT_LIFE,
    SPREAD,
    SUCCESSION,
    Authority,
    first,
    following,
)
from paved_road_ring_agent.certificates import LIFE, Files, Subject, is_due, issue
from tests.agent.scenes import slot

BORN = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = first("orders", BORN)
SECOND_BORN = BORN + ROOT_LIFE - SUCCESSION
BOTH = following(FIRST, "orders", SECOND_BORN)
NODE = Subject(estate="acme", ring="orders", slot=slot("a0"), address="10.0.0.7")
HELD = issue(FIRST, NODE, BORN)


def verify(pem: str, authority: Authority, at: datetime) -> list[x509.Certificate]:
    """As a client does that trusts the authority; `VerificationError` if it would not connect."""
    store = Store(x509.load_pem_x509_certificates(authority.trust().encode()))
    certificate = x509.load_pem_x509_certificate(pem.encode())
    verifier = PolicyBuilder().store(store).time(at).build_client_verifier()
    return list(verifier.verify(certificate, []).chain)


def test_a_certificate_names_its_node_and_is_valid_for_a_week() -> None:
    certificate = x509.load_pem_x509_certificate(HELD.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [
        "spiffe://acme/rings/orders/us-east-1-g1/a/0000"
    ]
    assert verify(HELD, FIRST, BORN)
    with pytest.raises(VerificationError):
        verify(HELD, FIRST, BORN + LIFE + timedelta(seconds=1))


def test_another_rings_authority_is_not_trusted() -> None:
    with pytest.raises(VerificationError):
        verify(HELD, first("orders", BORN), BORN)


@pytest.mark.parametrize(
    ("held", "subject", "after", "due"),
    [
        (None, NODE, timedelta(), True),
        (HELD, NODE, timedelta(), False),
        (HELD, NODE, LIFE / 2 - timedelta(seconds=1), False),
        (HELD, NODE, LIFE / 2, True),
        (HELD, NODE, LIFE * 2, True),
        (HELD, replace(NODE, address="10.0.0.8"), timedelta(), True),
        (HELD, replace(NODE, slot=slot("a1")), timedelta(), True),
    ],
)
def test_a_certificate_is_renewed_at_half_its_life_and_for_another_place(
    held: str | None, subject: Subject, after: timedelta, due: bool
) -> None:
    assert is_due(held, FIRST, subject, BORN + after) is due


def test_a_new_root_is_trusted_before_it_signs_and_then_everybody_renews() -> None:
    assert not FIRST.due(SECOND_BORN - timedelta(seconds=1))
    assert FIRST.due(SECOND_BORN)
    assert BOTH.trust().count("BEGIN CERTIFICATE") == 2
    held = issue(BOTH, NODE, SECOND_BORN)
    assert verify(held, FIRST, SECOND_BORN), "who knows the old root only must get by"
    assert not is_due(held, BOTH, NODE, SECOND_BORN + timedelta(days=1))
    later = SECOND_BORN + SPREAD
    assert is_due(issue(FIRST, NODE, later), BOTH, NODE, later)
    assert not is_due(issue(BOTH, NODE, later), BOTH, NODE, later)
    with pytest.raises(VerificationError):
        verify(issue(BOTH, NODE, later), FIRST, later)


def test_a_root_goes_once_its_time_is_over_and_no_sooner() -> None:
    third = following(BOTH, "orders", BOTH.roots[-1].ends - SUCCESSION)
    assert [root.number for root in third.roots] == [2, 3]
    assert [root.number for root in BOTH.roots] == [1, 2]


@given(days=st.integers(min_value=0, max_value=10 * 365))
def test_whoever_reads_the_roots_in_time_can_always_verify(days: int) -> None:
    """Authorities as agents keep them; the client read the roots `SPREAD` before."""
    now = BORN + timedelta(days=days)
    known, authority = TIMELINE[max(0, days - SPREAD.days)], TIMELINE[days]
    held = issue(authority, NODE, now)
    assert verify(held, known, now)
    end = x509.load_pem_x509_certificate(held.encode()).not_valid_after_utc
    assert verify(held, authority, end - timedelta(seconds=1))


def _timeline() -> list[Authority]:
    found = [FIRST]
    for day in range(1, 10 * 365 + 1):
        now, last = BORN + timedelta(days=day), found[-1]
        found.append(following(last, "orders", now) if last.due(now) else last)
    return found


TIMELINE = _timeline()


def test_the_secret_keeps_all_and_an_empty_one_is_no_authority() -> None:
    assert Authority.from_json(BOTH.to_json()) == BOTH
    assert Authority.from_json("{}") is None


def test_files_are_private_and_what_tls_libraries_read(tmp_path: Path) -> None:
    files = Files(tmp_path / "tls")
    assert files.held() is None
    files.write(node=HELD, trust=FIRST.trust())
    assert (files.held(), files.trusted()) == (HELD, FIRST.trust())
    assert {file.stat().st_mode & 0o777 for file in files.folder.iterdir()} == {0o600}
    context = ssl.create_default_context(cafile=files.trust)
    context.load_cert_chain(files.node)
