"""Which actions each principal called, as IAM names them: what its policy needs to allow.

Stock moto remembers no calls. Requests are read before moto sees them: the access key and service
from the SigV4 credential, the action from where the service's protocol puts it. Temporary keys
count for the role that they were issued for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

import io
import json
import re
from collections import Counter, defaultdict
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from moto.sts.models import sts_backends

from paved_road_lab.extensions.s3_actions import s3_actions

PREFIXES = {"monitoring": "cloudwatch", "email": "ses"}
"""Services whose actions carry another name than their signatures."""

SAME_PERMISSION = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html"""

TRANSACTIONS = {
    "TransactGetItems": {"Get": "GetItem"},
    "TransactWriteItems": {
        "ConditionCheck": "ConditionCheckItem",
        "Delete": "DeleteItem",
        "Put": "PutItem",
        "Update": "UpdateItem",
    },
}
"""A transaction needs the permissions of what it consists of.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""

RPC_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")
"""https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html"""

_counts: dict[str, Counter[str]] = defaultdict(Counter)
_lock = Lock()


def count(environ: dict[str, Any]) -> None:
    """Count one request; its body can be read again afterwards."""
    key, service = signer(environ)
    if not service:
        return
    called = _actions(environ, service)
    with _lock:
        _counts[key].update(called)


def counted() -> dict[str, dict[str, int]]:
    """Calls by role name, or by access key where it belongs to no role."""
    names = {
        role.access_key_id: role.role_arn.rsplit("/", 1)[-1]
        for account in list(sts_backends.values())
        for backend in list(account.values())
        for role in list(backend.assumed_roles)
    }
    told: dict[str, Counter[str]] = defaultdict(Counter)
    with _lock:
        for key, calls in _counts.items():
            told[names.get(key, key)].update(calls)
    return {name: dict(sorted(calls.items())) for name, calls in sorted(told.items())}


def signer(environ: dict[str, Any]) -> tuple[str, str]:
    """Access key and service of a signed request, in the header or in a presigned address.

    Both are empty if nobody signed it.
    """
    query = parse_qs(environ.get("QUERY_STRING", ""))
    signed = re.search(r"Credential=([^,\s]+)", environ.get("HTTP_AUTHORIZATION", ""))
    scope = signed.group(1) if signed else query.get("X-Amz-Credential", [""])[0]
    parts = scope.split("/")
    if len(parts) == 5:
        return parts[0], parts[3].lower()
    # S3 alone still takes addresses signed the older way, which is boto3's default for them.
    older = query.get("AWSAccessKeyId", [""])[0]
    return (older, "s3") if older else ("", "")


def _actions(environ: dict[str, Any], service: str) -> list[str]:
    prefix = PREFIXES.get(service, service)
    if service == "s3":
        return s3_actions(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "").rsplit(".", 1)[-1]
    if target in TRANSACTIONS:
        items = json.loads(_body(environ) or "{}").get("TransactItems", ())
        kinds = TRANSACTIONS[target]
        return [f"{prefix}:{kinds[kind]}" for item in items for kind in item if kind in kinds]
    rpc = RPC_PATH.search(environ.get("PATH_INFO", ""))
    action: str = target or (rpc.group(1) if rpc else _form_action(environ))
    # A REST protocol names no action; the method at least says what kind it was.
    named: str = f"{prefix}:{action or environ['REQUEST_METHOD']}"
    return [SAME_PERMISSION.get(named, named)]


def _form_action(environ: dict[str, Any]) -> str:
    form: str = environ.get("QUERY_STRING", "")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = f"{form}&{_body(environ).decode()}"
    return parse_qs(form).get("Action", [""])[0]


def _body(environ: dict[str, Any]) -> bytes:
    """The body, put back for moto. One of unknown length is left alone."""
    if not environ.get("CONTENT_LENGTH"):
        return b""
    body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    return body
