"""An order, and how it looks in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

GREGORIAN = datetime(1582, 10, 15, tzinfo=UTC)
"""Where the clock of time-based ids begins: https://www.rfc-editor.org/rfc/rfc9562#section-5.1"""

LONGEST = 200
"""Characters of a customer's or an item's name."""

MOST = 10_000
"""Pieces in one order."""


class WrongOrderError(ValueError):
    """Everything that is wrong with an order, in one sentence."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Its id says when it was placed (a UUID of version 1), so writing it twice is harmless."""

    id: UUID
    customer: str
    item: str
    quantity: int

    @property
    def placed(self) -> datetime:
        """When its id was drawn."""
        return GREGORIAN + timedelta(microseconds=self.id.time // 10)

    @staticmethod
    def read(id: str, body: object) -> "Order":
        """From a request. Raises `WrongOrderError` with all faults."""
        given = body if isinstance(body, Mapping) else {}
        faults = [*_id_faults(id)]
        for name in ("customer", "item"):
            value = given.get(name)
            if not isinstance(value, str) or not 1 <= len(value) <= LONGEST or not _is_text(value):
                faults.append(f"{name} must be a text of 1 to {LONGEST} characters, got {value!r}")
        quantity = given.get("quantity")
        if type(quantity) is not int or not 1 <= quantity <= MOST:
            faults.append(f"quantity must be a number from 1 to {MOST}, got {quantity!r}")
        if faults:
            raise WrongOrderError("; ".join(faults))
        return Order(
            id=UUID(id),
            customer=str(given["customer"]),
            item=str(given["item"]),
            quantity=int(given["quantity"]),
        )

    def told(self) -> dict[str, str | int]:
        """As JSON."""
        return {
            "id": str(self.id),
            "customer": self.customer,
            "item": self.item,
            "quantity": self.quantity,
            "placed": self.placed.isoformat(),
        }


def _is_text(value: str) -> bool:
    """JSON can hold half a character, which nothing can store."""
    return not any(0xD800 <= ord(one) <= 0xDFFF for one in value)


def read_id(id: str) -> UUID:
    """Raises `WrongOrderError` for an id that says no time."""
    if faults := _id_faults(id):
        raise WrongOrderError(*faults)
    return UUID(id)


def _id_faults(id: str) -> list[str]:
    try:
        version = UUID(id).version
    except ValueError:
        version = None
    return [] if version == 1 else [f"id must be a UUID of version 1, got {id!r}"]
