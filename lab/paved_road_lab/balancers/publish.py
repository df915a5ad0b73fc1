"""Tells the emulated CloudWatch once a second what was measured; on AWS it is once a minute."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_lab.balancers.meter import NAMESPACE
from paved_road_lab.cloud import LabCloud

Measured = Mapping[str, Sequence[Mapping[str, Any]]]

log = logging.getLogger("balancers")


async def publish(cloud: LabCloud, measured: Callable[[], Measured]) -> None:
    """At each second's end what was measured in it. Ends by cancellation.

    What cannot be told is lost, as it is on AWS, so that nothing piles up while nobody listens.
    """
    while True:
        ends = int(time.time()) + 1
        await asyncio.sleep(ends - time.time())
        taken = measured()
        try:
            # Not in the loop that forwards, which would wait for the emulator's answer.
            await asyncio.to_thread(_put, cloud, taken, ends - 1)
        except (BotoCoreError, ClientError) as error:
            log.warning("what was measured is lost: %s", error)


def _put(cloud: LabCloud, measured: Measured, second: int) -> None:
    for region, data in measured.items():
        cloud.client("cloudwatch", region).put_metric_data(
            Namespace=NAMESPACE, MetricData=[{**one, "Timestamp": second} for one in data]
        )
