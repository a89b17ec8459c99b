"""Recorded exchanges that lie outside the checkout: found by EXTRACT_CASES, else in `../shared/cases` beside it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from extract.chat.reader import Reader
from extract.chat.reply import Reply
from extract.chat.request import Request

BESIDE = Path(__file__).parents[3] / "shared" / "cases"
CASES = Path(os.environ.get("EXTRACT_CASES", BESIDE))
WHY = f"the recorded exchanges are not here ({CASES}); name their folder in EXTRACT_CASES"
PIECES = (10**9, 1, 2, 3, 7, 64)
STATED = json.loads((Path(__file__).parent / "servers.json").read_text("utf-8"))
"""How each capture of a server is to be read, in outline."""


def wire() -> list[dict[str, Any]]:
    path = CASES / "wire_dev.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


def captures() -> list[str]:
    return sorted(
        str(path.relative_to(CASES / "servers"))[: -len(".meta.json")] for path in CASES.glob("servers/*/*.meta.json")
    )


def answered() -> list[str]:
    """The captures that hold an HTTP answer to a chat-completions request."""
    return [
        name
        for name in captures()
        if meta(name).get("status") is not None and "anthropic" not in name and not name.endswith("/models")
    ]


def meta(name: str) -> dict[str, Any]:
    return json.loads((CASES / "servers" / f"{name}.meta.json").read_text("utf-8"))


def body(name: str) -> bytes:
    return (CASES / "servers" / f"{name}.body").read_bytes()


def read_capture(name: str, size: int) -> Reply:
    told = meta(name)
    headers = {key.lower(): value for key, value in told["headers"]}
    end = "dropped" if told.get("exception") else "eof"
    return read(told["status"], headers, body(name), size, end)


def read(status: int, headers: dict[str, str], data: bytes, size: int, end: Any = "eof") -> Reply:
    reader = Reader(Request(url="http://127.0.0.1/v1/chat/completions", body={}, method="prompt"), status, headers)
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
    return reader.close(end)


def outline(reply: Reply) -> dict[str, Any]:
    """A reading without the texts themselves: their sizes tell as much."""
    return {
        "end": reply.end,
        "error": reply.error and [reply.error.kind, reply.error.status, reply.error.code, reply.error.type],
        "usage": reply.usage and [reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens],
        "choices": [
            [
                choice.finish,
                choice.finish_reason,
                len(choice.text),
                len(choice.reasoning or ""),
                [[call.name, len(call.arguments)] for call in choice.tool_calls],
            ]
            for choice in reply.choices
        ],
    }


def same_choice(choice: Any, expect: dict[str, Any]) -> None:
    assert choice.text == expect["text"]
    assert choice.refusal == expect["refusal"]
    assert choice.finish_reason == expect["finish_reason_raw"]
    calls = [(call["id"], call["name"], call["arguments_raw"]) for call in expect["tool_calls"]]
    assert [(call.id, call.name, call.arguments) for call in choice.tool_calls] == calls


def check(reply: Reply, expect: dict[str, Any]) -> None:
    """Compare a reply with the independent reading of its exchange."""
    assert len(reply.choices) == expect["n_choices"]
    assert reply.model == expect["model"]
    for index, stated in enumerate(expect.get("choices", [])):
        same_choice(reply.choices[index], stated)
    if reply.choices:
        same_choice(reply.choices[0], expect)
        assert reply.choices[0].reasoning == expect["reasoning"]
        assert reply.choices[0].native_finish_reason == expect["native_finish_reason"]
    usage = expect["usage"]
    assert (reply.usage is None) == (usage is None)
    if reply.usage is not None:
        counts = (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens)
        assert counts == tuple(usage.get(name) for name in ("prompt_tokens", "completion_tokens", "total_tokens"))
    error = expect["error"]
    assert (reply.error is None) == (error is None)
    if reply.error is not None:
        assert reply.error.status == error["status"]
        assert reply.error.message == error["message"]
        assert reply.error.type == error["type"]
        assert reply.error.code == (None if error["code"] is None else str(error["code"]))
        assert reply.error.parameter == error["param"]
