"""The software that nodes run in tests: built once, unpacked once, shared by all labs."""

from pathlib import Path

from paved_road_bundle.build import build
from paved_road_bundle.install import install
from paved_road_lab.hosts.software import SOFTWARE_FOLDER

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "paved-road"


def software() -> Path:
    """The bundle that nodes run, for agents that tests change: built and installed once."""
    bundle = build(CACHE)
    return install(bundle.path, bundle.sha256, CACHE / "installed")


def share_software(lab_folder: Path) -> None:
    """Labs of one checkout share what they unpack of a bundle, as hosts of one lab do."""
    shared = CACHE / SOFTWARE_FOLDER
    shared.mkdir(parents=True, exist_ok=True)
    link = lab_folder / SOFTWARE_FOLDER
    if not link.is_symlink():
        link.symlink_to(shared)
