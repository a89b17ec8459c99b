"""The batch protocol of OpenAI and of those who speak it, as data: lines in, lines out, the state of a batch.

Pure: no file, no network, no clock. Facts: docs.siliconflow.cn/cn/userguide/guides/batch and
/cn/api-reference/batch/create-batch, platform.openai.com/docs/guides/batch and its API reference as mirrored at
learn.microsoft.com/azure/foundry/reference/rest/batches-create-batch, all read 2026-11-25.

    POST /files      multipart, purpose=batch   -> id; SiliconFlow nests it under `data`
    POST /batches    input_file_id, endpoint, completion_window, metadata
    GET  /batches/ID -> status, output_file_id, error_file_id, request_counts, errors
    GET  /files/ID/content; where the id is a URL, that URL, which expires (30 days)
    a line:   {"custom_id", "method": "POST", "url": "/v1/chat/completions", "body"}, one model a file
    a result: {"custom_id", "response": {"status_code", "body"} | null, "error": {"code", "message"} | null}, in any order
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from ...vocabulary import JsonObject, JsonValue

ENDPOINT: Final = "/v1/chat/completions"
OVER: Final = frozenset({"completed", "expired", "cancelled", "failed"})
"""Words after which nothing more comes; any other word means that it goes on."""
QUEUE_FULL: Final = frozenset({"token_limit_exceeded", "request_limit_exceeded"})
"""Codes of a batch that was refused because others are still under way: it is created again when they are over."""
SHOWN_ERRORS: Final = 3


def line_of(custom_id: str, body: Mapping[str, JsonValue]) -> bytes:
    """One request as a line of the input file, its line break included."""
    row = {"custom_id": custom_id, "method": "POST", "url": ENDPOINT, "body": dict(body)}
    try:
        return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can say
        return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def creation(file_id: str, *, hours: int, label: str) -> JsonObject:
    """The body that creates a batch; the label finds it again if its answer is lost."""
    return {
        "input_file_id": file_id,
        "endpoint": ENDPOINT,
        "completion_window": f"{hours}h",
        "metadata": {"typed_extract": label},
    }


def unwrapped(body: JsonObject) -> JsonObject:
    """The object itself, where a server puts it under `data`."""
    inner = body.get("data")
    return inner if isinstance(inner, dict) and "id" in inner else body


def listed(body: JsonObject) -> list[JsonObject]:
    """The objects of a list."""
    items = body.get("data")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def label_of(batch: JsonObject) -> str | None:
    """The label that a batch was created with."""
    metadata = batch.get("metadata")
    label = metadata.get("typed_extract") if isinstance(metadata, dict) else None
    return label if isinstance(label, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A batch as the provider sees it.

    Attributes:
        id: of the batch.
        word: the provider's own word.
        outputs: files with results, as ids or URLs: the good ones, then the failed ones.
        total, completed, failed: lines, as far as the provider counts.
        codes: error codes of the batch as a whole.
        problem: its errors in words, with line numbers; "" where there are none.
    """

    id: str
    word: str
    outputs: tuple[str, ...] = ()
    total: int = 0
    completed: int = 0
    failed: int = 0
    codes: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.word in OVER

    @property
    def is_refused(self) -> bool:
        """Whether the provider ran none of it."""
        return self.word == "failed" and not self.outputs

    @property
    def is_crowded_out(self) -> bool:
        """Whether it was refused only because too much is under way."""
        return self.is_refused and bool(self.codes & QUEUE_FULL)


def state_of(body: JsonObject) -> State | None:
    """The state in an answer; None where it holds no batch."""
    batch = unwrapped(body)
    name, word = batch.get("id"), batch.get("status")
    if not isinstance(name, str) or not isinstance(word, str):
        return None
    counts = batch.get("request_counts")
    counts = counts if isinstance(counts, dict) else {}
    outputs = (batch.get("output_file_id"), batch.get("error_file_id"))
    errors = _errors(batch.get("errors"))
    return State(
        id=name,
        word=word,
        outputs=tuple(output for output in outputs if isinstance(output, str) and output),
        total=_count(counts, "total"),
        completed=_count(counts, "completed"),
        failed=_count(counts, "failed"),
        codes=frozenset(str(error["code"]) for error in errors if error.get("code")),
        problem="; ".join(_words(error) for error in errors[:SHOWN_ERRORS])
        + (f"; and {len(errors) - SHOWN_ERRORS} more" if len(errors) > SHOWN_ERRORS else ""),
    )


def _count(counts: JsonObject, name: str) -> int:
    count = counts.get(name)
    return count if isinstance(count, int) else 0


def _errors(errors: JsonValue) -> list[JsonObject]:
    """The errors of a batch: a list object (OpenAI) or a list of texts (SiliconFlow)."""
    held = errors.get("data") if isinstance(errors, dict) else errors
    if not isinstance(held, list):
        return []
    return [error if isinstance(error, dict) else {"message": str(error)} for error in held]


def _words(error: JsonObject) -> str:
    place = f"line {error['line']}: " if error.get("line") is not None else ""
    code = f" ({error['code']})" if error.get("code") else ""
    return f"{place}{str(error.get('message') or 'no reason given')[:200]}{code}"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of a result file.

    Attributes:
        custom_id: of the request; "" where the line cannot be read.
        status: HTTP status of its answer; 0 where it was never answered.
        body: the answer's body as JSON text.
        code: why it failed: the provider's code, else the status; "" where it did not.
    """

    custom_id: str
    status: int
    body: str
    code: str = ""


def result_of(line: bytes) -> Result | None:
    """The result in a line; None for an empty one."""
    if not line.strip():
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Result("", 0, "", "unreadable")
    if not isinstance(row, dict) or not isinstance(name := cast("JsonObject", row).get("custom_id"), str):
        return Result("", 0, "", "unreadable")
    found = cast("JsonObject", row)
    response, error = found.get("response"), found.get("error")
    if isinstance(response, dict):
        status = response.get("status_code")
        status = status if isinstance(status, int) else 200
        body = response.get("body")
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return Result(name, status, text, _code(error) or (str(status) if status >= 400 else ""))
    return Result(name, 0, "", _code(error) or "no response")


def _code(error: JsonValue) -> str:
    if isinstance(error, dict):
        return str(error.get("code") or error.get("message") or "error")[:80]
    return str(error)[:80] if error else ""
