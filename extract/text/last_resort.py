"""The json-repair package, for one candidate that nothing of ours could read; always a guess."""

from __future__ import annotations

import importlib
from typing import Any, Final

from ..vocabulary import JsonValue, Repair
from .candidate import Candidate

MAX_CHARS: Final = 20_000
"""json-repair is slow and not linear on hostile text."""


def repair_whole(text: str, start: int) -> Candidate | None:
    """What json-repair makes of the rest of a text; None where it makes nothing, too little, or something up."""
    part = text[start:]
    if len(part) > MAX_CHARS:
        return None
    package: Any = importlib.import_module("json_repair")
    try:
        value: JsonValue = package.loads(part)
    except (ValueError, RecursionError, TypeError, AttributeError, IndexError):
        return None
    if not isinstance(value, (dict, list)) or not value or is_made_up(value, part):
        return None
    repairs = (Repair((), "last_resort", part[:80], None, "guessed"),)
    return Candidate(value, repairs, start, len(text), origin="prose")


def is_made_up(value: JsonValue, text: str) -> bool:
    """Whether a leaf does not stand in the text (json-repair puts "" where a value is absent)."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            todo.extend(item.values())
        elif isinstance(item, list):
            todo.extend(item)
        elif isinstance(item, str) and (not item or item not in text):
            return True
    return False
