"""Spans and metrics have the names of OpenTelemetry's conventions, the times of the requests, and no text of anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is not installed")

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from extract import Extractor, InvalidOutputError
from extract.report import Telemetry
from extract.report.conventions import LATEST, OPT_IN, RELEASED, conventions_of
from extract.testing import FaultyServer


class Seen:
    """Everything that was recorded."""

    def __init__(self, **options: Any) -> None:
        self._spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.tracer = tracers.get_tracer("test")
        meters = MeterProvider(metric_readers=[self._reader])
        self.hook = Telemetry(tracer_provider=tracers, meter_provider=meters, **options)

    @property
    def spans(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for span in self._spans.get_finished_spans():
            found.setdefault(span.name, []).append(span)
        return found

    def points(self, name: str) -> list[Any]:
        data: Any = self._reader.get_metrics_data()
        metrics = [m for r in data.resource_metrics for s in r.scope_metrics for m in s.metrics if m.name == name]
        return [point for metric in metrics for point in metric.data.data_points]


def asked(seen: Seen, *faults: str, answer: Any = 7, **options: Any) -> int:
    with FaultyServer(lambda _: answer) as server:
        server.then(*faults)
        extractor = Extractor("gpt-x", base_url=server.base_url, method="prompt", on_event=seen.hook, **options)
        extractor.extract(int, "a secret source", temperature=0.0)
        return server.port


def test_an_extraction_is_a_span_with_one_client_span_per_request() -> None:
    seen = Seen()
    asked(seen, "prose_only")
    (whole,) = seen.spans["extract int"]
    requests = seen.spans["chat gpt-x"]
    assert len(requests) == 2
    assert all(request.parent.span_id == whole.context.span_id for request in requests)
    assert all(request.kind.name == "CLIENT" for request in requests)
    assert whole.start_time <= requests[0].start_time < requests[0].end_time <= requests[1].end_time <= whole.end_time


def test_a_request_has_the_attributes_of_the_conventions() -> None:
    seen = Seen()
    port = asked(seen)
    attributes = seen.spans["chat gpt-x"][0].attributes
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "127.0.0.1",
        "gen_ai.request.model": "gpt-x",
        "gen_ai.request.temperature": 0.0,
        "server.address": "127.0.0.1",
        "server.port": port,
        "gen_ai.response.finish_reasons": ("stop",),
    }
    assert {name: attributes[name] for name in expected} == expected
    assert attributes["gen_ai.usage.input_tokens"] > 0


def test_no_text_of_anybody_is_recorded() -> None:
    seen = Seen()
    asked(seen)
    assert "secret" not in str([dict(span.attributes) for spans in seen.spans.values() for span in spans])


def test_a_span_joins_the_callers_trace() -> None:
    seen = Seen()
    with seen.tracer.start_as_current_span("caller") as caller:
        asked(seen)
    assert seen.spans["extract int"][0].parent.span_id == caller.get_span_context().span_id


def test_a_failure_has_an_error_type_and_status() -> None:
    seen = Seen()
    with pytest.raises(InvalidOutputError):
        asked(seen, answer="never a number")
    (span,) = seen.spans["extract int"]
    assert span.attributes["error.type"] == "InvalidOutputError"
    assert span.status.status_code.name == "ERROR"


def test_a_refused_request_has_its_kind() -> None:
    seen = Seen()
    asked(seen, "status_429")
    first, second = seen.spans["chat gpt-x"]
    assert first.attributes["error.type"] == "rate"
    assert "error.type" not in second.attributes


def test_durations_and_tokens_are_measured_under_the_released_names() -> None:
    seen = Seen(conventions=RELEASED)
    asked(seen)
    (duration,) = seen.points("gen_ai.client.operation.duration")
    assert duration.count == 1
    assert duration.sum > 0
    kinds = {point.attributes["gen_ai.token.type"]: point.sum for point in seen.points("gen_ai.client.token.usage")}
    assert set(kinds) == {"input", "output"}


def test_the_latest_names_count_tokens_in_counters() -> None:
    seen = Seen(conventions=LATEST)
    asked(seen)
    assert seen.points("gen_ai.client.inference.duration")[0].count == 1
    (point,) = seen.points("gen_ai.client.inference.usage.input_tokens")
    assert point.value > 0
    assert point.attributes["gen_ai.token.modality"] == "unknown"
    assert not seen.points("gen_ai.client.token.usage")


def test_extractions_are_counted_by_how_they_ended() -> None:
    seen = Seen()
    asked(seen)
    with pytest.raises(InvalidOutputError):
        asked(seen, answer="never a number")
    points = {point.attributes.get("error.type"): point.value for point in seen.points("typed_extract.extractions")}
    assert points == {None: 1, "InvalidOutputError": 1}


def test_a_reply_from_the_journal_is_no_request(tmp_path: Path) -> None:
    seen = Seen()
    with FaultyServer(lambda _: 7) as server:
        extractor = Extractor("gpt-x", base_url=server.base_url, method="prompt", journal=tmp_path / "j")
        extractor.extract(int, "one")
        extractor.with_options(on_event=seen.hook).extract(int, "one")
    assert "chat gpt-x" not in seen.spans
    assert seen.spans["extract int"][0].attributes["typed_extract.replayed"] == 1


def test_the_environment_says_which_names() -> None:
    assert conventions_of({}) is RELEASED
    assert conventions_of({OPT_IN: "http, gen_ai_latest_experimental"}) is LATEST
