# pyright: basic, reportMissingTypeStubs=false, reportMissingImports=false
# an optional package, which the checker may not see
"""Traces and metrics after OpenTelemetry's conventions for generative AI. Needs the extra `otel`.

    Extractor(..., on_event=Telemetry())

One span per extraction, `extract TARGET`, and below it one client span per request, `chat MODEL`. They are made when the
extraction is over, with the times that it had; their parent is the span that was current where it was called. No prompt
and no answer is recorded. Replies from a journal make no request span and no metric: nothing was sent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

from ..chat.reply import Lost, Reply
from ..flow.attempt import Attempt
from ..flow.event import Ended, Event, is_replayed
from ..flow.extraction import Extraction
from .conventions import DURATION_BUCKETS_S, TOKEN_BUCKETS, Conventions, conventions_of

SCOPE = "typed-extract"
SAMPLING = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "stream": "gen_ai.request.stream",
}
"""Body fields and their attributes."""
PORTS = {"https": 443, "http": 80}


class Telemetry:
    """A hook that makes spans and metrics.

    Args:
        tracer_provider, meter_provider: the global ones when not given.
        conventions: the names; as `OTEL_SEMCONV_STABILITY_OPT_IN` says when not given.
    """

    def __init__(
        self, *, tracer_provider: Any = None, meter_provider: Any = None, conventions: Conventions | None = None
    ) -> None:
        names = conventions_of(os.environ) if conventions is None else conventions
        self._tracer = trace.get_tracer(SCOPE, tracer_provider=tracer_provider)
        meter = metrics.get_meter(SCOPE, meter_provider=meter_provider)
        self._duration = meter.create_histogram(
            names.duration,
            unit="s",
            description="Time of one request",
            explicit_bucket_boundaries_advisory=DURATION_BUCKETS_S,
        )
        self._tokens = None
        if names.tokens is not None:
            self._tokens = meter.create_histogram(
                names.tokens,
                unit="{token}",
                description="Tokens of one request",
                explicit_bucket_boundaries_advisory=TOKEN_BUCKETS,
            )
        self._counters: dict[str, Any] = {
            kind: meter.create_counter(name, unit="{token}")
            for kind, name in (("input", names.input_tokens), ("output", names.output_tokens))
            if name is not None
        }
        self._extractions = meter.create_counter(
            "typed_extract.extractions", unit="{extraction}", description="Extractions by how they ended"
        )

    def __call__(self, event: Event) -> None:
        """An extraction that is over; attempts are told with it."""
        if isinstance(event, Ended):
            self._ended(event)

    def _ended(self, ended: Ended) -> None:
        offset_s = time.time() - time.monotonic()
        attributes = _of_extraction(ended)
        span = self._tracer.start_span(
            f"extract {ended.target}",
            kind=SpanKind.INTERNAL,
            attributes=attributes,
            start_time=_ns(ended.began_s + offset_s),
        )
        context = trace.set_span_in_context(span)
        for number, attempt in enumerate(ended.attempts, start=1):
            if not is_replayed(attempt):
                self._attempt(attempt, number, ended.providers[attempt.request.endpoint], context, offset_s)
        if ended.error is not None:
            span.set_status(Status(StatusCode.ERROR, ended.error))
        span.end(_ns(ended.ended_s + offset_s))
        outcome = {"typed_extract.target": ended.target, "error.type": ended.error}
        self._extractions.add(1, {name: value for name, value in outcome.items() if value is not None})

    def _attempt(self, attempt: Attempt, number: int, provider: str, context: Any, offset_s: float) -> None:
        shared = _shared(attempt, provider)
        reply = attempt.reply
        span = self._tracer.start_span(
            f"chat {attempt.request.body.get('model')}",
            context=context,
            kind=SpanKind.CLIENT,
            attributes=shared | _of_request(attempt) | {"typed_extract.attempt": number},
            start_time=_ns(reply.started_s + offset_s),
        )
        span.set_attributes(_of_reply(attempt))
        if "error.type" in shared:
            words = reply.message if isinstance(reply, Lost) else reply.error.message if reply.error else ""
            span.set_status(Status(StatusCode.ERROR, words[:200]))
        span.end(_ns(reply.ended_s + offset_s))
        self._duration.record(max(0.0, reply.ended_s - reply.started_s), shared)
        self._count(attempt, shared)

    def _count(self, attempt: Attempt, shared: Mapping[str, Any]) -> None:
        usage = attempt.usage
        for kind, count in (("input", usage.prompt_tokens), ("output", usage.completion_tokens)):
            if count is None:
                continue
            if self._tokens is not None:
                self._tokens.record(count, {**shared, "gen_ai.token.type": kind})
            if kind in self._counters:
                self._counters[kind].add(count, {**shared, "gen_ai.token.modality": "unknown"})


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


def _known(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}


def _of_extraction(ended: Ended) -> dict[str, Any]:
    outcome = ended.outcome
    repairs = outcome.repairs if isinstance(outcome, Extraction) else ()
    return _known(
        {
            "typed_extract.target": ended.target,
            "typed_extract.attempts": len(ended.attempts),
            "typed_extract.replayed": ended.replayed,
            "typed_extract.repairs": sum(repair.count for repair in repairs),
            "typed_extract.method": ended.attempts[-1].method if ended.attempts else None,
            "error.type": ended.error,
            "gen_ai.usage.input_tokens": ended.usage.prompt_tokens,
            "gen_ai.usage.output_tokens": ended.usage.completion_tokens,
        }
    )


def _shared(attempt: Attempt, provider: str) -> dict[str, Any]:
    """The attributes that spans and metrics of one request share."""
    url = urlsplit(attempt.request.url)
    reply = attempt.reply
    return _known(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider,
            "gen_ai.request.model": attempt.request.body.get("model"),
            "gen_ai.response.model": reply.model if isinstance(reply, Reply) else None,
            "server.address": url.hostname,
            "server.port": url.port or PORTS.get(url.scheme),
            "error.type": reply.reason if isinstance(reply, Lost) else reply.error.kind if reply.error else None,
        }
    )


def _of_request(attempt: Attempt) -> dict[str, Any]:
    body = attempt.request.body
    stop = body.get("stop")
    form = body.get("response_format")
    count = body.get("n")
    return _known({attribute: body.get(name) for name, attribute in SAMPLING.items() if name in body}) | _known(
        {
            "gen_ai.request.stop_sequences": [stop] if isinstance(stop, str) else stop,
            "gen_ai.request.choice.count": None if count == 1 else count,
            "gen_ai.output.type": "json" if form is not None else None,
        }
    )


def _of_reply(attempt: Attempt) -> dict[str, Any]:
    reply, usage = attempt.reply, attempt.usage
    if isinstance(reply, Lost):
        return {}
    first_s = reply.first_byte_s - reply.started_s
    return _known(
        {
            "gen_ai.response.id": reply.id,
            "gen_ai.response.finish_reasons": [str(choice.finish_reason) for choice in reply.choices] or None,
            "gen_ai.usage.input_tokens": usage.prompt_tokens,
            "gen_ai.usage.output_tokens": usage.completion_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            "gen_ai.response.time_to_first_chunk": first_s if attempt.request.stream and first_s > 0 else None,
        }
    )
