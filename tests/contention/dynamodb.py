"""A DynamoDB of the test's own: dynalite, whose conditional writes hold a lock on the item.

moto's do not: https://github.com/architect/dynalite says what dynalite has and lacks.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from paved_road_ring_agent.contract import PARTITION_KEY, SORT_KEY
from paved_road_ring_agent.table import Table

PROGRAM = Path(__file__).parents[2] / "tools/dynamodb/node_modules/dynalite/cli.js"
START_SECONDS = 60
TABLE, DC = "slots", "us-east-1-g1"


def tables(endpoint: str, count: int, data_center: str = DC) -> list[Table]:
    """The slot table through as many connections, each for one thread at a time.

    As an agent connects, but with more patience: what is counted are claims, not time-outs.
    """
    session = boto3.Session("tests", "tests", region_name="us-east-1")
    config = Config(proxies={}, read_timeout=60)
    return [
        Table(
            session.resource("dynamodb", endpoint_url=endpoint, config=config), TABLE, data_center
        )
        for _ in range(count)
    ]


@contextmanager
def dynamodb() -> Iterator[str]:
    """Its endpoint, with an empty slot table; ended whatever happens."""
    node = shutil.which("node")
    assert node, "`make setup` installs node"
    assert PROGRAM.exists(), "`make setup` installs dynalite"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [node, str(PROGRAM), "--host", "127.0.0.1", "--port", str(port), "--createTableMs", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _create_table(endpoint, process)
        yield endpoint
    finally:
        # The wheel's `node` is a program that starts node.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _create_table(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    client = boto3.client(
        "dynamodb",
        "us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="tests",
        aws_secret_access_key="tests",
        config=Config(proxies={}),
    )
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            client.create_table(
                TableName=TABLE,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
                    {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": "S"}
                    for name in (PARTITION_KEY, SORT_KEY)
                ],
            )
            break
        except BotoCoreError:
            assert process.poll() is None, "dynalite ended"
            assert time.monotonic() < deadline, f"dynalite did not answer in {START_SECONDS} s"
            time.sleep(0.1)
    client.get_waiter("table_exists").wait(
        TableName=TABLE, WaiterConfig={"Delay": 1, "MaxAttempts": START_SECONDS}
    )
