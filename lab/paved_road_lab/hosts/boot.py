"""What an instance does when it boots, as a host's first process.

Its whole world is its environment: the metadata service, the emulator, the region and the root.
Credentials come from the metadata service alone.
"""

import argparse
import json
import logging
import os
import signal
import threading
import urllib.request
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_bundle.errors import RefusedError
from paved_road_bundle.install import InstallError
from paved_road_lab.hosts.images import NoImageError
from paved_road_lab.hosts.imds import TOKEN_HEADER, TOKEN_PATH, TTL_HEADER
from paved_road_lab.hosts.member import NOT_DONE, boot_member, is_member
from paved_road_lab.hosts.programs import Command, programs, programs_in
from paved_road_lab.hosts.software import get_software
from paved_road_lab.hosts.supervise import Supervisor
from paved_road_lab.hosts.wanted import chosen, keep
from paved_road_ring_agent.contract import NODE_FILE, NodeFile
from paved_road_ring_agent.identity import ENDPOINT_VARIABLE
from paved_road_ring_agent.layout import ROOT_VARIABLE

LOOK_SECONDS = 0.2

log = logging.getLogger(__name__)


def main() -> None:
    """Do what user data says, start the programs and look after them.

    It ends with an error if the software can't be had or is not what user data says: no program is
    started then. It stays when all programs failed, as an instance does. Told to end, it lets its
    programs end first, as a shutdown does.
    """
    parser = argparse.ArgumentParser(prog="paved_road_lab.hosts.boot", description=__doc__)
    parser.add_argument("--programs", type=Path, help="Run the programs in this JSON file instead.")
    parser.add_argument("--software", type=Path, required=True, help="Where bundles are unpacked.")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    root = Path(os.environ[ROOT_VARIABLE])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    user_data = _user_data(os.environ[ENDPOINT_VARIABLE])
    if is_member(user_data):
        commands = _member(user_data, root)
    else:
        commands = _node(user_data, root, options.software, options.programs)
    supervisor = Supervisor(commands, root)
    while not ended.wait(LOOK_SECONDS):
        supervisor.look()
    supervisor.end()


def _member(user_data: str, root: Path) -> list[Command]:
    """Of a release's instance, which listens at the address that its metadata service has."""
    address = urlsplit(os.environ[ENDPOINT_VARIABLE]).hostname or ""
    try:
        command = boot_member(user_data, root, address)
    except NoImageError as error:
        raise SystemExit(f"this member does not start: {error}") from error
    for what, instead in NOT_DONE.items():
        log.info("not done in the lab: %s (%s)", what, instead)
    return [command]


def _node(user_data: str, root: Path, software_folder: Path, others: Path | None) -> list[Command]:
    """Of a ring's node: its file, its software, its programs, or `others` instead of these."""
    node = NodeFile.from_user_data(user_data)
    write_node_file(node, root)
    if others:
        return programs_in(others)
    try:
        software = get_software(chosen(node, root), node.region, software_folder)
    except (InstallError, RefusedError) as error:
        raise SystemExit(f"this node does not start: {error}") from error
    if software:
        keep(software.bundle, root)
    return programs(software)


def write_node_file(node: NodeFile, root: Path) -> None:
    """As cloud-init writes it: whole, and read-only."""
    target = root / NODE_FILE.lstrip("/")
    half = target.with_suffix(".new")
    half.unlink(missing_ok=True)
    half.write_text(json.dumps(asdict(node), sort_keys=True), encoding="utf-8")
    half.chmod(0o444)
    half.replace(target)


@retry(
    retry=retry_if_exception_type(OSError),
    stop=stop_after_delay(30),
    wait=wait_fixed(0.2),
    reraise=True,
)
def _user_data(endpoint: str) -> str:
    """Asked again for half a minute: the service is away while the lab's daemon is restarted."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    base = endpoint.rstrip("/")
    ask = urllib.request.Request(  # noqa: S310 - an address that the daemon gave
        f"{base}{TOKEN_PATH}", method="PUT", headers={TTL_HEADER: "60"}
    )
    with opener.open(ask, timeout=5) as answer:
        token = answer.read().decode()
    read = urllib.request.Request(  # noqa: S310 - as above
        f"{base}/latest/user-data", headers={TOKEN_HEADER: token}
    )
    with opener.open(read, timeout=5) as answer:
        return str(answer.read().decode())


if __name__ == "__main__":
    main()
