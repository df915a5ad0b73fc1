"""`paved-road lab`: AWS on this machine, for trying an estate out."""

import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from paved_road_cli.bundle import CACHE, Cache, build_bundle
from paved_road_cli.output import DryRun, Json, emit, say, stderr, stdout

app = typer.Typer(
    no_args_is_help=True,
    help="""AWS on this machine: an emulator that a real `cdk deploy` deploys into.

    The lab is a process of yours on localhost, with an account of its own that could not be real.
    Nothing here can reach AWS. Try:

      paved-road lab demo                          everything: start, deploy, prove, report

      paved-road lab exec -- cdk diff --all --method=template      any command against the lab

      paved-road lab down                          end it; nothing stays but the folder .lab
    """,
)

Folder = Annotated[Path, typer.Option("--folder", help="Where the lab keeps its state and logs.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on localhost.")]
Assembly = Annotated[Path, typer.Option("--app", help="A synthesized estate (`cdk synth`).")]
LAB_FOLDER, CDK_OUT, DEFAULT_PORT = Path(".lab"), Path("cdk.out"), 5577


@app.command()
def up(
    folder: Folder = LAB_FOLDER,
    port: Port = DEFAULT_PORT,
    hosts: Annotated[
        str, typer.Option(help="Regions whose ring nodes and releases run as processes.")
    ] = "",
    minute: Annotated[
        int | None,
        typer.Option(
            min=1, max=60, help="Seconds of a minute of load balancers' alarms; 5 at first."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the lab, unless it runs already."""
    from paved_road_lab.alarms.settings import set_minute
    from paved_road_lab.hosts.lifecycle import hosts_up
    from paved_road_lab.lifecycle import up as start

    lab = start(folder, port=port, say=say)
    if minute:
        set_minute(lab, minute)
    regions = [name.strip() for name in hosts.split(",") if name.strip()]
    if regions:
        hosts_up(folder, regions, say=say)
    emit(
        {"endpoint": lab.endpoint, "account": lab.account, "pid": lab.pid},
        as_json,
        lambda: stdout.print(f"the lab answers at {lab.endpoint} as account {lab.account}"),
    )


@app.command()
def status(folder: Folder = LAB_FOLDER, as_json: Json = False) -> None:
    """Say whether the lab runs and what stands in it. Exit code 1 if it does not run."""
    from paved_road_cli.report import show_standing
    from paved_road_lab.deploy import standing
    from paved_road_lab.hosts.status import host_statuses
    from paved_road_lab.lifecycle import running

    lab = running(folder)
    if lab is None:
        emit({"running": False}, as_json, lambda: stdout.print("no lab is running here"))
        raise typer.Exit(1)
    found, hosts = standing(lab), host_statuses(folder)
    told = {"running": True, "endpoint": lab.endpoint, "account": lab.account, "stacks": found}
    emit(
        {**told, "hosts": hosts} if hosts else told,
        as_json,
        lambda: show_standing(f"{lab.endpoint}, account {lab.account}", found, hosts),
    )


@app.command()
def down(folder: Folder = LAB_FOLDER, as_json: Json = False) -> None:
    """End the lab with everything that stands in it."""
    from paved_road_lab.lifecycle import down as end

    ended = end(folder)
    emit(
        {"ended": ended},
        as_json,
        lambda: stdout.print("the lab has ended" if ended else "no lab was running here"),
    )


@app.command()
def deploy(
    assembly: Assembly = CDK_OUT,
    folder: Folder = LAB_FOLDER,
    bundles: Cache = CACHE,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Deploy a synthesized estate's long-lived stacks into the lab, and publish what rings pin."""
    from paved_road_lab.deploy import bootstrap, diff
    from paved_road_lab.estate import close, deploy_estate, regions
    from paved_road_lab.lifecycle import require

    lab = require(folder)
    if dry_run:
        text = diff(lab, assembly)
        emit({"diff": text}, as_json, lambda: stdout.print(text, markup=False, highlight=False))
        return
    bootstrap(lab, regions(assembly), say)
    done, _ = deploy_estate(lab, assembly, say, build=lambda: build_bundle(bundles))
    close(lab, assembly)
    emit(
        done,
        as_json,
        lambda: stdout.print(
            f"{len(done.changed)} stacks changed, {len(done.unchanged)} unchanged, "
            f"{done.seconds:.0f} s"
        ),
    )


@app.command()
def prove(assembly: Assembly = CDK_OUT, folder: Folder = LAB_FOLDER, as_json: Json = False) -> None:
    """Ask the emulator what stands and compare it with the templates. Exit code 1 if it differs."""
    from paved_road_cli.report import show_claims
    from paved_road_lab.estate import prove_estate
    from paved_road_lab.lifecycle import require

    claims = prove_estate(require(folder), assembly, say)
    emit(claims, as_json, lambda: show_claims(claims))
    if not all(claim.holds for claim in claims):
        raise typer.Exit(1)


@app.command()
def report(
    assembly: Assembly = CDK_OUT, folder: Folder = LAB_FOLDER, as_json: Json = False
) -> None:
    """Say of every resource type: emulated, accepted but inert, or skipped, with counts."""
    from paved_road_cli.report import show_coverage
    from paved_road_lab.estate import beside, cover_estate
    from paved_road_lab.lifecycle import require

    lab = require(folder)
    covered, not_applied = cover_estate(lab, assembly)
    left_out = beside(lab)
    emit(
        {"types": covered, "updates_not_applied": not_applied, **asdict(left_out)},
        as_json,
        lambda: show_coverage(covered, not_applied, left_out),
    )


@app.command()
def demo(
    shape: Annotated[str, typer.Option(help="Which estate of app.py.")] = "production",
    folder: Folder = LAB_FOLDER,
    port: Port = DEFAULT_PORT,
    bundles: Cache = CACHE,
    ring: Annotated[
        bool, typer.Option(help="Whether the first region's ring comes alive: 600 MB a node.")
    ] = True,
    kill: Annotated[
        bool | None, typer.Option(help="Lose a node and heal; by default on the first run.")
    ] = None,
    destroy: Annotated[
        bool | None,
        typer.Option(
            help="Lose every node and restore from the backup; by default on the first run."
        ),
    ] = None,
    release: Annotated[
        bool | None,
        typer.Option(
            help="Promote a good release under traffic, then a bad one; by default on the first "
            "run. --no-release: not even then."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the lab, deploy the app in this folder, prove it and report. Twice changes nothing."""
    from paved_road_cli.demo import run_demo, show_demo

    result = run_demo(
        Path.cwd(),
        folder,
        port=port,
        shape=shape,
        bundles=bundles,
        ring=ring,
        kill=kill,
        destroy=destroy,
        release=release,
    )
    emit(result, as_json, lambda: show_demo(result))
    if not result.proved:
        raise typer.Exit(1)


@app.command(
    name="exec", context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def execute(context: typer.Context, folder: Folder = LAB_FOLDER) -> None:
    """Run a command against the lab, with its exit code: `paved-road lab exec -- cdk list`."""
    from paved_road_lab.lifecycle import require
    from paved_road_lab.safety import environment

    if not context.args:
        raise typer.BadParameter("name a command after `--`")
    lab = require(folder)
    try:
        done = subprocess.run(context.args, env=environment(lab), check=False)
    except FileNotFoundError:
        stderr.print(f"paved-road: there is no command {context.args[0]!r} on PATH")
        raise typer.Exit(127) from None
    raise typer.Exit(done.returncode)
