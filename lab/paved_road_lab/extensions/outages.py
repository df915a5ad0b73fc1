"""Services that do not answer, for everybody or for some instances: a partition on demand.

Stock moto always answers. What is broken here answers 503 before moto sees the request, as a
service does whose front end is overloaded, so that callers retry and give up as against AWS.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from moto.sts.models import sts_backends

from paved_road_lab.extensions.calls import signer

EVERYBODY = "*"

_broken: dict[str, frozenset[str]] = {}


def replace_all(outages: dict[str, Iterable[str]]) -> None:
    """From now on exactly these services are broken, for these instances (`*`: for everybody)."""
    given = {str(service): frozenset(map(str, whom)) for service, whom in outages.items()}
    _broken.clear()
    _broken.update(given)


def standing() -> dict[str, list[str]]:
    """What is broken, and for whom."""
    return {service: sorted(whom) for service, whom in sorted(_broken.items())}


def hits(environ: dict[str, Any]) -> bool:
    """Whether the request is to fail. What nobody signed always goes through."""
    if not _broken:
        return False
    key, service = signer(environ)
    whom = _broken.get(service, frozenset())
    return EVERYBODY in whom or bool(whom and _instance(key) in whom)


def answer(start_response: Any) -> list[bytes]:
    """The failure."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
    return [json.dumps({"__type": "ServiceUnavailable", "message": "broken on demand"}).encode()]


def _instance(key: str) -> str:
    """The instance whose role session has the access key; empty for other callers."""
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            for role in list(backend.assumed_roles):
                if role.access_key_id == key:
                    return str(role.session_name)
    return ""
