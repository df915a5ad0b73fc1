"""How an agent reads its slot's part of the backup that its ring comes back from."""

import logging
import os
from collections.abc import Callable
from functools import cache

from paved_road_ring_agent.actions import Fill
from paved_road_ring_agent.connections import client
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.filling import FillFailedError
from paved_road_ring_agent.layout import Layout
from paved_road_ring_backup.beginning import TRANSFERS
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import KeyShapeError
from paved_road_ring_backup.log_store import fetch_logs
from paved_road_ring_backup.recovery import fill, slot_fill
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.store import Store, StoreUnreachableError
from paved_road_ring_backup.transfers import CorruptObjectError

FAILURES = (
    CorruptObjectError,
    KeyShapeError,
    ManifestError,
    RestoreRefusedError,
    StoreUnreachableError,
)

log = logging.getLogger("paved-road.backup")


def filler(node: NodeFile, layout: Layout) -> Callable[[Fill], None]:
    """Fetches a slot's files with all of the instance's network: it serves nobody yet."""
    s3 = client(node, "s3", TRANSFERS)

    @cache
    def store(bucket: str) -> Store:
        return Store(s3, bucket)

    def fetch(action: Fill) -> None:
        bucket = action.birth.bucket or node.backup_bucket
        if bucket is None:
            raise FillFailedError("this ring has no backup bucket")
        try:
            part, wanted = slot_fill(store(bucket), action.birth, action.slot)
            data = layout.cassandra / "data"
            memory = layout.backup_memory if bucket == node.backup_bucket else None
            came = fill(store(bucket), part, wanted, data=data, memory=memory, limit=None)
            if action.birth.at:
                came += fetch_logs(store(bucket), part, action.birth.at, layout.restored_logs)
                keyspaces = "".join(f"{name}\n" for name in part.facts.keyspaces)
                layout.replayed_keyspaces.write_text(keyspaces, encoding="utf-8")
                os.sync()
        except FAILURES as error:
            raise FillFailedError(str(error)) from error
        log.info("%s is filled from %s: %d bytes", action.slot.subject, part.run.folder, came)

    return fetch
