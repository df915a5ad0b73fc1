"""A ring under test that is drilled, and what nobody may have changed about it meanwhile."""

import subprocess
from dataclasses import dataclass, replace
from typing import Any

from paved_road_contract.drills import drill_lease, drill_ring
from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.safety import environment
from paved_road_ring.drills.drill import Drill
from paved_road_ring.drills.scratch import Scratch
from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.operators import drill_role
from tests.lab.backed_up import versions_of
from tests.lab.living_ring import DC, LivingRing
from tests.lab.operators import seen_by
from tests.lab.ring_templates import RING, drill_template
from tests.lab.small_region import ESTATE, REGION
from tests.lab.small_stacks import create
from tests.waiting import until

DRILL_STACK = stack_name(ESTATE, REGION, Kind.RING, drill_ring(RING))
DRILL_ROLE = drill_role(ESTATE, REGION, RING)


def deploy_drills(ring: LivingRing, nodes_per_rack: int) -> None:
    create(ring.cloud, *drill_template(ring.folder / "cdk.drill", nodes_per_rack, ring.octet))


def drill(ring: LivingRing, **given: Any) -> Drill:
    """In the role that there is for it. Rows under test are older than any margin."""
    source = seen_by(ring, DRILL_ROLE)
    return Drill(
        source=source, say=lambda _: None, **{"margin_seconds": 0, "limit_seconds": 400.0, **given}
    )


def scratch(ring: LivingRing) -> Scratch:
    return Scratch.of(ring.live)


@dataclass(frozen=True)
class Untouched:
    """Of the living ring: its birth, who holds its slots, and every version of its backups."""

    birth: Birth
    holders: dict[Slot, Any]
    versions: frozenset[tuple[str, str, str]]
    hidden: int


def untouched(ring: LivingRing) -> Untouched:
    claims = ring.claims().items()
    prefix = backup_prefix(RING)
    return Untouched(
        birth=ring.birth(),
        holders={slot: replace(claim, renewed=0.0) for slot, claim in claims},
        versions=frozenset(
            (one["Key"], one["VersionId"], one["ETag"])
            for one in versions_of(ring, "Versions", prefix=prefix)
        ),
        hidden=len(versions_of(ring, "DeleteMarkers", prefix=prefix)),
    )


def killed_drill(ring: LivingRing) -> list[str]:
    """A drill that is killed once its first node holds a slot; the instances that it leaves."""
    with (ring.folder / "drill.log").open("wb") as log:
        process = subprocess.Popen(
            ["paved-road", "ring", "drill", RING, "--estate", ESTATE, "--region", REGION],
            env=environment(ring.lab),
            stdout=log,
            stderr=log,
        )
        try:
            found = scratch(ring)
            until(lambda: _claimed(found))
        finally:
            process.kill()
            process.wait()
    return found.left()


def a_minute_later(ring: LivingRing) -> None:
    """Its lease is over: nobody has to wait for it."""
    table = scratch(ring).ring.table()
    held = table.lease(drill_lease(DC))
    assert held
    Leases(table=table, holder=held.holder, clock=lambda: 0.0).give_back(drill_lease(DC))


def _claimed(found: Scratch) -> bool:
    table = found.ring.table()
    birth = table.birth()
    return birth is not None and bool(table.all_claims(birth))


def copied(ring: LivingRing, to: str, *, without: str) -> None:
    """The ring's backups in another bucket, but for one object."""
    s3, bucket = ring.client("s3"), ring.live.backup_bucket()
    s3.create_bucket(Bucket=to)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", ()):
            if one["Key"] != without:
                body = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                s3.put_object(Bucket=to, Key=one["Key"], Body=body, ChecksumAlgorithm="SHA256")
