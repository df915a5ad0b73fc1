"""How long a minute of load balancers' alarms lasts in a lab."""

from paved_road_lab.safety import ask
from paved_road_lab.server import ALARMS_PATH
from paved_road_lab.state import Lab


def set_minute(lab: Lab, seconds: int) -> None:
    """From now on a period of 60 seconds lasts that many: 60 as on AWS, 5 at first, 1 to watch it.

    Raises `LabError` for less or more than that.
    """
    ask(lab, ALARMS_PATH, {"minute_seconds": seconds})
