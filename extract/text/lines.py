"""Answers written as lines, `key: value` or `- item`, with no bracket at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .scan import NUMBER, WORDS

if TYPE_CHECKING:
    from ..vocabulary import JsonValue
    from .candidate import Hints

MEMBER: Final = re.compile(
    r"[ \t]*(?:[-*•]\s+)?(?:\*\*|__|`)?[\"']?([^\W\d][\w $.-]{0,60}?)[\"']?(?:\*\*|__|`)?\s{0,4}[:：=](?:\*\*|__)?[ \t]*(.*)"
)
ITEM: Final = re.compile(r"[ \t]*(?:[-*•]|\d{1,4}[.)])[ \t]+(.+)")
MAX_LINES: Final = 2000


def scalar(written: str) -> JsonValue:
    """A value as it stands on a line: quotes taken away, numbers and literals read."""
    bare = written.strip().rstrip(",").strip()
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "\"'`":
        return bare[1:-1]
    if bare in WORDS:
        return WORDS[bare]
    if (found := NUMBER.fullmatch(bare)) and len(bare) < 4000:
        return float(bare) if found[1] or found[2] else int(bare)
    return bare


def members(text: str, hints: Hints) -> dict[str, JsonValue] | None:
    """The object that lines of keys and values stand for; None where the text is no such thing."""
    found: dict[str, JsonValue] = {}
    last: str | None = None
    unknown = 0
    for line in text.split("\n")[:MAX_LINES]:
        if not line.strip() or line.strip().startswith(("```", "---")):
            continue
        match = MEMBER.match(line)
        key = match[1].strip() if match else None
        if match and key is not None and is_wanted(key, hints):
            if key in found:
                return None
            found[key] = scalar(match[2]) if match[2].strip() else []
            last = key
        elif last is not None and (item := ITEM.match(line)) and isinstance(held := found[last], list):
            held.append(scalar(item[1]))
        elif last is not None and isinstance(found[last], list) and not found[last]:
            found[last] = line.strip()
        else:
            unknown += 1
    enough = 1 if hints.keys else 2
    return found if len(found) >= enough and (hints.keys or unknown == 0) else None


def is_wanted(key: str, hints: Hints) -> bool:
    """Whether a key on a line is one of the schema's, its spelling aside."""
    if not hints.keys:
        return True
    return fold(key) in {fold(name) for name in hints.keys}


def fold(name: str) -> str:
    """A name without case and separators."""
    return re.sub(r"[\W_]", "", name).casefold()


def items(text: str) -> list[JsonValue] | None:
    """The list that lines of items stand for; None where the text is no such thing."""
    found = [match[1] for line in text.split("\n")[:MAX_LINES] if (match := ITEM.match(line))]
    return [scalar(item) for item in found] if len(found) >= 2 else None
