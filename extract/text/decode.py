"""The valid JSON value that begins at a place of a text, in C; its repeated keys and half characters on record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from ..vocabulary import JsonValue, Path, Repair
from .record import repair_of
from .strict import DECODERS, NEAR_CHARS, PLAUSIBLE, decode_fast, may_overflow
from .strings import SURROGATE

if TYPE_CHECKING:
    from .candidate import Hints

Decoded = tuple[JsonValue, int, tuple[Repair, ...]]


def decode(text: str, start: int, hints: Hints) -> Decoded | json.JSONDecodeError | None:
    """The valid JSON value that begins at `start`, where it ends, and its repeated keys; else why not."""
    if not PLAUSIBLE.match(text, start):
        return None
    decoders = DECODERS
    decoders.repeated.clear()
    careful = decoders.exact if hints.exact else decoders.careful
    try:
        if not hints.exact and (start > NEAR_CHARS or may_overflow(text, start)):
            value, end = decode_near(text, start, careful)
        else:
            fast = None if hints.exact else decode_fast(text, start)
            if fast is False:
                return None
            if isinstance(fast, str):
                return json.JSONDecodeError(fast, text, len(text))
            value, end = fast or decode_near(text, start, decoders.digits if hints.exact else decoders.plain)
            if not has_all_members(value, text, start, end):
                value, end = decode_near(text, start, careful)
    except json.JSONDecodeError as error:
        return error
    except (ValueError, RecursionError):
        return None
    repeated = tuple(decoders.repeated)
    noted = [repair_of((key,), "duplicate_key", old, new) for key, old, new in repeated]
    if HALF.search(text, start, end):
        try:
            halves = without_halves(value)
        except RecursionError:
            return None
        if halves is not None:
            value, before, path = halves
            noted.append(repair_of(path, "lone_surrogate", before, None))
    return value, end, tuple(noted)


def has_all_members(value: JsonValue, text: str, start: int, end: int) -> bool:
    """Whether the value surely has every member that is written, so that no key was repeated.

    Each member has a colon, and the strings have the same ones when they are written again, if none was escaped.
    """
    if text.find("\\u00", start, end) >= 0:
        return False
    try:
        return to_json(value).count(b":") == text.count(":", start, end)
    except ValueError:  # half a character
        return False


HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")


def without_halves(value: JsonValue) -> tuple[JsonValue, str, Path] | None:
    """A value without halves of characters, the first of them and its place; None where there is none."""
    first: list[tuple[str, Path]] = []

    def mend(part: JsonValue, path: Path) -> JsonValue:
        if isinstance(part, dict):
            return {str(mend(key, path)): mend(member, (*path, key)) for key, member in part.items()}
        if isinstance(part, list):
            return [mend(item, (*path, place)) for place, item in enumerate(part)]
        if isinstance(part, str) and SURROGATE.search(part):
            first.append((ascii(part), path))
            return SURROGATE.sub("\ufffd", part)
        return part

    mended = mend(value, ())
    return (mended, *first[0]) if first else None


def decode_near(text: str, start: int, strict: json.JSONDecoder) -> tuple[JsonValue, int]:
    """As `raw_decode`, but far into a text a window is tried first: an error costs a count of all lines before it."""
    if start > FAR_CHARS:
        window = text[start : start + WINDOW_CHARS]
        try:
            value, end = strict.raw_decode(window)
        except json.JSONDecodeError as error:
            if error.pos < len(window) - 20 and not error.msg.startswith("Unterminated"):
                error.pos += start
                raise
        else:
            return value, start + end
    return strict.raw_decode(text, start)


FAR_CHARS: Final = 4_000
WINDOW_CHARS: Final = 2_000
