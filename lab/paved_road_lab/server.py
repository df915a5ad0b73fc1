"""The emulator's process: moto's server, taught, on this machine's loopback only.

`python -m paved_road_lab.server --port 5577 --account 000012345678 --token ...`
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

ECHO_PATH = "/paved-road/lab"
"""Answers with the account and token that the process was started with, and what it models."""

LIVING_PATH = "/paved-road/living"
"""Regions where something runs on the instances: GET tells them, POST sets them."""

CALLS_PATH = "/paved-road/calls"
"""How often which principal called which action."""

OUTAGES_PATH = "/paved-road/outages"
"""Services that fail on demand: GET tells them, POST sets them."""

BALANCERS_PATH = "/paved-road/balancers"
"""What load balancers forward: GET tells it, POST says how their targets are."""

ALARMS_PATH = "/paved-road/alarms"
"""Alarms: GET tells how long a minute lasts and how far metrics are told, POST sets the first and
says what is looked at."""

TOKEN_HEADER = "X-Paved-Road-Token"  # noqa: S105 - the header's name
"""Who knows the lab's token means this lab and no other: the addresses above ask for it."""

SERVICES = (
    "autoscaling", "cloudformation", "cloudwatch", "dynamodb", "ec2", "ecr", "elbv2", "events",
    "iam", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts",
)  # fmt: skip
"""What estates use; CloudFormation models a type once its service is loaded."""

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


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

    from paved_road_lab.extensions import calls, install, outages

    _load_models(moto.backends)
    install()
    dispatcher = DomainDispatcherApplication(create_backend_app)

    def serve(environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == ECHO_PATH:
            echo = {"account": account, "token": token, **_knowledge()}
            return _answer(start_response, HTTPStatus.OK, echo)
        if path in LOCAL:
            return _answer(start_response, *_local(environ, path, token))
        if outages.hits(environ):
            return outages.answer(start_response)
        calls.count(environ)
        return dispatcher(environ, start_response)  # type: ignore[no-any-return]

    return serve


def _local(environ: dict[str, Any], path: str, token: str) -> tuple[HTTPStatus, Any]:
    """What the emulator is asked beside AWS's APIs."""
    if environ.get(f"HTTP_{TOKEN_HEADER.upper().replace('-', '_')}") != token:
        return HTTPStatus.FORBIDDEN, {"error": f"{TOKEN_HEADER} is not this lab's token"}
    return LOCAL[path](environ, environ["REQUEST_METHOD"] == "POST")


def _calls(_: dict[str, Any], writes: bool) -> tuple[HTTPStatus, Any]:
    from paved_road_lab.extensions import calls

    if writes:
        return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "calls are counted, not told"}
    return HTTPStatus.OK, calls.counted()


def _living(environ: dict[str, Any], writes: bool) -> tuple[HTTPStatus, Any]:
    from paved_road_lab import living

    if writes:
        try:
            told = _told(environ)
            regions = {str(region) for region in told["regions"]}
        except (ValueError, KeyError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"error": 'say {"regions": ["us-east-1"]}'}
        living.REGIONS.clear()
        living.REGIONS.update(regions)
    return HTTPStatus.OK, {"regions": sorted(living.REGIONS)}


def _outages(environ: dict[str, Any], writes: bool) -> tuple[HTTPStatus, Any]:
    from paved_road_lab.extensions import outages

    if writes:
        try:
            outages.replace_all(_told(environ))
        except (ValueError, AttributeError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"error": 'say {"dynamodb": ["i-1"]}, or ["*"]'}
    return HTTPStatus.OK, outages.standing()


def _balancers(environ: dict[str, Any], writes: bool) -> tuple[HTTPStatus, Any]:
    from paved_road_lab.extensions import balancers

    if writes:
        try:
            balancers.hear(_told(environ))
        except (ValueError, KeyError, AttributeError, TypeError):
            return HTTPStatus.BAD_REQUEST, {"error": "say regions, health and not_emulated"}
        return HTTPStatus.OK, balancers.forwarding()
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("regions", [""])[0]
    return HTTPStatus.OK, balancers.describe(set(asked.split(",")))


def _alarms(environ: dict[str, Any], writes: bool) -> tuple[HTTPStatus, Any]:
    from paved_road_lab.extensions import alarms

    if writes:
        try:
            alarms.hear(_told(environ))
        except (ValueError, KeyError, AttributeError, TypeError) as error:
            return HTTPStatus.BAD_REQUEST, {"error": f"minute_seconds, or regions: {error}"}
        return HTTPStatus.OK, alarms.evaluation()
    asked = parse_qs(environ.get("QUERY_STRING", "")).get("namespace", [""])[0]
    return HTTPStatus.OK, alarms.describe(asked)


LOCAL: Mapping[str, Callable[[dict[str, Any], bool], tuple[HTTPStatus, Any]]] = {
    LIVING_PATH: _living,
    CALLS_PATH: _calls,
    OUTAGES_PATH: _outages,
    BALANCERS_PATH: _balancers,
    ALARMS_PATH: _alarms,
}
"""What answers at the emulator's own addresses, given a request and whether it writes."""


def _told(environ: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


def _answer(start_response: Start, status: HTTPStatus, content: Any) -> Iterable[bytes]:  # noqa: ANN401 - JSON
    start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
    return [json.dumps(content).encode()]


def _load_models(backends: Any) -> None:  # noqa: ANN401 - moto's module
    """Load the modules whose types CloudFormation is to know."""
    for service in SERVICES:
        backends.get_backend(service)


def _knowledge() -> dict[str, Any]:
    from moto.cloudformation.parsing import get_model_map

    from paved_road_lab import living
    from paved_road_lab.extensions import alarms, balancers
    from paved_road_lab.extensions.updates import not_applied

    return {
        "modelled": sorted(get_model_map()),
        "updates_not_applied": dict(not_applied),
        "living": sorted(living.REGIONS),
        **balancers.forwarding(),
        **alarms.evaluation(),
    }


if __name__ == "__main__":
    main()
