"""The edge to AWS: clients by region, the CDK command line, and nothing else."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from paved_road_delivery.toolchain import with_toolchain

LONGEST_CAUSE = 20
"""Lines of an app's message that an error repeats; the log has all of it."""

Say = Callable[[str], None]


class DeliveryError(Exception):
    """A sentence for a person: what failed, and what to do."""


class RefusedError(DeliveryError):
    """Nothing was done, and the sentence says why."""


class Cloud(Protocol):
    """Where a deploy goes: an AWS account, or a lab that stands for one."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of processes that deploy there, credentials and endpoint among them."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client."""


@dataclass(frozen=True)
class Account:
    """AWS with the credentials of this process's environment.

    A client is made once, since loading a service's model takes longer than calling it, and a look
    at a service is some thirty calls. A resource is made once a thread: threads may not share it.
    https://boto3.amazonaws.com/v1/documentation/api/latest/guide/resources.html#multithreading-or-multiprocessing-with-resources
    """

    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, compare=False, repr=False)
    _resources: dict[tuple[str, str, int], Any] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def environment(self) -> Mapping[str, str]:
        """What this process was started with."""
        return os.environ

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - see Cloud
        """From boto3's default chain of credentials."""
        import boto3

        key = service, region
        if key not in self._clients:
            session = boto3.Session(region_name=region)
            self._clients[key] = session.client(service)  # type: ignore[call-overload]
        return self._clients[key]

    def resource(self, service: str, region: str) -> Any:  # noqa: ANN401 - see Cloud
        """The same with boto3's objects."""
        import boto3

        key = service, region, threading.get_ident()
        if key not in self._resources:
            session = boto3.Session(region_name=region)
            self._resources[key] = session.resource(service)  # type: ignore[call-overload]
        return self._resources[key]


def run_cdk(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    say: Say,
    timeout_seconds: int = 1800,
    accept: Sequence[int] = (0,),
) -> str:
    """Run the CDK command line in `folder` and return its output, which is kept in `log`.

    `say` gets a line as stacks begin and end. Raises `DeliveryError` with the cause, which is the
    app's own message if it was the app that failed, or if it takes longer; it and everything it
    started are ended then.
    """
    try:
        process = subprocess.Popen(
            ["cdk", *arguments],
            cwd=folder,
            env=with_toolchain(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise DeliveryError("there is no `cdk` on PATH: `make setup` installs it") from None
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    # A silent process is the one that hangs, so the limit cannot wait for its next line.
    limit = threading.Timer(timeout_seconds, end)
    limit.start()
    output: list[str] = []
    try:
        for line in process.stdout or ():
            output.append(line)
            if "✅" in line or "deploying..." in line:
                say(line.replace("✅", "").strip())
        status = process.wait()
    finally:
        limit.cancel()
        _kill(process)
        process.wait()
        log.write_text("".join(output), encoding="utf-8")
    if late.is_set():
        raise DeliveryError(
            f"`cdk {arguments[0]}` took longer than {timeout_seconds} s (its output is in {log})"
        )
    if status not in accept:
        why = _cause([line.rstrip() for line in output if line.strip()])
        raise DeliveryError(f"`cdk {arguments[0]}` failed: {why} (all of it is in {log})")
    return "".join(output)


def _cause(told: Sequence[str]) -> str:
    """Why the CDK CLI failed, in the words of whoever knows: a deploy, the app, its last line."""
    if failed := [line.strip() for line in told if "❌" in line]:
        return failed[0]
    if not told:
        return "no output"
    by_the_app = told[:-1] if "Subprocess exited with error" in told[-1] else []
    if any(line.startswith("Traceback ") for line in by_the_app):
        start = max(n for n, line in enumerate(by_the_app) if line.startswith("Traceback "))
        frames = (n for n, line in enumerate(by_the_app) if n > start and line[0] != " ")
        by_the_app = by_the_app[next(frames, start) :]
    if not by_the_app:
        return told[-1].strip()
    shown = by_the_app[:LONGEST_CAUSE]
    left = len(by_the_app) - len(shown)
    return "\n".join([*shown, f"and {left} more lines"] if left else shown)


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process that still runs, with everything it started."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
