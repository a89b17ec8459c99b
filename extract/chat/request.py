"""One request as data. Credentials are not in it: the transport holds them, so no error or log can show them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import PydanticSerializationError, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..vocabulary import JsonValue, Path


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole value is asked for."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Only these paths are asked for again, in the user's names."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Tail:
    """The rest of a cut answer: what comes after these closed parts.

    Attributes:
        after: path of the last closed item or field, in the user's names.
    """

    after: Path


Asked = Whole | Paths | Tail


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """What is sent, but for the key.

    Attributes:
        url: absolute, of the endpoint (`.../chat/completions`).
        body: the JSON body; never changed after construction.
        method: name of the `Method` row that made it.
        asked: which part of the value it asks for.
        endpoint: index into the chain of endpoints (0: the first).
        stream: whether `body["stream"]` is true.
        tool_name: name of the function tool or schema that the answer may be wrapped in.
        trace_headers: response header names whose value identifies the call at the provider, first present wins.
        dialect: key in `DIALECTS` in which the value is asked for: `read(lower(target, request.dialect), text)`.
    """

    url: str
    body: Mapping[str, JsonValue]
    method: str
    asked: Asked = Whole()
    endpoint: int = 0
    stream: bool = False
    tool_name: str | None = None
    trace_headers: tuple[str, ...] = ()
    dialect: str = "plain"


def encode(body: Mapping[str, Any]) -> bytes:
    """The body as JSON bytes."""
    try:
        return to_json(body)
    except (PydanticSerializationError, UnicodeEncodeError, ValueError):
        return json.dumps(body, separators=(",", ":")).encode("ascii")
