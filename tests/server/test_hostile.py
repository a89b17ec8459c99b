"""Answers that a server sends out of malice or by mistake, byte for byte, over real sockets: each ends in what is stated.

Every answer is asked for by both drivers, whole and as a stream.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Budget, EndpointError, Extractor, TruncatedError, UnreachableError
from tests.server import raw

KEY = "sk-of-this-very-test"


class Person(BaseModel):
    name: str
    age: int


TEXT = '{"name": "Ada", "age": 36}'
ADA = Person(name="Ada", age=36)
BODY = json.dumps(
    {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7},
    }
).encode()
EVENTS = b"".join(
    b'data: {"choices":[{"index":0,"delta":%s,"finish_reason":%s}]}\n\n' % (json.dumps(delta).encode(), finish)
    for delta, finish in [({"content": TEXT[:9]}, b"null"), ({"content": TEXT[9:]}, b"null"), ({}, b'"stop"')]
)
DONE = b"data: [DONE]\n\n"


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "application/json") -> bytes:
    return raw.answer(body, f"content-type: {kind}", *headers, status=status)


def until_closed(body: bytes, *headers: str, kind: str = "application/json", version: str = "1.1") -> bytes:
    head = [f"HTTP/{version} 200 OK", f"content-type: {kind}", "connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def events(body: bytes, *headers: str) -> bytes:
    return answer(body, *headers, kind="text/event-stream")


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def in_chunks(body: bytes, first: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + first + body + b"\r\n" + last


def serving(said: bytes, again: bytes = b"") -> AbstractContextManager[str]:
    """Says this to everybody who asks, and then the rest again and again for as long as somebody listens."""

    def say(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(said)
        while again:
            sock.sendall(again)
        sock.shutdown(socket.SHUT_WR)
        return False

    return raw.serving(say)


Ask = Callable[..., Person]


def ask_sync(url: str, **options: object) -> Person:
    with Extractor("m", base_url=url, **given(options)) as extractor:
        return extractor.extract(Person, "Ada, 36")


def ask_async(url: str, **options: object) -> Person:
    async def run() -> Person:
        async with AsyncExtractor("m", base_url=url, **given(options)) as extractor:
            return await extractor.extract(Person, "Ada, 36")

    return asyncio.run(run())


def stream_sync(url: str, **options: object) -> Person:
    with Extractor("m", base_url=url, **given(options)) as extractor:
        return extractor.stream(Person, "Ada, 36").result().value


def stream_async(url: str, **options: object) -> Person:
    async def run() -> Person:
        async with AsyncExtractor("m", base_url=url, **given(options)) as extractor:
            return (await extractor.stream(Person, "Ada, 36").result()).value

    return asyncio.run(run())


def given(options: dict[str, object]) -> dict[str, object]:
    return {
        "api_key": KEY, "method": "json_schema", "timeout": 5.0, "max_tokens": 100,
        "budget": Budget(attempts=1, resends=0), **options,
    }  # fmt: skip


@pytest.fixture(params=[ask_sync, ask_async, stream_sync, stream_async])
def ask(request: pytest.FixtureRequest) -> Ask:
    asked: Ask = request.param
    return asked


READ = {
    "a coding that is none": answer(BODY, "content-encoding: x-none"),
    "not packed at all": answer(BODY, "content-encoding: gzip"),
    "packed twice": answer(gzip.compress(gzip.compress(BODY)), "content-encoding: gzip, gzip"),
    "packed and not": answer(gzip.compress(BODY), "content-encoding: identity, GZIP"),
    "two members": answer(gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]), "content-encoding: gzip"),
    "bytes behind a member": answer(gzip.compress(BODY) + b"\0" * 9, "content-encoding: gzip"),
    "zlib": answer(zlib.compress(BODY), "content-encoding: deflate"),
    "raw deflate": answer(raw_deflate(BODY), "content-encoding: deflate"),
    "a packed stream": events(gzip.compress(EVENTS + DONE), "content-encoding: gzip"),
    "informational answers first": b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 50 + answer(BODY),
    "HTTP/1.0": until_closed(BODY, version="1.0"),
    "a stream of HTTP/1.0": until_closed(EVENTS + DONE, kind="text/event-stream", version="1.0"),
    "a length that promises more": answer(BODY).replace(b"content-length: ", b"content-length: 9"),
    "a length twice": answer(BODY, f"content-length: {len(BODY)}"),
    "a length beside chunks": in_chunks(BODY, b"%x\r\n" % len(BODY)).replace(b"chunked", b"chunked\r\ncontent-length: 3"),
    "chunks with extensions": in_chunks(BODY, b'%x;a="b"\r\n' % len(BODY)),
    "trailers": in_chunks(BODY, b"%x\r\n" % len(BODY), b"0\r\nx-checksum: 1\r\n\r\n"),
    "line feeds alone": answer(BODY).replace(b"\r\n", b"\n"),
    "a folded header": answer(BODY, "x-a: b\r\n c"),
    "a thousand headers": answer(BODY, *(f"x-{number}: 1" for number in range(1_000))),
    "a header of other letters": answer(BODY, "x-a: \xe9\x01"),
    "a line of ten megabytes": events(b'data: {"choices":[],"x":"' + b"y" * 10_000_000 + b'"}\n\n' + EVENTS + DONE),
    "counts beyond all measure": answer(BODY.replace(b"5,", b"Infinity,").replace(b"7}", b"1e999}")),
    "a status of its own": answer(BODY, status="299 Fine"),
    "no end of the last line": events((EVENTS + DONE)[:-2]),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_strange_answer_is_read(name: str, ask: Ask) -> None:
    with serving(READ[name]) as url:
        assert ask(url) == ADA


BOMB = gzip.compress(b'{"choices":[{"message":{"content":"' + b"a" * 100_000_000, 1)
REFUSED: dict[str, tuple[bytes, type[Exception], str]] = {
    "a bomb": (answer(BOMB, "content-encoding: gzip"), EndpointError, "had not ended after"),
    "packed and cut": (answer(gzip.compress(BODY)[:-40], "content-encoding: gzip"), EndpointError, "broken or cut"),
    "packed and spoilt": (answer(gzip.compress(BODY)[:20] + b"?" * 99, "content-encoding: gzip"), UnreachableError, ""),
    "a length below zero": (answer(BODY).replace(b"content-length: ", b"content-length: -"), UnreachableError, "Length"),
    "two lengths": (answer(BODY, "content-length: 5"), UnreachableError, "Length"),
    "a length that promises less": (answer(BODY[:90]), EndpointError, "broken or cut"),
    "chunks without a size": (in_chunks(BODY, b"zz\r\n"), UnreachableError, "chunk"),
    "another protocol": (b"HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n", UnreachableError, ""),
    "nothing": (answer(b"", status="204 No Content"), EndpointError, "the answer is empty"),
    "a redirect": (answer(b"", "location: http://h/v1", status="301 Moved"), EndpointError, "redirects to 'http://h/v1'"),
    "a header without end": (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 900_000, UnreachableError, "does not answer in HTTP"),
    "a header of no kind": (answer(BODY, "garbage"), UnreachableError, "header"),
    "a stream that breaks off": (events(EVENTS[:70]), EndpointError, "the stream"),
    "a stream that breaks off later": (events(EVENTS[:150]), TruncatedError, "the connection ended within the answer"),
    "the key said back": (answer(b'{"error":"no key %s"}' % KEY.encode(), status="400 No"), EndpointError, "no key ***"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_answer_is_the_error_that_says_so(name: str, ask: Ask) -> None:
    said, kind, words = REFUSED[name]
    with serving(said) as url, pytest.raises(kind) as caught:
        ask(url)
    assert words in str(caught.value)
    assert KEY not in str(caught.value)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
ENDLESS = {
    "comments": (HEAD, b": ping\n\n" * 8_000),
    "chunks without choices": (HEAD, b'data: {"choices":[]}\n\n' * 3_000),
    "informational answers": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2_000),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_server_that_never_pauses_does_not_outlive_the_timeout(name: str, ask: Ask) -> None:
    with serving(*ENDLESS[name]) as url:
        began_s = time.monotonic()
        with pytest.raises(UnreachableError, match="deadline"):
            ask(url, timeout=0.5)
        assert time.monotonic() - began_s < 3.0


@pytest.mark.parametrize("name", ["comments", "chunks without choices"])
@pytest.mark.parametrize("ask", [ask_sync, stream_sync])
def test_nor_does_one_behind_a_client_of_the_caller(name: str, ask: Ask) -> None:
    with serving(*ENDLESS[name]) as url, httpx.Client() as client:
        began_s = time.monotonic()
        with pytest.raises(UnreachableError, match="deadline"):
            ask(url, timeout=0.5, http_client=client)
        assert time.monotonic() - began_s < 3.0


@pytest.mark.parametrize("name", ["comments", "chunks without choices"])
@pytest.mark.parametrize("is_stream", [False, True])
def test_nor_does_one_behind_an_async_client_of_the_caller(name: str, *, is_stream: bool) -> None:
    async def run(url: str) -> None:
        async with (
            httpx.AsyncClient() as client,
            AsyncExtractor("m", base_url=url, **given({"timeout": 0.5, "http_client": client})) as extractor,
        ):
            await (extractor.stream(Person, "Ada, 36").result() if is_stream else extractor.run(Person, "Ada, 36"))

    with serving(*ENDLESS[name]) as url:
        began_s = time.monotonic()
        with pytest.raises(UnreachableError, match="deadline"):
            asyncio.run(run(url))
        assert time.monotonic() - began_s < 3.0


def test_a_server_that_never_pauses_leaves_other_tasks_their_turn() -> None:
    async def run(url: str) -> int:
        turns = 0
        async with AsyncExtractor("m", base_url=url, **given({"timeout": 0.6})) as extractor:
            asked = asyncio.ensure_future(extractor.run(Person, "Ada, 36"))
            while not asked.done():
                await asyncio.sleep(0.01)
                turns += 1
            with pytest.raises(UnreachableError):
                await asked
        return turns

    with serving(*ENDLESS["comments"]) as url:
        assert asyncio.run(run(url)) > 2


def test_a_bomb_takes_little_memory() -> None:
    with serving(REFUSED["a bomb"][0]) as url:
        tracemalloc.start()
        try:
            with pytest.raises(EndpointError):
                ask_sync(url)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak_bytes < 30_000_000
