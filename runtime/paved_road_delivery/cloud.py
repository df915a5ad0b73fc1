"""The edge to AWS: clients by region, the CDK command line, and nothing else."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Say = Callable[[str], None]


class DeliveryError(Exception):
    """A sentence for a person: what was refused or failed, and what to do."""


class Cloud(Protocol):
    """Where a deploy goes: an AWS account, or a lab that stands for one."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of processes that deploy there, credentials and endpoint among them."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client."""


@dataclass(frozen=True)
class Account:
    """AWS with the credentials of this process's environment."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What this process was started with."""
        return os.environ

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - see Cloud
        """From boto3's default chain of credentials."""
        import boto3

        return boto3.Session(region_name=region).client(service)  # type: ignore[call-overload]


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

    `say` gets a line as stacks begin and end. Raises `DeliveryError` if it fails or takes longer;
    it and everything it started are ended then.
    """
    try:
        process = subprocess.Popen(
            ["cdk", *arguments],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise DeliveryError("there is no `cdk` on PATH: `make setup` installs it") from None
    deadline = time.monotonic() + timeout_seconds
    output: list[str] = []
    try:
        for line in process.stdout or ():
            output.append(line)
            if "✅" in line or "deploying..." in line:
                say(line.replace("✅", "").strip())
            if time.monotonic() > deadline:
                raise DeliveryError(f"`cdk {arguments[0]}` took longer than {timeout_seconds} s")
        status = process.wait(timeout=30)
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.write_text("".join(output), encoding="utf-8")
    if status not in accept:
        told = [line.strip() for line in output if line.strip()]
        why = next((line for line in told if "❌" in line), told[-1] if told else "no output")
        raise DeliveryError(f"`cdk {arguments[0]}` failed: {why} (all of it is in {log})")
    return "".join(output)
