"""`python -m get_order`: settings in the environment, ORDERS_DATA_URL among them."""

from get_order.app import member
from paved_road_chassis.calls import Other
from paved_road_chassis.serving import Member, run
from paved_road_chassis.settings import Settings, required


def build(_: Settings) -> Member:
    """The member in front of ORDERS_DATA_URL."""
    return member(Other(required("ORDERS_DATA_URL")))


if __name__ == "__main__":
    run(build)
