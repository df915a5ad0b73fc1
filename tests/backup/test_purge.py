"""What a purge deletes, and that nothing of it was needed: by example and over any history."""

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.log_plan import kept_for
from paved_road_ring_backup.purge import MARGIN_SECONDS, RUN_SECONDS
from paved_road_ring_backup.retention import Keep
from tests.backup.stories import DAY, HOUR, file
from tests.backup.two_slots import SLOTS, Bucket

NEWEST_ONLY = Keep(hourly=0, daily=0, weekly=0)


def test_what_no_kept_set_needs_goes_and_what_one_needs_stays_wherever_it_is() -> None:
    bucket = Bucket()
    bucket.back_up("ab")
    bucket.now += 20 * DAY
    bucket.back_up("bc")
    bucket.now += 20 * DAY
    found = bucket.look(NEWEST_ONLY, locked_days=0)
    gone = found.deletions()
    first = min(bucket.sets)
    assert (found.dropped_sets, found.freed) == ([first], 200)
    assert gone[0] == first
    names = [key.rpartition("/")[2] for key in gone[1:]]
    assert names[:4] == ["part.json", "manifest.json", "part.json", "manifest.json"]
    assert set(names[4:]) == {file("a").sha256}
    bucket.delete(gone)
    assert len(bucket.objects) == 4
    assert bucket.look(NEWEST_ONLY, locked_days=0).deletions() == []


def test_nothing_is_touched_that_the_lock_holds_nor_what_a_restore_uses() -> None:
    bucket = Bucket()
    bucket.back_up("a")
    bucket.now += 30 * DAY
    bucket.back_up("b")
    oldest = min(bucket.sets)
    assert bucket.look(NEWEST_ONLY, locked_days=35).deletions() == []
    bucket.now += 13 * DAY
    assert bucket.look(NEWEST_ONLY, locked_days=35, pinned={oldest}).deletions() == []
    assert len(bucket.look(NEWEST_ONLY, locked_days=35).deletions()) == 7


def test_what_a_run_left_that_never_ended_goes_once_it_must_have_given_up() -> None:
    bucket = Bucket()
    bucket.begin(SLOTS[0], 1, "ab")
    bucket.upload(SLOTS[0], 1)
    bucket.now += RUN_SECONDS
    assert bucket.look(NEWEST_ONLY, locked_days=0).deletions() == []
    bucket.now += MARGIN_SECONDS + 1
    assert len(bucket.look(NEWEST_ONLY, locked_days=0).deletions()) == 2


def assert_whole(bucket: Bucket) -> None:
    """All sets, each slot's newest run, what its next one builds on, and a week's logs."""
    for one in bucket.sets.values():
        for part in one.parts:
            assert bucket.manifests[part.run].objects <= bucket.objects
    for slot, epoch in bucket.epochs.items():
        newest = bucket.newest_of.get((slot, epoch))
        assert newest is None or newest in bucket.manifests
        base = bucket.newest(slot, epoch)
        assert base is None or base.objects <= bucket.objects
    last = max((one.settled for one in bucket.sets.values()), default=0)
    window = bucket.now - Keep().seconds_for * DAY
    for one in bucket.sets.values():
        if one.settled >= min(last, window):
            for part in one.parts:
                assert kept_for(bucket.shipped(part.run.slot), part) <= bucket.logs


def test_what_a_run_began_on_stays_until_it_ends() -> None:
    bucket = Bucket()
    bucket.begin(SLOTS[0], 1, "ab")
    bucket.finish(SLOTS[0], 1)
    bucket.now += 30 * DAY
    bucket.begin(SLOTS[0], 1, "bc")
    bucket.delete(bucket.look(NEWEST_ONLY, locked_days=0).deletions())
    bucket.finish(SLOTS[0], 1)
    assert_whole(bucket)


def test_an_old_owners_later_run_does_not_take_away_what_its_successor_began_on() -> None:
    bucket = Bucket()
    slot = SLOTS[0]
    bucket.begin(slot, 1, "ab")
    bucket.finish(slot, 1)
    bucket.now += 30 * DAY
    bucket.epochs[slot] = 2
    bucket.begin(slot, 2, "ab")
    bucket.begin(slot, 1, "c")
    bucket.finish(slot, 1)
    bucket.now += RUN_SECONDS - HOUR
    look = bucket.look(NEWEST_ONLY, locked_days=0)
    bucket.finish(slot, 2)
    bucket.delete(look.deletions())
    assert_whole(bucket)
    bucket.begin(slot, 1, "d")
    bucket.finish(slot, 1)
    bucket.now += 30 * DAY
    bucket.delete(bucket.look(NEWEST_ONLY, locked_days=0).deletions())
    assert_whole(bucket)


def test_clocks_may_differ_by_the_margin() -> None:
    bucket = Bucket()
    slot = SLOTS[0]
    bucket.begin(slot, 1, "ab")
    bucket.finish(slot, 1)
    bucket.now += 30 * DAY
    bucket.epochs[slot] = 2
    bucket.clocks[slot, 1] = -MARGIN_SECONDS
    bucket.begin(slot, 2, "ab")
    bucket.begin(slot, 1, "c")
    bucket.finish(slot, 1)
    bucket.now += RUN_SECONDS - 2
    bucket.delete(bucket.look(NEWEST_ONLY, locked_days=0).deletions())
    bucket.finish(slot, 2)
    assert_whole(bucket)


slots = st.sampled_from(SLOTS)
contents = st.sets(st.sampled_from("abc"), min_size=1)
back = st.sampled_from([0, 0, 1, 2])


class Histories(RuleBasedStateMachine):
    """Runs, crashes, owners that were superseded and write on, and purges cut off anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket = Bucket()
        self.deletions: Sequence[str] = ()

    @rule(seconds=st.sampled_from([HOUR, DAY, 3 * DAY, RUN_SECONDS - DAY, 9 * DAY]))
    def time_passes(self, seconds: int) -> None:
        self.bucket.now += seconds

    @rule(slot=slots, back=back, contents=contents)
    def a_run_begins_and_one_before_it_is_forgotten(
        self, slot: Slot, back: int, contents: set[str]
    ) -> None:
        self.bucket.begin(slot, max(1, self.bucket.epochs[slot] - back), contents)

    @precondition(lambda self: self.bucket.running)
    @rule(data=st.data(), count=st.integers(1, 3))
    def a_run_sends_some(self, data: st.DataObject, count: int) -> None:
        self.bucket.upload(*data.draw(st.sampled_from(sorted(self.bucket.running))), count)

    @precondition(lambda self: self.bucket.running)
    @rule(data=st.data())
    def a_run_ends(self, data: st.DataObject) -> None:
        self.bucket.finish(*data.draw(st.sampled_from(sorted(self.bucket.running))))

    @rule(slot=slots, back=back, contents=contents)
    def a_run_begins_and_ends(self, slot: Slot, back: int, contents: set[str]) -> None:
        epoch = max(1, self.bucket.epochs[slot] - back)
        self.bucket.begin(slot, epoch, contents)
        self.bucket.finish(slot, epoch)

    @rule(slot=slots, ahead=st.integers(-MARGIN_SECONDS // 2, MARGIN_SECONDS // 2))
    def a_slot_is_claimed_anew(self, slot: Slot, ahead: int) -> None:
        self.bucket.epochs[slot] += 1
        self.bucket.clocks[slot, self.bucket.epochs[slot]] = ahead

    @rule(slot=slots, back=back)
    def a_node_ships_its_logs(self, slot: Slot, back: int) -> None:
        self.bucket.ship(slot, max(1, self.bucket.epochs[slot] - back))

    @rule()
    def a_set_is_assembled(self) -> None:
        self.bucket.assemble()

    @rule(hourly=st.integers(0, 2), locked_days=st.sampled_from([0, 0, 9]))
    def a_purge_looks(self, hourly: int, locked_days: int) -> None:
        keep = Keep(hourly=hourly, daily=0, weekly=0)
        self.deletions = self.bucket.look(keep, locked_days).deletions()

    @precondition(lambda self: self.deletions)
    @rule(count=st.sampled_from([1, 3, 100]))
    def a_purge_deletes_some(self, count: int) -> None:
        self.bucket.delete(self.deletions[:count])
        self.deletions = self.deletions[count:]

    @rule()
    def a_purge_runs(self) -> None:
        self.bucket.delete(self.bucket.look(NEWEST_ONLY, locked_days=0).deletions())

    @invariant()
    def all_is_whole(self) -> None:
        assert_whole(self.bucket)


Histories.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestHistories = Histories.TestCase
