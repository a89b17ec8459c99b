"""Requests through an `openai` client of the user's own, so that its auth, Azure set-up, proxies and tracing are kept.

They go through `client.chat.completions.create`, the call that tracing wraps, in the same arguments as by hand; what
that call has no argument for goes in `extra_body`. openai-python 2.x (over httpx) and 3.x (over httpx2) answer alike
here (both run in the tests, 2026-11-25). Nothing is imported from `openai` before a client of it is at hand.

What is lost on this road, for openai-python parses the answer first: the response's headers (but for the request id),
and a stream's last event where no blank line follows it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Protocol

import httpcore

from .chat.request import Request
from .errors import UsageError
from .http import AsyncExchange, AsyncHttpTransport, Course, Exchange, HttpTransport, origin_of
from .lazy import lazy

PATH = "/chat/completions"


class OpenAIClient(Protocol):
    """The part of `openai.OpenAI`, `openai.AsyncOpenAI` and their Azure kin that is used."""

    @property
    def base_url(self) -> Any:
        """Where it sends to."""
        ...

    @property
    def chat(self) -> Any:
        """Holds `completions.create`."""
        ...


def check(client: OpenAIClient, *, is_async: bool) -> None:
    """Raise a UsageError for an object that is no openai client of the right kind."""
    if not callable(getattr(getattr(getattr(client, "chat", None), "completions", None), "create", None)):
        raise UsageError(
            f"from_openai got a {type(client).__name__}; it takes an openai.OpenAI or openai.AsyncOpenAI client"
        )
    if hasattr(client, "__aenter__") is not is_async:
        mine, other = ("AsyncExtractor", "Extractor") if is_async else ("Extractor", "AsyncExtractor")
        raise UsageError(f"{mine}.from_openai got a {type(client).__name__}; use {other}.from_openai for it")


def transport(client: OpenAIClient) -> HttpTransport:
    """The sync transport over a client."""
    return HttpTransport(str(client.base_url), _key(client), opener=_Opener(client))


def async_transport(client: OpenAIClient) -> AsyncHttpTransport:
    """The same for tasks."""
    return AsyncHttpTransport(str(client.base_url), _key(client), opener=_AsyncOpener(client))


class _Calls:
    """How requests become calls of one client."""

    def __init__(self, client: OpenAIClient) -> None:
        self._client = _without_retries(client)
        self._root = str(client.base_url).rstrip("/")
        self._known = _arguments()
        self._elsewhere: dict[str, Any] = {}

    def create(self, request: Request) -> Callable[..., Any]:
        """The method that sends a request; another client of the same origin where the request goes elsewhere."""
        root = request.url.removesuffix(PATH)
        if root == self._root or origin_of(root) != origin_of(self._root):
            return self._client.chat.completions.create  # type: ignore[no-any-return]  # a Protocol's Any
        if root not in self._elsewhere:
            self._elsewhere[root] = self._client.with_options(base_url=root)
        return self._elsewhere[root].chat.completions.create  # type: ignore[no-any-return]

    def arguments(self, request: Request, course: Course) -> dict[str, Any]:
        """A request as keyword arguments; the client's own timeout stays where it is the shorter."""
        given = {name: value for name, value in request.body.items() if name in self._known}
        if rest := {name: value for name, value in request.body.items() if name not in self._known}:
            given["extra_body"] = rest
        left_s, own_s = course.clock.left_s(), _seconds(getattr(self._client, "timeout", None))
        if left_s is not None and (own_s is None or left_s < own_s):
            given["timeout"] = left_s
        return given


class _Opener:
    """Opens exchanges through a sync client."""

    def __init__(self, client: OpenAIClient) -> None:
        self._calls = _Calls(client)
        self._error: type[Exception] = lazy("openai").APIError

    def __call__(self, request: Request, course: Course) -> Exchange:
        """The answer to a request, as bytes again."""
        try:
            answer = self._calls.create(request)(**self._calls.arguments(request, course))
        except (self._error, json.JSONDecodeError) as error:
            status, headers, content = _refusal(error)
            return Exchange(status, headers, iter((content,)), _nothing, is_reused=False)
        if not _is_stream(request, answer, "__iter__"):
            return Exchange(200, _head(answer), iter((_bytes(answer),)), _nothing, is_reused=False)
        headers, close = _stream_head(answer), getattr(answer, "close", _nothing)
        pieces = answer.response.iter_bytes() if _is_json(headers) else self._events(answer)
        return Exchange(200, headers, pieces, close, is_reused=False)

    def _events(self, chunks: Iterator[Any]) -> Iterator[bytes]:
        try:
            for chunk in chunks:
                yield _event(chunk)
        except self._error as error:
            yield _last_event(error)
        except json.JSONDecodeError as error:
            yield b"data: " + error.doc.encode("utf-8", "replace") + b"\n\n"


class _AsyncOpener:
    """The same through an async client."""

    def __init__(self, client: OpenAIClient) -> None:
        self._calls = _Calls(client)
        self._error: type[Exception] = lazy("openai").APIError

    async def __call__(self, request: Request, course: Course) -> AsyncExchange:
        """The answer to a request, as bytes again."""
        try:
            answer = await self._calls.create(request)(**self._calls.arguments(request, course))
        except (self._error, json.JSONDecodeError) as error:
            status, headers, content = _refusal(error)
            return AsyncExchange(status, headers, _one(content), _nothing_async, is_reused=False)
        if not _is_stream(request, answer, "__aiter__"):
            return AsyncExchange(200, _head(answer), _one(_bytes(answer)), _nothing_async, is_reused=False)
        headers, close = _stream_head(answer), getattr(answer, "close", _nothing_async)
        pieces = answer.response.aiter_bytes() if _is_json(headers) else self._events(answer)
        return AsyncExchange(200, headers, pieces, close, is_reused=False)

    async def _events(self, chunks: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        try:
            async for chunk in chunks:
                yield _event(chunk)
        except self._error as error:
            yield _last_event(error)
        except json.JSONDecodeError as error:
            yield b"data: " + error.doc.encode("utf-8", "replace") + b"\n\n"


def _without_retries(client: Any) -> Any:
    """A copy that sends once, for resends are this library's and counted; the client itself where a copy loses something.

    Tracing that is set on the very object (`client.chat.completions.create = ...`), or an object around a client, would
    not be in the copy; such a client keeps its own retries.
    """
    if "create" in vars(client.chat.completions) or not hasattr(client, "with_options"):
        return client
    copy = client.with_options(max_retries=0)
    return copy if type(copy) is type(client) else client


def _arguments() -> frozenset[str]:
    """The body fields that `create` has arguments for, as openai-python itself lists them."""
    params: Any = lazy("openai.types.chat.completion_create_params").CompletionCreateParamsBase
    return frozenset(params.__annotations__) | {"stream"}


def _key(client: Any) -> str | None:
    """The key, so that it can be hidden where a server repeats it; a client may hold a function instead."""
    key = getattr(client, "api_key", None)
    return key if isinstance(key, str) and key.isascii() and key.isprintable() and key == key.strip() else None


def _seconds(timeout: Any) -> float | None:
    read = getattr(timeout, "read", timeout)
    return float(read) if isinstance(read, int | float) else None


def _refusal(error: Any) -> tuple[int, Mapping[str, str], bytes]:
    """An error of the client as the server's answer; where there was none, the trouble is raised."""
    if isinstance(error, json.JSONDecodeError):
        return 200, {}, error.doc.encode("utf-8", "surrogatepass")
    response = getattr(error, "response", None)
    if response is not None:
        return response.status_code, _plain(response.headers), response.content
    raise _trouble(error) from error


def _trouble(error: Exception) -> Exception:
    """What kept the answer from coming, in the transport's words."""
    cause = error.__cause__
    words = str(cause or error) or type(cause or error).__name__
    kind = type(cause).__name__ if cause is not None else ""
    if "Timeout" in type(error).__name__:
        return httpcore.ConnectTimeout(words) if kind == "ConnectTimeout" else httpcore.ReadTimeout(words)
    if kind in ("ReadError", "WriteError", "RemoteProtocolError"):
        return httpcore.ReadError(words)
    return httpcore.ConnectError(words)


def _last_event(error: Any) -> bytes:
    """An error amid a stream as the event that it came in; the trouble is raised where it came in none."""
    body = getattr(error, "body", None)
    if body is None:
        raise _trouble(error) from error
    return b"data: " + json.dumps({"error": body}).encode() + b"\n\n"


def _plain(headers: Any) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-encoding"}


def _head(answer: Any) -> Mapping[str, str]:
    name = getattr(answer, "_request_id", None)
    return {"x-request-id": name} if isinstance(name, str) else {}


def _stream_head(chunks: Any) -> Mapping[str, str]:
    response = getattr(chunks, "response", None)
    return {"content-type": "text/event-stream"} if response is None else _plain(response.headers)


def _is_json(headers: Mapping[str, str]) -> bool:
    """Whether a stream was asked for and a whole body came."""
    return any(name.lower() == "content-type" and "json" in value for name, value in headers.items())


def _is_stream(request: Request, answer: Any, iterates: str) -> bool:
    return request.stream and hasattr(answer, iterates) and not hasattr(answer, "to_dict") and not _is_plain(answer)


def _is_plain(answer: Any) -> bool:
    return isinstance(answer, str | dict | list)


def _bytes(answer: Any) -> bytes:
    """An answer as JSON bytes: whatever the client made of it, every field that came."""
    if isinstance(answer, str):
        return answer.encode("utf-8", "surrogatepass")
    return json.dumps(_fields(answer), ensure_ascii=True).encode()


def _event(chunk: Any) -> bytes:
    return b"data: " + _bytes(chunk) + b"\n\n"


def _fields(answer: Any) -> Any:
    to_dict = getattr(answer, "to_dict", None)
    return to_dict(warnings=False) if callable(to_dict) else answer


async def _one(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _nothing() -> None:
    pass


async def _nothing_async() -> None:
    pass
