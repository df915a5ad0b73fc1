"""Which actions each principal called in the lab."""

from paved_road_lab.safety import ask
from paved_road_lab.server import CALLS_PATH
from paved_road_lab.state import Lab


def calls(lab: Lab) -> dict[str, dict[str, int]]:
    """Counts by IAM action, by role name, or by access key where it belongs to no role."""
    counted: dict[str, dict[str, int]] = ask(lab, CALLS_PATH)
    return counted
