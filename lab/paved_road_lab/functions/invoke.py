"""Runs a function once for an event, and twice more if it fails: an asynchronous call of Lambda's.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import io
import json
import logging
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from paved_road_lab.cloud import LabCloud
from paved_road_lab.functions import runtime

FOLDER = "functions"
RETRY_MINUTES = (1, 2)

log = logging.getLogger("functions")


@dataclass(frozen=True, kw_only=True)
class Functions:
    """Of one region of a lab."""

    cloud: LabCloud
    region: str

    def invoke(
        self,
        arn: str,
        event: Mapping[str, Any],
        *,
        minute_seconds: int,
        pause: Callable[[float], None] = time.sleep,
    ) -> bool:
        """Whether one of three tries came to its end. What was said is in the function's log."""
        described = self.cloud.client("lambda", self.region).get_function(FunctionName=arn)
        for wait in (*RETRY_MINUTES, None):
            if self._once(described, event):
                return True
            if wait:
                pause(wait * minute_seconds)
        log.error("%s failed three times and is given up", arn)
        return False

    def _once(self, described: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
        function = described["Configuration"]
        code, seconds = self._code(described), int(function["Timeout"])
        argv = [sys.executable, "-I", runtime.__file__, str(code), function["Handler"]]
        try:
            done = subprocess.run(
                [*argv, str(seconds)],
                input=json.dumps(event),
                env=self._environment(function),
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("%s took longer than %d s", function["FunctionName"], seconds)
            return False
        said = (done.stderr + done.stdout).strip()
        with self._log(function["FunctionName"]).open("a", encoding="utf-8") as output:
            output.write(said + "\n")
        log.info("%s: %s", function["FunctionName"], said.rpartition("\n")[2])
        return done.returncode == 0

    def _environment(self, function: Mapping[str, Any]) -> dict[str, str]:
        """Its own variables, and what Lambda gives: region and the role's credentials."""
        given = self.cloud.client("sts", self.region).assume_role(
            RoleArn=function["Role"], RoleSessionName=function["FunctionName"]
        )["Credentials"]
        return {
            **function.get("Environment", {}).get("Variables", {}),
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
            "AWS_ENDPOINT_URL": self.cloud.lab.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "localhost,127.0.0.1",
        }

    def _code(self, described: Mapping[str, Any]) -> Path:
        """Unpacked once."""
        bucket, _, key = described["Code"]["Location"].removeprefix("s3://").partition("/")
        there = self._folder / Path(key).stem
        with FileLock(self._folder / "code.lock"):
            if not there.exists():
                got = self.cloud.client("s3", self.region).get_object(Bucket=bucket, Key=key)
                half = there.with_suffix(".new")
                zipfile.ZipFile(io.BytesIO(got["Body"].read())).extractall(half)
                half.rename(there)
        return there.resolve()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    @property
    def _folder(self) -> Path:
        folder = self.cloud.lab.folder / FOLDER
        folder.mkdir(exist_ok=True)
        return folder
