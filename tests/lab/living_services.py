"""The sample services in a lab of their own: deployed, released, and asked through their fronts."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.contract import ReleaseOutput, ServiceOutput
from paved_road_delivery.ladder.asks import LADDER
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService
from paved_road_lab.cloud import LabCloud
from paved_road_lab.deploy import bootstrap, deploy
from paved_road_lab.hosts.images import IMAGES_VARIABLE
from paved_road_lab.hosts.lifecycle import hosts_up, recorded_daemon
from paved_road_lab.hosts.record import Host, recorded_hosts
from paved_road_lab.lifecycle import down, require, up
from paved_road_lab.state import Lab
from paved_road_ring_agent.jvm import free_port
from tests.lab.deployed_estate import ROOT, paved_road
from tests.lab.networks import reserved_network
from tests.lab.services_app import DATA, PLACE, digest, synthesize
from tests.lab.small_region import ESTATE, REGION
from tests.lab.small_stacks import outputs
from tests.services.conftest import SERVICES
from tests.waiting import until


@dataclass(frozen=True)
class LivingServices:
    """A lab's, in the network `10.<octet>`; `releases` says how many the app holds by now.

    Releases of place-order with a number in `on_fargate` run there.
    """

    folder: Path
    octet: int
    on_fargate: frozenset[int] = frozenset()
    releases: dict[str, int] = field(default_factory=lambda: {DATA: 1, PLACE: 1})

    @property
    def lab(self) -> Lab:
        return require(self.folder)

    def service(self, name: str = PLACE) -> LiveService:
        return LiveService(LabCloud(self.lab), ESTATE, REGION, name)

    def start(self, images: dict[str, Any]) -> None:
        """The network and both services stand, and the first releases of both are in service."""
        told = self.folder / "images.json"
        told.write_text(json.dumps(images))
        with patch.dict(os.environ, {IMAGES_VARIABLE: str(told)}):
            hosts_up(self.folder, [REGION])
        assembly = self.assembly()
        bootstrap(self.lab, [REGION], lambda _: None)
        deploy(self.lab, assembly, lambda _: None)
        for name in (DATA, PLACE):
            self.run("deploy", name, "1", "--app", str(assembly))

    def release(self, number: int) -> str:
        """Deploy one more release of place-order; its name."""
        self.releases[PLACE] = number
        self.run("deploy", PLACE, str(number), "--app", str(self.assembly()))
        return release_name(PLACE, number)

    def run(self, *words: str, code: int = 0) -> str:
        """A command of `paved-road release` against the lab; what it said."""
        where = ("--estate", ESTATE, "--region", REGION)
        lab = ("lab", "exec", "--folder", str(self.folder), "--")
        done = paved_road(*lab, "paved-road", "release", *words, *where, cwd=ROOT)
        assert done.returncode == code, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    def url(self, *, tests: bool = False, name: str = PLACE) -> str:
        """Where a front's live listener answers in the lab, or its test listener."""
        stack = stack_name(ESTATE, REGION, Kind.SERVICE, name)
        address = outputs(LabCloud(self.lab), stack)[ServiceOutput.ADDRESS]
        return f"http://{address}:{8080 if tests else 10080}"

    def healthy(self, number: int) -> int:
        """How many targets of a release of place-order are healthy."""
        return self.service().healthy(self._outputs(number)[ReleaseOutput.TARGET_GROUP])

    def ready(self, number: int, members: int = 2) -> None:
        """Wait until a release of place-order is healthy and no alarm of it is on any more."""
        until(lambda: self.healthy(number) == members)
        name = release_name(PLACE, number)
        until(lambda: (found := observe(self.service()).release(name)) and not found.alarms)

    def resize(self, number: int, members: int) -> None:
        """Let a release of place-order have so many instances."""
        self.service().client("autoscaling").set_desired_capacity(
            AutoScalingGroupName=self._outputs(number)[ReleaseOutput.GROUP], DesiredCapacity=members
        )

    def shrink(self, number: int, members: int) -> None:
        """Let a release of place-order have as few instances as that."""
        self.service().client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=self._outputs(number)[ReleaseOutput.GROUP], MinSize=members
        )

    def members(self, release: str) -> list[Host]:
        """Its hosts that have not ended; those of another may be ending at the same time."""
        found = recorded_hosts(self.folder)
        return [host for host in found if host.release == release and host.process()]

    def forwarder(self) -> psutil.Process:
        """The process that listens for the lab's load balancers."""
        daemon = recorded_daemon(self.folder)
        running = daemon.process() if daemon else None
        assert running
        (found,) = (
            one for one in running.children() if "paved_road_lab.balancers.daemon" in one.cmdline()
        )
        return found

    def empty(self, number: int) -> None:
        """Scale a release of place-order to nothing, as a person could by hand."""
        self.service().client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=self._outputs(number)[ReleaseOutput.GROUP],
            MinSize=0,
            DesiredCapacity=0,
        )

    def assembly(self, owner: str = "orders") -> Path:
        """The app as it is now; `owner` is routing's."""
        outdir = self.folder / f"cdk-{self.releases[PLACE]}-{owner}.out"
        return synthesize(outdir, self.octet, self.releases, owner, self.on_fargate)

    def _outputs(self, number: int) -> dict[str, str]:
        stack = stack_name(ESTATE, REGION, Kind.RELEASE, release_name(PLACE, number))
        return outputs(LabCloud(self.lab), stack)


def stand_in(module: str, *folders: str, **environment: str) -> dict[str, Any]:
    """What runs for an image, with more of its environment."""
    return {
        "module": module,
        "folders": [str(SERVICES / one) for one in ("chassis", *folders)],
        "environment": environment,
    }


ORDERS_IN_MEMORY = {DATA: stand_in("orders_data", "orders-data", ORDERS_IN="memory")}
IMAGES = {
    **ORDERS_IN_MEMORY,
    PLACE: stand_in("place_order", "place-order"),
    f"{PLACE}@{digest(3)}": stand_in("no_such_module"),
}
"""The third release of place-order never starts."""

NO_WAITS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)
"""No soaks and no judge: what is seen with it is that nobody notices."""


@contextmanager
def services_lab(
    folder: Path, on_fargate: frozenset[int] = frozenset()
) -> Iterator[LivingServices]:
    """A lab for them, ended with all their processes."""
    with reserved_network() as octet:
        try:
            up(folder, port=free_port())
            yield LivingServices(folder, octet, on_fargate)
        finally:
            down(folder)
