"""Calls to an endpoint beside its chat completions: JSON calls, uploads from disk, downloads to disk.

A call is data, its answer is data; trouble on the way is an answer too. Keys follow the rules of `http.Address`: to the
origin of the base URL, and nowhere else. Redirects are followed by hand, so that a key stays at home. Files pass through
in pieces, so that a gigabyte needs no memory.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, cast
from urllib.parse import urljoin

import httpx

from .chat.classify import mask
from .chat.request import encode
from .errors import UsageError
from .http import CONNECT_S, TROUBLE, Address
from .vocabulary import JsonObject

PIECE_BYTES: Final = 1 << 20
MOST_BYTES: Final = 64 << 20
"""Longest body that is read into memory; files go to disk."""
HOPS: Final = 3
NO_IDLE: Final = httpx.Limits(max_keepalive_connections=0)
"""Minutes pass between calls, so no connection is kept open."""
BOUNDARY: Final = "typed-extract-3f6c1d0a9b2e4857"
"""Fixed, so that equal files make equal uploads; JSON Lines never start a line with it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        verb: HTTP method.
        url: absolute.
        body: sent as JSON.
        upload: a file that is sent as multipart form field `file`.
        form: further form fields beside it.
        into: where the body of a good answer is put, whole or not at all.
    """

    verb: Literal["GET", "POST"]
    url: str
    body: Mapping[str, Any] | None = None
    upload: Path | None = None
    form: tuple[tuple[str, str], ...] = ()
    into: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        status: HTTP status; 0 where nothing came.
        headers: lower-cased names.
        text: the body, but for a download.
        problem: what went wrong on the way, without credentials; "" where an answer came.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    text: str = ""
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the call did what it should."""
        return 200 <= self.status < 300

    def json(self) -> JsonObject:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return cast("JsonObject", found) if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A call as httpx takes it."""

    verb: str
    url: str
    headers: list[tuple[bytes, bytes]]
    content: bytes | None
    upload: Path | None = None
    form: tuple[tuple[str, str], ...] = ()

    def pieces(self) -> Iterator[bytes]:
        """The body of an upload."""
        if self.upload is None:
            return
        yield _form_head(self.upload, self.form)
        with self.upload.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
        yield _form_end()

    async def pieces_async(self) -> AsyncIterator[bytes]:
        """The same for tasks; a piece is read faster than it is sent."""
        for piece in self.pieces():
            yield piece


def _timeout(timeout_s: float | None) -> httpx.Timeout:
    return httpx.Timeout(timeout_s, connect=CONNECT_S)


def _form_head(path: Path, form: tuple[tuple[str, str], ...]) -> bytes:
    fields = "".join(
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in form
    )
    file = f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="{path.name}"\r\n'
    return f"{fields}{file}content-type: application/jsonl\r\n\r\n".encode()


def _form_end() -> bytes:
    return f"\r\n--{BOUNDARY}--\r\n".encode("ascii")


def _sent(address: Address, call: Call, url: str) -> _Sent:
    at = address.target(url)
    headers = [(name, value) for name, value in at.headers if name != b"content-type"]
    if call.upload is not None:
        size = len(_form_head(call.upload, call.form)) + call.upload.stat().st_size + len(_form_end())
        headers += [
            (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode("ascii")),
            (b"content-length", b"%d" % size),
        ]
        return _Sent(call.verb, at.shown, headers, None, call.upload, call.form)
    if call.body is None:
        return _Sent(call.verb, at.shown, headers, None)
    return _Sent(call.verb, at.shown, [*headers, (b"content-type", b"application/json")], encode(call.body))


def _next_url(address: Address, url: str, response: httpx.Response, hops: int) -> str | None:
    """Where a redirect leads; None: this is the answer."""
    where = response.headers.get("location")
    if response.status_code not in (301, 302, 303, 307, 308) or not where or hops >= HOPS:
        return None
    found = urljoin(url, where)
    # A key or a query of the endpoint's own never leaves its origin; a downgrade to plain http is not followed.
    return found if address.origin.scheme != "https" or found.startswith("https:") else None


def _lost(address: Address, error: BaseException, call: Call) -> Answer:
    words = " ".join(str(error).split())[:200] or type(error).__name__
    return Answer(0, problem=mask(address.hide(f"{call.verb} {call.url}: {words}")))


def _ended(address: Address, response: httpx.Response, text: str) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, address.hide(text) if response.status_code >= 400 else text)


def _partial(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


class HttpFiles:
    """Makes calls; safe to use from many threads.

    Args:
        base_url, api_key, headers, query: as in `HttpTransport`.
        timeout_s: longest silence within one call, in seconds; None: no limit.
        http_client: a client of your own; it stays yours to close.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        timeout_s: float | None = 600.0,
        http_client: httpx.Client | None = None,
    ) -> None:
        self._address = Address(base_url, api_key, headers, query)
        self._is_own = http_client is None
        self._client = http_client or httpx.Client(timeout=_timeout(timeout_s), limits=NO_IDLE)

    def call(self, call: Call) -> Answer:
        """The answer to a call; a disk that cannot take a download is a UsageError."""
        url, hops = call.url, 0
        try:
            while True:
                sent = _sent(self._address, call, url)
                body = sent.content if sent.upload is None else sent.pieces()
                request = self._client.build_request(sent.verb, sent.url, headers=sent.headers, content=body)
                response = self._client.send(request, stream=True, follow_redirects=False)
                try:
                    following = _next_url(self._address, url, response, hops)
                    if following is None:
                        return self._read(call, response)
                finally:
                    response.close()
                url, hops = following, hops + 1
        except TROUBLE as error:
            return _lost(self._address, error, call)

    def _read(self, call: Call, response: httpx.Response) -> Answer:
        if call.into is None or response.status_code >= 300:
            return _ended(self._address, response, _bounded(response.iter_bytes()))
        pieces = response.iter_bytes(PIECE_BYTES)
        with _Landing(call.into) as landing:
            for piece in pieces:
                landing.write(piece)
        return _ended(self._address, response, "")

    def close(self) -> None:
        """Close the connections."""
        if self._is_own:
            self._client.close()


class AsyncHttpFiles:
    """`HttpFiles` for tasks. Arguments as there."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        timeout_s: float | None = 600.0,
        http_client: httpx.AsyncClient | None = None,
    ) -> None:
        self._address = Address(base_url, api_key, headers, query)
        self._is_own = http_client is None
        self._client = http_client or httpx.AsyncClient(timeout=_timeout(timeout_s), limits=NO_IDLE)

    async def call(self, call: Call) -> Answer:
        """The answer to a call."""
        url, hops = call.url, 0
        try:
            while True:
                sent = _sent(self._address, call, url)
                body = sent.content if sent.upload is None else sent.pieces_async()
                request = self._client.build_request(sent.verb, sent.url, headers=sent.headers, content=body)
                response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    following = _next_url(self._address, url, response, hops)
                    if following is None:
                        return await self._read(call, response)
                finally:
                    await response.aclose()
                url, hops = following, hops + 1
        except TROUBLE as error:
            return _lost(self._address, error, call)

    async def _read(self, call: Call, response: httpx.Response) -> Answer:
        if call.into is None or response.status_code >= 300:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece[: MOST_BYTES - len(body)]
            return _ended(self._address, response, body.decode("utf-8", "replace"))
        with _Landing(call.into) as landing:
            async for piece in response.aiter_bytes(PIECE_BYTES):
                landing.write(piece)
        return _ended(self._address, response, "")

    async def aclose(self) -> None:
        """Close the connections."""
        if self._is_own:
            await self._client.aclose()


def _bounded(pieces: Iterator[bytes]) -> str:
    body = bytearray()
    for piece in pieces:
        body += piece[: MOST_BYTES - len(body)]
    return body.decode("utf-8", "replace")


class _Landing:
    """A file that takes its name when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = _partial(path).open("wb")
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}") from error

    def write(self, piece: bytes) -> None:
        try:
            self._file.write(piece)
        except OSError as error:
            raise UsageError(f"cannot write {self._path}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            _partial(self._path).replace(self._path)
        else:
            _partial(self._path).unlink(missing_ok=True)
