"""Which hosts are started, stopped and given up."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.hosts.instances import loopback
from paved_road_lab.hosts.plan import Plan, new_roots, plan
from paved_road_lab.hosts.restarts import STARTS, WINDOW_SECONDS

NOW = 10_000.0


@dataclass(frozen=True)
class Known:
    instance_id: str
    starts: tuple[float, ...] = (NOW - 1,)
    failed: bool = False


@dataclass(frozen=True)
class Rooted:
    root_volume: str


def test_a_host_gets_the_root_volume_that_its_instance_has_by_now() -> None:
    instances = {name: Rooted(f"vol-{name}") for name in "abcd"} | {"e": Rooted("")}
    hosts = {"a": Rooted("vol-a"), "b": Rooted("vol-old"), "c": Rooted(""), "e": Rooted("vol-e")}
    # Of c and e nobody knows enough, d has no host yet.
    assert new_roots(instances, hosts) == ("b",)


def test_a_new_instance_gets_a_host() -> None:
    assert plan({"i-1"}, [], (), NOW) == Plan(starts=("i-1",))


def test_a_host_that_lives_is_left_alone() -> None:
    assert plan({"i-1"}, [Known("i-1")], {"i-1"}, NOW) == Plan()


def test_a_host_without_an_instance_is_stopped_dead_or_alive_or_given_up() -> None:
    hosts = [Known("i-1"), Known("i-2"), Known("i-3", failed=True)]
    assert plan((), hosts, {"i-1"}, NOW) == Plan(stops=("i-1", "i-2", "i-3"))


def test_a_dead_host_is_started_again_within_the_limit() -> None:
    host = Known("i-1", starts=tuple(NOW - n for n in range(STARTS - 1)))
    assert plan({"i-1"}, [host], (), NOW) == Plan(starts=("i-1",))


def test_a_host_at_the_limit_is_given_up_and_stays_so() -> None:
    host = Known("i-1", starts=tuple(NOW - n for n in range(STARTS)))
    assert plan({"i-1"}, [host], (), NOW) == Plan(fails=("i-1",))
    much_later = NOW + 10 * WINDOW_SECONDS
    given_up = Known("i-1", host.starts, failed=True)
    assert plan({"i-1"}, [given_up], (), much_later) == Plan()


def test_starts_before_the_window_do_not_count() -> None:
    host = Known("i-1", starts=(NOW - WINDOW_SECONDS,) * 10 * STARTS)
    assert plan({"i-1"}, [host], (), NOW) == Plan(starts=("i-1",))


names = st.sampled_from([f"i-{n}" for n in range(6)])
known = st.builds(Known, names, st.lists(st.floats(0, NOW), max_size=8).map(tuple), st.booleans())


@given(st.sets(names), st.lists(known, unique_by=lambda host: host.instance_id), st.sets(names))
def test_nothing_alive_is_started_and_nothing_wanted_is_stopped(
    instances: set[str], hosts: list[Known], names_alive: set[str]
) -> None:
    alive = names_alive & {host.instance_id for host in hosts}
    todo = plan(instances, hosts, alive, NOW)
    assert not set(todo.starts) & alive
    assert set(todo.starts) | set(todo.fails) <= instances
    assert set(todo.stops) == {host.instance_id for host in hosts} - instances
    assert len({*todo.starts, *todo.stops, *todo.fails}) == sum(
        map(len, (todo.starts, todo.stops, todo.fails))
    )


@pytest.mark.parametrize("private", ["10.1.2.3", "127.1.2.3", "172.1.2.3"])
def test_an_address_is_one_of_this_machine(private: str) -> None:
    assert loopback(private) == "127.1.2.3"
