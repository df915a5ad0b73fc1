"""A purge's edges: one look at everything that a data center's backups are, and the deletions.

By whoever has a role for it, and no node has: nodes cannot delete. A deletion hides the version
until the bucket's own rule lets it go (`constructs/paved_road/backup/vault.py`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_store import all_pieces
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.purge import Purge
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store, StoreUnreachableError

AT_ONCE = 1_000
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html"""


@dataclass
class _Seen:
    sets: list[RingManifest] = field(default_factory=list)
    manifests: dict[Run, NodeManifest] = field(default_factory=dict)
    folders: dict[Run, dict[str, int]] = field(default_factory=dict)
    logs: list[Piece] = field(default_factory=list)


def look(
    store: Store,
    living: Past,
    *,
    now: int,
    keep: Keep,
    locked_days: int,
    pinned: Sequence[str] = (),
) -> Purge:
    """Read all manifests of the data center whose present life is `living`.

    Raises `ManifestError` for one that cannot be read: nobody knows then what it needs, so nothing
    is deleted. Raises `StoreUnreachableError`.
    """
    seen = _Seen()
    for folder in store.folders(f"{backup_prefix(living.ring)}{living.data_center}/"):
        incarnation = folder.split("/")[-2]
        past = Past(ring=living.ring, data_center=living.data_center, incarnation=incarnation)
        seen.sets += [RingManifest.from_json(_all(store, key)) for key in store.keys(past.sets)]
        for pieces in all_pieces(store, past).values():
            seen.logs += pieces
        for run in _runs(store, past):
            sizes = store.sizes(run.folder)
            seen.folders[run] = {key.removeprefix(run.folder): sizes[key] for key in sizes}
            if run.manifest in sizes:
                seen.manifests[run] = NodeManifest.from_json(_all(store, run.manifest))
    return Purge(
        sets=seen.sets,
        manifests=seen.manifests,
        folders=seen.folders,
        incarnation=living.incarnation,
        now=now,
        keep=keep,
        locked_days=locked_days,
        pinned=pinned,
        logs=seen.logs,
    )


def locked_days(store: Store) -> int:
    """For how long object lock holds what is written to the bucket; 0 if it has no lock.

    Raises `StoreUnreachableError` if nobody knows.
    """
    try:
        answer = store.client.get_object_lock_configuration(Bucket=store.bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ObjectLockConfigurationNotFoundError":
            return 0
        raise StoreUnreachableError(f"the lock of {store.bucket}: {error}") from error
    except BotoCoreError as error:
        raise StoreUnreachableError(f"the lock of {store.bucket}: {error}") from error
    rule = answer["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
    return int(rule.get("Days", 0)) + 366 * int(rule.get("Years", 0))


def carry_out(store: Store, purge: Purge) -> int:
    """Delete what it says, in its order; how many. May be cut off anywhere and done again."""
    keys = purge.deletions()
    for start in range(0, len(keys), AT_ONCE):
        objects = [{"Key": key} for key in keys[start : start + AT_ONCE]]
        try:
            answer = store.client.delete_objects(
                Bucket=store.bucket, Delete={"Objects": objects, "Quiet": True}
            )
        except (BotoCoreError, ClientError) as error:
            raise StoreUnreachableError(f"{len(keys) - start} keys remain: {error}") from error
        if failed := answer.get("Errors"):
            raise StoreUnreachableError(f"{failed[0]['Key']}: {failed[0]['Message']}")
    return len(keys)


def _runs(store: Store, past: Past) -> Iterator[Run]:
    """Of every rack, slot, owner and moment."""
    for rack in store.folders(f"{past.prefix}slots/"):
        for index in store.folders(rack):
            for epoch in store.folders(index):
                for folder in store.folders(epoch):
                    yield Run.of(folder)


def _all(store: Store, key: str) -> bytes:
    content = store.get(key)
    if content is None:
        raise StoreUnreachableError(f"{key} was there a moment ago: somebody else deletes")
    return content
