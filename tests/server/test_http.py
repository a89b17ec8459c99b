"""Both transports against a real loopback server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from extract.chat.reply import Lost, Reply
from extract.chat.request import Request
from extract.http import AsyncHttpTransport, HttpTransport
from tests.server.raw import answer, serving

BODY = json.dumps({"choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}]}).encode()
STREAM = b'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
KEY = "sk-secret-0123456789"


def plain(sock: socket.socket, _: bytes) -> bool:
    sock.sendall(answer(BODY))
    return True


def request(url: str) -> Request:
    return Request(url=f"{url}/chat/completions", body={"model": "m"}, method="prompt")


Sender = Callable[..., list[Reply | Lost]]


def send_sync(url: str, *, times: int = 1, deadline_s: float | None = 5.0, to: str | None = None) -> list[Reply | Lost]:
    with HttpTransport(url, KEY) as transport:
        return [transport.send(request(to or url), deadline_s=deadline_s) for _ in range(times)]


def send_async(
    url: str, *, times: int = 1, deadline_s: float | None = 5.0, to: str | None = None
) -> list[Reply | Lost]:
    async def run() -> list[Reply | Lost]:
        async with AsyncHttpTransport(url, KEY) as transport:
            return [await transport.send(request(to or url), deadline_s=deadline_s) for _ in range(times)]

    return asyncio.run(run())


@pytest.fixture(params=[send_sync, send_async], ids=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Sender:
    sender: Sender = request.param
    return sender


def test_a_reply_is_read(send: Sender) -> None:
    with serving(plain) as url:
        (reply,) = send(url)
    assert isinstance(reply, Reply)
    assert reply.choices[0].text == "hi"


def test_a_connection_is_used_again(send: Sender) -> None:
    ports = set()

    def handler(sock: socket.socket, data: bytes) -> bool:
        ports.add(sock.getpeername())
        return plain(sock, data)

    with serving(handler) as url:
        send(url, times=5)
    assert len(ports) == 1


def test_gzip_is_unpacked(send: Sender) -> None:
    def handler(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(answer(gzip.compress(BODY), "content-encoding: gzip"))
        return True

    with serving(handler) as url:
        (reply,) = send(url)
    assert isinstance(reply, Reply)
    assert reply.choices[0].text == "hi"


def test_reading_stops_at_done_though_the_server_stays(send: Sender) -> None:
    def handler(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(STREAM), STREAM))
        sock.recv(1)
        return False

    with serving(handler) as url:
        started = time.monotonic()
        (reply,) = send(url)
    assert isinstance(reply, Reply)
    assert (reply.end, time.monotonic() - started < 2) == ("done", True)


@pytest.mark.parametrize("place", ["head", "body", "stream"])
def test_a_server_that_drips_does_not_outlive_the_deadline(send: Sender, place: str) -> None:
    heads = {
        "head": b"",
        "body": b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n",
        "stream": b"HTTP/1.1 200 OK\r\n\r\n",
    }
    drips = {"head": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 500, "body": b" " * 500, "stream": b": ping\n\n" * 60}

    def handler(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(heads[place])
        for byte in drips[place]:
            sock.sendall(bytes([byte]))
            time.sleep(0.02)
        return False

    with serving(handler) as url:
        started = time.monotonic()
        (reply,) = send(url, deadline_s=0.3)
        elapsed = time.monotonic() - started
    assert isinstance(reply, Lost)
    assert reply.reason == "deadline"
    assert elapsed < 0.8


def test_a_reused_connection_that_is_closed_without_a_byte_may_be_sent_again(send: Sender) -> None:
    served: list[int] = []

    def handler(sock: socket.socket, data: bytes) -> bool:
        served.append(1)
        return plain(sock, data) if len(served) == 1 else False

    with serving(handler) as url:
        first, second = send(url, times=2)
    assert isinstance(first, Reply)
    assert isinstance(second, Lost)
    assert (second.reason, second.is_reused) == ("dropped", True)


def test_a_fresh_connection_that_is_closed_without_a_byte_is_not_flagged(send: Sender) -> None:
    with serving(lambda _sock, _data: False) as url:
        (lost,) = send(url)
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.is_reused) == ("dropped", False)


def test_a_stream_that_is_dropped_keeps_what_came(send: Sender) -> None:
    def handler(sock: socket.socket, _: bytes) -> bool:
        piece = STREAM[: STREAM.index(b"data: [DONE]")].replace(b'"stop"', b"null")
        sock.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(piece), piece))
        return False

    with serving(handler) as url:
        (reply,) = send(url)
    assert isinstance(reply, Reply)
    assert (reply.end, reply.choices[0].text) == ("dropped", "hi")


def test_a_body_that_is_dropped_is_lost(send: Sender) -> None:
    def handler(sock: socket.socket, _: bytes) -> bool:
        sock.sendall(answer(BODY)[:-10])
        return False

    with serving(handler) as url:
        (lost,) = send(url)
    assert isinstance(lost, Lost)
    assert lost.reason in ("dropped", "protocol")


def test_nobody_listening_is_lost(send: Sender) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (lost,) = send(f"http://127.0.0.1:{port}/v1")
    assert isinstance(lost, Lost)
    assert lost.reason == "connect"


def test_the_key_goes_to_its_own_origin(send: Sender) -> None:
    seen: list[bytes] = []

    def handler(sock: socket.socket, data: bytes) -> bool:
        seen.append(data)
        return plain(sock, data)

    with serving(handler) as url, serving(handler) as other:
        send(url)
        send(url, to=other)
    assert [KEY.encode() in data for data in seen] == [True, False]


def test_a_redirect_is_not_followed(send: Sender) -> None:
    seen: list[bytes] = []

    def there(sock: socket.socket, data: bytes) -> bool:
        seen.append(data)
        return plain(sock, data)

    with (
        serving(there) as other,
        serving(
            lambda sock, _: bool(sock.sendall(answer(b"", f"location: {other}/x", status="307 Temporary Redirect")))
        ) as url,
    ):
        send(url)
    assert seen == []


def test_a_key_that_the_server_echoes_is_masked(send: Sender) -> None:
    echo = json.dumps({"error": {"message": f"wrong key {KEY}"}}).encode()
    with serving(lambda sock, _: bool(sock.sendall(answer(echo, status="401 Unauthorized")))) as url:
        (reply,) = send(url)
    assert KEY not in repr(reply)


def test_a_client_of_the_callers_is_used() -> None:
    seen: list[httpx.Request] = []

    def handle(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        return httpx.Response(200, content=BODY)

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        reply = HttpTransport("http://h/v1", KEY, query={"api-version": "1"}, http_client=client).send(
            request("http://h/v1")
        )
    assert isinstance(reply, Reply)
    assert str(seen[0].url) == "http://h/v1/chat/completions?api-version=1"


def test_two_loops_one_after_the_other_leave_no_socket_behind() -> None:
    with serving(plain) as url:
        transport = AsyncHttpTransport(url)

        async def ask() -> Reply | Lost:
            return await transport.send(request(url), deadline_s=5.0)

        assert all(isinstance(asyncio.run(ask()), Reply) for _ in range(3))


def test_cancellation_closes_the_connection() -> None:
    closed = threading.Event()

    def handler(sock: socket.socket, _: bytes) -> bool:
        if sock.recv(1) == b"":
            closed.set()
        return False

    async def run(url: str) -> None:
        async with AsyncHttpTransport(url) as transport:
            task = asyncio.create_task(transport.send(request(url)))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    with serving(handler) as url:
        asyncio.run(run(url))
        assert closed.wait(1.0)


def test_many_tasks_share_a_transport() -> None:
    async def run(url: str) -> list[Reply | Lost]:
        async with AsyncHttpTransport(url) as transport:
            return await asyncio.gather(*(transport.send(request(url), deadline_s=10.0) for _ in range(40)))

    with serving(plain) as url:
        assert all(isinstance(reply, Reply) for reply in asyncio.run(run(url)))
