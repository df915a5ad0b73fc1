"""Runs the pinned CDK command line against the lab: synth, bootstrap, deploy, diff."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paved_road_contract.assembly import stacks
from paved_road_delivery.cloud import Say, run_cdk
from paved_road_lab.safety import environment, session
from paved_road_lab.state import Lab

TIMEOUT_SECONDS = 900
BOOTSTRAP_STACK = "CDKToolkit"


@dataclass(frozen=True)
class Deployment:
    """Stacks by what the deploy did to them, and how long it took."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    seconds: float


def synthesize(
    lab: Lab,
    app_folder: Path,
    assembly: Path,
    context: Sequence[str] = (),
    *,
    app: str | None = None,
) -> None:
    """Write an app's cloud assembly, as `cdk synth` does; `app` instead of the one in cdk.json."""
    arguments = [argument for one in context for argument in ("--context", one)]
    arguments += ["--app", app] if app else []
    _cdk(lab, ["synth", "--quiet", "--output", str(assembly), *arguments], cwd=app_folder)


def bootstrap(lab: Lab, regions: Sequence[str], say: Say) -> tuple[str, ...]:
    """Bootstrap the regions that are not yet; returns those it did."""
    missing = tuple(region for region in regions if not _has_toolkit(lab, region))
    if missing:
        say(f"bootstrapping {', '.join(missing)}")
        environments = [f"aws://{lab.account}/{region}" for region in missing]
        _cdk(lab, ["bootstrap", *environments], cwd=lab.folder)
    return missing


def deploy(lab: Lab, assembly: Path, say: Say, selectors: Sequence[str] = ("--all",)) -> Deployment:
    """Deploy stacks of an assembly, the long-lived ones by default, regions side by side.

    Change sets are not used: the emulator does not fill outputs with them.
    """
    began = time.monotonic()
    before = _update_times(lab, assembly)
    _cdk(
        lab,
        [
            *("deploy", "--app", str(assembly.resolve()), *selectors),
            *("--method", "direct", "--require-approval", "never"),
            *("--concurrency", "4", "--progress", "events"),
        ],
        cwd=lab.folder,
        say=say,
    )
    after = _update_times(lab, assembly)
    changed = tuple(sorted(name for name, when in after.items() if before.get(name) != when))
    unchanged = tuple(sorted(after.keys() - set(changed)))
    return Deployment(changed, unchanged, time.monotonic() - began)


def diff(lab: Lab, assembly: Path) -> str:
    """What a deploy would change: empty if nothing."""
    command = ["diff", "--app", str(assembly.resolve()), "--method=template", "--fail", "**"]
    return _cdk(lab, command, cwd=lab.folder, accept=(0, 1))


def standing(lab: Lab) -> dict[str, str]:
    """State of every stack in the lab, in any region."""
    made = session(lab, "us-east-1")
    found: dict[str, str] = {}
    for region in made.client("ec2").describe_regions()["Regions"]:
        there = made.client("cloudformation", region_name=region["RegionName"])
        for stack in there.describe_stacks()["Stacks"]:
            found[stack["StackName"]] = stack["StackStatus"]
    return dict(sorted(found.items()))


def _has_toolkit(lab: Lab, region: str) -> bool:
    listed = session(lab, region).client("cloudformation").list_stacks()["StackSummaries"]
    return any(stack["StackName"] == BOOTSTRAP_STACK for stack in listed)


def _update_times(lab: Lab, assembly: Path) -> dict[str, int]:
    """How often each stack of the assembly was created or updated, by its events."""
    counts: dict[str, int] = {}
    for region in {stack.region for stack in stacks(assembly)}:
        client = session(lab, region).client("cloudformation")
        for stack in client.describe_stacks()["Stacks"]:
            name = stack["StackName"]
            events = client.describe_stack_events(StackName=name)["StackEvents"]
            counts[name] = len(events)
    wanted = {stack.name for stack in stacks(assembly)}
    return {name: count for name, count in counts.items() if name in wanted}


def _cdk(
    lab: Lab,
    arguments: Sequence[str],
    *,
    cwd: Path,
    say: Say = lambda _: None,
    accept: Sequence[int] = (0,),
) -> str:
    return run_cdk(
        arguments,
        environment=environment(lab),
        folder=cwd,
        log=lab.folder / f"cdk-{arguments[0]}.log",
        say=say,
        timeout_seconds=TIMEOUT_SECONDS,
        accept=accept,
    )
