"""The slot table: every read strongly consistent, every write on a condition."""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent.contract import CLAIM, PARTITION_KEY, SORT_KEY, ring_subject
from paved_road_ring_agent.facts import (
    BackupWish,
    Birth,
    Claim,
    Fact,
    Lease,
    Repair,
    Slot,
    from_item,
    to_item,
)

BIRTH, REPAIR, LEASE, BACKUP = "birth", "repair", "lease", "backup"
BATCH = 100
"""Keys in one BatchGetItem.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
"""


ATTEMPTS = 5
"""How often keys that DynamoDB left unprocessed are asked for before the read counts as failed; the
agent's next round asks again."""


class TableUnreachableError(Exception):
    """Nobody knows what the table says: a timeout, a refused call, no credentials."""


class Table:
    """A data center's facts, through a boto3 DynamoDB resource.

    Methods that write tell whether the condition held. All raise `TableUnreachableError` if
    nobody knows.
    """

    def __init__(self, dynamodb: Any, name: str, data_center: str) -> None:  # noqa: ANN401 - boto3 makes its resources at run time
        self._dynamodb, self._name = dynamodb, name
        self._table = dynamodb.Table(name)
        self._data_center = data_center
        self._ring = ring_subject(data_center)

    def birth(self) -> Birth | None:
        """How the ring came to be; None if it never did."""
        return self._read(Birth, self._ring, BIRTH)

    def give_birth(self, birth: Birth) -> bool:
        """Write the ring's birth, once."""
        return self._write(self._ring, BIRTH, birth, f"attribute_not_exists({SORT_KEY})", {})

    def begin_anew(self, birth: Birth, before: Birth | None) -> bool:
        """Have the ring be born once more, if `before` is still what its birth was.

        Who holds slots by claims of the life before holds none any more.
        """
        if before is None:
            return self.give_birth(birth)
        condition = "incarnation = :incarnation AND formed = :formed"
        values = {":incarnation": before.incarnation, ":formed": before.formed}
        return self._write(self._ring, BIRTH, birth, condition, values)

    def mark_moved(self, birth: Birth) -> bool:
        """Record that its keyspaces were moved, unless the ring admits clients already."""
        condition = "incarnation = :incarnation AND formed = :formed"
        values = {":incarnation": birth.incarnation, ":formed": False}
        return self._write(self._ring, BIRTH, birth, condition, values)

    def mark_formed(self, birth: Birth) -> bool:
        """Record that the ring admits clients."""
        condition = "incarnation = :incarnation"
        return self._write(self._ring, BIRTH, birth, condition, {":incarnation": birth.incarnation})

    def claims(self, slots: Iterable[Slot]) -> dict[Slot, Claim]:
        """Who holds which of these slots; slots nobody holds are left out."""
        by_subject = {slot.subject: slot for slot in slots}
        found: dict[Slot, Claim] = {}
        subjects = list(by_subject)
        for start in range(0, len(subjects), BATCH):
            for item in self._batch(subjects[start : start + BATCH]):
                found[by_subject[str(item[PARTITION_KEY])]] = from_item(Claim, item)
        return found

    def all_claims(self, birth: Birth) -> dict[Slot, Claim]:
        """Who holds which slot now."""
        return {one: claim for one, claim in self.every_claim(birth).items() if claim.of(birth)}

    def every_claim(self, birth: Birth) -> dict[Slot, Claim]:
        """Of the ring as it was formed, and of each doubling that somebody began.

        Also of lives before this one, where nobody took the slot since.
        """
        size = birth.founding
        found = self.claims(birth.slots(self._data_center))
        while True:
            doubled = birth.slots(self._data_center, 2 * size)
            more = self.claims(slot for slot in doubled if slot.index >= size)
            if not more:
                return found
            found |= more
            size *= 2

    def claim(self, slot: Slot) -> Claim | None:
        """Who holds the slot."""
        return self._read(Claim, slot.subject, CLAIM)

    def take(self, slot: Slot, claim: Claim) -> bool:
        """Claim a slot with epoch 1 if nobody ever held it, else as successor of the last epoch.

        Whatever life of the ring that was in: its holder may be somewhere still.
        """
        if claim.epoch == 1:
            condition, values = f"attribute_not_exists({SORT_KEY})", {}
        else:
            condition, values = "epoch = :last", {":last": claim.epoch - 1}
        return self._write(slot.subject, CLAIM, claim, condition, values)

    def renew(self, slot: Slot, claim: Claim) -> bool:
        """Write the holder's own claim anew; false if somebody else holds the slot by now."""
        return self._write(
            slot.subject,
            CLAIM,
            claim,
            "epoch = :epoch AND #instance = :instance",
            {":epoch": claim.epoch, ":instance": claim.instance},
            {"#instance": "instance"},
        )

    def repair(self, slot: Slot) -> Repair | None:
        """What the slot's replacement wants repaired among the survivors."""
        return self._read(Repair, slot.subject, REPAIR)

    def ask_repair(self, slot: Slot, repair: Repair) -> bool:
        """Ask for it, unless it was asked under this epoch or a later one."""
        return self._write(
            slot.subject,
            REPAIR,
            repair,
            f"attribute_not_exists({SORT_KEY}) OR epoch < :epoch",
            {":epoch": repair.epoch},
        )

    def report_alone(self, slot: Slot, repair: Repair) -> bool:
        """Write down anew of which ranges one replica is left; false if a repair was reported."""
        return self._write(
            slot.subject,
            REPAIR,
            repair,
            "epoch = :epoch AND size(done) = :count",
            {":epoch": repair.epoch, ":count": len(repair.done)},
        )

    def report_repaired(self, slot: Slot, repair: Repair) -> bool:
        """Write down which tasks are done; false if somebody wrote since it was read."""
        return self._write(
            slot.subject,
            REPAIR,
            repair,
            "epoch = :epoch AND size(done) < :count",
            {":epoch": repair.epoch, ":count": len(repair.done)},
        )

    def backup_wish(self) -> BackupWish | None:
        """The last whole backup that somebody asked for."""
        return self._read(BackupWish, self._ring, BACKUP)

    def ask_backup(self, wish: BackupWish) -> bool:
        """Ask for one, unless somebody asked for that or a later one."""
        condition = f"attribute_not_exists({SORT_KEY}) OR #moment < :moment"
        values, names = {":moment": wish.moment}, {"#moment": "moment"}
        return self._write(self._ring, BACKUP, wish, condition, values, names)

    def lease(self, subject: str) -> Lease | None:
        """Who may act for `subject` now or did last."""
        return self._read(Lease, subject, LEASE)

    def take_lease(self, subject: str, lease: Lease) -> bool:
        """Take it as number `lease.number` if that is the next one."""
        condition = f"attribute_not_exists({SORT_KEY})" if lease.number == 1 else "#number = :last"
        values = {} if lease.number == 1 else {":last": lease.number - 1}
        names = {} if lease.number == 1 else {"#number": "number"}
        return self._write(subject, LEASE, lease, condition, values, names)

    def _read(self, kind: type[Fact], subject: str, fact: str) -> Fact | None:
        try:
            answer = self._table.get_item(
                Key={PARTITION_KEY: subject, SORT_KEY: fact}, ConsistentRead=True
            )
        except (BotoCoreError, ClientError) as error:
            raise TableUnreachableError(str(error)) from error
        item = answer.get("Item")
        return None if item is None else from_item(kind, item)

    def _batch(self, subjects: list[str]) -> list[Mapping[str, Any]]:
        keys = [{PARTITION_KEY: subject, SORT_KEY: CLAIM} for subject in subjects]
        wanted: Any = {self._name: {"Keys": keys, "ConsistentRead": True}}
        found: list[Mapping[str, Any]] = []
        for _ in range(ATTEMPTS):
            try:
                answer = self._dynamodb.batch_get_item(RequestItems=wanted)
            except (BotoCoreError, ClientError) as error:
                raise TableUnreachableError(str(error)) from error
            found += answer["Responses"].get(self._name, ())
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return found
        raise TableUnreachableError(f"{len(wanted[self._name]['Keys'])} items remained unread")

    def _write(
        self,
        subject: str,
        fact: str,
        value: BackupWish | Birth | Claim | Repair | Lease,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> bool:
        given: dict[str, Any] = {"ConditionExpression": condition}
        if values:
            given["ExpressionAttributeValues"] = values
        if names:
            given["ExpressionAttributeNames"] = names
        try:
            self._table.put_item(
                Item={PARTITION_KEY: subject, SORT_KEY: fact, **to_item(value)}, **given
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise TableUnreachableError(str(error)) from error
        except BotoCoreError as error:
            raise TableUnreachableError(str(error)) from error
        return True
