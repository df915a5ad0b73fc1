"""Which bundle a host runs, as `boot/first-boot.sh` finds it: its root volume's, else the ring's.

A root volume that has a bundle keeps it through every reboot. An empty one gets what the ring's
parameter names; if nobody can say that, the boot asks again and starts nothing.
"""

import logging
from pathlib import Path

from tenacity import before_sleep_log, retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_bundle.errors import RefusedError
from paved_road_lab.hosts.software import Software
from paved_road_ring_agent.contract import NodeFile, bundle_parameter
from paved_road_ring_agent.software import Wanted

UNPACKED = "opt/paved-road/bundle"
"""Below a host's root: a link to the folder of the bundle that it runs."""

ASK_SECONDS, PAUSE_SECONDS = 60, 2
"""Then the boot has failed, and begins again like anything that fails on a host."""

log = logging.getLogger(__name__)


class UnsaidError(RefusedError):
    """Nobody said which bundle the node should run."""


def chosen(node: NodeFile, root: Path) -> Software | None:
    """The bundle that the host's root volume has or gets; None for a node that was told of none.

    Raises `UnsaidError` if the ring's parameter can't be read, or names no bundle.
    """
    bucket = node.artifact_bucket
    if bucket is None:
        return None
    unpacked = root / UNPACKED
    if unpacked.is_dir():
        return Software(bucket=bucket, key=unpacked.name, sha256=unpacked.resolve().name)
    wanted = _ask(node)
    return Software(bucket=bucket, key=wanted.key, sha256=wanted.sha256)


def keep(bundle: Path, root: Path) -> None:
    """Let the root volume have it, from the next boot on."""
    unpacked = root / UNPACKED
    unpacked.unlink(missing_ok=True)
    unpacked.symlink_to(bundle)


@retry(
    retry=retry_if_exception_type(UnsaidError),
    stop=stop_after_delay(ASK_SECONDS),
    wait=wait_fixed(PAUSE_SECONDS),
    before_sleep=before_sleep_log(log, logging.WARNING),
    reraise=True,
)
def _ask(node: NodeFile) -> Wanted:
    """Under the instance's role, whose credentials the metadata service has."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    name = bundle_parameter(node.estate, node.ring)
    ssm = boto3.Session(region_name=node.region).client("ssm")
    try:
        return Wanted.from_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except (BotoCoreError, ClientError, ValueError) as error:
        raise UnsaidError(f"{name} does not say which bundle this node runs: {error}") from error
