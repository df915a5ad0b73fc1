"""What a node's configuration never lets happen: plain text, strangers, a remembered superuser."""

from pathlib import Path
from typing import Any

import pytest

from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.settings import cassandra_yaml
from tests.agent.scenes import NODE, disk, stopped


def settings(door: Door) -> dict[str, Any]:
    action = decide(stopped("a0", disk=disk("a0")))
    assert isinstance(action, Start)
    start = Start(**{**vars(action), "door": door})
    return cassandra_yaml(NODE, start, Layout(Path("/"), Path("/bundle")))


@pytest.mark.parametrize("door", list(Door))
def test_both_ports_speak_tls_only_and_nodes_show_certificates(door: Door) -> None:
    found = settings(door)
    nodes, clients = found["server_encryption_options"], found["client_encryption_options"]
    assert found["storage_port"] == 7001
    assert (nodes["internode_encryption"], nodes["require_client_auth"]) == ("all", True)
    assert (clients["enabled"], nodes["optional"], clients["optional"]) == (True, False, False)
    for one in (nodes, clients):
        assert one["accepted_protocols"] == ["TLSv1.3", "TLSv1.2"]
        assert one["keystore"] == "/run/paved-road/tls/node.pem"


@pytest.mark.parametrize("door", sorted({*Door} - {Door.UNLOCKED}))
def test_passwords_and_rights_are_asked_behind_every_door_that_has_a_lock(door: Door) -> None:
    found = settings(door)
    assert found["authenticator"] == "PasswordAuthenticator"
    assert found["authorizer"] == "CassandraAuthorizer"
    assert found["auth_write_consistency_level"] == "LOCAL_QUORUM"
    assert found["auth_cache_warming_enabled"] is False


@pytest.mark.parametrize("door", list(Door))
def test_no_view_can_be_made_and_what_was_dropped_leaves_the_disk(door: Door) -> None:
    found = settings(door)
    assert found["materialized_views_enabled"] is False
    assert found["auto_snapshot_ttl"] == "1d"


def test_a_closed_door_does_not_listen_and_a_fenced_one_wants_a_certificate() -> None:
    found = {door: settings(door) for door in Door}
    listening = {door for door in Door if found[door]["start_native_transport"]}
    assert listening == {*Door} - {Door.CLOSED}
    wanting = {
        door for door in Door if found[door]["client_encryption_options"]["require_client_auth"]
    }
    assert wanting == {Door.FENCED, Door.UNLOCKED}


def test_who_asks_for_no_password_asks_for_a_certificate() -> None:
    for door in Door:
        found = settings(door)
        certified = found["client_encryption_options"]["require_client_auth"]
        assert found["authenticator"] == "PasswordAuthenticator" or certified
