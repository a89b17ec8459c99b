"""The offline endpoint: a request in, a chat completion out, as a server would send it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Generator, Mapping

from ..chat.reader import Event, Reader
from ..chat.reply import Lost, Reply
from ..chat.request import Request
from ..chat.written import stream_of
from ..vocabulary import JsonObject, JsonValue
from .fill import Path, fill

MODEL = "offline-rules"
FENCE = re.compile(r"<(document[\w-]*)>\n(.*?)\n</\1>", re.DOTALL)
WRONG = re.compile(r"^(?:- |(?P<name>value_\d+) = )\$(?P<path>\S*?):? (?:is missing|was (?P<was>.*?): |)", re.MULTILINE)
CHARS_PER_TOKEN = 4
"""A rough mean for European text; the count is an estimate and may be off by half."""


def answer(body: Mapping[str, JsonValue]) -> tuple[int, JsonObject]:
    """The status and the body of the answer to a request body."""
    messages = [message for message in _list(body.get("messages")) if isinstance(message, dict)]
    schema, tool = _schema_of(body)
    if schema is None:
        words = "the offline rules need the schema in response_format json_schema or in tools; this request has neither"
        return 400, {
            "error": {"message": words, "type": "invalid_request_error", "param": "response_format", "code": None}
        }
    value = fill(schema, _document(messages), _refused(messages))
    text = json.dumps(value, ensure_ascii=False)
    prompt_chars = sum(len(_text(message.get("content"))) for message in messages)
    return 200, _completion(text, tool, prompt_chars)


def _completion(text: str, tool: str | None, prompt_chars: int) -> JsonObject:
    message: JsonObject = {"role": "assistant", "content": text}
    if tool is not None:
        call: JsonObject = {"id": "call_0", "type": "function", "function": {"name": tool, "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    prompt, completion = prompt_chars // CHARS_PER_TOKEN + 1, len(text) // CHARS_PER_TOKEN + 1
    return {
        "id": "offline",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


def _schema_of(body: Mapping[str, JsonValue]) -> tuple[JsonObject | None, str | None]:
    """The schema that the request states, and the function's name where it is a tool's."""
    form = body.get("response_format")
    held = form.get("json_schema") if isinstance(form, dict) else None
    if isinstance(held, dict) and isinstance(schema := held.get("schema"), dict):
        return schema, None
    for tool in _list(body.get("tools")):
        function = tool.get("function") if isinstance(tool, dict) else None
        if isinstance(function, dict):
            parameters = function.get("parameters")
            return (parameters if isinstance(parameters, dict) else {"type": "object", "properties": {}}), str(
                function.get("name")
            )
    return None, None


def _document(messages: list[JsonObject]) -> str:
    """The last fenced document, else the text of the first user turn that is no re-ask."""
    texts = [_text(message.get("content")) for message in messages if message.get("role") == "user"]
    for text in reversed(texts):
        fenced = [match[2] for match in FENCE.finditer(text)]
        if fenced:
            return "\n\n".join(fenced)
    return next((text for text in texts if text), "")


def _refused(messages: list[JsonObject]) -> dict[Path, tuple[JsonValue, ...]]:
    """Values that the last turn says are wrong, by the path of their field (indices left out)."""
    last = _text(messages[-1].get("content")) if messages else ""
    refused: dict[Path, tuple[JsonValue, ...]] = {}
    before = _last_value(messages)
    for match in WRONG.finditer(last):
        path = tuple(re.findall(r"[^.\[\]'\"]+", match["path"]))
        names = tuple(step for step in path if not step.isdigit())
        was = _parsed(match["was"]) if match["was"] else _at(before, path)
        key = (match["name"],) if match["name"] else names
        refused[key] = (*refused.get(key, ()), was)
    return refused


def _last_value(messages: list[JsonObject]) -> JsonValue:
    for message in reversed(messages):
        if message.get("role") == "assistant":
            calls = _list(message.get("tool_calls"))
            function = calls[0].get("function") if calls and isinstance(calls[0], dict) else None
            return (
                _parsed(str(function.get("arguments")))
                if isinstance(function, dict)
                else _parsed(_text(message.get("content")))
            )
    return None


def _at(value: JsonValue, path: tuple[str, ...]) -> JsonValue:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _parsed(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value


def _text(content: JsonValue) -> str:
    """The text of a message's content; of a picture only the words beside it are read."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text") or "") for part in _list(content) if isinstance(part, dict))


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def reply_to(request: Request) -> Reply:
    """The reply as a transport gives it."""
    status, body = answer(request.body)
    reader = Reader(request, status, {"content-type": "application/json"})
    reader.feed(json.dumps(body, ensure_ascii=False).encode())
    return reader.close("eof")


def streamed_to(request: Request, keep: int | None = None) -> Generator[tuple[Event, ...] | Reply | Lost]:
    """The reply as a transport streams it: what each event adds, then the whole."""
    status, body = answer(request.body)
    is_streamed = status == 200 and request.stream
    reader = Reader(
        request, status, {"content-type": "text/event-stream" if is_streamed else "application/json"}, keep=keep
    )
    for piece in stream_of(body) if is_streamed else (json.dumps(body, ensure_ascii=False).encode(),):
        if events := reader.feed(piece):
            yield events
    yield reader.close("eof")


class OfflineTransport:
    """Answers by rules, at once; the deadline does not matter."""

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The rules' answer."""
        del deadline_s
        return reply_to(request)

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """The rules' answer, event by event, then whole."""
        del deadline_s, body
        return streamed_to(request, keep)

    def close(self) -> None:
        """Nothing is open."""


class AsyncOfflineTransport:
    """The same, awaited."""

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The rules' answer."""
        del deadline_s
        return reply_to(request)

    async def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        """The rules' answer, event by event, then whole."""
        del deadline_s, body
        for events in streamed_to(request, keep):
            yield events

    async def aclose(self) -> None:
        """Nothing is open."""
