"""Keeps a node's certificate fresh, and with the other agents the ring's authority."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass

from paved_road_ring_agent.authority import Authority, first, following, now_utc
from paved_road_ring_agent.certificates import Files, Subject, is_aged, is_due, is_valid, issue
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.vault import Vault


@dataclass(kw_only=True)
class Keyring:
    """One node's. `lease` is the subject under which one agent at a time changes the authority."""

    vault: Vault
    files: Files
    leases: Leases
    lease: str
    clock: Callable[[], float]

    def aged(self) -> bool:
        """Whether the certificate should be new by now; costs no call."""
        return is_aged(self.files.held(), now_utc(self.clock()))

    def usable(self) -> bool:
        """Whether there is a certificate that others still take."""
        return is_valid(self.files.held(), now_utc(self.clock())) and bool(self.files.trusted())

    def context(self, purpose: ssl.Purpose) -> ssl.SSLContext | None:
        """TLS with other nodes; None while there is no certificate that they take."""
        return self.files.context(purpose) if self.usable() else None

    def refresh(self, subject: Subject) -> bool | None:
        """Write what is due; whether anything was, or None while the ring has no authority yet."""
        authority = self._authority()
        if authority is None:
            return None
        held, now = self.files.held(), now_utc(self.clock())
        trust = authority.trust()
        if is_due(held, authority, subject, now):
            held = issue(authority, subject, now)
        elif trust == self.files.trusted():
            return False
        self.files.write(node=held or "", trust=trust)
        return True

    def publish(self) -> bool:
        """Let clients know the roots; false if others are published, and another agent may act."""
        trust = self.files.trusted()
        if not trust or self.vault.trust() == trust:
            return True
        if not self.leases.take(self.lease):
            return False
        self.vault.publish_trust(trust)
        return True

    def _authority(self) -> Authority | None:
        """The present one; made, or given a new root, by whoever holds the lease.

        The secret itself takes each number once, so a lease that is over makes no second one.
        """
        found, now = self.vault.authority(), now_utc(self.clock())
        if found is not None and not found.due(now):
            return found
        if not self.leases.take(self.lease):
            return found
        fresh = following(found, self.vault.ring, now) if found else first(self.vault.ring, now)
        self.vault.write_authority(fresh)
        return self.vault.authority()
