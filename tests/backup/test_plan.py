"""What a run sends: each content once, and only what its base has not."""

from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_backup.node_manifest import File
from paved_road_ring_backup.plan import plan
from tests.backup.stories import HOUR, NOON, facts, file, manifest, run

NEXT = run("a0", NOON + HOUR)


def test_the_first_run_sends_everything_and_the_same_content_once() -> None:
    files = [file("rows", "1"), file("toc", "2"), file("toc", "3")]
    made = plan(NEXT, files, None)
    assert [one.sha256 for one in made.uploads] == [files[0].sha256, files[1].sha256]
    assert made.size == 200
    assert {one.run for one in made.manifest(facts(NEXT.slot), NOON).files} == {NEXT}


def test_what_the_base_has_is_not_sent_again_even_under_another_name() -> None:
    base = manifest(run("a0"), "rows", "more")
    made = plan(NEXT, [file("rows", "renamed"), file("fresh")], base)
    assert made.uploads == (file("fresh"),)
    assert made.manifest(facts(NEXT.slot), NOON).objects == {
        base.run.object(file("rows").sha256),
        NEXT.object(file("fresh").sha256),
    }


def test_a_name_that_came_back_with_other_content_is_sent() -> None:
    base = manifest(run("a0"), "rows")
    other = file("other rows", name="rows")
    assert other.path == base.files[0].file.path
    assert plan(NEXT, [other], base).uploads == (other,)


contents = st.lists(st.sampled_from("abcdefgh"), max_size=12)


@given(contents, contents)
def test_every_file_is_in_the_manifest_and_every_object_is_the_bases_or_sent(
    now: list[str], before: list[str]
) -> None:
    base = manifest(run("a0"), *set(before)) if before else None
    files: list[File] = [file(one, f"{place}{one}") for place, one in enumerate(now)]
    made = plan(NEXT, files, base)
    whole = made.manifest(facts(NEXT.slot), NOON)
    assert sorted(one.file for one in whole.files) == sorted(files)
    sent = {NEXT.object(one.sha256) for one in made.uploads}
    assert len(sent) == len(made.uploads)
    assert whole.objects <= sent | (base.objects if base else set())
    assert sent <= whole.objects
