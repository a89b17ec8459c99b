"""Which regular expressions an engine takes."""

from __future__ import annotations

import pytest

from extract.target.patterns import PATTERN_KINDS, fits_pattern, is_anchored, spelled


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


@pytest.mark.parametrize("pattern", [r"^\p{L}+$", r"^[[:alpha:]]$", r"^[a-z&&[^x]]$"])
def test_what_engines_read_differently_is_not_sent(pattern: str) -> None:
    assert not fits_pattern(pattern, "no_lookaround")


@pytest.mark.parametrize(
    ("pattern", "sent"),
    [
        (r"^(?<y>[0-9]{4})$", "^([0-9]{4})$"),
        (r"^(?P<y>\d{4})$", "^([0-9]{4})$"),
        (r"^\d+$", "^[0-9]+$"),
        (r"^[A-Za-z]+$", "^[A-Za-z]+$"),
    ],
)
def test_a_pattern_is_spelled_as_an_engine_takes_it(pattern: str, sent: str) -> None:
    assert spelled(pattern, "anchored") == sent


def test_a_pattern_that_cannot_be_spelled_is_none() -> None:
    assert spelled(r"^\p{L}$", "no_lookaround") is None
