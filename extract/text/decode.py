"""The valid JSON value that begins at a place of a text, in C; its repeated keys and half characters on record."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, Literal

from pydantic_core import from_json, to_json

from ..vocabulary import JsonValue, Path, Repair
from .record import repair_of
from .strict import DECODERS, PLAUSIBLE, may_overflow
from .strings import SURROGATE

if TYPE_CHECKING:
    from .candidate import Hints

Decoded = tuple[JsonValue, int, tuple[Repair, ...]]


class Ended(json.JSONDecodeError):
    """Text that is valid up to its end, which came too soon.

    Attributes:
        value: what there is of it; a text that was cut is in it as far as it goes.
        is_same: whether the text is the begin of the value written again, so that nothing of it is missing or changed.

    """

    def __init__(self, text: str, value: JsonValue, *, is_same: bool) -> None:
        super().__init__("The text ends too soon", text, len(text))
        self.value = value
        self.is_same = is_same


def decode(text: str, start: int, hints: Hints) -> Decoded | json.JSONDecodeError | None:
    """The valid JSON value that begins at `start`, where it ends, and its repeated keys; else why not."""
    if not PLAUSIBLE.match(text, start):
        return None
    fast = decode_fast(text, start, exact=hints.exact)
    if isinstance(fast, tuple):
        return *fast, ()
    if fast is not None:
        return fast or None
    decoders = DECODERS
    decoders.repeated.clear()
    careful = decoders.exact if hints.exact else decoders.careful
    try:
        if start > NEAR_CHARS or (not hints.exact and may_overflow(text, start)):
            value, end = decode_near(text, start, careful)
        else:
            value, end = decode_near(text, start, decoders.digits if hints.exact else decoders.plain)
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


NEAR_CHARS: Final = 4_000
BLANKS: Final = b" \n\r\t"
BROKEN: Final = re.compile(
    r"(?:expected|key must|trailing comma|control character|invalid escape)[\s\S]* at line (\d+) column (\d+)"
)
"""pydantic-core's messages for text that no decoder takes."""
END_CHARS: Final = 420


def decode_fast(text: str, start: int, *, exact: bool) -> tuple[JsonValue, int] | Ended | Literal[False] | None:
    """A container near the beginning of a text, by pydantic-core: value and end; else why there is none.

    False where it is broken well before its end; None where Python's decoder must tell: repeated keys, halves of
    characters, numbers that a float would change, deep nesting, a text broken near its end.

    pydantic-core's partial mode passes over what stands behind a value, but does not say where that begins, nor what
    it forgave. So the value is written again: as many brackets as it has then, it has in the text. Where the text up to
    there is the same but for its blanks, it is that value and nothing was forgiven.
    """
    if start > NEAR_CHARS or (opener := text[start]) not in "{[":
        return None
    try:
        raw = (text[start:] if start else text).encode()
        value: JsonValue = from_json(raw, allow_inf_nan=False, allow_partial="trailing-strings")
        written = to_json(value)
    except ValueError as error:
        return why_broken(text, start, str(error))
    closer = b"}" if opener == "{" else b"]"
    count = written.count(closer)
    surplus = raw.count(closer) - count
    if surplus < 0:
        return decode_ended(text, start, raw, value, written, exact=exact)
    end = place_of(closer, raw, count, surplus) + 1
    whole = raw[:end]
    after = len(text) - len(raw[end:].decode())
    if without_blanks(whole) == without_blanks(written):
        return None if exact and may_change(whole) else (value, after)
    if exact:
        return None
    try:
        value = from_json(whole, allow_inf_nan=False)
    except ValueError as error:
        return why_broken(text, start, str(error))
    return (value, after) if has_same_marks(whole, written) else None


def decode_ended(
    text: str, start: int, raw: bytes, value: JsonValue, written: bytes, *, exact: bool
) -> Ended | Literal[False] | None:
    """What is to be said of a text in which brackets are still open: that it ended too soon, if nothing else is wrong.

    Nothing is where it is how the value begins when it is written again.
    """
    here, again = without_blanks(raw), without_blanks(written)
    kept = again.rstrip(b']}"')  # what follows is closers, and what the text ended too soon for
    is_same = here.startswith(kept) and not (exact and may_change(raw)) and here[len(kept) :][:1] not in DIGITS
    if again.startswith(here.removesuffix(b",")):
        return Ended(text, value, is_same=is_same)
    try:
        from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        message = str(error)
        return Ended(text, value, is_same=is_same) if message.startswith(ENDED) else why_broken(text, start, message)
    return None  # it is whole: brackets were written as escapes


DIGITS: Final = tuple(bytes((char,)) for char in b"0123456789.eE+-")
ENDED: Final = "EOF while parsing"
"""How pydantic-core begins its message where text is valid up to its end, which came too soon."""


def place_of(mark: bytes, raw: bytes, count: int, surplus: int) -> int:
    """Where the mark stands that is the `count`th from the begin and has `surplus` behind it."""
    at = -1
    if count < surplus:
        for _ in range(count):
            at = raw.find(mark, at + 1)
        return at
    at = len(raw)
    for _ in range(surplus + 1):
        at = raw.rfind(mark, 0, at)
    return at


def without_blanks(raw: bytes) -> bytes:
    """A text without the blanks that JSON allows between its tokens; those inside strings go as well."""
    return raw.translate(None, BLANKS)


def may_change(raw: bytes) -> bool:
    """Whether a text that pydantic-core writes too may hold a number that Python writes otherwise.

    Very small ones, and those with an exponent, which pydantic-core writes with a small letter.
    """
    return b"0.0000" in raw or (SOME_POWER.search(raw) is not None and POWER.search(raw) is not None)


SOME_POWER: Final = re.compile(rb"e(?<=[0-9]e)[-+0-9]")
"""Looked for first: searching for a letter costs little."""
POWER: Final = re.compile(rb"[:,\[]\s*+-?\d[\d.]*+e")


def has_same_marks(raw: bytes, written: bytes) -> bool:
    """Whether a value has every string and every member of its text, which has escapes or numbers in other forms."""
    if b"\\u00" in raw or b"Infinity" in written:
        return False
    return all(raw.count(mark) == written.count(mark) for mark in (b'"', b":"))


def why_broken(text: str, start: int, message: str) -> Literal[False] | None:
    """False for a text that is broken well before its end; None where it may have been cut there, or is not surely broken."""
    found = BROKEN.fullmatch(message)
    if found is None:
        return None
    end = text.rfind("}" if text[start] == "{" else "]", start) + 1
    if end == 0 or '"' in text[end : end + NEAR_CHARS]:  # what follows the last bracket looks like more of the value
        end = len(text)
    last = max(start, end - END_CHARS)
    line = text.count("\n", start, last)  # in which the last characters begin
    column = last - start if line == 0 else last - text.rfind("\n", start, last)
    return False if (int(found[1]), int(found[2])) < (line + 1, column) else None


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
    if start > NEAR_CHARS:
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


WINDOW_CHARS: Final = 2_000
