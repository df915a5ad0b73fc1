"""The user data of a ring's node: who it is, and a few lines of script that fetch its bundle."""

from pathlib import Path

from paved_road_bundle.errors import RefusedError
from paved_road_ring_agent.contract import NodeFile, bundle_parameter

SCRIPT = Path(__file__).with_name("boot") / "first-boot.sh"


def first_boot(node: NodeFile) -> str:
    """User data that says where the node's bundle is named, and nothing secret.

    What it runs is what the ring's parameter names when its root volume is new: user data stays as
    it was when the instance was launched (docs/decisions/upgrade-in-place.md).

    Everything else that happens on an instance is in the bundle (`boot/`), so it changes with the
    bundle and is verified like it. Raises `RefusedError` for a node without a bucket.
    """
    if node.artifact_bucket is None:
        raise RefusedError(f"a node of ring {node.ring} must be told where its bundles stand")
    parameter = bundle_parameter(node.estate, node.ring)
    return node.user_data(
        script=SCRIPT.read_text(encoding="utf-8"),
        arguments=(node.region, node.artifact_bucket, parameter),
    )
