"""The columns beside the target's own: what a row is called, how it ended, what it cost, and by which schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..chat.reply import Reply
from ..errors import UsageError
from ..flow.extraction import Extraction
from ..vocabulary import JsonObject, JsonValue, Repair, show_path
from .outcome import answers

Kind = Literal["text", "whole", "number", "texts", "json"]
"""What a column holds: text, an integer, a float, a list of texts, any JSON."""

COLUMNS: Mapping[str, Kind] = {
    "id": "text",
    "status": "text",
    "error": "text",
    "attempts": "whole",
    "repairs": "texts",
    "prompt_tokens": "whole",
    "completion_tokens": "whole",
    "cost": "number",
    "model": "text",
    "request_key": "text",
    "schema": "text",
}
"""Beside every record: `status` is `ok` or `failed`, `error` the kind of error; `attempts` and tokens count what was answered."""

DEAD_COLUMNS: Mapping[str, Kind] = {"reason": "text", "log": "texts", "text": "text", "partial": "json", "row": "json"}
"""Beside a dead letter as well: why, every attempt in a line, the model's last words, the best partial value, the input row."""

REPAIR_CHARS = 60


@dataclass(frozen=True, slots=True)
class Companions:
    """Makes these columns.

    Attributes:
        schema: digest of the target's schema.
        prefix: before each name.
    """

    schema: str
    prefix: str = "_"

    def check(self, names: set[str]) -> None:
        """Raise a UsageError where a column of the target has one of these names."""
        twice = [name for name in self._named({**COLUMNS, **DEAD_COLUMNS}) if name in names]
        if twice:
            raise UsageError(f"the target has a field {', '.join(twice)} of its own; give another --prefix")

    def columns(self, *, is_dead: bool) -> dict[str, Kind]:
        """Name and kind of each column."""
        return self._named({**COLUMNS, **DEAD_COLUMNS} if is_dead else COLUMNS)

    def of_value(self, key: str, extraction: Extraction[Any]) -> dict[str, JsonValue]:
        """The columns of a record."""
        usage, reply = extraction.usage, extraction.last.reply
        asked = str(extraction.last.request.body.get("model"))
        return self._named(
            {
                "id": key,
                "status": "ok",
                "error": None,
                "attempts": answers(extraction.attempts),
                "repairs": [repair_text(repair) for repair in extraction.repairs],
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "cost": extraction.cost,
                "model": (reply.model if isinstance(reply, Reply) else None) or asked,
                "request_key": extraction.job,
                "schema": self.schema,
            }
        )

    def of_failure(
        self, key: str, account: JsonObject, row: Mapping[str, Any], job: str | None
    ) -> dict[str, JsonValue]:
        """The columns of a dead letter."""
        return self._named(
            {
                "id": key,
                "status": "failed",
                "error": account.get("kind"),
                "attempts": account.get("answers", 0),
                "repairs": [],
                "prompt_tokens": account.get("prompt_tokens"),
                "completion_tokens": account.get("completion_tokens"),
                "cost": None,
                "model": None,
                "request_key": job,
                "schema": self.schema,
                "reason": account.get("problem"),
                "log": account.get("attempts") or [],
                "text": account.get("text"),
                "partial": account.get("partial"),
                "row": plain(row),
            }
        )

    def _named(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        return {f"{self.prefix}{name}": value for name, value in columns.items()}


def unreadable(reason: str) -> JsonObject:
    """The account of a row that could not be read."""
    return {"kind": "unreadable", "problem": reason, "answers": 0, "prompt_tokens": 0, "completion_tokens": 0}


def unwritable(error: Exception) -> JsonObject:
    """The account of a value that the output cannot hold."""
    return {"kind": "unwritable", "problem": f"the output cannot hold the value: {error}", "answers": 0}


def repair_text(repair: Repair) -> str:
    """A repair in a line: rule, place, before and after."""
    before, after = (
        json.dumps(value, ensure_ascii=False, default=str)[:REPAIR_CHARS] for value in (repair.before, repair.after)
    )
    times = f" x{repair.count}" if repair.count > 1 else ""
    return f"{repair.trust} {repair.rule}{times} at {show_path(repair.path)}: {before} -> {after}"


def plain(row: Mapping[str, Any]) -> dict[str, JsonValue]:
    """A row of any values as JSON."""
    held: dict[str, JsonValue] = json.loads(json.dumps(dict(row), default=str))
    return held
