"""The transports over HTTP: the only place that knows httpx and httpcore, opens sockets and holds keys.

Each transport serves one endpoint and keeps its own idle connections, the last used first: a request takes one or
opens one, so a thousand requests in flight cost no more apiece than one (a pool of httpx looks at all its connections
for every request). A key is sent to the origin of its base URL and nowhere else; redirects are not followed. Where a
proxy is set in the environment, or the caller gives an `http_client`, requests go through httpx instead.

A deadline is wall-clock time for the whole exchange: every read and write gets what is left of it, so a server that
drips bytes cannot outlive it. (With an `http_client` of the caller's the sync transport can look at the clock only
between pieces.)
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import time
import weakref
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, Self
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from .chat.classify import mask
from .chat.reader import Event, Reader
from .chat.reply import End, Lost, Reply
from .chat.request import Request, encode
from .errors import UsageError

CONNECT_S = 10.0
"""Longest time to connect, within the deadline."""
KEEP_ALIVE_S = 30.0
MAX_IDLE = 512
WRITE_BYTES = 65_536
INFLATED_BYTES = 1_048_576
"""Longest piece that is decompressed at once."""
GZIP = b"\x1f\x8b"
READ_BYTES = 32_768
"""After so much, other tasks and the deadline get their turn: a server may send without pause, and no read then waits."""
USER_AGENT = "typed-extract"
Reason = Literal["connect", "timeout", "deadline", "dropped", "tls", "protocol"]
FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)
CLIENT_FAILURES = (httpx.TransportError, httpx.StreamError, httpx.DecodingError)
TROUBLE = (*FAILURES, *CLIENT_FAILURES, TimeoutError, zlib.error, OSError)


# --- what both transports send and make of what comes back


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: where a key belongs."""

    scheme: str
    host: str
    port: int


def origin_of(url: str) -> Origin:
    """The origin of a URL."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return Origin(scheme, (parts.hostname or "").lower(), parts.port or (443 if scheme == "https" else 80))


@dataclass(frozen=True, slots=True)
class Target:
    """One URL to send to, prepared: its parts, its headers but for the length, and its origin."""

    url: httpcore.URL
    origin: Origin
    headers: tuple[tuple[bytes, bytes], ...]
    shown: str


class Address:
    """What is the same for all requests of one transport: headers, query, key; encoded once."""

    __slots__ = ("_key", "_known", "_query", "_shared", "origin")

    def __init__(
        self, base_url: str, api_key: str | None, headers: Mapping[str, str] | None, query: Mapping[str, str] | None
    ) -> None:
        self.origin = origin_of(base_url)
        self._key = _header_value("the key", api_key) if api_key else None
        self._query = urlencode(query) if query else ""
        own = {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "user-agent": USER_AGENT,
            "content-type": "application/json",
        }
        own |= {name.lower(): value for name, value in (headers or {}).items()}
        self._shared = tuple(
            (name.encode("ascii"), _header_value(f"header {name}", value)) for name, value in own.items()
        )
        self._known: dict[str, Target] = {}

    def target(self, url: str) -> Target:
        """What every request to a URL needs."""
        if url not in self._known:
            if len(self._known) > 100:
                self._known.clear()
            self._known[url] = self._target(url)
        return self._known[url]

    def _target(self, url: str) -> Target:
        parts, origin = urlsplit(url), origin_of(url)
        query = "&".join(part for part in (parts.query, self._query) if part)
        path = (parts.path or "/") + (f"?{query}" if query else "")
        host = f"[{origin.host}]" if ":" in origin.host else origin.host
        is_usual = origin.port == (443 if origin.scheme == "https" else 80)
        headers = [(b"host", (host if is_usual else f"{host}:{origin.port}").encode("ascii")), *self._shared]
        if self._key and origin == self.origin and not any(name == b"authorization" for name, _ in headers):
            headers.append((b"authorization", b"Bearer " + self._key))
        at = httpcore.URL(scheme=origin.scheme, host=origin.host, port=origin.port, target=path)
        return Target(
            at, origin, tuple(headers), f"{origin.scheme}://{(host if is_usual else f'{host}:{origin.port}')}{path}"
        )

    def hide(self, text: str) -> str:
        """A text without the key."""
        key = self._key.decode("ascii") if self._key else ""
        return text.replace(key, "***") if len(key) >= 6 else text


def _header_value(what: str, value: str) -> bytes:
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise UsageError(f"{what} holds characters that no HTTP header takes (a line break or space at its end?)")
    return value.encode("ascii")


@dataclass(slots=True)
class Clock:
    """What is left of a deadline; `ends_s` is on the monotonic clock, None without one."""

    ends_s: float | None = None

    def left_s(self, limit_s: float | None = None) -> float | None:
        """Seconds that the next step may take; raises TimeoutError when none are left."""
        if self.ends_s is None:
            return limit_s
        left = self.ends_s - time.monotonic()
        if left <= 0:
            raise DeadlineError
        return left if limit_s is None else min(left, limit_s)

    def is_over(self) -> bool:
        """Whether the deadline has passed, within the grain of a timeout."""
        return self.ends_s is not None and time.monotonic() >= self.ends_s - 0.002


class DeadlineError(TimeoutError):
    """The deadline has passed."""


def lost(error: BaseException, clock: Clock, *, is_reused: bool, started_s: float, at: Origin) -> Lost:
    """What a failure before the answer is recorded as."""
    reason = reason_of(error, clock)
    there = f"{at.host}:{at.port}"
    words = " ".join(str(error).split())[:200] or type(error).__name__
    message = {
        "deadline": "the deadline passed before the answer was complete",
        "timeout": f"timed out while connecting to {there}",
        "connect": f"cannot connect to {there}: {words}",
        "tls": f"no trusted connection to {there}: {words}",
        "dropped": f"{there} closed the connection: {words}",
        "protocol": f"{there} does not answer in HTTP: {words}",
    }[reason]
    is_resent = is_reused and reason == "dropped"
    return Lost(reason, mask(message), is_reused=is_resent, started_s=started_s, ended_s=time.monotonic())


def reason_of(error: BaseException, clock: Clock) -> Reason:
    """Why nothing came."""
    if isinstance(error, DeadlineError) or clock.is_over():
        return "deadline"
    if _is_tls(error):
        return "tls"
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException | TimeoutError):
        return "timeout"
    if isinstance(error, httpcore.ConnectError | httpx.ConnectError | httpcore.ProxyError | httpx.ProxyError):
        return "connect"
    if isinstance(error, httpcore.RemoteProtocolError | httpx.RemoteProtocolError):
        return "dropped" if "disconnected" in str(error) or "closed" in str(error) else "protocol"
    if isinstance(error, httpcore.NetworkError | httpx.NetworkError | OSError):
        return "dropped"
    return "protocol"


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


class Inflater:
    """Decompresses a body as it comes, a bounded piece at a time: a little of it may stand for gigabytes.

    gzip and deflate in every form that servers send: several members, raw deflate, one around the other, and a body that
    is not packed at all whatever its header says. Any other coding passes through.
    """

    __slots__ = ("_steps",)

    def __init__(self, encoding: str) -> None:
        codings = [coding.strip().lower() for coding in encoding.split(",")]
        self._steps = [Unpacker(coding) for coding in reversed(codings) if coding in ("gzip", "x-gzip", "deflate")]

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The plain bytes."""
        pieces: Iterable[bytes] = (data,)
        for step in self._steps:
            pieces = step.unpack(pieces)
        return pieces


class Unpacker:
    """One coding of a body."""

    __slots__ = ("_coding", "_head", "_inflate", "_rest")

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._head = b""
        self._inflate: Any = None
        self._rest: Literal["packed", "plain", "nothing"] = "packed"

    def unpack(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The bytes behind these."""
        for piece in pieces:
            yield from self._unpack(piece)

    def _unpack(self, piece: bytes) -> Iterator[bytes]:
        data, self._head = self._head + piece, b""
        while data and self._rest == "packed":
            if self._inflate is None:
                if len(data) < len(GZIP):
                    self._head = data
                    return
                self._begin(data)
                continue
            plain = self._inflate.decompress(data, INFLATED_BYTES)
            while plain:
                yield plain
                plain = self._inflate.decompress(self._inflate.unconsumed_tail, INFLATED_BYTES)
            if not self._inflate.eof:
                return
            data, self._inflate = self._inflate.unused_data, None
            self._coding = "a further member"
        if self._rest == "plain":
            yield data

    def _begin(self, data: bytes) -> None:
        is_zlib = data[0] & 0x0F == zlib.DEFLATED and int.from_bytes(data[:2], "big") % 31 == 0  # RFC 1950, section 2.2
        if data.startswith(GZIP) or (is_zlib and self._coding == "deflate"):
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
        elif self._coding == "deflate":
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        else:
            self._rest = "plain" if self._coding.endswith("gzip") else "nothing"


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


class Course:
    """One exchange as it runs: reader, times, and how the reply is made of it in the end. Sync and async alike."""

    __slots__ = ("_first_s", "address", "clock", "link", "reader", "request", "started_s")

    def __init__(self, request: Request, address: Address, deadline_s: float | None) -> None:
        self.link: Link | None = None
        self.request = request
        self.address = address
        self.started_s = time.monotonic()
        self.clock = Clock(None if deadline_s is None else self.started_s + deadline_s)
        self.reader: Reader | None = None
        self._first_s = 0.0

    def begin(self, status: int, headers: Mapping[str, str], *, keep: int | None = None, body: bool = True) -> Reader:
        """The head of the answer came."""
        self._first_s = time.monotonic()
        self.reader = Reader(self.request, status, headers, keep=keep, body=body)
        return self.reader

    def end(self, end: End = "eof") -> Reply:
        """The answer is over."""
        assert self.reader is not None  # noqa: S101 - `begin` came first
        ended_s = time.monotonic()
        reply = self.reader.close(
            end, started_s=self.started_s, first_byte_s=self._first_s, ended_s=ended_s, wall_s=time.time()
        )
        if reply.error is None:
            return reply
        error = replace(reply.error, message=self.address.hide(reply.error.message))
        return replace(reply, error=error, body=self.address.hide(reply.body))

    def break_off(self, error: BaseException, *, is_reused: bool) -> Reply | Lost:
        """Trouble came: what was read so far, or nothing."""
        gone = lost(
            error,
            self.clock,
            is_reused=is_reused and self.reader is None,
            started_s=self.started_s,
            at=origin_of(self.request.url),
        )
        if self.reader is None:
            return gone
        reply = self.end("deadline" if gone.reason == "deadline" else "dropped")
        return reply if reply.choices or reply.error is not None else gone


# --- sync


class TimedStream(httpcore.NetworkStream):
    """A socket whose reads and writes get what is left of the deadline; head and body go out together."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._unsent: list[bytes] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, b"" at the end."""
        if self._unsent:
            self._flush()
        return self._stream.read(max_bytes, self._clock.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline's clock rules
        """Keep bytes to be sent before the next read."""
        self._unsent.append(buffer)

    def _flush(self) -> None:
        data = memoryview(b"".join(self._unsent))
        self._unsent = []
        try:
            for at in range(0, len(data), WRITE_BYTES):
                self._stream.write(bytes(data[at : at + WRITE_BYTES]), self._clock.left_s())
        except httpcore.WriteError:
            return  # a server may answer before it has read everything; the read tells

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same over TLS."""
        return TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, self._clock.left_s(timeout)), self._clock
        )

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for: `is_readable`, `ssl_object`, `socket`."""
        return self._stream.get_extra_info(info)


class TimedBackend(httpcore.NetworkBackend):
    """Connects within what is left of the deadline."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """A connected socket."""
        stream = self._backend.connect_tcp(
            host, port, self._clock.left_s(timeout or CONNECT_S), local_address, socket_options
        )
        return TimedStream(stream, self._clock)


@cache
def trust() -> ssl.SSLContext:
    """The certificates that are trusted; made once, since that takes tens of milliseconds."""
    return httpx.create_ssl_context()


def _context(at: Target) -> ssl.SSLContext | None:
    return trust() if at.origin.scheme == "https" else None


@dataclass(slots=True)
class Link:
    """One connection and its clock."""

    connection: httpcore.HTTPConnection
    clock: Clock
    is_used: bool = False


class Links:
    """Idle connections of one process, the last used first. List operations are atomic, so no lock is needed."""

    __slots__ = ("idle", "pid")

    def __init__(self) -> None:
        self.idle: dict[Origin, list[Link]] = {}
        self.pid = os.getpid()

    def take(self, at: Target) -> Link:
        """An idle connection to there that is alive, or a new one."""
        idle = self.idle.setdefault(at.origin, [])
        while idle:
            try:
                link = idle.pop()
            except IndexError:  # another thread took it
                break
            if not link.connection.has_expired():
                link.is_used = True
                return link
            link.connection.close()
        clock = Clock()
        connection = httpcore.HTTPConnection(
            at.url.origin, _context(at), keepalive_expiry=KEEP_ALIVE_S, network_backend=TimedBackend(clock)
        )
        return Link(connection, clock)

    def give_back(self, at: Target, link: Link) -> None:
        """Keep a connection that can be used again; close any other."""
        idle = self.idle.setdefault(at.origin, [])
        link.clock.ends_s = None
        if link.connection.is_idle() and len(idle) < MAX_IDLE:
            idle.append(link)
        else:
            link.connection.close()

    def close(self) -> None:
        """Close all idle connections."""
        for idle in list(self.idle.values()):
            while idle:
                idle.pop().connection.close()


class Exchange:
    """An answer whose head has come; iterate its body's plain bytes, then close it (or use it in a `with`).

    Attributes:
        status: HTTP status.
        headers: lower-cased names.
        is_reused: whether the connection had served a request before.
    """

    def __init__(
        self, status: int, headers: Mapping[str, str], body: Iterator[bytes], close: Any, *, is_reused: bool
    ) -> None:
        self.status = status
        self.headers = headers
        self.is_reused = is_reused
        self._body = body
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        inflater = Inflater(self.headers.get("content-encoding", ""))
        return (plain for piece in self._body for plain in inflater.feed(piece))

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Unanswered(Exception):  # noqa: N818 - carries what came, and is caught at once
    """No answer came; `lost` says why."""

    def __init__(self, lost: Lost) -> None:
        super().__init__(lost)
        self.lost = lost


class HttpTransport:
    """Sends requests to one endpoint; safe to share between threads, needs no `with`.

    Args:
        base_url: the endpoint; the key goes to its origin alone.
        api_key: sent as a bearer token; None: no Authorization header.
        headers: further headers, e.g. `api-key` for Azure; an `authorization` here replaces the bearer token.
        query: further query parameters, e.g. `api-version` for Azure.
        http_client: a client of your own; it stays yours to close.
        opener: sends in the transport's place; its trouble is of the kinds that httpcore raises.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        http_client: httpx.Client | None = None,
        opener: Callable[[Request, Course], Exchange] | None = None,
    ) -> None:
        self._address = Address(base_url, api_key, headers, query)
        self._client = http_client
        self._opener = opener
        self._own: httpx.Client | None = None
        if http_client is None and opener is None and needs_proxy(self._address.origin):
            self._client = self._own = httpx.Client(timeout=CONNECT_S)
        self._links = Links()
        self._finalizer = weakref.finalize(self, Links.close, self._links)

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer to a request; reading stops at `[DONE]`, and what no longer matters is not waited for."""
        course = Course(request, self._address, deadline_s)
        exchange: Exchange | None = None
        try:
            exchange = self._open(request, course)
            reader = course.begin(exchange.status, exchange.headers)
            for piece in exchange:
                reader.feed(piece)
                if reader.is_done:
                    break
                course.clock.left_s()
            return course.end()
        except TROUBLE as error:
            is_reused = exchange.is_reused if exchange is not None else getattr(error, "is_reused", False)
            return course.break_off(error, is_reused=is_reused)
        finally:
            if exchange is not None:
                exchange.close()
            elif course.link is not None:  # an interrupt may strike between the two
                course.link.connection.close()

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """What each piece of the answer adds, as it comes; last the reply. Closing the iterator closes the connection.

        Args:
            request: what is sent.
            deadline_s: wall-clock seconds for the whole exchange, the caller's own between two pieces counted.
            keep: how many of the last characters of the answer the reply keeps; None: all.
            body: whether the reply keeps all bytes of a stream, which are many times its text; else the last 64 KiB.
        """
        course = Course(request, self._address, deadline_s)
        try:
            exchange = self._open(request, course)
        except TROUBLE as error:
            yield course.break_off(error, is_reused=getattr(error, "is_reused", False))
            return
        try:
            reader = course.begin(exchange.status, exchange.headers, keep=keep, body=body)
            for piece in exchange:
                if events := reader.feed(piece):
                    yield events
                if reader.is_done:
                    break
                course.clock.left_s()
            reply: Reply | Lost = course.end()
        except TROUBLE as error:
            reply = course.break_off(error, is_reused=exchange.is_reused)
        finally:
            exchange.close()
        yield reply

    def open(self, request: Request, /, *, deadline_s: float | None = None) -> Exchange:
        """The answer's head, and its body piece by piece.

        Raises:
            Unanswered: no head came.
        """
        course = Course(request, self._address, deadline_s)
        try:
            return self._open(request, course)
        except TROUBLE as error:
            raise Unanswered(course.break_off(error, is_reused=getattr(error, "is_reused", False))) from error  # type: ignore[arg-type]  # no reader yet

    def close(self) -> None:
        """Close all idle connections; the transport can be used again all the same."""
        self._links.close()
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, request: Request, course: Course) -> Exchange:
        if self._opener is not None:
            return self._opener(request, course)
        at = self._address.target(request.url)
        content = encode(request.body)
        if self._client is not None:
            return _open_client(self._client, at, content, course)
        links = self._here()
        link = links.take(at)
        course.link = link
        link.clock.ends_s = course.clock.ends_s
        sent = httpcore.Request(
            "POST", at.url, headers=[*at.headers, (b"content-length", b"%d" % len(content))], content=content
        )
        try:
            response = link.connection.handle_request(sent)
        except BaseException as error:
            link.connection.close()
            error.is_reused = link.is_used  # type: ignore[attr-defined]
            raise

        def close() -> None:
            is_whole = False
            try:
                response.close()
                is_whole = True
            finally:  # an interrupt may strike here too, and leave a connection that looks idle and is not
                if not is_whole:
                    link.connection.close()
                links.give_back(at, link)

        body: Any = response.stream
        return Exchange(response.status, _headers(response.headers), iter(body), close, is_reused=link.is_used)

    def _here(self) -> Links:
        """The connections of this process: a fork starts with none."""
        if self._links.pid != os.getpid():
            self._finalizer.detach()
            self._links.close()
            self._links = Links()
            self._finalizer = weakref.finalize(self, Links.close, self._links)
        return self._links


def _open_client(client: httpx.Client, at: Target, content: bytes, course: Course) -> Exchange:
    timeout = httpx.Timeout(course.clock.left_s(), connect=course.clock.left_s(CONNECT_S))
    sent = client.build_request("POST", at.shown, content=content, headers=list(at.headers), timeout=timeout)
    response = client.send(sent, stream=True, follow_redirects=False)
    return Exchange(
        response.status_code, _plain(response.headers), response.iter_bytes(), response.close, is_reused=False
    )


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """The headers of a body that the client has decompressed."""
    return {name: value for name, value in headers.items() if name != "content-encoding"}


def needs_proxy(origin: Origin) -> bool:
    """Whether the environment asks for a proxy to get there."""
    proxies = getproxies()
    return bool(proxies.get(origin.scheme) or proxies.get("all")) and not proxy_bypass(origin.host)


# --- async


class SocketStream(httpcore.AsyncNetworkStream):
    """A non-blocking socket of the running loop, plain or TLS; head and body of a request go out together.

    Deadlines are set around it by `asyncio.timeout`. Since the socket itself is at hand, it can be closed after its
    loop is gone.
    """

    def __init__(self, sock: socket.socket, tls: Tls | None = None) -> None:
        self._sock = sock
        self._tls = tls
        self._unsent: list[bytes] = []
        self._unpaused = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002, ASYNC109
        """Some bytes, b"" at the end."""
        loop = asyncio.get_running_loop()
        if self._unsent:
            sent, self._unsent = b"".join(self._unsent), []
            with contextlib.suppress(OSError):  # a server may answer before it has read everything; the read tells
                await loop.sock_sendall(self._sock, sent if self._tls is None else self._tls.wrap(sent))
        if self._unpaused >= READ_BYTES:
            self._unpaused = 0
            await asyncio.sleep(0)
        try:
            if self._tls is None:
                data = await loop.sock_recv(self._sock, max_bytes)
            else:
                data = await self._tls.read(loop, self._sock, max_bytes)
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error
        self._unpaused += max(len(data), READ_BYTES // 8)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        """Keep bytes to be sent before the next read."""
        self._unsent.append(buffer)

    async def aclose(self) -> None:
        """Close the socket."""
        self._sock.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """The same over TLS."""
        tls = Tls(ssl_context, server_hostname)
        try:
            await tls.shake_hands(asyncio.get_running_loop(), self._sock)
        except OSError as error:
            self._sock.close()
            raise httpcore.ConnectError(str(error)) from error
        return SocketStream(self._sock, tls)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks for."""
        if info == "is_readable":
            return _is_readable(self._sock)
        if info == "socket":
            return self._sock
        return self._tls.connection if self._tls is not None and info == "ssl_object" else None


class Tls:
    """TLS over a non-blocking socket."""

    def __init__(self, context: ssl.SSLContext, server_hostname: str | None) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.connection = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname)

    async def shake_hands(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        """Agree on keys."""
        while True:
            try:
                self.connection.do_handshake()
            except ssl.SSLWantReadError:
                await self._exchange(loop, sock)
            else:
                await self._send(loop, sock)
                return

    def wrap(self, data: bytes) -> bytes:
        """The bytes as they go over the wire."""
        self.connection.write(data)
        return self._outgoing.read()

    async def read(self, loop: asyncio.AbstractEventLoop, sock: socket.socket, max_bytes: int) -> bytes:
        """Some plain bytes, b"" at the end."""
        while True:
            try:
                return self.connection.read(max_bytes)
            except ssl.SSLWantReadError:
                await self._exchange(loop, sock)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError:
                return b""  # closed without a goodbye: the framing of HTTP tells whether that was the end

    async def _exchange(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        await self._send(loop, sock)
        data = await loop.sock_recv(sock, WRITE_BYTES)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _send(self, loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
        if data := self._outgoing.read():
            await loop.sock_sendall(sock, data)


def _is_readable(sock: socket.socket) -> bool:
    """Whether bytes or the end wait on an idle socket: it cannot be used again then."""
    if sock.fileno() < 0:
        return True
    try:
        sock.recv(1, socket.MSG_PEEK)
    except (BlockingIOError, InterruptedError):
        return False
    except OSError:
        return True
    return True


class SocketBackend(httpcore.AsyncNetworkBackend):
    """Connects on the running asyncio loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Any = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """A connected socket, to the first address that answers."""
        loop = asyncio.get_running_loop()
        last: OSError | None = None
        try:
            async with asyncio.timeout(timeout or CONNECT_S):
                for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                    try:
                        return SocketStream(await _connect(loop, family, kind, protocol, address))
                    except OSError as error:
                        last = error
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("timed out") from error
        except OSError as error:
            last = error
        raise httpcore.ConnectError(str(last or f"{host} has no address")) from last


async def _connect(
    loop: asyncio.AbstractEventLoop, family: int, kind: int, protocol: int, address: Any
) -> socket.socket:
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


@dataclass(slots=True)
class AsyncLink:
    """One connection of one loop."""

    connection: httpcore.AsyncHTTPConnection
    backend: SocketBackend
    is_used: bool = False

    def drop(self) -> None:
        """Close the socket without a loop."""
        inner: Any = getattr(self.connection, "_connection", None)
        stream: Any = getattr(inner, "_network_stream", None)
        if stream is not None:
            stream.get_extra_info("socket").close()


class AsyncLinks:
    """Idle connections of one loop."""

    __slots__ = ("idle", "pid")

    def __init__(self) -> None:
        self.idle: dict[Origin, list[AsyncLink]] = {}
        self.pid = os.getpid()

    def take(self, at: Target) -> AsyncLink:
        """An idle connection to there that is alive, or a new one."""
        idle = self.idle.setdefault(at.origin, [])
        while idle:
            link = idle.pop()
            if not link.connection.has_expired():
                link.is_used = True
                return link
            link.drop()
        backend = SocketBackend()
        connection = httpcore.AsyncHTTPConnection(
            at.url.origin, _context(at), keepalive_expiry=KEEP_ALIVE_S, network_backend=backend
        )
        return AsyncLink(connection, backend)

    def give_back(self, at: Target, link: AsyncLink) -> None:
        """Keep a connection that can be used again; close any other."""
        idle = self.idle.setdefault(at.origin, [])
        if link.connection.is_idle() and len(idle) < MAX_IDLE:
            idle.append(link)
        else:
            link.drop()

    def close(self) -> None:
        """Close all idle connections; needs no loop."""
        for idle in self.idle.values():
            while idle:
                idle.pop().drop()


class AsyncExchange:
    """As `Exchange`, for tasks."""

    def __init__(
        self, status: int, headers: Mapping[str, str], body: AsyncIterator[bytes], close: Any, *, is_reused: bool
    ) -> None:
        self.status = status
        self.headers = headers
        self.is_reused = is_reused
        self._body = body
        self._close = close
        self._inflater = Inflater(headers.get("content-encoding", ""))
        self._pieces: AsyncGenerator[bytes] | None = None

    def __aiter__(self) -> AsyncGenerator[bytes]:
        self._pieces = self._inflated()
        return self._pieces

    async def _inflated(self) -> AsyncGenerator[bytes]:
        async for piece in self._body:
            for plain in self._inflater.feed(piece):
                yield plain

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        if self._pieces is not None:
            await self._pieces.aclose()  # left to itself, the loop would close it in a task of its own
        await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class AsyncHttpTransport:
    """Sends requests to one endpoint from any asyncio loop; needs no `async with`. Arguments as `HttpTransport`."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        http_client: httpx.AsyncClient | None = None,
        opener: Callable[[Request, Course], Awaitable[AsyncExchange]] | None = None,
    ) -> None:
        self._address = Address(base_url, api_key, headers, query)
        self._client = http_client
        self._opener = opener
        self._is_proxied = http_client is None and opener is None and needs_proxy(self._address.origin)
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )
        self._loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncLinks] = weakref.WeakKeyDictionary()

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer to a request; cancellation closes the connection."""
        course = Course(request, self._address, deadline_s)
        exchange: AsyncExchange | None = None
        try:
            async with asyncio.timeout(deadline_s):
                exchange = await self._open(request, course)
                reader = course.begin(exchange.status, exchange.headers)
                async for piece in exchange:
                    reader.feed(piece)
                    if reader.is_done:
                        break
            return course.end()
        except TROUBLE as error:
            is_reused = exchange.is_reused if exchange is not None else getattr(error, "is_reused", False)
            return course.break_off(error, is_reused=is_reused)
        finally:
            if exchange is not None:
                await exchange.aclose()

    async def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        """As `HttpTransport.stream`; cancellation closes the connection."""
        course = Course(request, self._address, deadline_s)
        try:
            async with asyncio.timeout(deadline_s):
                exchange = await self._open(request, course)
        except TROUBLE as error:
            yield course.break_off(error, is_reused=getattr(error, "is_reused", False))
            return
        try:
            reader = course.begin(exchange.status, exchange.headers, keep=keep, body=body)
            pieces = aiter(exchange)
            while not reader.is_done:
                async with asyncio.timeout(course.clock.left_s()):  # never around a yield: that time is the caller's
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                if events := reader.feed(piece):
                    yield events
            reply: Reply | Lost = course.end()
        except TROUBLE as error:
            reply = course.break_off(error, is_reused=exchange.is_reused)
        finally:
            await exchange.aclose()
        yield reply

    async def open(self, request: Request, /, *, deadline_s: float | None = None) -> AsyncExchange:
        """The answer's head, and its body piece by piece; the deadline covers the head only.

        Raises:
            Unanswered: no head came.
        """
        course = Course(request, self._address, deadline_s)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._open(request, course)
        except TROUBLE as error:
            raise Unanswered(course.break_off(error, is_reused=getattr(error, "is_reused", False))) from error  # type: ignore[arg-type]  # no reader yet

    async def aclose(self) -> None:
        """Close all idle connections; the transport can be used again all the same."""
        for _, links in self._known():
            links.close()
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _open(self, request: Request, course: Course) -> AsyncExchange:
        if self._opener is not None:
            return await self._opener(request, course)
        at = self._address.target(request.url)
        content = encode(request.body)
        client = self._client_here()
        if client is not None:
            return await _open_async_client(client, at, content, course)
        links = self._here()
        link = links.take(at)
        sent = httpcore.Request(
            "POST", at.url, headers=[*at.headers, (b"content-length", b"%d" % len(content))], content=content
        )
        try:
            response = await link.connection.handle_async_request(sent)
        except BaseException as error:
            link.drop()
            error.is_reused = link.is_used  # type: ignore[attr-defined]
            raise

        async def close() -> None:
            try:
                await response.aclose()
            finally:  # a cancellation may strike here too
                links.give_back(at, link)

        body: Any = response.stream
        return AsyncExchange(response.status, _headers(response.headers), aiter(body), close, is_reused=link.is_used)

    def _client_here(self) -> httpx.AsyncClient | None:
        if not self._is_proxied:
            return self._client
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = httpx.AsyncClient(timeout=CONNECT_S)
        return self._clients[loop]

    def _known(self) -> Iterator[tuple[asyncio.AbstractEventLoop, AsyncLinks]]:
        """The loops and their connections; loops of other threads may come and go meanwhile."""
        for ref in self._loops.keyrefs():  # a list made at one go, unlike `items()`
            loop = ref()
            links = None if loop is None else self._loops.get(loop)
            if loop is not None and links is not None:
                yield loop, links

    def _here(self) -> AsyncLinks:
        """The connections of the running loop in this process; those of loops that are closed go."""
        loop = asyncio.get_running_loop()
        links = self._loops.get(loop)
        if links is None or links.pid != os.getpid():
            for other, old in self._known():
                is_gone = other.is_closed() or old.pid != os.getpid()
                if is_gone and self._loops.pop(other, None) is not None:  # only one thread gets it
                    old.close()
            links = self._loops[loop] = AsyncLinks()
            weakref.finalize(self, AsyncLinks.close, links)
        return links


async def _open_async_client(client: httpx.AsyncClient, at: Target, content: bytes, course: Course) -> AsyncExchange:
    timeout = httpx.Timeout(course.clock.left_s(), connect=course.clock.left_s(CONNECT_S))
    sent = client.build_request("POST", at.shown, content=content, headers=list(at.headers), timeout=timeout)
    response = await client.send(sent, stream=True, follow_redirects=False)
    return AsyncExchange(
        response.status_code, _plain(response.headers), response.aiter_bytes(), response.aclose, is_reused=False
    )
