"""Where `cdk` and `node` are: in the checkout that this code runs from, or else on PATH.

`make setup` installs both inside the checkout. The pinned CDK CLI reads what the pinned library
writes, so it goes before any other one; a library that was installed from a wheel has no checkout.
"""

import os
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


def with_toolchain(environment: Mapping[str, str], checkout: Path = CHECKOUT) -> dict[str, str]:
    """The environment of a process that may start `cdk`; unchanged where there is no checkout.

    Caches go into the checkout too, unless the environment says where else.
    """
    tools = checkout / "tools" / "cdk" / "node_modules" / ".bin"
    if not (tools / "cdk").exists():
        return dict(environment)
    cache = checkout / ".cache"
    found = (str(checkout / ".venv" / "bin"), str(tools), environment.get("PATH", os.defpath))
    return {
        "CDK_HOME": str(cache / "cdk"),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(cache / "jsii"),
        **environment,
        "PATH": os.pathsep.join(found),
    }
