"""What a service can be connected to."""

from typing import Protocol

from constructs import Construct

from paved_road.admission import Client


class Store(Protocol):
    """A ring, another service."""

    @property
    def name(self) -> str:
        """Its name in the estate."""

    def connect(self, scope: Construct, client: Client) -> None:
        """Give a service all it needs to use this; what that is stands in `scope`'s stack."""
