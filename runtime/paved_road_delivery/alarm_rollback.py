"""The function that an alarm starts: AWS Lambda's, with nothing but these packages and boto3.

It does what `paved-road release rollback` does, through the same decisions and the same driver: the
rule first, parameters and stack after. Killed anywhere, the next try goes on: Lambda makes two more
of an asynchronous call, a minute and two minutes later.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from paved_road_delivery import contract
from paved_road_delivery.cloud import Account, DeliveryError
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Rollback
from paved_road_delivery.ladder.alarmed import alarmed
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService

MARGIN_SECONDS = 20
"""Left over for the last step when a wait ends."""

log = logging.getLogger("paved-road.rollback")
log.setLevel(logging.INFO)


class Context(Protocol):
    """Of Lambda's what is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Until the function is killed."""


def handler(event: Mapping[str, Any], context: Context) -> str:
    """For a `CloudWatch Alarm State Change` from EventBridge; what was done, or why nothing was.

    `ESTATE` and `SERVICE` of the environment say whose function it is. Raises `DeliveryError` if a
    rollback is asked for and does not come to its end, so that Lambda tries again and the
    function's own alarm says it.
    """
    service = LiveService(
        Account(), os.environ["ESTATE"], os.environ["AWS_REGION"], os.environ["SERVICE"]
    )
    told = respond(service, str(event["detail"]["alarmName"]), context)
    log.info("%s", told)
    return told


def respond(service: LiveService, alarm: str, context: Context) -> str:
    """The same for a service that was found."""
    if not contract.is_alarm_of_service(service.estate, service.region, service.name, alarm):
        return f"{alarm} is no alarm of {service.name}"
    ask = alarmed(observe(service), alarm)
    if not isinstance(ask, Rollback):
        return f"nothing is moved: {ask}"
    last = Driver(service, lambda line: log.info("%s", line), pause=_pause(context)).run(ask)
    if not isinstance(last, Done):
        raise DeliveryError(last.why)
    return last.why


def _pause(context: Context) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        if context.get_remaining_time_in_millis() < 1000 * (seconds + MARGIN_SECONDS):
            raise DeliveryError(
                "the old release does not carry everything yet: the next try goes on"
            )
        time.sleep(seconds)

    return pause
