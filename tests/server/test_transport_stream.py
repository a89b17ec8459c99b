"""`stream` of both transports against a real loopback server: the events, then the reply that `send` gives."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from extract.chat.reader import Delta
from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.http import AsyncHttpTransport, HttpTransport
from extract.testing import FaultyServer

TEXT = '{"name": "Ida Brandt", "note": "' + "x" * 120 + '"}'


def request(server: FaultyServer, stream: bool = True) -> Request:
    return Request(
        f"{server.base_url}/chat/completions",
        {"model": "m", "messages": [], "stream": stream},
        "prompt",
        stream=stream,
    )


def parts(server: FaultyServer, deadline_s: float | None = 10, **given):
    transport = HttpTransport(server.base_url)
    with transport:
        return list(transport.stream(request(server), deadline_s=deadline_s, **given))


def parts_async(server: FaultyServer, deadline_s: float | None = 10, **given):
    async def run():
        async with AsyncHttpTransport(server.base_url) as transport:
            return [part async for part in transport.stream(request(server), deadline_s=deadline_s, **given)]

    return asyncio.run(run())


def text_of(found) -> str:
    return "".join(event.text for events in found[:-1] for event in events if isinstance(event, Delta))


@pytest.mark.parametrize("drive", [parts, parts_async])
@pytest.mark.parametrize("fault", [None, "one_byte", "crlf", "no_done", "json_for_stream", "drop_amid", "gzip"])
def test_the_events_say_what_the_reply_says(drive, fault) -> None:
    with FaultyServer(lambda _body: TEXT) as server:
        found = drive(server.then(fault))
    reply = found[-1]
    assert isinstance(reply, Reply)
    assert reply.choices[0].text.startswith(text_of(found))
    assert (text_of(found) == TEXT) == (fault not in ("drop_amid", "json_for_stream"))


@pytest.mark.parametrize("drive", [parts, parts_async])
def test_no_answer_is_told_as_lost(drive) -> None:
    with FaultyServer() as server:
        assert isinstance(drive(server.then("drop_before"))[-1], Lost)


@pytest.mark.parametrize("drive", [parts, parts_async])
def test_a_dripping_stream_does_not_outlive_its_deadline(drive) -> None:
    with FaultyServer(lambda _body: TEXT) as server:
        found = drive(server.then("drip"), 0.4)
    assert found[-1].end == "deadline" if isinstance(found[-1], Reply) else found[-1].reason == "deadline"


@pytest.mark.parametrize("drive", [parts, parts_async])
def test_a_spent_reply_keeps_its_end_only(drive) -> None:
    with FaultyServer(lambda _body: '{"note": "' + "x" * 4000 + '"}') as server:
        reply = drive(server, keep=100)[-1]
    assert len(reply.choices[0].text) < 1000
    assert reply.choices[0].text.endswith('x"}')
    assert len(reply.body) < 3000
    assert reply.usage is not None


def test_an_iterator_that_is_closed_early_closes_the_connection() -> None:
    with FaultyServer(lambda _body: TEXT) as server, HttpTransport(server.base_url) as transport:
        stream = transport.stream(request(server.then("drip")))
        next(stream)
        stream.close()
        assert not any(transport._links.idle.values())


def test_a_task_that_is_cancelled_closes_the_connection() -> None:
    async def run(server: FaultyServer) -> int:
        async with AsyncHttpTransport(server.base_url) as transport:
            begun = asyncio.Event()

            async def read() -> None:
                async with aclosing(transport.stream(request(server.then("drip")))) as stream:
                    async for _ in stream:
                        begun.set()

            task = asyncio.ensure_future(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return sum(len(idle) for links in transport._loops.values() for idle in links.idle.values())

    with FaultyServer(lambda _body: TEXT) as server:
        assert asyncio.run(run(server)) == 0
