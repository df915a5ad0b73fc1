"""How a member gets into the ring: where that is, its role's password, and the roots to trust.

What the release tells is where to read these (docs/ring-clients.md); they are read whenever a
session is opened, since nodes, passwords and roots change while a member lives.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from orders_data.session import Way
from orders_data.table import AwayError
from paved_road_chassis.settings import MissingSettingError, required

PREFIX = "RING_ORDERS_"
TURNS = ("a", "b")


def finder(secrets: Any, parameters: Any) -> Callable[[], Way]:  # noqa: ANN401 - boto3 makes its clients at run time
    """A look for the way in, from the settings RING_ORDERS_*. It takes the newer of the two roles.

    Raises `MissingSettingError` now, and the look `AwayError` while there is no way.
    """
    contacts, trust, prefix = (required(PREFIX + end) for end in ("CONTACTS", "TRUST", "SECRETS"))
    data_center, port = required(f"{PREFIX}DATA_CENTER"), required(f"{PREFIX}PORT")
    if not port.isdecimal():
        raise MissingSettingError(f"{PREFIX}PORT must be a port, got {port!r}")

    def told(name: str) -> str:
        value = str(parameters.get_parameter(Name=name)["Parameter"]["Value"])
        if value == "none":
            raise AwayError(f"the ring lets nobody in yet: {name} is none")
        return value

    def look() -> Way:
        try:
            found = [secrets.get_secret_value(SecretId=f"{prefix}/{turn}") for turn in TURNS]
            role = json.loads(max(found, key=lambda one: one["CreatedDate"])["SecretString"])
            return Way(
                addresses=told(contacts).split(","),
                port=int(port),
                data_center=data_center,
                trust=told(trust),
                username=role["username"],
                password=role["password"],
            )
        except (BotoCoreError, ClientError) as error:
            raise AwayError(f"nobody says where the ring is: {error}") from error

    return look
