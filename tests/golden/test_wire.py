"""Every recorded exchange is read as its independent reading says, whole and in pieces of any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from extract.chat.reply import Reply
from extract.chat.sse import SseDecoder

from .recorded import PIECES, WHY, answered, outline, read, read_capture, wire

ROWS = wire()
STATED = json.loads((Path(__file__).parent / "servers.json").read_text("utf-8"))
SERVERS = answered()


def same_choice(choice: Any, expect: dict[str, Any]) -> None:
    assert choice.text == expect["text"]
    assert choice.refusal == expect["refusal"]
    assert choice.finish_reason == expect["finish_reason_raw"]
    calls = [(call["id"], call["name"], call["arguments_raw"]) for call in expect["tool_calls"]]
    assert [(call.id, call.name, call.arguments) for call in choice.tool_calls] == calls


def check(reply: Reply, expect: dict[str, Any]) -> None:
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


@pytest.mark.skipif(not ROWS, reason=WHY)
@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_recorded_exchange_is_read_as_stated_in_pieces_of_any_size(row: dict[str, Any]) -> None:
    for size in PIECES:
        check(read(row["status"], row["headers"], row["body"].encode(), size), row["expect"])


@pytest.mark.skipif(not SERVERS, reason=WHY)
@pytest.mark.parametrize("name", SERVERS)
def test_a_captured_server_is_read_as_stated_in_pieces_of_any_size(name: str) -> None:
    for size in PIECES:
        assert outline(read_capture(name, size)) == STATED[name]


WIRE = Path(__file__).parents[2] / "schemas" / "wire"
SCHEMAS = {
    name: Draft202012Validator(json.loads((WIRE / f"{name}.json").read_text("utf-8")))
    for name in ("request", "response", "chunk", "error")
}


def bodies(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """The JSON bodies of an exchange, each with the schema that it should follow."""
    if row["status"] >= 400:
        return [("error", json.loads(row["body"]))]
    if row["kind"] == "json":
        return [("response", json.loads(row["body"]))]
    data = [event.data for event in SseDecoder().feed(row["body"].encode()) if event.data not in ("", "[DONE]")]
    return [("chunk", json.loads(text)) for text in data]


@pytest.mark.skipif(not ROWS, reason=WHY)
@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_recorded_body_follows_the_wires_schema(row: dict[str, Any]) -> None:
    for name, body in bodies(row):
        SCHEMAS[name].validate(body)
