"""Valid JSON in and out: RFC 8259, nothing tolerated but the order of keys.

The decoder runs in C; only objects with a repeated key cost anything here.
"""

from __future__ import annotations

import json
import re
import threading
from json.encoder import encode_basestring
from math import isfinite
from typing import TYPE_CHECKING, Final, NoReturn

from ..vocabulary import JsonValue, Number, digits_of, exact_float, holds_numbers

if TYPE_CHECKING:
    from collections.abc import Callable

Repeated = tuple[str, JsonValue, JsonValue]
"""A key that stood twice in one object with differing values: key, dropped value, kept value."""

BEGINNINGS: Final = frozenset('{["-0123456789tfn')
"""With which characters valid JSON begins."""
PLAUSIBLE: Final = re.compile(r"\{\s*+(?:[\"}]|\Z)|\[\s*+(?:[\"\[{\]\d-]|true|false|null|\Z)|[^{\[]")
"""How valid JSON goes on; a decoder that fails counts all lines before it, so it is not asked in vain."""


def refuse_constant(word: str) -> NoReturn:
    """Refuse `NaN` and `Infinity`, which Python's decoder would take."""
    raise ValueError(f"{word} is no JSON value")


def pairs_hook(repeated: list[Repeated]) -> Callable[[list[tuple[str, JsonValue]]], dict[str, JsonValue]]:
    """A hook for objects that keeps the last value of a key and notes differing earlier ones."""

    def build(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        built = dict(pairs)
        if len(built) != len(pairs):
            note_repeated(pairs, repeated)
        return built

    return build


def note_repeated(pairs: list[tuple[str, JsonValue]], repeated: list[Repeated]) -> None:
    """Note each key whose values differ within one object."""
    seen: dict[str, JsonValue] = {}
    for key, value in pairs:
        if key in seen and not is_same(seen[key], value):
            repeated.append((key, seen[key], value))
        seen[key] = value


def is_same(left: JsonValue, right: JsonValue) -> bool:
    """Whether two JSON values are equal, `True` and `1` being different, numbers compared by their digits."""
    if isinstance(left, Number) and isinstance(right, Number):
        return left.literal == right.literal
    return left == right and repr(left) == repr(right)


def decoder(repeated: list[Repeated], *, exact: bool) -> json.JSONDecoder:
    """A strict decoder that notes repeated keys; with `exact` numbers keep their digits."""
    return json.JSONDecoder(
        object_pairs_hook=pairs_hook(repeated),
        parse_float=exact_float if exact else finite,
        parse_constant=refuse_constant,
    )


class Decoders(threading.local):
    """Decoders kept for one thread: to make one costs more than to read a small text."""

    def __init__(self) -> None:
        self.repeated: list[Repeated] = []
        self.plain = json.JSONDecoder(parse_constant=refuse_constant)
        self.careful = decoder(self.repeated, exact=False)
        self.digits = json.JSONDecoder(parse_float=exact_float, parse_constant=refuse_constant)
        self.exact = decoder(self.repeated, exact=True)


EXPONENT: Final = re.compile(r"[eE]\+?\d{3}")
LONG: Final = b"0" * 309


def may_overflow(text: str, start: int) -> bool:
    """Whether a text may hold a number beyond a float: a long exponent, or more than 308 digits in a row."""
    shape = digits_of(text[start:].encode("utf-8", "replace"))
    return LONG in shape or (b"0e" in shape and EXPONENT.search(text, start) is not None)


def finite(literal: str) -> float:
    """A float, but digits are kept where a float would overflow."""
    number = float(literal)
    return Number(literal) if number in (float("inf"), float("-inf")) else number


DECODERS: Final = Decoders()


def loads(text: str, *, exact: bool = False) -> JsonValue:
    """The value of one valid JSON text; of repeated keys the last one counts.

    Raises:
        ValueError: the text is not valid JSON, is nested too deeply, or holds an integer of absurd length.

    """
    try:
        value: JsonValue = decoder([], exact=exact).decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


ENCODE: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode


def dumps(value: JsonValue) -> str:
    """JSON text of a value in one line, without escapes for other scripts; `Number` is written as it was read."""
    if not holds_numbers(value):
        try:
            return ENCODE(value)
        except (ValueError, RecursionError):  # numbers that are not finite, or a value nested deeply
            pass
    parts: list[str] = []
    write(value, parts)
    return "".join(parts)


def write(value: JsonValue, parts: list[str]) -> None:
    """Append the text of a value; iterative, so depth costs nothing."""
    todo: list[JsonValue | tuple[str]] = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            parts.append(item[0])
        elif isinstance(item, dict):
            parts.append("{")
            todo.append(("}",))
            for place, (key, member) in enumerate(reversed(item.items()), start=1):
                todo.append(member)
                todo.append((("" if place == len(item) else ", ") + encode_basestring(key) + ": ",))
        elif isinstance(item, list):
            parts.append("[")
            todo.append(("]",))
            for place, member in enumerate(reversed(item), start=1):
                todo.append(member)
                if place != len(item):
                    todo.append((", ",))
        else:
            parts.append(scalar(item))


def scalar(value: str | float | bool | None) -> str:
    """JSON text of a value without members."""
    if isinstance(value, Number):
        return value.literal
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, float) and not isfinite(value):  # JSON has no such number; a string keeps what was said
        return '"NaN"' if value != value else '"Infinity"' if value > 0 else '"-Infinity"'  # noqa: PLR0124 - NaN alone differs from itself
    return json.dumps(value)
