"""How agents speak CQL: never to a stranger, and names and passwords are only ever that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring.statements import split
from paved_road_ring_agent.cql import Way, connected, name, text
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.vault import Credential

NOBODY = Credential(username="nobody", password="nothing", version="1")


@pytest.mark.parametrize("trust", ["", "no certificate"])
def test_without_roots_to_trust_nobody_is_called(trust: str) -> None:
    with (
        pytest.raises(NodeSilentError, match="roots"),
        connected(Way(addresses=["127.0.0.1"], trust=trust), NOBODY),
    ):
        pass


@given(word=st.text(min_size=1))
def test_whatever_a_password_holds_ends_no_statement(word: str) -> None:
    statement = f"ALTER ROLE {name(word)} WITH PASSWORD = {text(word)}"
    assert split(f"{statement};") == [statement]
