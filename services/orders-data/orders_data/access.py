"""What a member reads to get into the ring: its role's password and the roots to trust.

Names as the ring's agents agree on them (docs/ring-clients.md); a service depends on the platform
by names alone.
"""

import json
from typing import Any

from orders_data.ring import Way
from paved_road_chassis.settings import MissingSettingError, required

SERVICE, RING = "orders-data", "orders"
DATA_CENTER, NATIVE_PORT = "{region}-g1", 9042


def way(secrets: Any, parameters: Any) -> Way:  # noqa: ANN401 - boto3 makes its clients at run time
    """From the settings ESTATE, REGION and RING_ADDRESSES (contact points, by commas).

    Takes the newer of the service's two roles. Raises `MissingSettingError`.
    """
    estate, region = required("ESTATE"), required("REGION")
    addresses = [one.strip() for one in required("RING_ADDRESSES").split(",") if one.strip()]
    if not addresses:
        raise MissingSettingError("RING_ADDRESSES must name a node of the ring")
    found = [
        secrets.get_secret_value(SecretId=f"{estate}/rings/{RING}/clients/{SERVICE}/{turn}")
        for turn in ("a", "b")
    ]
    newest = max(found, key=lambda one: one["CreatedDate"])
    role = json.loads(newest["SecretString"])
    trust = parameters.get_parameter(Name=f"/{estate}/rings/{RING}/trust")["Parameter"]["Value"]
    return Way(
        addresses=addresses,
        port=NATIVE_PORT,
        data_center=DATA_CENTER.format(region=region),
        trust=trust,
        username=role["username"],
        password=role["password"],
    )
