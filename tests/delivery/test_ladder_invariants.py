"""What holds in every situation, likely or not."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.ladder import Ended, Seen, Shift, Traffic, Verdict, Walk, decide
from paved_road_delivery.ladder.asks import Ask, Promote, Retire
from paved_road_delivery.ladder.gates import needed
from paved_road_delivery.ladder.guard import MOST_STANDING, may_not_shrink
from paved_road_delivery.ladder.seen import Judged, Release, Stack
from paved_road_delivery.ladder.steps import (
    Copy,
    Delete,
    Done,
    Raise,
    Record,
    Refuse,
    Route,
    Step,
    Stop,
)
from tests.delivery.walks import (
    BASE,
    NEW,
    NOON,
    OLD,
    do,
    held_by,
    promote,
    release,
    rollback,
    seen,
)

OTHER = "place-order-v041"
MADE = baseline_name(OLD)
NAMES = (OTHER, OLD, BASE, NEW, MADE)


@st.composite
def traffics(draw: st.DrawFn) -> Traffic:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    left, shares = 100, {}
    for name in names[1:]:
        shares[name] = draw(st.integers(1, left - 1)) if left > 1 else 0
        left -= shares[name]
    shares[names[0]] = left
    cohort = draw(st.none() | st.sampled_from(NAMES))
    return Traffic(shares={name: share for name, share in shares.items() if share}, cohort=cohort)


def releases(name: str) -> st.SearchStrategy[Release]:
    return st.builds(
        release,
        st.just(name),
        healthy=st.integers(0, 20),
        registered=st.integers(0, 20),
        minimum=st.integers(1, 20),
        stack=st.sampled_from([Stack.WHOLE, Stack.WHOLE, *Stack]),
        alarms=st.sampled_from([(), (), ("Latency",), ("x-NoHealthyTargets1-Y",)]),
        held_until=st.none() | st.just(NOON + timedelta(days=1)),
    )


WALKS = st.builds(
    Walk,
    candidate=st.just(NEW),
    previous=st.just(OLD),
    baseline=st.none() | st.sampled_from([BASE, MADE]),
    full=st.integers(1, 20),
    since=st.sampled_from([NOON, NOON - timedelta(minutes=20), NOON - timedelta(days=1)]),
    by=st.just("ann"),
    why=st.just("new prices"),
    reached=st.sampled_from([0, 1, 5, 25, 50, 100]),
    cohort=st.booleans(),
    ended=st.none() | st.sampled_from(Ended),
)
VERDICTS = st.builds(
    Verdict, candidate=st.just(NEW), judged=st.sampled_from(Judged), since=st.just(NOON)
)


@st.composite
def services(draw: st.DrawFn) -> Seen:
    live = draw(traffics())
    return Seen(
        service="place-order",
        region="us-east-1",
        now=NOON,
        releases=draw(
            st.tuples(*(releases(name) for name in NAMES[:-1]))
            | st.tuples(*(releases(name) for name in NAMES[1:]))
        ),
        live=live,
        recorded=draw(st.just(live) | traffics()),
        settled=draw(st.booleans()),
        walk=draw(st.none() | WALKS),
        holder=draw(st.none() | st.just(held_by("ann"))),
        verdict=draw(st.none() | VERDICTS),
    )


ASKS: st.SearchStrategy[Ask] = st.one_of(
    st.builds(promote, again=st.booleans(), copies=st.booleans()),
    st.builds(rollback, by=st.just("ann"), tidies=st.booleans()),
    st.builds(Shift, by=st.just("ann"), why=st.just(""), release=st.sampled_from(NAMES),
              percent=st.integers(0, 100)),
    st.builds(Retire, by=st.just("ann"), why=st.just(""), release=st.sampled_from(NAMES),
              confirmed=st.just(True)),
)  # fmt: skip


def healthy(one: Seen, name: str) -> int:
    found = one.release(name)
    return found.healthy if found else 0


@given(services(), ASKS)
def test_every_step_in_every_situation(one: Seen, ask: Ask) -> None:
    step = decide(one, ask)
    adds_up_and_gives_nobody_unhealthy_more(one, ask, step)
    only_ways_back_give_more_than_a_share_takes(one, ask, step)
    a_minimum_is_only_raised_and_never_over_the_maximum(one, ask, step)
    nothing_that_may_be_needed_is_deleted(one, ask, step)
    a_copy_is_made_for_a_walk_that_names_it_and_has_room(one, ask, step)


def adds_up_and_gives_nobody_unhealthy_more(one: Seen, _: Ask, step: Step) -> None:
    if not isinstance(step, Record | Route):
        return
    wanted = step.traffic
    assert sum(wanted.shares.values()) == 100
    assert all(share > 0 for share in wanted.shares.values())
    for name in wanted.served:
        more = wanted.share(name) > one.live.share(name)
        joins = wanted.serves(name) and not one.live.serves(name)
        if more or joins:
            assert healthy(one, name) > 0


def only_ways_back_give_more_than_a_share_takes(one: Seen, ask: Ask, step: Step) -> None:
    """Two thirds of the instances may carry all for a while, or any if nobody else can."""
    if not isinstance(step, Route):
        return
    for name, share in step.traffic.shares.items():
        if share <= one.live.share(name) or healthy(one, name) >= needed(share, one.full):
            continue
        assert not isinstance(ask, Shift)
        assert name == OLD
        others = [r for r in one.releases if r.name != name and one.live.share(r.name)]
        alone = not any(r.healthy for r in others)
        assert alone or 3 * healthy(one, name) >= 2 * one.full


@given(services())
def test_a_rollback_is_possible_while_the_old_one_is_healthy(one: Seen) -> None:
    """Whatever the state, whoever holds the service, however little is in step."""
    ask = rollback(to=OLD)
    for _ in range(12):
        step = decide(one, ask)
        if healthy(one, OLD):
            assert not isinstance(step, Refuse | Stop)
        if isinstance(step, Done | Refuse):
            break
        before, one = one, do(one, step)
        assert one.live.share(OLD) >= before.live.share(OLD)
    if healthy(one, OLD) * 3 >= 2 * one.full:
        assert isinstance(step, Done)
        assert one.live == one.recorded == Traffic(shares={OLD: 100})


def a_minimum_is_only_raised_and_never_over_the_maximum(one: Seen, _: Ask, step: Step) -> None:
    if isinstance(step, Raise):
        found = one.release(step.release)
        assert found
        assert found.minimum < step.minimum <= found.maximum


def nothing_that_may_be_needed_is_deleted(one: Seen, _: Ask, step: Step) -> None:
    if isinstance(step, Delete):
        name = step.release
        assert not one.live.serves(name)
        assert not one.recorded.serves(name)
        assert healthy(one, name) == 0 or any(healthy(one, n) for n in NAMES if n != name)
        assert not (one.under_way and name in {NEW, OLD})
        walk = one.under_way
        compared = walk is not None and name == walk.baseline and walk.reached < 100
        assert not compared or one.live == Traffic(shares={OLD: 100}), "only after a way back"


def a_copy_is_made_for_a_walk_that_names_it_and_has_room(one: Seen, ask: Ask, step: Step) -> None:
    if isinstance(step, Copy):
        assert one.under_way
        assert step.name == one.under_way.baseline == MADE
        assert step.of == OLD
        assert one.release(MADE) is None
        assert len(one.releases) < MOST_STANDING
        assert isinstance(ask, Promote)


@given(traffics(), st.sampled_from(NAMES), st.integers(0, 20))
def test_who_has_traffic_is_never_emptied(live: Traffic, name: str, healthy: int) -> None:
    one = seen(live=live, releases=tuple(release(each, healthy=healthy) for each in NAMES))
    assert bool(may_not_shrink(one, name, 0)) == (live.serves(name) or one.recorded.serves(name))
