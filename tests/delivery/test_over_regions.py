"""A promotion through two regions: one at a time, and each region's failure its own."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_delivery.baseline import create_baseline
from paved_road_delivery.contract import baseline_name
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ended, Promote, Rollback, Seen, Traffic, Verdict
from paved_road_delivery.ladder.asks import LADDER
from paved_road_delivery.ladder.regions import Everywhere, Go, Soak
from paved_road_delivery.ladder.seen import Judged
from paved_road_delivery.ladder.steps import Done, Stop
from paved_road_delivery.observe import observe
from paved_road_delivery.over_regions import RegionsWalk
from paved_road_delivery.service import LiveService
from tests.delivery.releases import in_service

pytestmark = pytest.mark.slow

RUNGS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)


@pytest.fixture
def pair(services: list[LiveService]) -> tuple[str, str]:
    """Two releases that stand in both regions, the first one in service."""
    for one in services:
        old, new = in_service(one, 1, 2)
    return old, new


def promote(release: str, **given: object) -> Promote:
    standard = {"by": "ann", "why": "new prices", "release": release, "rungs": RUNGS}
    return Promote(**{**standard, **given})  # type: ignore[arg-type]


def fails(seen: Seen) -> Verdict | None:
    """A judge who fails whoever has traffic."""
    walk = seen.walk
    if walk is None or not walk.reached:
        return None
    return Verdict(candidate=walk.candidate, judged=Judged.FAIL, since=walk.since, why="slow")


def walk(services: list[LiveService], *failing: str, **given: object) -> RegionsWalk:
    drivers = [
        Driver(one, lambda _: None, fails if one.region in failing else lambda _: None, _no_pause)
        for one in services
    ]
    standard = {"soak": timedelta(0), "pause": _no_pause}
    return RegionsWalk(drivers, lambda _: None, **{**standard, **given})  # type: ignore[arg-type]


def _no_pause(_: float) -> None:
    """Time is not what is tried here."""


def traffic(services: list[LiveService]) -> list[Traffic]:
    return [observe(one).live for one in services]


def test_all_regions_are_walked_in_their_order_with_a_soak_between(
    services: list[LiveService], pair: tuple[str, str]
) -> None:
    old, new = pair
    assert isinstance(walk(services).run(promote(new, until=5)), Done)
    assert {one.share(new) for one in traffic(services)} == {5}
    for one in services:
        Driver(one, lambda _: None, pause=_no_pause).run(Rollback(by="ann", why="once more"))
    soaking = walk(services, soak=timedelta(hours=1))
    again = promote(new, again=True)
    assert soaking.next(again) == Go(services[0].region)
    assert isinstance(soaking.drivers[0].run(again), Done)
    assert isinstance(soaking.next(promote(new)), Soak)
    assert traffic(services) == [Traffic(shares={new: 100}), Traffic(shares={old: 100})]
    # Who comes later and does not soak goes on where AWS says that it is.
    assert isinstance(walk(services).run(again), Done)
    assert traffic(services) == 2 * [Traffic(shares={new: 100})]
    assert walk(services).next(promote(new)) == Everywhere()


@pytest.mark.parametrize("all_back", [False, True])
def test_a_region_that_fails_goes_back_alone_unless_asked_otherwise(
    services: list[LiveService], pair: tuple[str, str], all_back: bool
) -> None:
    old, new = pair
    last = walk(services, "us-west-2", all_back=all_back).run(promote(new))
    assert isinstance(last, Stop)
    assert "us-west-2 was rolled back (the judge fails" in last.why
    first = old if all_back else new
    assert traffic(services) == [Traffic(shares={first: 100}), Traffic(shares={old: 100})]
    failed = observe(services[1]).walk
    assert failed
    assert failed.ended is Ended.ROLLED_BACK


def test_a_first_region_that_fails_is_the_only_one_that_was_touched(
    services: list[LiveService], pair: tuple[str, str]
) -> None:
    last = walk(services, "us-east-1").run(promote(pair[1], again=True))
    assert isinstance(last, Stop)
    assert "us-west-2 was not touched" in last.why
    assert observe(services[1]).walk is None


def test_what_a_driver_that_died_at_a_walks_end_left_is_ended_and_nothing_is_begun(
    services: list[LiveService], pair: tuple[str, str]
) -> None:
    old, new = pair
    assert isinstance(walk(services, "us-east-1").run(promote(new)), Stop)
    for one in services:
        create_baseline(one, baseline_name(old), old, 1)
    assert isinstance(walk(services).run(promote(new)), Stop)
    assert [observe(one).release(baseline_name(old)) for one in services] == [None, None]
    assert observe(services[1]).walk is None


@pytest.mark.usefixtures("pair")
def test_the_command_takes_regions_and_says_which_is_next(
    services: list[LiveService], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {one.region: one for one in services}
    for module in ("release_promote", "release_status"):
        monkeypatch.setattr(f"paved_road_cli.{module}.live", lambda *given: found[given[2]])
    regions = [word for one in services for word in ("--region", one.region)]
    where = [services[0].name, "--estate", "acme", *regions, "--json"]
    words = ["release", "promote", *where, "2", "--why", "x", "--not-judged", "--dry-run"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["step"] == "go"
    told = CliRunner().invoke(app, ["release", "status", *where])
    assert [one["region"] for one in json.loads(told.stdout)] == [one.region for one in services]
