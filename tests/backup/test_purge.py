"""What a purge deletes, and that nothing of it was needed: by example and over any history."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_backup.assembly import Assembly
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.node_manifest import Facts, File, NodeManifest
from paved_road_ring_backup.plan import Plan, plan
from paved_road_ring_backup.purge import MARGIN_SECONDS, RUN_SECONDS, Purge
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from tests.agent.scenes import DC, claim
from tests.backup.stories import DAY, HOUR, NOON, file

BIRTH = Birth(incarnation="one", racks=("a",), base=2)
PAST = Past(ring="orders", data_center=DC, incarnation="one")
SLOTS = BIRTH.slots(DC)
NEWEST_ONLY = Keep(hourly=0, daily=0, weekly=0)


@dataclass
class Bucket:
    """A bucket of one ring of two slots, and whatever runs are on their way to it."""

    now: int = NOON
    objects: set[str] = field(default_factory=set)
    manifests: dict[Run, NodeManifest] = field(default_factory=dict)
    sets: dict[str, RingManifest] = field(default_factory=dict)
    epochs: dict[Slot, int] = field(default_factory=lambda: dict.fromkeys(SLOTS, 1))
    running: dict[tuple[Slot, int], Plan] = field(default_factory=dict)
    clocks: dict[tuple[Slot, int], int] = field(default_factory=dict)
    """By how much each owner's is ahead."""
    newest_of: dict[tuple[Slot, int], Run] = field(default_factory=dict)

    def time(self, slot: Slot, epoch: int) -> int:
        return self.now + self.clocks.get((slot, epoch), 0)

    def newest(self, slot: Slot, epoch: int) -> NodeManifest | None:
        """What an owner of that epoch takes for its base."""
        found = [run for run in self.manifests if run.slot == slot and run.epoch <= epoch]
        return self.manifests[max(found)] if found else None

    def begin(self, slot: Slot, epoch: int, contents: Collection[str]) -> None:
        self.now += 1
        run = Run(past=PAST, slot=slot, epoch=epoch, moment=self.time(slot, epoch))
        files: list[File] = [file(one) for one in contents]
        self.running[slot, epoch] = plan(run, files, self.newest(slot, epoch))

    def upload(self, slot: Slot, epoch: int, count: int | None = None) -> None:
        """The first `count` of what it has to send, if it is not too late for all of it."""
        made = self.running[slot, epoch]
        if self.time(slot, epoch) - made.run.moment < RUN_SECONDS:
            self.objects |= {made.run.object(one.sha256) for one in made.uploads[:count]}

    def finish(self, slot: Slot, epoch: int) -> None:
        """All that is left, and the manifest, unless it has taken too long."""
        self.upload(slot, epoch)
        made = self.running.pop((slot, epoch))
        if self.time(slot, epoch) - made.run.moment < RUN_SECONDS:
            known = Facts(host_id="h", token=BIRTH.token(slot), cassandra="5.0.9", schema="s1")
            self.manifests[made.run] = made.manifest(known, self.time(slot, epoch))
            self.newest_of[slot, epoch] = made.run

    def assemble(self) -> None:
        found = Assembly(
            past=PAST,
            birth=BIRTH,
            claims={one: claim("a0", epoch=epoch) for one, epoch in self.epochs.items()},
            reports=[Part.of(one) for one in self.manifests.values()],
            now=self.now,
            oldest_seconds=100 * DAY,
        ).outcome()
        if isinstance(found, RingManifest):
            self.sets.setdefault(found.key, found)

    def look(self, keep: Keep, locked_days: int, pinned: Collection[str] = ()) -> Purge:
        folders: dict[Run, set[str]] = {
            run: {"manifest.json", "part.json"} for run in self.manifests
        }
        for key in self.objects:
            folder, _, name = key.rpartition("/")
            folders.setdefault(Run.of(f"{folder}/"), set()).add(name)
        return Purge(
            sets=tuple(self.sets.values()),
            manifests=dict(self.manifests),
            folders=folders,
            incarnation="one",
            now=self.now,
            keep=keep,
            locked_days=locked_days,
            pinned=pinned,
        )

    def delete(self, keys: Collection[str]) -> None:
        self.objects -= set(keys)
        self.sets = {key: one for key, one in self.sets.items() if key not in keys}
        self.manifests = {r: one for r, one in self.manifests.items() if r.manifest not in keys}

    def back_up(self, contents: Collection[str]) -> None:
        """Both slots, and the set that they make."""
        for slot in SLOTS:
            self.begin(slot, self.epochs[slot], contents)
            self.finish(slot, self.epochs[slot])
        self.assemble()


def test_what_no_kept_set_needs_goes_and_what_one_needs_stays_wherever_it_is() -> None:
    bucket = Bucket()
    bucket.back_up("ab")
    bucket.now += 20 * DAY
    bucket.back_up("bc")
    bucket.now += 20 * DAY
    gone = bucket.look(NEWEST_ONLY, locked_days=0).deletions()
    first = min(bucket.sets)
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
    """All sets, each slot's newest run, and what its next one builds on."""
    for one in bucket.sets.values():
        for part in one.parts:
            assert bucket.manifests[part.run].objects <= bucket.objects
    for slot, epoch in bucket.epochs.items():
        newest = bucket.newest_of.get((slot, epoch))
        assert newest is None or newest in bucket.manifests
        base = bucket.newest(slot, epoch)
        assert base is None or base.objects <= bucket.objects


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


Histories.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestHistories = Histories.TestCase
