"""Acts as a ring's superuser, also while its password is being changed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from paved_road_ring_agent.cql import Cql, LoginRefusedError, name, text
from paved_road_ring_agent.vault import Credential, Vault

Connect = Callable[[Credential], AbstractContextManager[Cql]]


@contextmanager
def acting(vault: Vault, connect: Connect) -> Iterator[Cql]:
    """A session as the superuser. Raises `LoginRefusedError` if it may not log in.

    A password that was drawn anew is set by whoever comes first, with the one before it. Nodes
    remember a password for up to a minute, so either may be refused meanwhile.
    """
    current = vault.superuser()
    with ExitStack() as stack:
        try:
            cql = stack.enter_context(connect(current))
        except LoginRefusedError:
            previous = vault.previous_superuser()
            if previous is None:
                raise
            cql = stack.enter_context(connect(previous))
            who, password = name(current.username), text(current.password)
            cql.execute(f"ALTER ROLE {who} WITH PASSWORD = {password}")
        yield cql
