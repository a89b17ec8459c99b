"""Chunks of a stream that differ from the one before them in their text alone, read without parsing them whole again.

Servers write hundreds of bytes of frame around each piece of text, the same for every piece. What stands around the
text is learned from one chunk that was parsed; an event that has the same bytes there, and one JSON string between
them, is that chunk with another text, by the grammar of JSON. Anything else is for the parser.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pydantic_core import from_json

OPENING: Final = re.compile(rb'"(?:content|arguments)"[ \t]*:[ \t]*(?=")')
STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"')
LONGEST: Final = 16_384
"""Bytes of a text up to which its end is looked for."""


class Mould(NamedTuple):
    """The bytes of an event before its text, and from the quote on that ends it."""

    before: bytes
    behind: bytes

    def text_at(self, data: bytes, at: int) -> tuple[str, int] | None:
        """The text of the event that begins there, and where the event ends; None where it is no such event."""
        before, behind = self
        if not data.startswith(before, at):
            return None
        begin = at + len(before)
        end = data.find(behind, begin + 1, begin + LONGEST)
        if end < 0:
            return None
        try:
            return from_json(data[begin : end + 1]), end + len(behind)
        except ValueError:  # more than one string, a lone surrogate, or broken UTF-8
            return None


def mould_of(event: bytes) -> Mould | None:
    """The mould of an event whose chunk holds a text and nothing else that is new; None where the text may be one of several."""
    opening = OPENING.search(event)
    if opening is None or OPENING.search(event, opening.end()) is not None:
        return None
    string = STRING.match(event, opening.end())
    return None if string is None else Mould(event[: string.start()], event[string.end() - 1 :])
