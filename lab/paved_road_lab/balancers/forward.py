"""Passes one request on to the target that was chosen for it, and answers for targets that don't.

aiohttp speaks HTTP on both sides. Statuses as a load balancer gives them:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from paved_road_lab.balancers.choose import Asked
from paved_road_lab.balancers.model import Fixed, Listener, Redirect, Target

CONNECT_SECONDS = 10
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-504-issues"""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Of one connection: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""

Tell = Callable[["Outcome"], None]

SERVER = "awselb/2.0"
CHUNK = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a request ended that a target was chosen for.

    `status` is what the client gets, `answered` whether it is the target's own; `seconds` is how
    long the target took to its first word. `connected` is false if no connection came about.
    """

    status: int
    answered: bool = False
    seconds: float = 0
    connected: bool = True


def session() -> aiohttp.ClientSession:
    """Connections to all targets, which see what the client sent and nothing added by a library."""
    return aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
    )


def asked(request: web.BaseRequest) -> Asked:
    """What rules look at."""
    return Asked(
        method=request.method,
        host=request.host,
        path=request.rel_url.raw_path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True),
        source=request.remote or "",
    )


async def forward(
    request: web.BaseRequest,
    target: Target,
    listener: Listener,
    idle_seconds: float,
    out: aiohttp.ClientSession,
    tell: Tell,
) -> web.StreamResponse:
    """The target's answer; 502 if it is none, 504 if it does not come.

    `tell` hears which, once, unless this is cancelled before the target said anything.
    """
    waits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=idle_seconds)
    url = URL(f"http://{target.address}:{target.port}{request.raw_path}", encoded=True)
    body = await request.content.read()
    since, outcome = time.monotonic(), None
    try:
        async with out.request(
            request.method,
            url,
            headers=_for_target(request, listener),
            data=body or None,
            allow_redirects=False,
            timeout=waits,
        ) as answer:
            seconds = time.monotonic() - since
            first = await answer.content.read(CHUNK)
            outcome = Outcome(status=answer.status, answered=True, seconds=seconds)
            return await _pass_back(request, answer, first)
    except (TimeoutError, aiohttp.ClientError) as error:
        late = isinstance(error, TimeoutError)
        status = HTTPStatus.GATEWAY_TIMEOUT if late else HTTPStatus.BAD_GATEWAY
        refused = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
        outcome = outcome or Outcome(status=status, connected=not refused)
        return refusal(status)
    finally:
        if outcome:
            tell(outcome)


async def _pass_back(
    request: web.BaseRequest, answer: aiohttp.ClientResponse, first: bytes
) -> web.StreamResponse:
    """Streams it. Whatever fails after the first byte ends the client's connection."""
    headers = _end_to_end(answer.headers)
    if answer.content.at_eof():
        headers.popall("Content-Length", None)
        if request.method == "HEAD":
            headers["Content-Length"] = answer.headers.get("Content-Length", "0")
        return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=first)
    back = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await back.prepare(request)
    try:
        await back.write(first)
        async for part in answer.content.iter_chunked(CHUNK):
            await back.write(part)
        await back.write_eof()
    except BaseException:
        if request.transport:
            request.transport.abort()
        raise
    return back


def _for_target(request: web.BaseRequest, listener: Listener) -> CIMultiDict[str]:
    headers = _end_to_end(request.headers)
    headers.popall("Content-Length", None)  # the library counts what it sends
    before = headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{before}, {request.remote}" if before else str(request.remote)
    headers["X-Forwarded-Proto"] = listener.protocol.lower()
    headers["X-Forwarded-Port"] = str(listener.port)
    headers.setdefault("X-Amzn-Trace-Id", f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}")
    return headers


def _end_to_end(headers: "CIMultiDict[str] | object") -> CIMultiDict[str]:
    kept: CIMultiDict[str] = CIMultiDict(headers)  # type: ignore[arg-type]
    named = {one.strip().lower() for one in kept.get("Connection", "").split(",")}
    for name in [one for one in kept if one.lower() in HOP_BY_HOP | named]:
        kept.popall(name, None)
    return kept


def refusal(status: HTTPStatus) -> web.Response:
    """The load balancer's own words."""
    title = f"{status.value} {status.phrase}"
    return web.Response(
        status=status,
        text=f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
        "</center>\r\n</body>\r\n</html>\r\n",
        content_type="text/html",
        headers={"Server": SERVER},
    )


def fixed(action: Fixed) -> web.Response:
    """As the rule says."""
    return web.Response(
        status=action.status,
        text=action.body,
        content_type=action.content_type or "text/plain",
        headers={"Server": SERVER},
    )


def redirect(action: Redirect, listener: Listener, request: web.BaseRequest) -> web.Response:
    """Where the rule says, with the request's own parts where it leaves them."""
    own = {
        "#{protocol}": listener.protocol,
        "#{host}": request.host.partition(":")[0],
        "#{port}": str(listener.port),
        "#{path}": request.rel_url.raw_path.removeprefix("/"),
        "#{query}": request.rel_url.raw_query_string,
    }

    def filled(text: str) -> str:
        for mark, value in own.items():
            text = text.replace(mark, value)
        return text

    query = filled(action.query)
    where = f"{filled(action.protocol).lower()}://{filled(action.host)}:{filled(action.port)}"
    where += filled(action.path) + (f"?{query}" if query else "")
    return web.Response(status=action.status, headers={"Location": where, "Server": SERVER})
