"""How fast an estate of services synthesizes, beside the same services in plain CDK.

    python bench/synth.py                      3, 30 and 100 services in three regions
    python bench/synth.py --services 3 --json

Each measurement is a process of its own, ours and the peer's in turn, so that both meet the same
machine, and with this repository's `cdk.json`. Bare runs are without validators; guarded ones have
the CDK's own and both rule packs, and end with an error if these find anything.
Processor time counts Python and the CDK's Node process together; compare ratios, not seconds.
Elements are resources, outputs and parameters: what a synth makes, whether or not AWS charges it.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
DIGEST = "sha256:" + 64 * "0"
ROOT = Path(__file__).parents[1]


def ours(app: Any, services: int) -> None:  # noqa: ANN401 - the CDK is imported in workers only
    """Service, routing and release stacks."""
    from aws_cdk import Stage

    from paved_road.estate import Region
    from paved_road.network import Network
    from paved_road.ring import Ring
    from paved_road.service import (
        Capacity,
        Container,
        ReleaseStack,
        RoutingStack,
        Service,
        ServiceStack,
    )

    releases = Stage(app, "releases")
    capacity = Capacity(minimum=3, maximum=60, requests_per_minute_per_target=400)
    for name in REGIONS:
        region = Region(estate="acme", name=name, zones="abc")
        for number in range(services):
            service = f"service-{number}"
            stack = ServiceStack(app, region, name=service, owner="bench")
            made = Service(stack, "Service", network=Network.from_estate(stack, region))
            made.connects_to(Ring.from_estate(stack, region, "orders"))
            RoutingStack(app, region, service=service, owner="bench")
            ReleaseStack(
                releases,
                region,
                service=service,
                number=1,
                owner="bench",
                artifact=Container.by_digest(service, DIGEST),
                capacity=capacity,
            )


def work(kind: str, services: int, guarded: bool) -> dict[str, float]:
    """One measurement, in this process."""
    began = time.perf_counter()
    from aws_cdk import App

    from bench.peer import peer
    from paved_road.guard import watch

    imported = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        app = App(outdir=folder, context=json.loads((ROOT / "cdk.json").read_bytes())["context"])
        if guarded:
            watch(app)
        started = time.perf_counter()
        if kind == "ours":
            ours(app, services)
        else:
            peer(app, REGIONS, services)
        built = time.perf_counter()
        app.synth()
        ended = time.perf_counter()
        templates = [file.read_bytes() for file in Path(folder).rglob("*.template.json")]
    parsed = [json.loads(one) for one in templates]
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "import_s": imported - began,
        "build_s": built - started,
        "synth_s": ended - built,
        "python_cpu_s": own.ru_utime + own.ru_stime,
        "resources": sum(len(one["Resources"]) for one in parsed),
        "elements": sum(
            len(one.get(section, ()))
            for one in parsed
            for section in ("Resources", "Outputs", "Parameters")
        ),
        "bytes": sum(map(len, templates)),
    }


def measure(kind: str, services: int, guarded: bool) -> dict[str, float]:
    """One measurement, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    if not guarded:
        environment["CDK_VALIDATION"] = "false"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, __file__, "--worker", f"{kind},{services},{int(guarded)}"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1800,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    found["cpu_s"] = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    found["wall_s"] = found["build_s"] + found["synth_s"]
    found["ms_per_resource"] = 1000 * found["wall_s"] / found["resources"]
    found["cpu_ms_per_resource"] = 1000 * found["cpu_s"] / found["resources"]
    found["cpu_ms_per_element"] = 1000 * found["cpu_s"] / found["elements"]
    return found


def compare(sizes: list[int], repeats: int, say: Console) -> list[dict[str, Any]]:
    """Medians of both kinds at each size, bare and guarded, and their ratios."""
    rows: list[dict[str, Any]] = []
    for services in sizes:
        for guarded in (False, True):
            runs: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
            for repeat in range(repeats):
                for kind, found in runs.items():
                    say.print(f"{services} services, guarded={guarded}, {kind} {repeat + 1}")
                    found.append(measure(kind, services, guarded))
            medians = {
                kind: {name: statistics.median(run[name] for run in found) for name in found[0]}
                for kind, found in runs.items()
            }
            ratio = {
                name: medians["ours"][name] / medians["peer"][name]
                for name in (
                    "ms_per_resource",
                    "cpu_ms_per_resource",
                    "cpu_ms_per_element",
                    "bytes",
                )
            }
            rows.append({"services": services, "guarded": guarded, **medians, "ratio": ratio})
    return rows


def main(
    services: Annotated[str, typer.Option(help="Sizes, with commas.")] = "3,30,100",
    repeats: Annotated[int, typer.Option(help="Runs of each; the median counts.")] = 1,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    worker: Annotated[str, typer.Option(hidden=True)] = "",
) -> None:
    """Compare ours with plain CDK, side by side in one run."""
    if worker:
        kind, count, guarded = worker.split(",")
        print(json.dumps(work(kind, int(count), guarded == "1")))
        return
    rows = compare([int(one) for one in services.split(",")], repeats, Console(stderr=True))
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table(title="ours / plain CDK", title_justify="left")
    for column in (
        *("services", "validators", "resources", "ms per resource", "ratio"),
        *("cpu ms per resource", "ratio", "cpu ms per element", "ratio"),
        *("MB of templates", "ratio"),
    ):
        table.add_column(column, justify="right")
    for row in rows:
        one, other, ratio = row["ours"], row["peer"], row["ratio"]
        table.add_row(
            f"{row['services']} x {len(REGIONS)}",
            "all" if row["guarded"] else "none",
            f"{one['resources']:.0f} / {other['resources']:.0f}",
            f"{one['ms_per_resource']:.2f} / {other['ms_per_resource']:.2f}",
            f"{ratio['ms_per_resource']:.2f}",
            f"{one['cpu_ms_per_resource']:.2f} / {other['cpu_ms_per_resource']:.2f}",
            f"{ratio['cpu_ms_per_resource']:.2f}",
            f"{one['cpu_ms_per_element']:.2f} / {other['cpu_ms_per_element']:.2f}",
            f"{ratio['cpu_ms_per_element']:.2f}",
            f"{one['bytes'] / 1e6:.2f} / {other['bytes'] / 1e6:.2f}",
            f"{ratio['bytes']:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
