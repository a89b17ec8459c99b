"""JSON that stands inside a string where an object or a list is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..text import Hints, candidates, loads
from ..vocabulary import JsonValue, Trust, least_trust

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARS: Final = 200_000
HINTS: Final = Hints(kinds=frozenset(["object", "array"]), exact=True)
OPENERS: Final = ("{", "[", "```", "(", "｛", "［")


def looks_like_json(text: str) -> bool:
    """Whether a text begins as an object or list does."""
    return text.lstrip().startswith(OPENERS)


def read_stringified(text: str) -> Iterator[tuple[JsonValue, str, Trust]]:
    """The object or list that a text holds, and nothing beside it, with the rule and its trust."""
    if not looks_like_json(text) or len(text) > MAX_CHARS:
        return
    try:
        yield loads(text, exact=True), "stringified", "coerced"
    except ValueError:
        found = candidates(text, HINTS)
        if len(found) == 1 and not found[0].is_cut and not any(repair.rule == "prose" for repair in found[0].repairs):
            trust = least_trust(found[0].repairs)
            yield found[0].value, "stringified", "guessed" if trust == "guessed" else "coerced"
