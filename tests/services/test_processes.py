"""The services together, as processes: what one places, another shows; who ends loses nothing."""

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest
import requests

from tests.services.conftest import BUILDS, SERVICES, Processes, status
from tests.waiting import until

pytestmark = pytest.mark.slow

ORDER = {"customer": "ann", "item": "tea", "quantity": 2}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_what_is_placed_is_shown_and_readiness_goes_with_what_is_needed(
    processes: Processes,
) -> None:
    with processes.member("orders_data", ORDERS_IN="memory") as (data, keeper):
        where = {"ORDERS_DATA_URL": data}
        with (
            processes.member("place_order", RELEASE="place-order-v007", **where) as (place, _),
            processes.member("get_order", **where) as (get, _),
        ):
            placed = requests.post(
                f"{place}/orders", json=ORDER, headers={"traceparent": TRACE}, timeout=10
            )
            assert placed.status_code == 201
            assert placed.headers["X-Release"] == "place-order-v007"
            shown = requests.get(f"{get}/orders/{placed.json()['id']}", timeout=10)
            assert shown.json() == placed.json()
            assert shown.json().items() >= ORDER.items()
            keeper.kill()
            keeper.wait()
            until(lambda: status(f"{get}/health/ready") == 503)
            assert status(f"{get}/health/live") == 200
            assert requests.get(f"{get}/orders/1", timeout=10).status_code == 503


def test_a_member_that_ends_fails_no_request_of_who_heeds_its_readiness(
    processes: Processes,
) -> None:
    """Asked again and again until it says that it drains, as a load balancer's target."""
    answers: list[int] = []
    with processes.member("orders_data", ORDERS_IN="memory", NOTICE_SECONDS="1") as (url, process):
        told = threading.Event()

        def ask() -> None:
            while not told.is_set():
                answers.append(status(f"{url}/customers/ann/orders"))

        client = threading.Thread(target=ask)
        client.start()
        until(lambda: len(answers) > 20)
        process.send_signal(signal.SIGTERM)
        until(lambda: status(f"{url}/health/ready") == 503)
        told.set()
        client.join()
        assert set(answers) == {200}
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize(
    ("module", "given", "missing"),
    [
        ("place_order", {"PORT": "1"}, "ORDERS_DATA_URL must be set"),
        ("get_order", {}, "PORT must be the port to listen on"),
        ("orders_data", {"PORT": "1", "ORDERS_IN": "a file"}, "must be ring or memory"),
    ],
)
def test_a_missing_setting_is_a_sentence_and_exit_code_2(
    processes: Processes, module: str, given: dict[str, str], missing: str
) -> None:
    process = processes.start(module, **given)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert missing in told
    assert "Traceback" not in told


def test_every_service_has_its_image_and_its_stand_in() -> None:
    services = set(BUILDS) - {"chassis"}
    stand_ins = json.loads((SERVICES / "images.json").read_text())
    assert {image for image in stand_ins if "@" not in image} == services
    for image, stand_in in stand_ins.items():
        name = image.partition("@")[0]
        told = (SERVICES / name / "Dockerfile").read_text()
        assert f'"{stand_in["module"]}"' in told
        for folder in stand_in["folders"]:
            assert f"COPY {folder} " in told
            assert Path(SERVICES, folder, "pyproject.toml").exists()


def test_nothing_that_synthesizes_can_import_a_service() -> None:
    """They are in no package that the platform installs."""
    names = "('place_order', 'orders_data', 'paved_road_chassis')"
    code = f"from importlib.util import find_spec; print({{find_spec(name) for name in {names}}})"
    done = subprocess.run(
        ["python", "-P", "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert done.stdout.strip() == "{None}"
