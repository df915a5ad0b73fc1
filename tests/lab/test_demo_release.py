"""The demo's releases, without a ring: up under traffic, back when slow, and once more."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from paved_road_cli.demo_release import SLOW, DemoRelease
from paved_road_cli.demo_rungs import ReleaseStory
from paved_road_delivery.ladder import Ended
from paved_road_delivery.ladder.guard import MOST_STANDING
from paved_road_delivery.observe import observe
from tests.lab.living_services import ORDERS_IN_MEMORY, LivingServices, services_lab, stand_in
from tests.lab.services_app import PLACE, synthesize_releases
from tests.lab.small_region import ESTATE, REGION
from tests.waiting import until

pytestmark = pytest.mark.slow

FIRST = f"{PLACE}-v001"


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("demo")) as made:
        slow = stand_in("place_order", "place-order", FAULT_DELAY_MS="120")
        made.start(
            {
                **ORDERS_IN_MEMORY,
                PLACE: stand_in("place_order", "place-order"),
                f"{PLACE}@{SLOW}": slow,
            }
        )
        yield made


def demo(living: LivingServices) -> DemoRelease:
    def assembly(digests: Mapping[int, str]) -> Path:
        outdir = living.folder / f"demo-{min(digests)}.out"
        return synthesize_releases(outdir, living.octet, digests)

    return DemoRelease(
        lab=living.lab,
        estate=ESTATE,
        region=REGION,
        declared=frozenset({FIRST}),
        assembly=assembly,
    )


def standing(living: LivingServices) -> set[str]:
    return {one.name for one in observe(living.service()).releases}


def both(story: ReleaseStory) -> tuple[str, str]:
    assert story.good
    assert story.bad
    assert story.good.ended is Ended.IN_SERVICE
    assert story.bad.ended is Ended.ROLLED_BACK
    assert "the judge fails" in story.bad.why
    return story.good.release, story.bad.release


def test_a_good_release_arrives_and_a_slow_one_goes_back(living: LivingServices) -> None:
    first = demo(living).tell(again=False)
    assert both(first) == (f"{PLACE}-v002", f"{PLACE}-v003")
    assert first.holds
    assert first.failed == {}
    assert first.good
    assert [one.percent for one in first.good.rungs] == [0, 5, 25, 100]
    assert first.bad
    assert [one.percent for one in first.bad.rungs] == [0, 5, 25, 0]
    assert "p50" in first.bad.why
    until(lambda: standing(living) == {FIRST, *both(first)})
    told = demo(living).tell(again=False)
    assert told.good is None
    assert told.holds
    assert f"100% {PLACE}-v002" in told.stands


@pytest.mark.torture
def test_it_may_be_seen_again_and_again(living: LivingServices) -> None:
    met = [both(demo(living).tell(again=True)) for _ in range(2)]
    numbers = [int(name[-3:]) for pair in met for name in pair]
    assert numbers == [*range(numbers[0], numbers[0] + 4)]
    until(lambda: {FIRST, met[0][1], *met[1]} <= standing(living))
    assert len(standing(living)) <= MOST_STANDING
