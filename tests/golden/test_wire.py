"""Every recorded exchange is read as its independent reading says, whole and in pieces of any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from extract.chat.sse import SseDecoder

from .recorded import PIECES, STATED, WHY, answered, check, outline, read, read_capture, wire

ROWS = wire()
SERVERS = answered()


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
