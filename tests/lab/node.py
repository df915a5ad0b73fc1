"""One node of a ring under test: its host, its processes, its logs."""

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from paved_road_lab.hosts.record import Host, root
from paved_road_ring_agent.door import BEHIND_A_FENCE
from paved_road_ring_agent.layout import ROOT_VARIABLE, Layout
from paved_road_ring_agent.management import Management, NodeSilentError
from paved_road_ring_agent.supervisor import Status


@dataclass(frozen=True)
class Node:
    """One host of the ring, by its instance."""

    host: Host
    folder: Path

    @property
    def instance(self) -> str:
        return self.host.instance_id

    @property
    def address(self) -> str:
        return self.host.address

    @property
    def rack(self) -> str:
        return self.host.rack

    @property
    def layout(self) -> Layout:
        return Layout(root=root(self.folder, self.instance), bundle=Path())

    def processes(self, name: str = "") -> list[psutil.Process]:
        """The host's processes; those whose command line holds `name`."""
        inside = str(root(self.folder, self.instance))
        found = []
        for one in psutil.process_iter(["environ", "cmdline"]):
            if (one.info["environ"] or {}).get(ROOT_VARIABLE) == inside and (
                name in " ".join(one.info["cmdline"] or ())
            ):
                found.append(one)
        return found

    @property
    def cassandra(self) -> psutil.Process | None:
        """Its database, if that runs."""
        return next(iter(self.processes("CassandraDaemon")), None)

    def agent(self) -> psutil.Process:
        (found,) = self.processes("paved_road_ring_node.agent")
        return found

    def signal(self, number: signal.Signals, name: str = "") -> None:
        """Send a signal to the processes of that name, or to all of them."""
        for one in self.processes(name):
            with suppress(psutil.NoSuchProcess):
                one.send_signal(number)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Its database stands still meanwhile."""
        database = self.status().process
        database.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            database.signal(signal.SIGCONT)

    def status(self) -> Status:
        """What its supervisor says."""
        found = Status.load(self.layout)
        assert found is not None
        return found

    def management(self) -> Management:
        status = self.status()
        return Management(status.management_port, status.management_password)

    def serves(self) -> bool:
        """Whether clients are let in: not while its ring is prepared, nor while it starts again."""
        status = Status.load(self.layout)
        if status is None or not status.process.alive or status.door in BEHIND_A_FENCE:
            return False
        try:
            return self.management().admits_clients()
        except NodeSilentError:
            return False

    def log(self, name: str = "agent") -> str:
        file = self.layout.logs / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def decided(self) -> str:
        """What the agent decided last, in words; what goes on beside it logs too."""
        found = [line for line in self.said() if re.match(r"[A-Z]\w+: ", line)]
        return found[-1] if found else ""

    def said(self) -> list[str]:
        """What the agent logged, in words."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        return [str(json.loads(line)["message"]) for line in lines]
