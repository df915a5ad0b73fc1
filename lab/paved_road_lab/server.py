"""The emulator's process: moto's server, taught, on this machine's loopback only.

`python -m paved_road_lab.server --port 5577 --account 000012345678 --token ...`
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable
from typing import Any

ECHO_PATH = "/paved-road/lab"
"""Answers with the account and token that the process was started with, and what it models."""

SERVICES = (
    "autoscaling", "cloudformation", "cloudwatch", "dynamodb", "ec2", "ecr", "elbv2", "iam", "kms",
    "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts",
)  # fmt: skip
"""What estates use; CloudFormation models a type once its service is loaded."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(prog="paved_road_lab.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--token", required=True)
    options = parser.parse_args()
    # Read by moto when it is imported.
    os.environ["MOTO_ACCOUNT_ID"] = options.account
    from werkzeug.serving import run_simple

    run_simple(
        "127.0.0.1",
        options.port,
        application(options.account, options.token),
        threaded=True,
        use_reloader=False,
    )


def application(account: str, token: str) -> Application:
    """Moto with every extension, behind the echo that proves whose it is."""
    import moto.backends
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from paved_road_lab.extensions import install

    _load_models(moto.backends)
    install()
    dispatcher = DomainDispatcherApplication(create_backend_app)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != ECHO_PATH:
            return dispatcher(environ, start_response)  # type: ignore[no-any-return]
        body = json.dumps({"account": account, "token": token, **_knowledge()}).encode()
        start_response("200 OK", [("Content-Type", "application/json")])
        return [body]

    return serve


def _load_models(backends: Any) -> None:  # noqa: ANN401 - moto's module
    """Load the modules whose types CloudFormation is to know."""
    for service in SERVICES:
        backends.get_backend(service)


def _knowledge() -> dict[str, Any]:
    from moto.cloudformation.parsing import get_model_map

    from paved_road_lab.extensions.updates import not_applied

    return {"modelled": sorted(get_model_map()), "updates_not_applied": dict(not_applied)}


if __name__ == "__main__":
    main()
