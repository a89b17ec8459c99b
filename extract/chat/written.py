"""A whole chat completion as the event stream that a server would send for it: for doubles and dry runs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..vocabulary import JsonObject, JsonValue

PIECE_CHARS = 12
"""Characters of one delta: two or three tokens."""


def stream_of(completion: JsonObject, *, piece_chars: int = PIECE_CHARS) -> Iterator[bytes]:
    """The events, one by one: those of `chunks_of`, and `[DONE]`."""
    for chunk in chunks_of(completion, piece_chars=piece_chars):
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode("utf-8", "surrogatepass")
    yield b"data: [DONE]\n\n"


def chunks_of(completion: JsonObject, *, piece_chars: int = PIECE_CHARS) -> Iterator[JsonObject]:
    """The chunks, one by one: of each choice a role, the texts in pieces, the finish; the usage, and an error that the completion holds."""
    base = {key: completion.get(key) for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for choice in _objects(completion.get("choices")):
        index = choice.get("index")
        for delta in _deltas(choice.get("message"), piece_chars):
            yield {**base, "choices": [{"index": index, "delta": delta, "finish_reason": None}]}
        ended: JsonObject = {name: choice[name] for name in ("finish_reason", "native_finish_reason") if name in choice}
        yield {**base, "choices": [{"index": index, "delta": {}, **ended}]}
    failed: JsonObject = {"error": completion["error"]} if "error" in completion else {}
    yield {**base, "choices": [], "usage": completion.get("usage"), **failed}


def _deltas(message: JsonValue, piece_chars: int) -> Iterator[JsonObject]:
    if not isinstance(message, dict):
        return
    yield {"role": "assistant", "content": ""}
    for field in ("reasoning", "reasoning_content", "content", "refusal"):
        for piece in _pieces(message.get(field), piece_chars):
            yield {field: piece}
    for index, call in enumerate(_objects(message.get("tool_calls"))):
        function = call.get("function")
        if isinstance(function, dict):
            first, *rest = list(_pieces(function.get("arguments"), piece_chars)) or [""]
            begun: JsonObject = {"name": function.get("name"), "arguments": first}
            yield {"tool_calls": [{"index": index, "id": call.get("id"), "type": "function", "function": begun}]}
            for piece in rest:
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _pieces(text: JsonValue, piece_chars: int) -> Iterator[JsonValue]:
    """A text in pieces; what some servers write in a text's place, whole."""
    if isinstance(text, str):
        for start in range(0, len(text), piece_chars):
            yield text[start : start + piece_chars]
    elif text is not None:
        yield text


def _objects(items: JsonValue) -> Iterator[JsonObject]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item
