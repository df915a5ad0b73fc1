"""The daemon: asks the emulator twice a second and keeps hosts equal to instances."""

import argparse
import logging
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts import machine
from paved_road_lab.hosts.imds import IMDS_PORT, MetadataService
from paved_road_lab.hosts.instances import Instance, instances
from paved_road_lab.hosts.lifecycle import HostsDaemon, this_process
from paved_road_lab.hosts.metadata import Metadata
from paved_road_lab.hosts.plan import new_roots, plan
from paved_road_lab.hosts.record import Host, recorded_hosts
from paved_road_lab.hosts.restarts import STARTS, WINDOW_SECONDS
from paved_road_lab.lifecycle import require, running

POLL_SECONDS = 0.5

BESIDE = ("balancers", "alarms")
"""Packages with a daemon of their own, which runs as long as this one: what forwards for the load
balancers of all regions, and what looks at alarms."""

SHUTDOWN_SECONDS = 60
"""What a terminated member may take to end before it is killed."""

log = logging.getLogger("hosts")


def main() -> None:
    """Run until terminated or until the emulator is gone. Hosts outlive a terminated daemon."""
    parser = argparse.ArgumentParser(prog="paved_road_lab.hosts", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--regions", required=True, help="Separated by commas.")
    parser.add_argument("--programs", type=Path, help="Run the programs in this JSON file instead.")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    ended = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: ended.set())
    me = this_process(options.folder, options.regions.split(","), options.programs)
    Daemon(me, LabCloud(require(options.folder))).run(ended)


class Daemon:
    """Hosts of one lab. The only one to start and stop them while it lives."""

    def __init__(self, me: HostsDaemon, cloud: LabCloud) -> None:
        self._me, self._cloud, self._folder = me, cloud, me.folder
        self._services: dict[str, MetadataService] = {}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._leaving: dict[str, float] = {}
        self._beside: dict[str, subprocess.Popen[bytes]] = {}
        self._fault = ""

    def run(self, ended: threading.Event) -> None:
        """Poll until `ended`, or until the emulator is gone, and all its instances with it."""
        while not ended.is_set():
            try:
                self.reconcile(time.time())
                self._say_fault("")
                self._me.save()
            except Exception as error:  # noqa: BLE001 - in doubt every host stays as it is
                self._say_fault(f"{type(error).__name__}: {error}")
                if running(self._folder) != self._cloud.lab:
                    log.warning("the emulator is gone, so its instances are: hosts are killed")
                    for host in recorded_hosts(self._folder):
                        machine.kill(host, self._folder)
                    break
            ended.wait(POLL_SECONDS)
        self._end_beside()
        for service in self._services.values():
            service.close()

    def reconcile(self, now: float) -> None:
        """One round: ask, decide, do."""
        wanted = instances(self._cloud, self._me.regions)
        if any(instance.release for instance in wanted.values()):
            self._keep_beside()
        for child in self._children.values():
            child.poll()  # so that the dead are buried
        hosts = {
            host.instance_id: host
            for host in recorded_hosts(self._folder)
            if host.region in self._me.regions
        }
        for name in new_roots(wanted, hosts):
            hosts[name] = self._replace_root(hosts[name], wanted[name])
        alive = {name for name, host in hosts.items() if host.process()}
        todo = plan(wanted, list(hosts.values()), alive, now)
        for name in self._services.keys() - wanted.keys():
            self._services.pop(name).close()
        for name in todo.stops:
            if not self._shuts_down(hosts[name], now):
                self._stop(hosts[name])
        for name in todo.fails:
            hosts[name] = self._give_up(hosts[name])
        for name, instance in wanted.items():
            host = hosts.get(name) or _host(instance)
            if self._serve(instance, host) and name in todo.starts:
                self._start(host)

    def _keep_beside(self) -> None:
        """From the first member on; one that died is started again."""
        for name in BESIDE:
            if name in self._beside and self._beside[name].poll() is None:
                continue
            argv = [sys.executable, "-m", f"paved_road_lab.{name}.daemon"]
            argv += ["--folder", str(self._folder), "--regions", ",".join(self._me.regions)]
            with (self._folder / f"{name}.log").open("ab") as output:
                self._beside[name] = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                )
            log.info("%s are looked after by process %d", name, self._beside[name].pid)

    def _end_beside(self) -> None:
        for process in self._beside.values():
            process.terminate()
        for process in self._beside.values():
            process.wait()

    def _serve(self, instance: Instance, host: Host) -> bool:
        """Whether the instance's metadata service answers; said once if it can't."""
        if known := self._services.get(instance.id):
            known.metadata = known.metadata.of(instance)
            return True
        try:
            self._services[instance.id] = MetadataService(Metadata(self._cloud, instance))
        except OSError as error:
            self._note(host, f"can't listen at {instance.address}:{IMDS_PORT}: {error}")
            return False
        return True

    def _start(self, host: Host) -> None:
        again = len(host.starts)
        host, child = machine.start(host, self._folder, self._cloud.lab.endpoint, self._me.programs)
        self._children[host.instance_id] = child
        log.info(
            "%s %s at %s, process %d%s",
            host.instance_id,
            "is started again" if again else "is started",
            host.address,
            host.pid,
            f" (start {len(host.starts)} of {STARTS})" if again else "",
        )

    def _replace_root(self, host: Host, instance: Instance) -> Host:
        host = machine.replace_root(host, self._folder, instance.root_volume)
        child = self._children.pop(host.instance_id, None)
        if child:
            child.wait()
        log.info("%s has a new root volume, %s", host.instance_id, host.root_volume)
        return host

    def _give_up(self, host: Host) -> Host:
        machine.kill(host, self._folder)
        failed = replace(host, failed=True)
        return self._note(failed, f"failed {STARTS} times within {WINDOW_SECONDS} s: left dead")

    def _note(self, host: Host, note: str) -> Host:
        """Say it in the log and in the status, once."""
        if host.note != note:
            log.error("%s %s", host.instance_id, note)
            host = replace(host, note=note)
            host.save(self._folder)
        return host

    def _shuts_down(self, host: Host, now: float) -> bool:
        """Whether it still ends what it does. Members of releases may; rings lose their power."""
        if not host.release:
            return False
        if host.instance_id not in self._leaving and machine.shut_down(host):
            self._leaving[host.instance_id] = now + SHUTDOWN_SECONDS
        still = host.process() is not None and now < self._leaving[host.instance_id]
        if not still:
            self._leaving.pop(host.instance_id, None)
        return still

    def _stop(self, host: Host) -> None:
        killed = machine.kill(host, self._folder)
        machine.discard(host, self._folder)
        child = self._children.pop(host.instance_id, None)
        if child:
            child.wait()
        log.info("%s is gone: %d processes killed, disk deleted", host.instance_id, killed)

    def _say_fault(self, fault: str) -> None:
        """Once, and once more when it is over."""
        if fault != self._fault:
            log.warning("%s", fault or "the emulator answers again", exc_info=bool(fault))
            self._fault = fault


def _host(instance: Instance) -> Host:
    return Host(
        instance_id=instance.id,
        region=instance.region,
        rack=instance.rack,
        address=instance.address,
        root_volume=instance.root_volume,
        release=instance.release,
    )
