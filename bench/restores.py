"""A ring of ours that forms, and that comes back from its backup after all of it was lost."""

import time
from typing import Any

from bench.bare_ring import wait
from bench.rings import all_serve, begin, our_ring, require
from tests.lab.backed_up import back_up
from tests.lab.clients import connect, hold_keys
from tests.lab.destroyed import planned, restoring
from tests.lab.many_rows import fill_many, seen

RING_DELAY_MS = 3_000


def form_and_restore(nodes: int) -> dict[str, Any]:
    """Seconds of both, with a hundred thousand rows to restore.

    Forming is from switching the instances on until all serve. Restoring is from the loss of all
    instances, so that booting new ones counts on both sides; `asked_s` is from the command.
    """
    with our_ring(nodes) as living:
        formed = begin(living, nodes, RING_DELAY_MS)
        wait(lambda: bool(living.vault.trust()))
        hold_keys(living)
        with connect(living.addresses()) as session:
            fill_many(session)
        manifest = back_up(living)
        rows = seen(living.addresses()[0])
        lost = time.monotonic()
        living.terminate(*living.nodes())
        wait(lambda: planned(living) is not None)
        plan = restoring(living).plan()
        asked = time.monotonic()
        restoring(living).begin(plan)
        wait(lambda: living.birth().origin == manifest.key and all_serve(living, nodes))
        done = time.monotonic()
        require(seen(living.addresses()[0]) == rows, "not every row is back")
    return {
        "nodes": nodes,
        "bytes": sum(part.size for part in manifest.parts),
        "formed_s": formed,
        "restored_s": done - lost,
        "asked_s": done - asked,
        "ratio": (done - lost) / formed,
    }
