"""The ladder driven against an AWS in a lab: state is there, and nowhere else."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_delivery.cloud import RefusedError
from paved_road_delivery.decide import Action
from paved_road_delivery.drive import Driver
from paved_road_delivery.holding import LEASE, Holding
from paved_road_delivery.ladder import Ended, Hold, Promote, Retire, Rollback, Seen, Step, Traffic
from paved_road_delivery.ladder.asks import LADDER, Ask
from paved_road_delivery.ladder.steps import Done, Refuse, Stop
from paved_road_delivery.observe import notes, observe, percents
from paved_road_delivery.release import Release
from paved_road_delivery.service import LiveService, describe_stack
from paved_road_judge.walks import verdict
from tests.delivery.releases import assembled, in_service, stand

RUNGS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)
"""No waits and no judge: what is tried here is the doing."""


class KilledError(Exception):
    """What ends a driver between two steps."""


@dataclass(frozen=True)
class Mortal(Driver):
    """Dies after its first step, without letting go of anything."""

    def do(self, seen: Seen, step: Step, ask: Ask) -> None:
        super().do(seen, step, ask)
        raise KilledError

    def _let_go(self, ask: Ask) -> None:
        """The dead let go of nothing."""


@pytest.fixture
def pair(service: LiveService) -> tuple[str, str]:
    """Two releases that stand, the first one in service."""
    old, new = in_service(service, 1, 2)
    return old, new


def promote(release: str, **given: Any) -> Promote:
    standard = {"by": "ann", "why": "new prices", "release": release, "rungs": RUNGS}
    return Promote(**{**standard, **given})


def driver(service: LiveService, kind: type[Driver] = Driver) -> Driver:
    return kind(service, lambda _: None, pause=lambda _: None)


def run_dying(service: LiveService, ask: Ask) -> Step:
    """One driver for each step."""
    for _ in range(60):
        try:
            return driver(service, Mortal).run(ask)
        except KilledError:
            continue
    raise AssertionError("no end after 60 drivers")


@pytest.mark.slow
@pytest.mark.parametrize("dying", [False, True])
def test_up_and_back_again_whether_drivers_live_or_die(
    service: LiveService, pair: tuple[str, str], dying: bool
) -> None:
    old, new = pair

    def run(ask: Ask) -> Step:
        return run_dying(service, ask) if dying else driver(service).run(ask)

    assert isinstance(run(promote(new)), Done)
    up = observe(service)
    assert up.live == up.recorded == Traffic(shares={new: 100})
    assert up.settled
    assert up.walk
    assert (up.walk.previous, up.walk.ended) == (old, Ended.IN_SERVICE)
    before = up.release(old)
    assert before
    assert before.minimum == 2
    assert before.held_until
    assert isinstance(run(Retire(by="ann", why="", release=old, confirmed=True)), Refuse)

    assert isinstance(run(Rollback(by="ann", why="complaints")), Done)
    back = observe(service)
    assert back.live == back.recorded == Traffic(shares={old: 100})
    assert back.settled
    assert back.walk
    assert back.walk.ended is Ended.ROLLED_BACK
    assert back.walk.told == "complaints"
    noted = [(one.walk.reached, one.walk.ended) for one in notes(service)]
    assert noted[0] == (0, None)
    assert noted[-2:] == [(100, Ended.IN_SERVICE), (100, Ended.ROLLED_BACK)]


@pytest.mark.slow
def test_what_is_retired_is_gone_and_nothing_else(
    service: LiveService, pair: tuple[str, str]
) -> None:
    old, new = pair
    lift = Hold(by="ann", why="", release=old, until=None)
    for ask in (promote(new), lift, Retire(by="ann", why="", release=old, confirmed=True)):
        assert isinstance(driver(service).run(ask), Done)
    assert [one.name for one in observe(service).releases] == [new]
    assert observe(service).live == Traffic(shares={new: 100})
    stack = f"acme-{service.region}-release-{old}"
    assert describe_stack(service.client("cloudformation"), stack) is None


@pytest.mark.slow
def test_of_two_operators_one_is_told_who_holds_the_service(
    service: LiveService, pair: tuple[str, str]
) -> None:
    _, new = pair
    now = datetime.now(UTC)
    assert Holding(service).take("ann", "promote", now, 0)
    refused = driver(service).run(promote(new, by="bob"))
    assert isinstance(refused, Refuse)
    assert "ann holds" in refused.why
    assert isinstance(driver(service).run(Rollback(by="bob", why="now", to=pair[0])), Done)


@pytest.mark.slow
def test_the_commands_say_what_is_and_what_would_be(
    service: LiveService, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = pair
    for module in ("release_status", "release_traffic", "release_promote"):
        monkeypatch.setattr(f"paved_road_cli.{module}.live", lambda *_: service)
    where = ["--estate", "acme", "--region", service.region]

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(app, ["release", words[0], service.name, *words[1:], *where])
        assert done.exit_code == code, done.output
        return str(done.exception) if code else done.stdout

    assert "nothing was promoted yet" in run("status")
    assert json.loads(run("history", "--json")) == []
    shift = ("shift", "2", "50", "--why", "by hand")
    assert "would claim next" in run(*shift, "--dry-run")
    assert observe(service).live == Traffic(shares={old: 100})
    assert "promote goes on from there" in run(*shift)
    assert "50%, under way" in run("status")
    rolled = json.loads(run("rollback", "--why", "complaints", "--json"))
    assert rolled["step"] == "done"
    told = json.loads(run("status", "--json"))
    assert told["live"]["shares"] == {old: 100}
    assert "rolled back" in run("history")
    assert "was rolled back" in run("promote", "2", "--why", "x", code=1)
    each = "2 of m8g.large: about 4.31 USD a day"
    again = ("promote", "2", "--why", "x", "--again", "--dry-run")
    assert f"(makes {old}-baseline, {each})" in run(*again)
    assert json.loads(run(*again, "--json"))["cost"] == f"makes {old}-baseline, {each}"
    assert "makes" not in run(*again, "--not-judged")
    cost = f"({each})"
    assert f"never used again {cost}" in run("retire", "2", "--why", "bad")
    assert cost in run("hold", "2", "--why", "to look at it")
    # Refused: CliRunner says 1 for any exception; `main` makes 2 of it.
    assert "it is held until" in run("retire", "2", "--delete", "--why", "bad", code=1)


@pytest.mark.slow
def test_a_rung_without_traffic_is_never_judged_good(
    service: LiveService, pair: tuple[str, str]
) -> None:
    """CloudWatch knows nothing of these releases, so the walk stops at the first judged rung."""
    _, new = pair
    rungs = tuple(replace(rung, soak=timedelta(0)) for rung in LADDER)
    judging = Driver(service, lambda _: None, lambda one: verdict(service, one), lambda _: None)
    ask = promote(new, rungs=rungs, patience=timedelta(0))
    stopped = judging.run(ask)
    assert isinstance(stopped, Stop)
    assert "served 0 requests, and 500 are the fewest" in stopped.why
    assert observe(service).live.share(new) == 1


@pytest.mark.slow
def test_a_sixth_release_is_refused_with_those_that_may_go(
    service: LiveService, pair: tuple[str, str], tmp_path: Path
) -> None:
    for number in (3, 4, 5):
        stand(service, number)
    assembly = assembled(service, 6, tmp_path)
    with pytest.raises(RefusedError, match="stand in us-east-1, the most") as refused:
        Release.find(service, 6, assembly).deploy(lambda _: None, dry_run=True)
    assert f"retire one of {pair[1]}, " in str(refused.value)
    retire = Retire(by="ann", why="", release=pair[1], confirmed=True)
    assert isinstance(driver(service).run(retire), Done)
    outcome = Release.find(service, 6, assembly).deploy(lambda _: None, dry_run=True)
    assert outcome.action is Action.CREATE


@pytest.mark.slow
def test_a_hold_passes_from_one_to_one(service: LiveService) -> None:
    holding, now = Holding(service), datetime.now(UTC)
    assert holding.last() == (0, None)
    assert holding.take("ann", "x", now, 0)
    assert not holding.take("bob", "x", now, 0)
    assert holding.take("bob", "x", now + LEASE, 1)
    assert not holding.take("carl", "x", now, 0), "who read two epochs ago is too late"
    epoch, holder = holding.last()
    assert holder
    assert (epoch, holder.who) == (2, "bob")
    holding.renew(1, replace(holder, who="ann"), now)
    assert holding.last() == (2, holder)
    holding.let_go(2, holder, now)
    lapsed = holding.last()[1]
    assert lapsed
    assert lapsed.until <= now


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 999)))
def test_weights_of_any_size_are_whole_percents(weights: dict[str, int]) -> None:
    shares = percents(weights)
    assert sum(shares.values()) == (100 if any(weights.values()) else 0)
    for name, share in shares.items():
        assert abs(share - 100 * weights[name] / sum(weights.values())) < 1
    if sum(weights.values()) == 100:
        assert shares == {name: weight for name, weight in weights.items() if weight}
