"""The code of the function that rolls back: the delivery tool's own packages, and nothing else.

Only text of Python is in it, so it runs on any processor, and the same sources make the same asset
wherever and whenever it is made: no Docker, no network, no times.
"""

import shutil
import tempfile
from pathlib import Path

from aws_cdk.aws_s3_assets import Asset
from constructs import Construct

from paved_road_delivery import contract

PACKAGES = ("paved_road_contract", "paved_road_delivery")
HANDLER = "paved_road_delivery.alarm_rollback.handler"

ROOT = Path(contract.__file__).parent.parent


def code(scope: Construct, id: str) -> Asset:
    """The asset, which the CDK copies into the assembly at once."""
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            for source in sorted((ROOT / package).rglob("*.py")):
                target = Path(folder) / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
        return Asset(scope, id, path=folder)
