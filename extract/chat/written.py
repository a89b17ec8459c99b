"""A whole chat completion as the event stream that a server would send for it: for doubles and dry runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..vocabulary import JsonObject, JsonValue

PIECE_CHARS = 12
"""Characters of one delta: two or three tokens."""


def stream_of(completion: JsonObject, *, piece_chars: int = PIECE_CHARS) -> Iterator[bytes]:
    """The events, one by one: a role, the texts in pieces, the finish, the usage, `[DONE]`."""
    base = {key: completion.get(key) for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for choice in _objects(completion.get("choices")):
        for delta in _deltas(choice.get("message"), piece_chars):
            yield _event({**base, "choices": [{"index": choice.get("index"), "delta": delta, "finish_reason": None}]})
        last: JsonObject = {"index": choice.get("index"), "delta": {}, "finish_reason": choice.get("finish_reason")}
        yield _event({**base, "choices": [last]})
    yield _event({**base, "choices": [], "usage": completion.get("usage")})
    yield b"data: [DONE]\n\n"


def _event(chunk: JsonObject) -> bytes:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode("utf-8", "surrogatepass")


def _deltas(message: JsonValue, piece_chars: int) -> Iterator[JsonObject]:
    if not isinstance(message, dict):
        return
    yield {"role": "assistant", "content": None}
    for field in ("reasoning_content", "content", "refusal"):
        for piece in _pieces(message.get(field), piece_chars):
            yield {field: piece}
    for index, call in enumerate(_objects(message.get("tool_calls"))):
        function = call.get("function")
        if isinstance(function, dict):
            begun: JsonObject = {"name": function.get("name"), "arguments": ""}
            yield {"tool_calls": [{"index": index, "id": call.get("id"), "type": "function", "function": begun}]}
            for piece in _pieces(function.get("arguments"), piece_chars):
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _pieces(text: JsonValue, piece_chars: int) -> Iterator[str]:
    if isinstance(text, str):
        for start in range(0, len(text), piece_chars):
            yield text[start : start + piece_chars]


def _objects(items: JsonValue) -> Iterator[JsonObject]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item
