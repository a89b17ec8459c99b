"""Patterns of JSON Schema by Python's engine."""

from __future__ import annotations

import re

import pytest

from extract.target.ecma import found, is_pattern, pythonic


@pytest.mark.parametrize("pattern", [r"^\d+$", "", r"(?!a)b", r"(a)\1", "^a\\/b$"])
def test_what_python_takes_is_left_as_it_is(pattern: str) -> None:
    assert pythonic(pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "taken", "refused"),
    [
        (r"^\p{L}+$", "éa日", "1"),
        (r"^\pL$", "é", "1"),
        (r"^\P{L}+$", "12", "a"),
        (r"^[\p{L}\p{N} _-]+$", "é 9_-", "!"),
        (r"^[^\p{L}]$", "1", "é"),
        (r"^[\P{L}]$", "1", "é"),
        (r"^\p{Script=Greek}+$", "αβ", "ab"),
        (r"^\p{Lu}\p{Ll}*$", "Éa", "aa"),
        (r"^(?=\p{L})\w+$", "éa", "1a"),
        (r"^(?<y>[0-9]{4})-(?<m>[0-9]{2})$", "2020-01", "20-01"),
        (r"^(?<q>['\"])x\k<q>$", "'x'", "'x\""),
        (r"^\u{1F600}$", "😀", "u"),
        (r"^\u{2E}$", ".", "a"),
        (r"^[a\u{2D}c]$", "-", "b"),
        (r"^\cJ$", "\n", "J"),
        (r"^a[^]b$", "a\nb", "ab"),
        (r"a[]|b", "b", "a"),
        (r"^[\w-.]+$", "a-.", "!"),
        (r"^[a-\d]$", "-", "b"),
        (r"^[[\w-.]$", "[", "!"),
        (r"^(?i)abc$", "ABC", "x"),
        (r"^\yx\z", "yx", "x"),
    ],
)
def test_what_python_lacks_is_rewritten(pattern: str, taken: str, refused: str) -> None:
    said = pythonic(pattern)
    assert said is not None
    assert re.search(said, taken)
    assert not re.search(said, refused)


@pytest.mark.parametrize("pattern", ["([a-z", r"\p{Nobody}", r"\u{110000}", "a{2,1}", "*a"])
def test_what_no_engine_takes_is_no_pattern(pattern: str) -> None:
    assert not is_pattern(pattern)


def test_looking_behind_by_any_length_is_a_pattern_that_python_cannot_say() -> None:
    assert is_pattern("(?<=a+)b")
    assert pythonic("(?<=a+)b") is None
    assert not found("(?<=a+)b", "aab")
