"""Replies by script: an httpx client that answers from a list (as a stream, where one was asked for), and keeps what was asked.

script = Script([status(503), text('{"n": 1,}'), {"n": 2}])
extractor = Extractor("any", base_url="http://script/v1", http_client=script.client())
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import httpx

from ..chat.written import stream_of
from ..vocabulary import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Answer:
    """One scripted HTTP answer.

    Attributes:
        status: HTTP status.
        body: sent as it is.
        headers: besides the content type.
    """

    status: int
    body: str
    headers: tuple[tuple[str, str], ...] = ()


def completion(
    content: str | None, *, tool_calls: Sequence[JsonObject] = (), finish_reason: str = "stop", **message: JsonValue
) -> JsonObject:
    """The body of a chat completion."""
    said: JsonObject = {"role": "assistant", "content": content, **message}
    if tool_calls:
        said["tool_calls"] = list(tool_calls)
    size = len(content or "") // 4 + sum(len(json.dumps(call)) for call in tool_calls) // 4
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": said, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": size, "total_tokens": 100 + size},
    }


def text(content: str, *, finish_reason: str = "stop", reasoning_content: str | None = None) -> Answer:
    """An answer whose content is exactly this text."""
    body = completion(content, finish_reason=finish_reason, reasoning_content=reasoning_content)
    return Answer(200, json.dumps(body, ensure_ascii=False))


def tool(arguments: JsonValue, *, name: str = "answer", finish_reason: str = "tool_calls") -> Answer:
    """A function call; a str is sent as the arguments' text, anything else as JSON."""
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    call: JsonObject = {"id": "call_0", "type": "function", "function": {"name": name, "arguments": written}}
    return Answer(200, json.dumps(completion(None, tool_calls=[call], finish_reason=finish_reason), ensure_ascii=False))


def refusal(words: str) -> Answer:
    """A refusal in its own field."""
    return Answer(200, json.dumps(completion(None, refusal=words), ensure_ascii=False))


def status(code: int, message: str = "scripted", *, retry_after_s: float | None = None, **error: JsonValue) -> Answer:
    """An error in OpenAI's shape."""
    body = json.dumps({"error": {"message": message, "type": "scripted", "param": None, "code": None, **error}})
    return Answer(code, body, () if retry_after_s is None else (("retry-after", f"{retry_after_s:g}"),))


@dataclass(slots=True)
class Script:
    """Answers in order; after the last one it fails, so that a request too many is seen.

    Attributes:
        answers: `Answer`, any JSON value (sent as the content), or an httpx error to be raised.
        requests: the JSON bodies that came, in order.
        headers: their headers.
    """

    answers: Iterable[Answer | JsonValue | httpx.TransportError]
    requests: list[JsonObject] = field(default_factory=list[JsonObject])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    def __post_init__(self) -> None:
        self.answers = iter(tuple(self.answers))

    def client(self) -> httpx.Client:
        """A client for `Extractor(http_client=...)`."""
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def async_client(self) -> httpx.AsyncClient:
        """A client for `AsyncExtractor(http_client=...)`."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(json.loads(request.content))
        self.headers.append(dict(request.headers))
        found = next(iter(self.answers), None)
        if found is None:
            raise AssertionError(f"request {len(self.requests)} came, but the script has no answer left")
        if isinstance(found, httpx.TransportError):
            raise found
        answer = found if isinstance(found, Answer) else text(json.dumps(found, ensure_ascii=False))
        if self.requests[-1].get("stream") is True and answer.status == 200:
            body = b"".join(stream_of(json.loads(answer.body)))
            return httpx.Response(
                200, content=body, headers={"content-type": "text/event-stream", **dict(answer.headers)}
            )
        headers = {"content-type": "application/json", **dict(answer.headers)}
        return httpx.Response(answer.status, content=answer.body.encode(), headers=headers)
