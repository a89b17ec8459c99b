"""Random texts that a schema allows, drawn byte by byte under llguidance: an endpoint that obeys and understands nothing.

Traps that are met here: each text draws its own liking of bytes (else every string is noise), hurries to its end after
`HURRY_BYTES`, and is given up after `MOST_BYTES`. Exponents and lone surrogates are legal JSON that no Python value
holds; such texts are drawn again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from llguidance import LLMatcher, LLTokenizer

HURRY_BYTES = 400
MOST_BYTES = 4000
TRIES = 8
_CLOSING = frozenset(b'"]}')
_DULL = frozenset(b"\\eE")


def compile_error(schema: object) -> str:
    """Why llguidance does not take the schema, without its lenient mode; empty: it does."""
    error: str = LLMatcher.validate_grammar(_grammar(schema))
    return error


def _grammar(schema: object) -> str:
    grammar: str = LLMatcher.grammar_from_json_schema(json.dumps(schema), defaults={"whitespace_flexible": False})
    return grammar


class Sampler:
    """Draws texts under one schema; equal seeds draw equal texts."""

    def __init__(self, schema: object, seed: int = 0) -> None:
        self._tokenizer = LLTokenizer("byte")
        self._start = LLMatcher(self._tokenizer, _grammar(schema), log_level=0)
        self._random = random.Random(seed)

    def draw(self) -> str | None:
        """One text; None where none ended in time."""
        for _ in range(TRIES):
            text = self._try()
            if text is not None and _is_plain(text):
                return text
        return None

    def _try(self) -> str | None:
        matcher = self._start.deep_copy()
        taste = self._taste()
        written = bytearray()
        while len(written) < MOST_BYTES:
            forced = matcher.compute_ff_tokens()
            if forced:
                written += bytes(token for token in forced if token < 256)
                matcher.consume_tokens(forced)
            if matcher.is_stopped():
                break
            allowed = list(_bits(matcher.compute_bitmask()))
            if matcher.is_accepting() and (not any(token < 256 for token in allowed) or self._random.random() < 0.5):
                break
            token = self._choose([token for token in allowed if token < 256], taste, is_late=len(written) > HURRY_BYTES)
            if token is None or not matcher.consume_token(token):
                return None
            written.append(token)
        if not (matcher.is_accepting() or matcher.is_stopped()):
            return None
        return written.decode("utf-8", errors="replace")

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
    """Whether Python holds what the text says: no infinite number, no half of a character."""
    try:
        value: Any = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, UnicodeEncodeError, RecursionError):
        return False
    return True
