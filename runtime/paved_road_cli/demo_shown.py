"""The demo's releases as people read them."""

from paved_road_cli.demo_rungs import ReleaseStory, WalkMet
from paved_road_cli.output import stdout, table


def show_release(story: ReleaseStory) -> None:
    """A table for each walk, then what callers met altogether."""
    for walk in (story.good, story.bad):
        if walk:
            _show_walk(walk)
    stdout.print("\n".join(_told(story)), highlight=False, soft_wrap=True)
    stdout.print()


def _show_walk(walk: WalkMet) -> None:
    table(
        f"Release {walk.release}: {walk.ended}",
        ["% of traffic", "measured", "requests", "failed", "s"],
        [
            (
                one.percent,
                "" if one.measured is None else one.measured,
                one.requests,
                one.failed,
                one.seconds,
            )
            for one in walk.rungs
        ],
    )


def _told(story: ReleaseStory) -> list[str]:
    if story.good is None or story.bad is None:
        return [
            f"Releases of {story.service}: {story.stands}.",
            "None was promoted this time: `paved-road lab demo --release` does it again.",
        ]
    failed = ", ".join(f"{n} by {who}" for who, n in (story.failed or {}).items()) or "none"
    answered = ", ".join(f"{n} by {who}" for who, n in (story.answered or {}).items())
    return [
        f"Releases of {story.service} in {story.region}: {story.requests} requests in "
        f"{story.seconds:.0f} s, {failed} failed. Answered: {answered}.",
        f"{story.good.release} was deployed in {story.good.deploying:.0f} s and walked in "
        f"{story.good.walking:.0f} s: {story.good.ended}.",
        f"{story.bad.release} ({story.bad.ended}) had traffic for "
        f"{story.bad.exposed:.0f} s: {story.bad.why}.",
        f"Now {story.stands}.",
        f"Who moved what: paved-road lab exec -- paved-road release history {_where(story)}",
        "Both once more: paved-road lab demo --release",
    ]


def _where(story: ReleaseStory) -> str:
    return f"{story.service} --estate {story.estate} --region {story.region}"
