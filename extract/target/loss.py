"""What a dialect cannot enforce, as data and as words for the description that the model reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..vocabulary import JsonValue, Path

WORDS_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Loss:
    """One constraint that the lowered schema does not enforce; validation still does.

    Attributes:
        path: where in the user's value; `*` stands for any item or key.
        keyword: the natural schema's keyword.
        value: what it says.
        reason: one sentence.

    """

    path: Path
    keyword: str
    value: JsonValue
    reason: str


_WORDS: Final[Mapping[str, str]] = {
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "exclusiveMinimum": "More than {}.",
    "exclusiveMaximum": "Less than {}.",
    "multipleOf": "A multiple of {}.",
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "pattern": "Matches /{}/.",
    "format": "Format: {}.",
    "minItems": "At least {} items.",
    "maxItems": "At most {} items.",
    "uniqueItems": "No repeated items.",
    "minProperties": "At least {} keys.",
    "maxProperties": "At most {} keys.",
    "formatMinimum": "Not before {}.",
    "formatMaximum": "Not after {}.",
    "formatExclusiveMinimum": "After {}.",
    "formatExclusiveMaximum": "Before {}.",
    "enum": "One of: {}.",
    "not": "Not valid under {}.",
    "json": "JSON text under {}.",
}
FORMATS: Final[Mapping[str, str]] = {
    "date": "YYYY-MM-DD",
    "date-time": "ISO 8601 date-time",
    "time": "HH:MM:SS",
    "duration": "ISO 8601 duration, such as P1DT2H",
    "binary": "",
    "password": "",
    "decimal": "decimal number",
}


def phrase(keyword: str, value: JsonValue) -> str:
    """A sentence that says what the keyword demands."""
    if keyword == "format" and isinstance(value, str):
        value = FORMATS.get(value, value)
        if not value:
            return ""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        shown = ", ".join(one if isinstance(one, str) else json.dumps(one) for one in value)
    if len(shown) > WORDS_CHARS:
        shown = shown[:WORDS_CHARS] + "…"
    return _WORDS.get(keyword, keyword + ": {}.").replace("{}", shown)


def sentences(*parts: str) -> str:
    """The parts in a row; one that ends in a letter or digit gets its full stop before the next."""
    said = [part.strip() for part in parts if part.strip()]
    ended = [part + "." if part[-1].isalnum() else part for part in said[:-1]]
    return " ".join([*ended, *said[-1:]])
