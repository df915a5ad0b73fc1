"""Passes the W3C trace context on, by OpenTelemetry's own reading of it.

A member takes part in the trace that a request belongs to, or begins one, under a span id of its
own. Nothing is recorded here: an exporter is the estate's choice, and finds the ids in place.
https://www.w3.org/TR/trace-context/
"""

import secrets
from collections.abc import MutableMapping

from aiohttp import web
from aiohttp.typedefs import Handler
from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Everything that the handler calls belongs to the request's trace."""
    carrier = {name.lower(): value for name, value in request.headers.items()}
    token = context.attach(_entered(_PROPAGATOR.extract(carrier)))
    try:
        return await handler(request)
    finally:
        context.detach(token)


def pass_on(headers: MutableMapping[str, str]) -> None:
    """Put the current trace into a call's headers."""
    _PROPAGATOR.inject(headers)


def _entered(outer: context.Context) -> context.Context:
    """The caller's context with a span of ours in it."""
    caller = trace.get_current_span(outer).get_span_context()
    ours = trace.SpanContext(
        trace_id=caller.trace_id if caller.is_valid else _bits(128),
        span_id=_bits(64),
        is_remote=False,
        trace_flags=caller.trace_flags,
        trace_state=caller.trace_state,
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(ours), outer)


def _bits(count: int) -> int:
    """A random id, never the invalid one of all zeros."""
    return secrets.randbits(count) or 1
