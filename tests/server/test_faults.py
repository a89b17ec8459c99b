"""Every fault of the misbehaving endpoint, over real sockets: the value comes all the same, or a typed error."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import socket
import time
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Budget, Endpoint, ExtractionError, Extractor, UnreachableError
from extract.chat.endpoints import ENDPOINTS
from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.http import AsyncHttpTransport, HttpTransport
from extract.testing import FAULTS, HABITS, FaultyServer


class Stop(BaseModel):
    town: str
    arrival: int
    notes: list[str]


class Ticket(BaseModel):
    sold_on: date
    price: Decimal
    valid: tuple[datetime, timedelta] | None


STOP = Stop(town="Zürich 🚂", arrival=742, notes=["Gleis 7", "verspätet"])
ROW = Endpoint(
    name="own", source="a test", methods=("json_schema", "tool", "prompt"), min_rate_delay_s=0.0, dialect="plain"
)
TOLD = sorted(name for name, fault in FAULTS.items() if fault.is_told)
UNTOLD = sorted(name for name, fault in FAULTS.items() if not fault.is_told)
FATAL = {"status_401", "status_402", "status_404", "string_error", "refusal", "filter"}
"""After these nothing is asked again: a key, money, a model that is not there, a refusal."""
LATE = {"stall", "drip"}
"""These end with the timeout."""


def answer(_: Any) -> Any:
    return STOP.model_dump()


def run(server: FaultyServer, *, is_async: bool, method: Any = "json_schema", **options: Any) -> Any:
    given: dict[str, Any] = {
        "base_url": server.base_url, "endpoint": ROW, "method": method, "timeout": 10.0,
        "budget": Budget(attempts=2, resends=2), "repair": "coerced", **options,
    }  # fmt: skip

    async def run_async() -> Any:
        async with AsyncExtractor("m", **given) as extractor:
            return await extractor.run(Stop, "7:42 Zürich")

    if is_async:
        return asyncio.run(run_async())
    with Extractor("m", **given) as extractor:
        return extractor.run(Stop, "7:42 Zürich")


@pytest.mark.parametrize(("is_async", "method"), [(False, "json_schema"), (True, "tool")], ids=["sync", "async"])
@pytest.mark.parametrize("name", TOLD)
def test_what_can_be_told_is_read_from_the_one_answer(name: str, method: str, *, is_async: bool) -> None:
    with FaultyServer(answer) as server:
        found = run(server.then(name), is_async=is_async, method=method, budget=Budget(attempts=1, resends=0))
    assert (found.value, server.total) == (STOP, 1)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", sorted(set(UNTOLD) - FATAL - LATE))
def test_what_cannot_be_told_is_asked_again(name: str, *, is_async: bool) -> None:
    with FaultyServer(answer, retry_after_s=0.01) as server:
        server.then(name)
        assert run(server, is_async=is_async, method="auto", max_tokens=64).value == STOP


@pytest.mark.parametrize("name", sorted(FATAL))
def test_what_is_final_is_a_typed_error_at_once(name: str) -> None:
    with FaultyServer(answer) as server, pytest.raises(ExtractionError):
        run(server.then(name), is_async=False)
    assert server.total == 1


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", sorted(LATE))
def test_what_never_ends_ends_with_the_timeout(name: str, *, is_async: bool) -> None:
    with FaultyServer(answer) as server:
        began = time.monotonic()
        with pytest.raises(UnreachableError):
            run(server.then(name, name, name), is_async=is_async, timeout=0.4)
        assert time.monotonic() - began < 1.5


# --- streams


def streamed(server: FaultyServer, method: str, *, is_async: bool) -> tuple[int, Reply | Lost]:
    """How many events came before the reply, and the reply."""
    schema: Any = Stop.model_json_schema()
    forms: dict[str, Any] = {
        "json_schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "stop", "schema": schema}}},
        "tool": {"tools": [{"type": "function", "function": {"name": "stop", "parameters": schema}}]},
    }
    body: Any = {"model": "m", "stream": True, "max_tokens": 100, **forms[method]}
    request = Request(url=f"{server.base_url}/chat/completions", body=body, method=method, stream=True)

    async def run_async() -> list[Any]:
        async with AsyncHttpTransport(server.base_url) as transport:
            return [piece async for piece in transport.stream(request, deadline_s=5.0)]

    if is_async:
        found = asyncio.run(run_async())
    else:
        with HttpTransport(server.base_url) as transport:
            found = list(transport.stream(request, deadline_s=5.0))
    return len(found) - 1, found[-1]


IN_STREAMS = sorted(
    name for name in TOLD if FAULTS[name].text is None and name not in ("slow", "call_in_content", "arguments_encoded")
)


@pytest.mark.parametrize(
    ("is_async", "method"),
    [(False, "json_schema"), (False, "tool"), (True, "tool")],
    ids=["sync", "sync-tool", "async"],
)
@pytest.mark.parametrize("name", IN_STREAMS)
def test_a_stream_is_read_through_every_quirk(name: str, method: str, *, is_async: bool) -> None:
    with FaultyServer(answer) as server:
        _, reply = streamed(server.then(name), method, is_async=is_async)
    assert isinstance(reply, Reply)
    assert reply.error is None
    choice = reply.choices[0]
    text = choice.tool_calls[0].arguments if method == "tool" else choice.text
    assert Stop.model_validate_json(text) == STOP
    assert (reply.usage is None) == (name == "no_usage")


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", ["error_in_stream", "error_garbled"])
def test_an_error_amid_a_stream_keeps_what_came(name: str, *, is_async: bool) -> None:
    with FaultyServer(answer) as server:
        _, reply = streamed(server.then(name), "json_schema", is_async=is_async)
    assert isinstance(reply, Reply)
    assert reply.error is not None
    assert reply.choices[0].text


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("name", ["endless_blanks", "endless_text", "endless_keep_alive"])
def test_a_stream_without_end_is_cut_off_before_the_deadline(name: str, *, is_async: bool) -> None:
    with FaultyServer(answer) as server:
        began = time.monotonic()
        _, reply = streamed(server.then(name), "json_schema", is_async=is_async)
    assert isinstance(reply, Reply)
    assert (reply.end, time.monotonic() - began < 4.0) == ("runaway", True)


# --- what an endpoint refuses or ignores


@pytest.mark.parametrize("word", sorted(set(HABITS) - {"images", "stream", "stream_options", "n"}))
def test_a_form_that_is_refused_is_stepped_down_from(word: str) -> None:
    with FaultyServer(lambda _: STOP.model_dump(), refuses=[word]) as server:
        row = ENDPOINTS["generic"]
        methods: Any = ("tool",) if word in ("named", "required", "any", "auto") else row.methods
        methods = (*methods, "prompt")
        found = run(server, is_async=False, method="auto", endpoint=Endpoint(name="o", source="t", methods=methods))
    assert found.value == STOP


def test_a_reused_connection_that_is_cut_is_resent_at_once_and_unseen_by_the_budget() -> None:
    with FaultyServer(answer) as server, Extractor("m", base_url=server.base_url, endpoint=ROW) as extractor:
        extractor.extract(Stop, "warm")
        server.then("drop_reused")
        began = time.monotonic()
        found = extractor.run(Stop, "7:42 Zürich", budget=Budget(resends=1))
        assert (len(found.attempts), found.value, time.monotonic() - began < 0.4) == (2, STOP, True)


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_server_that_closes_after_every_answer_is_asked_no_more_often(*, is_async: bool) -> None:
    async def many() -> list[Stop]:
        async with AsyncExtractor("m", base_url=server.base_url, endpoint=ROW) as extractor:
            return [await extractor.extract(Stop, "x") for _ in range(30)]

    with FaultyServer(answer, faults={"closes_after": 1.0}) as server:
        if is_async:
            found = asyncio.run(many())
        else:
            with Extractor("m", base_url=server.base_url, endpoint=ROW) as extractor:
                found = [extractor.extract(Stop, "x") for _ in range(30)]
    assert (found, server.total) == ([STOP] * 30, 30)


@pytest.mark.parametrize("dialect", ["portable", "openai", "plain"])
def test_the_endpoint_answers_dates_and_decimals_under_every_dialect(dialect: str) -> None:
    row = dataclasses.replace(ROW, dialect=dialect)
    with FaultyServer() as server, Extractor("m", base_url=server.base_url, endpoint=row) as extractor:
        for _ in range(5):
            assert extractor.extract(Ticket, "any").price > 0
        assert server.total == 5


@pytest.mark.filterwarnings("error")
def test_stopping_while_callers_arrive_leaves_no_socket_open() -> None:
    for _ in range(60):
        server = FaultyServer().start()
        callers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(5)]
        server.stop()
        for caller in callers:
            caller.close()
    gc.collect()  # an unclosed socket would be told here, and fails the test
