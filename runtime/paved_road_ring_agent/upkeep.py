"""What a node that runs sees to now and then: its certificate, who may use the ring, and where."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from paved_road_ring_agent import records, roles
from paved_road_ring_agent.contacts import contacts
from paved_road_ring_agent.cql import LoginRefusedError
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.observed import Observed
from paved_road_ring_agent.perform import Performer, StepFailedError
from paved_road_ring_agent.superuser import acting
from paved_road_ring_agent.vault import Credential, NoSecretError, Registration

CERTIFICATE_SECONDS = 300.0
"""How often the authority is read: 1,000 nodes ask Secrets Manager three times a second."""
RETRY_SECONDS = 10.0
ROLES_SECONDS = 30.0
"""How often one agent compares roles with what is registered, and contacts with who is a member: a
new service waits that long."""

log = logging.getLogger("paved-road.agent")


@dataclass(kw_only=True)
class Upkeep:
    """One node's. `round` does what is due; what fails is due again after the same time."""

    keyring: Keyring
    performer: Performer
    leases: Leases
    certificate_looked: float = 0.0
    roles_looked: float = 0.0

    def round(self, seen: Observed) -> None:
        """See to it, if this node is a member, or will be by its peers' word."""
        if seen.table is None:
            self._certify_from_memory(seen)
            return
        if not seen.cassandra.normal:
            return
        holders = {claim.instance: slot for slot, claim in seen.table.claims.items()}
        slot = holders.get(seen.me.instance)
        if slot is None:
            return
        waited = seen.now - self.certificate_looked
        if waited >= CERTIFICATE_SECONDS or (waited >= RETRY_SECONDS and self.keyring.aged()):
            self.certificate_looked = seen.now
            if self.keyring.refresh(self.performer.subject(slot)):
                self.performer.management().reload_certificates()
                log.info("the node has a new certificate")
            self.keyring.publish()
        formed = seen.table.birth is not None and seen.table.birth.formed
        admits = formed and seen.cassandra.door is Door.OPEN
        if admits and seen.now - self.roles_looked >= ROLES_SECONDS:
            self.roles_looked = seen.now
            # Renewed, so that it is the same agent for as long as it lives.
            if self.leases.renew(f"lease#{seen.me.data_center}#roles"):
                try:
                    self._keep_roles()
                finally:
                    self._keep_contacts(seen.table.claims)

    def _certify_from_memory(self, seen: Observed) -> None:
        """Peers answer nodes only, and a reboot empties the folder of certificates.

        The table is out of reach; the slot is the one whose data the disk holds.
        """
        due = seen.now - self.certificate_looked >= RETRY_SECONDS
        if seen.disk is None or self.keyring.usable() or not due:
            return
        self.certificate_looked = seen.now
        if self.keyring.refresh(self.performer.subject(seen.disk.slot)):
            log.info("the node has a certificate, to ask its peers with")

    def _keep_roles(self) -> None:
        vault = self.keyring.vault
        registrations = vault.registrations()
        credentials = self._credentials(registrations)
        try:
            with acting(vault, self.performer.connect) as cql:
                set_last = {row.role: row.version for row in cql.execute(records.VERSIONS_SET)}
                wanted = roles.wanted_of(registrations, credentials, set_last)
                region = self.performer.node.region
                for step in roles.plan(wanted, roles.look(cql), region):
                    cql.execute(step.statement)
                    log.info("role %s: %s", step.role, step.words)
                    if step.version:
                        cql.execute(records.NOTE_VERSION, [step.role, step.version])
        except LoginRefusedError as error:
            raise StepFailedError(f"roles are not looked after: {error}") from error

    def _keep_contacts(self, claims: Mapping[Slot, Claim]) -> None:
        """Whatever became of roles: clients that stand need no new ones to come back."""
        vault, found = self.keyring.vault, contacts(claims)
        if found and vault.contacts() != found:
            vault.publish_contacts(found)
            log.info("clients begin at %s", ", ".join(found))

    def _credentials(self, registrations: list[Registration]) -> dict[str, Credential]:
        """Those that can be read; a service whose stack is half made holds up no other."""
        found: dict[str, Credential] = {}
        for one in registrations:
            for secret in one.secrets:
                try:
                    found[secret] = self.keyring.vault.credential(secret)
                except NoSecretError as error:
                    log.warning("service %s: %s", one.service, error)
        return found
