r"""Regular expressions as JSON Schema writes them (ECMA 262), for Python's engine.

A pattern that Python compiles is left as it is. Any other is rewritten word by word: Unicode properties (`\p{L}`,
`\p{Script=Greek}`) become the characters that have them, as the Rust engine inside Pydantic knows them; named groups,
`\u{1F600}`, `\cJ`, `[^]`, a hyphen beside a class and needless escapes become what Python writes for them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema

_LAST: Final = 0x10FFFF
_BLOCKS: Final = ((0, 0x32400), (0xE0000, 0xE01F0))
"""Where characters may differ from their neighbours; beyond lie two planes for private use and nothing else."""
_SURROGATES: Final = range(0xD800, 0xE000)
_TOKEN: Final = re.compile(
    r"""
      \\[pP](?:\{(?P<property>[^{}]*)\}|(?P<letter>[A-Z]))
    | \\[ux]\{(?P<point>[0-9A-Fa-f]{1,6})\}
    | \\c(?P<control>[A-Za-z])
    | \\k<(?P<back>\w+)>
    | \(\?<(?P<group>[A-Za-z_]\w*)>
    | (?P<any>\[\^\])
    | (?P<none>\[\])
    | (?P<escape>\\.)
    | (?P<plain>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LEADING_FLAGS: Final = re.compile(r"^(\^*)(\(\?[ims]+\))")
_KNOWN_ESCAPES: Final = frozenset("0123456789abBdDfnrsStuvwWxZ")
_CLASSES: Final = frozenset({"\\d", "\\D", "\\w", "\\W", "\\s", "\\S"})


@lru_cache(maxsize=512)
def pythonic(pattern: str) -> str | None:
    """The pattern as Python's `re` takes it; itself where it does already, None where it has no way to say it."""
    if compiles(pattern):
        return pattern
    try:
        made = "".join(_words(_LEADING_FLAGS.sub(r"\2\1", pattern)))
    except LookupError:
        return None
    return made if compiles(made) else None


def is_pattern(pattern: str) -> bool:
    """Whether an engine takes the pattern: Python's, or one that looks behind by any length too."""
    return pythonic(pattern) is not None or pythonic(re.sub(r"\(\?<([=!])", r"(?\1", pattern)) is not None


def found(pattern: str, text: str) -> bool:
    """Whether the pattern is somewhere in the text; no pattern that Python cannot say is."""
    said = pythonic(pattern)
    return said is not None and re.search(said, text) is not None


@lru_cache(maxsize=2048)
def compiles(pattern: str) -> bool:
    """Whether Python's own engine takes the pattern."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[` means `[` and `[`
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _words(pattern: str) -> Iterator[str]:
    """Every token as Python writes it; a `LookupError` for a property or a character that nobody knows."""
    is_inside, before = False, ""
    tokens = list(_TOKEN.finditer(pattern))
    for index, token in enumerate(tokens):
        text = token.group()
        after = tokens[index + 1].group() if index + 1 < len(tokens) else ""
        if is_inside and text == "-" and (_is_class(before) or _is_class(after)) and before != "[" and after != "]":
            yield r"\-"
        elif is_inside and (token["any"] or token["none"]):
            yield text.replace("[", r"\[")
            is_inside = False
        else:
            yield _word(token, is_inside=is_inside)
        if text in ("[", "]"):
            is_inside = text == "["
        before = text


def _character(code: int) -> str:
    if code > _LAST:
        raise LookupError(code)
    return chr(code)


def _is_class(token: str) -> bool:
    return token in _CLASSES or token[:2] in (r"\p", r"\P")


def _word(token: re.Match[str], *, is_inside: bool) -> str:
    text, kind = token.group(), token.lastgroup
    match kind:
        case "property" | "letter":
            inner = _characters(token[kind], is_other=text[1] == "P")
            return inner if is_inside else f"[{inner}]" if inner else "(?!)"
        case "point":
            return re.escape(_character(int(token[kind], 16)))
        case "control":
            return rf"\x{ord(token[kind]) % 32:02x}"
        case "back":
            return f"(?P={token[kind]})"
        case "group":
            return f"(?P<{token[kind]}>"
        case "any":
            return r"[\s\S]"
        case "none":
            return "(?!)"
        case "escape" if text[1] == "z":
            return r"\Z"
        case "escape" if text[1].isascii() and text[1].isalpha() and text[1] not in _KNOWN_ESCAPES:
            return text[1]
        case _:
            return "\\[" if is_inside and text == "[" else text


@lru_cache(maxsize=64)
def _characters(name: str, *, is_other: bool) -> str:
    """The characters that have a Unicode property, or have it not, as the inside of a class."""
    try:
        has = SchemaValidator(core_schema.str_schema(pattern=rf"^\p{{{name}}}$", regex_engine="rust-regex"))
    except SchemaError as error:
        raise LookupError(name) from error
    parts: list[str] = []
    start: int | None = None
    for point in _points():
        is_in = point <= _LAST and point not in _SURROGATES and _has(has, chr(point)) is not is_other
        if is_in and start is None:
            start = point
        elif not is_in and start is not None:
            parts.append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start = None
    return "".join(parts)


def _points() -> Iterator[int]:
    """The code points at which a property may begin or end, and one behind the last."""
    for first, last in _BLOCKS:
        yield from range(first, last)
    yield from (0xE01F0, 0xF0000, 0xFFFFE, 0x100000, 0x10FFFE, _LAST + 1)


def _has(validator: SchemaValidator, char: str) -> bool:
    try:
        validator.validate_python(char)
    except ValidationError:
        return False
    return True
