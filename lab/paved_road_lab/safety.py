"""The lab can't reach AWS: nothing is called before the emulator has proved to be ours.

Three things must agree: the endpoint is this machine by name, the account is a lab's, and the
process that answers echoes the account and the token it was started with.
"""

import json
import os
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from paved_road_contract.lab import LAB_VARIABLE
from paved_road_delivery.toolchain import with_toolchain
from paved_road_lab.server import ECHO_PATH, TOKEN_HEADER
from paved_road_lab.state import FAKE_ACCOUNT, Lab, LabError

if TYPE_CHECKING:
    import boto3

PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE",
    "CDK_HOME", "CDK_DISABLE_CLI_TELEMETRY", "JSII_RUNTIME_PACKAGE_CACHE_ROOT", "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
)  # fmt: skip
"""What a process of the lab inherits. No AWS_* variable and no proxy is among it."""


def credential(lab: Lab) -> str:
    """Both halves of the key pair: the emulator accepts anything, AWS would not.

    A new lab has a new one, because the CDK CLI remembers which account a key belongs to.
    """
    return f"LAB{lab.account}"


def verify(lab: Lab) -> dict[str, Any]:
    """What the emulator says of itself, once it has proved to be the lab that was started.

    Raises `LabError` before any AWS call otherwise.
    """
    refuse_foreign(lab.endpoint, lab.account)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(lab.endpoint + ECHO_PATH, timeout=10) as answer:
            echo: dict[str, Any] = json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        raise LabError(
            f"nothing at {lab.endpoint} says that it is the lab: run `paved-road lab up`"
        ) from None
    if (echo.get("account"), echo.get("token")) != (lab.account, lab.token):
        raise LabError(
            f"what answers at {lab.endpoint} is another lab: run `paved-road lab down` there"
        )
    return echo


def ask(lab: Lab, path: str, given: Any = None) -> Any:  # noqa: ANN401 - JSON
    """Read one of the emulator's own addresses, or write to it; verifies the lab first."""
    verify(lab)
    request = urllib.request.Request(  # noqa: S310 - `verify` refused all but http://localhost
        lab.endpoint + path,
        data=None if given is None else json.dumps(given).encode(),
        headers={TOKEN_HEADER: lab.token, "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise LabError(f"the lab refused {path}: {refused.read().decode()}") from None


def refuse_foreign(endpoint: str, account: str) -> None:
    """Refuse every endpoint but this machine by name, and every account that could be real."""
    parts = urlsplit(endpoint)
    if parts.scheme != "http" or parts.hostname != "localhost" or not parts.port:
        raise LabError(f"the lab talks to http://localhost:PORT only, not to {endpoint}")
    if not FAKE_ACCOUNT.fullmatch(account):
        raise LabError(f"account {account} could be real: a lab's begins with 0000")


def passed_on() -> dict[str, str]:
    """What a process of the lab inherits from this one."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def environment(lab: Lab) -> dict[str, str]:
    """For a process that deploys into the lab, made from scratch; verifies the lab first."""
    verify(lab)
    return {
        **with_toolchain(passed_on()),
        "AWS_ENDPOINT_URL": lab.endpoint,
        "AWS_ACCESS_KEY_ID": credential(lab),
        "AWS_SECRET_ACCESS_KEY": credential(lab),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "localhost,127.0.0.1",
        LAB_VARIABLE: str(lab.folder.resolve()),
    }


def session(lab: Lab, region: str) -> "boto3.Session":
    """A boto3 session whose clients reach the lab only; verifies the lab first."""
    verify(lab)
    import boto3
    import botocore.session

    core = botocore.session.Session(
        session_vars={
            "config_file": (None, None, os.devnull, None),
            "profile": (None, None, None, None),
        }
    )
    core.set_config_variable("region", region)
    core.set_credentials(credential(lab), credential(lab))

    class LabSession(boto3.Session):
        def client(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - boto3's own
            return super().client(*args, **{**kwargs, "endpoint_url": lab.endpoint})

    return LabSession(botocore_session=core)
