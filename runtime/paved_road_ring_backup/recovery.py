"""A restore's edges: which ring manifest, what it needs, and one slot's disk filled from it."""

import os
from pathlib import Path

from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.node import build_on
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.parents import source
from paved_road_ring_backup.restore import (
    Fill,
    RestorePlan,
    RestoreRefusedError,
    Target,
    believed,
    restore_plan,
)
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import fetch


def chosen(store: Store, ring: str, data_center: str, until: int) -> RingManifest:
    """The newest ring manifest of any of its lives with nothing later than `until` in it.

    From the bucket alone: the slot table may be lost with everything else. Raises
    `RestoreRefusedError` if there is none.
    """
    prefix = f"{backup_prefix(ring)}{data_center}/"
    pasts = [
        Past(ring=ring, data_center=data_center, incarnation=folder.split("/")[-2])
        for folder in store.folders(prefix)
    ]
    found = [store.newest_set(past, until) for past in pasts]
    sets = [one for one in found if one is not None]
    if not sets:
        others = {folder.split("/")[-2] for folder in store.folders(backup_prefix(ring))}
        elsewhere = ", ".join(sorted(others - {data_center}))
        raise RestoreRefusedError(
            f"ring {ring} has no whole backup in {data_center} from before that moment: "
            f"{len(pasts)} of its lives have left anything under {prefix} in {store.bucket}"
            + (f", where there is something of {elsewhere} (--from)" if elsewhere else "")
        )
    return max(sets, key=lambda one: one.whole_until)


def named(store: Store, key: str) -> RingManifest:
    """The ring manifest of that key. Raises `RestoreRefusedError`."""
    content = store.get(key)
    if content is None:
        raise RestoreRefusedError(f"{key} is not there: `ring backups` lists what is")
    try:
        return RingManifest.from_json(content)
    except ManifestError as error:
        raise RestoreRefusedError(f"{key} cannot be read: {error}") from error


def slot_fill(store: Store, birth: Birth, slot: Slot) -> tuple[Part, Fill]:
    """What one slot of a ring that comes back pulls, as its own node finds it out.

    Raises `RestoreRefusedError` and `ManifestError`.
    """
    manifest = named(store, birth.origin)
    wanted = source(manifest, birth, slot)
    part = manifest.by_slot().get(wanted)
    if part is None:
        raise RestoreRefusedError(f"{birth.origin} has nothing of {wanted.subject}")
    return part, Fill.of(believed(part, store.get(part.run.manifest)))


def read_plan(store: Store, manifest: RingManifest, target: Target) -> RestorePlan:
    """Read the node manifests and decide. Raises `RestoreRefusedError`."""
    contents = {}
    for part in manifest.parts:
        content = store.get(part.run.manifest)
        if content is not None:
            contents[part.run.manifest] = content
    return restore_plan(manifest, contents, target)


def check_all_there(store: Store, plan: RestorePlan) -> None:
    """Refuse a set of which the bucket lacks contents: copies come in no order.

    By a list of each run's folder. Raises `RestoreRefusedError`.
    """
    wanted = {one.key for fill in plan.fills.values() for one in fill.files}
    folders = {one.run.folder for fill in plan.fills.values() for one in fill.files}
    absent = sorted(wanted.difference(*(store.keys(folder) for folder in folders)))
    if absent:
        raise RestoreRefusedError(
            f"{len(absent)} of {len(wanted)} objects that {plan.manifest.key} needs are not in "
            f"{store.bucket}, the first is {absent[0]}: if they are being copied still, wait, else "
            "take an earlier backup with --manifest"
        )


def fill(
    store: Store, part: Part, wanted: Fill, *, data: Path, memory: Path | None, limit: int | None
) -> int:
    """Put a slot's files into Cassandra's data directory; the number of bytes that came.

    Its own node does it, all nodes at once. It may be called again after any crash, and begins
    nothing anew. The slot's next backup counts as stored what came from here, but without
    a `memory`: if it came from another bucket than backups go to. Raises
    `CorruptObjectError` and `StoreUnreachableError`.
    """
    largest = max((one.file.size for one in wanted.files), default=0)
    came = fetch(store, wanted.files, data, config=config_for(limit, largest))
    # A power cut from here on must not leave a disk that says it has what it has not.
    os.sync()
    if memory is not None:
        build_on(
            memory,
            NodeManifest(run=part.run, facts=part.facts, ended=part.run.moment, files=wanted.files),
        )
    return came
