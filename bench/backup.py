"""How fast a node's files go to the bucket and back, beside plain copies of the same bytes.

    python bench/backup.py                    400 MB, three times each side, in turn
    python bench/backup.py --mb 100 --json
    python bench/backup.py --mb 0 --rings 3,6     real rings that form, and that are restored

Files are shaped like a node's: tables of a few large ones and many small ones. Ours computes and
compares every checksum, keeps a journal and writes manifests; the peer is boto3's own transfer
manager with the same parts and threads, and nothing else. Both talk to the lab's S3 in one process,
which is most of what is measured here: it shows what ours adds, not what S3 can do. Then one
percent of the bytes change, and what the next run sends is counted. That needs no Cassandra; with
`--rings` whole rings are destroyed and restored too (`restores.py`), beside the time they took to
form.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from boto3.s3.transfer import create_transfer_manager
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.restores import form_and_restore
from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_ring_agent.jvm import free_port
from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import fetch
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.stories import HOUR, NOON, PAST

REGION, BUCKET = "us-east-1", "acme-backup"
LARGE, SMALL = 20 * 10**6, 20_000
"""A data file, and one of the eight that Cassandra writes beside it."""
CONFIG = config_for(None)


def make(node: SmallNode, megabytes: int) -> list[Path]:
    """Files of random content; the large ones."""
    large = []
    for table in range(max(1, megabytes * 10**6 // (LARGE + 8 * SMALL))):
        place = f"shop/table-{table}/nb-1-big"
        large.append(node.write(f"{place}-Data.db", os.urandom(LARGE)))
        for number in range(8):
            node.write(f"{place}-{number}.db", os.urandom(SMALL))
    return large


def plain_copy(client: Any, files: list[Path], prefix: str) -> float:  # noqa: ANN401 - boto3
    """Seconds of copying them to the bucket, by their names."""
    began = time.monotonic()
    with create_transfer_manager(client, CONFIG) as manager:
        futures = [manager.upload(str(file), BUCKET, prefix + str(file)) for file in files]
        for future in futures:
            future.result()
    return time.monotonic() - began


def plain_return(client: Any, files: list[Path], prefix: str, folder: Path) -> float:  # noqa: ANN401 - boto3
    """Seconds of copying them back."""
    folder.mkdir()
    began = time.monotonic()
    with create_transfer_manager(client, CONFIG) as manager:
        futures = [
            manager.download(BUCKET, prefix + str(file), str(folder / f"{number}"))
            for number, file in enumerate(files)
        ]
        for future in futures:
            future.result()
    return time.monotonic() - began


def rounds(folder: Path, cloud: LabCloud, megabytes: int, times: int) -> Iterator[dict[str, float]]:
    """Both sides, in turn, with new bytes each time."""
    for number in range(times):
        # One client each: ours creates objects only where none is, and so would the peer's.
        # The disks are new each time, and so is the ring.
        past = replace(PAST, incarnation=str(number))
        peer, store = cloud.client("s3", REGION), Store(cloud.client("s3", REGION), BUCKET)
        place = folder / str(number)
        node = SmallNode(place)
        large = make(node, megabytes)
        files = [one for one in node.data.rglob("*") if one.is_file() and "system" not in one.parts]
        size = sum(one.stat().st_size for one in files)
        plain_up = plain_copy(peer, files, f"plain/{number}/")
        began = time.monotonic()
        part = backup_of(node, store, past=past).run()
        ours_up = time.monotonic() - began
        plain_down = plain_return(peer, files, f"plain/{number}/", place / "plain")
        manifest = NodeManifest.from_json(store.get(part.run.manifest) or b"")
        began = time.monotonic()
        fetch(store, manifest.files, place / "ours", config=CONFIG)
        ours_down = time.monotonic() - began
        sent, requests, took = again(node, store, past, large, size)
        shutil.rmtree(place)
        yield {
            "bytes": size,
            "backup": plain_up / ours_up,
            "restore": plain_down / ours_down,
            "ours_up_s": ours_up,
            "plain_up_s": plain_up,
            "ours_down_s": ours_down,
            "plain_down_s": plain_down,
            "changed_sent": sent / size,
            "changed_requests": requests,
            "changed_s": took,
        }


def again(
    node: SmallNode, store: Store, past: Past, large: list[Path], size: int
) -> tuple[int, int, float]:
    """A run after one percent more came: bytes sent, requests, seconds."""
    node.write(f"shop/{large[0].parent.name}/nb-2-big-Data.db", os.urandom(size // 100))
    requests: list[int] = []
    store.client.meta.events.register("before-call.s3", lambda **_: requests.append(1))
    began = time.monotonic()
    part = backup_of(node, store, past=past, clock=lambda: NOON + HOUR).run()
    took = time.monotonic() - began
    calls = len(requests)
    manifest = NodeManifest.from_json(store.get(part.run.manifest) or b"")
    return sum(one.file.size for one in manifest.files if one.run == part.run), calls, took


def transfers(megabytes: int, times: int) -> list[dict[str, float]]:
    """All rounds, in a lab of their own."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            lab = up(Path(folder) / "lab", port=free_port())
            cloud = LabCloud(lab)
            cloud.client("s3", REGION).create_bucket(Bucket=BUCKET)
            return list(rounds(Path(folder) / "nodes", cloud, megabytes, times))
        finally:
            down(Path(folder) / "lab")


def main(
    megabytes: Annotated[int, typer.Option("--mb", help="A node's files; 0 copies none.")] = 400,
    repeats: Annotated[int, typer.Option(help="Of copies, each side; medians count.")] = 3,
    rings: Annotated[str, typer.Option(help="Sizes to restore, with commas.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Medians of all rounds; a ratio of copies above one is in our favor."""
    found = transfers(megabytes, repeats) if megabytes else []
    medians = {name: statistics.median(one[name] for one in found) for name in (found or [{}])[0]}
    restored = [form_and_restore(int(one)) for one in rings.split(",") if one]
    if as_json:
        print(json.dumps({"rounds": found, "medians": medians, "rings": restored}, indent=1))
        return
    say = Console()
    if medians:
        _tell(say, medians, repeats)
    for one in restored:
        say.print(
            f"  {one['nodes']} nodes restored from {one['bytes'] / 1e6:.1f} MB "
            f"{one['restored_s']:.0f} s after their loss, {one['asked_s']:.0f} after the command; "
            f"formed in {one['formed_s']:.0f} s: {one['ratio']:.2f}"
        )


def _tell(say: Console, medians: dict[str, float], repeats: int) -> None:
    say.print(f"{medians['bytes'] / 1e6:.0f} MB, medians of {repeats} rounds")
    say.print(
        f"  backup   {medians['ours_up_s']:.2f} s, plain copies {medians['plain_up_s']:.2f} s: "
        f"{medians['backup']:.2f} of their throughput"
    )
    say.print(
        f"  restore  {medians['ours_down_s']:.2f} s, plain copies {medians['plain_down_s']:.2f} s: "
        f"{medians['restore']:.2f}"
    )
    say.print(
        f"  1% changed: {medians['changed_sent']:.2%} sent in {medians['changed_requests']:.0f} "
        f"requests and {medians['changed_s']:.2f} s"
    )


if __name__ == "__main__":
    typer.run(main)
