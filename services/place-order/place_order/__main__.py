"""`python -m place_order`: settings in the environment, ORDERS_DATA_URL among them."""

from paved_road_chassis.calls import Other
from paved_road_chassis.serving import Member, run
from paved_road_chassis.settings import Settings, required
from place_order.app import member


def build(_: Settings) -> Member:
    """The member in front of ORDERS_DATA_URL."""
    return member(Other(required("ORDERS_DATA_URL")))


if __name__ == "__main__":
    run(build)
