"""Random texts that a schema allows, drawn byte by byte under an engine: an endpoint that obeys and understands nothing.

Traps that are met here: each text draws its own liking of bytes (else every string is noise), hurries to its end after
`HURRY_BYTES`, and is given up after `MOST_CHOICES`. Exponents and lone surrogates are legal JSON that no Python value
holds, and nests of hundreds of levels no validator walks; such texts are drawn again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, Protocol

from llguidance import LLMatcher, LLTokenizer

HURRY_BYTES = 400
MOST_CHOICES = 60_000
MOST_LEVELS = 100
TRIES = 8
_CLOSING = frozenset(b'"]}')
_DULL = frozenset(b"\\eE")


class Uncompiled(ValueError):
    """The engine does not take the schema; the message is its own."""


class Walk(Protocol):
    """One text on its way."""

    def forced(self) -> bytes:
        """The bytes that can only come next; they are taken."""

    def allowed(self) -> list[int]:
        """The bytes that may come next."""

    def take(self, byte: int) -> bool:
        """Whether the byte was taken."""

    def may_end(self) -> bool:
        """Whether the text may end here."""


class Engine(Protocol):
    """A schema that an engine has compiled."""

    def start(self) -> Walk:
        """A new text."""


class LLGuidance:
    """A schema under llguidance without its lenient mode; `Uncompiled` where it is not taken as it is."""

    def __init__(self, schema: object) -> None:
        text = json.dumps(schema)
        grammar: str = LLMatcher.grammar_from_json_schema(text, defaults={"whitespace_flexible": False})
        is_wrong, messages = LLMatcher.validate_grammar_with_warnings(grammar)
        if is_wrong or messages:
            raise Uncompiled("; ".join(messages))
        self._matcher = LLMatcher(LLTokenizer("byte"), grammar, log_level=0)

    def start(self) -> Walk:
        """A new text."""
        return _LLWalk(self._matcher.deep_copy())


class _LLWalk:
    def __init__(self, matcher: Any) -> None:
        self._matcher = matcher

    def forced(self) -> bytes:
        tokens = self._matcher.compute_ff_tokens()
        self._matcher.consume_tokens(tokens)
        return bytes(token for token in tokens if token < 256)

    def allowed(self) -> list[int]:
        if self._matcher.is_stopped():
            return []
        return [token for token in _bits(self._matcher.compute_bitmask()) if token < 256]

    def take(self, byte: int) -> bool:
        taken: bool = self._matcher.consume_token(byte)
        return taken

    def may_end(self) -> bool:
        ends: bool = self._matcher.is_accepting() or self._matcher.is_stopped()
        return ends


class Sampler:
    """Draws texts under one schema; equal seeds draw equal texts."""

    def __init__(self, engine: Engine, seed: int = 0) -> None:
        self._engine = engine
        self._random = random.Random(seed)

    def draw(self) -> str | None:
        """One text; None where none ended in time."""
        for _ in range(TRIES):
            text = self._try()
            if text is not None and _is_plain(text):
                return text
        return None

    def _try(self) -> str | None:
        walk = self._engine.start()
        taste = self._taste()
        written = bytearray()
        for _ in range(MOST_CHOICES):
            written += walk.forced()
            allowed = walk.allowed()
            if walk.may_end() and (not allowed or self._random.random() < 0.5):
                return written.decode("utf-8", errors="replace")
            byte = self._choose(allowed, taste, is_late=len(written) > HURRY_BYTES)
            if byte is None or not walk.take(byte):
                return None
            written.append(byte)
        return None

    def _taste(self) -> list[float]:
        """How much each byte is liked: few much, most hardly; a closing quote more or less, so that lengths differ."""
        taste = [self._random.gammavariate(0.3, 1.0) + 0.001 for _ in range(256)]
        for byte in range(128, 256):
            taste[byte] *= 0.05
        for byte in _DULL:
            taste[byte] *= 0.02
        for byte in _CLOSING:
            taste[byte] = self._random.uniform(0.5, 5.0)
        return taste

    def _choose(self, allowed: list[int], taste: list[float], *, is_late: bool) -> int | None:
        if not allowed:
            return None
        if is_late:
            order = b'"' if len(allowed) > 60 else b'n]}"'
            closing = next((byte for byte in order if byte in allowed), None)
            if closing is not None:
                return closing
        return self._random.choices(allowed, [taste[token] for token in allowed])[0]


def _bits(mask: bytes) -> Iterator[int]:
    for start, byte in enumerate(mask):
        for bit in range(8):
            if byte >> bit & 1:
                yield start * 8 + bit


def _is_plain(text: str) -> bool:
    """Whether Python holds what the text says: no infinite number, no half of a character, no endless nest."""
    try:
        value: Any = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, UnicodeEncodeError, RecursionError):
        return False
    return _levels(value) <= MOST_LEVELS


def _levels(value: Any) -> int:
    """How deep lists and objects are nested."""
    levels, here = 0, [value]
    while here := [one for one in here if isinstance(one, list | dict)]:
        levels += 1
        here = [inner for one in here for inner in (one.values() if isinstance(one, dict) else one)]
    return levels
