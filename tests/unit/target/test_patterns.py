"""Which regular expressions an engine takes."""

from __future__ import annotations

import pytest

from extract.target.patterns import PATTERN_KINDS, fits_pattern, is_anchored


@pytest.mark.parametrize("pattern", [r"^\d+$", "a|b", r"\(?=x", r"^[a-z]{2,}?$", "", r"^\\b$", r"(?:a)+"])
def test_a_regular_pattern_needs_no_lookaround(pattern: str) -> None:
    assert fits_pattern(pattern, "no_lookaround")


@pytest.mark.parametrize(
    "pattern",
    [r"(?=a)b", r"(?!a)b", r"(?<=a)b", r"(?<!a)b", r"(a)\1", r"\bcat\b", r"(?i)a", r"(?P<x>a)", r"a++", r"(?>a)", "("],
)
def test_what_is_not_regular_is_refused(pattern: str) -> None:
    assert not fits_pattern(pattern, "no_lookaround")


@pytest.mark.parametrize("pattern", ["^a$", "^(a|b)$", r"^[A-Z]{2}\.[0-9]+$", r"^[\^$|]$", r"^\$\|$"])
def test_a_spelled_out_full_match_is_anchored(pattern: str) -> None:
    assert fits_pattern(pattern, "anchored")


@pytest.mark.parametrize(
    "pattern", ["a", "^a", "a$", "^a$|^b$", "^a|b$", r"^\d$", r"^[\w]$", "^a*?$", r"^a\$", "^(?=a)b$"]
)
def test_anything_else_is_not(pattern: str) -> None:
    assert not fits_pattern(pattern, "anchored")


def test_an_alternative_inside_a_group_keeps_its_anchors() -> None:
    assert is_anchored("^(a|b(c|d))$")


def test_no_pattern_fits_where_none_is_taken() -> None:
    assert not fits_pattern("^a$", "none")


def test_every_pattern_fits_where_all_are_taken() -> None:
    assert fits_pattern("(?=a)(", "ecma")


@pytest.mark.parametrize("pattern", ["^a$", r"^\d$", "(?=a)", "a|b", "^[0-9]{3}$"])
def test_each_kind_takes_less_than_the_one_before(pattern: str) -> None:
    taken = [fits_pattern(pattern, kind) for kind in PATTERN_KINDS]
    assert taken == sorted(taken, reverse=True)
