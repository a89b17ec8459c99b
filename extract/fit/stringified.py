"""JSON that stands inside a string where an object or a list is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..text.strict import loads
from ..vocabulary import JsonValue, Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARS: Final = 200_000


def read_stringified(text: str) -> Iterator[tuple[JsonValue, str, Trust]]:
    """The object or list that a text holds, with the rule and its trust."""
    stripped = text.strip()
    if not stripped.startswith(("{", "[", "(", "```")) or len(stripped) > MAX_CHARS:
        return
    try:
        yield loads(stripped, exact=True), "stringified", "coerced"
    except ValueError:
        return
