"""What a text states as a number, where the rules come close to each other."""

from __future__ import annotations

import pytest

from extract.fit.numbers import read_number


def literal(text: str, *, whole: bool = False) -> str | None:
    found = read_number(text, whole=whole)
    return None if found is None else found.literal


@pytest.mark.parametrize(
    ("text", "read"), [("1,2", "1.2"), ("1,23", "1.23"), ("1,2345", "1.2345"), ("12,34567", "12.34567")]
)
def test_a_comma_before_any_number_of_digits_but_three_is_a_decimal_comma(text: str, read: str) -> None:
    assert literal(text) == read


def test_a_comma_before_three_digits_is_no_decimal_comma() -> None:
    assert literal("5,123") == "5123"


def test_a_leading_zero_or_four_digits_before_it_make_a_decimal_comma_of_three_digits() -> None:
    assert (literal("0,125"), literal("1234,125")) == ("0.125", "1234.125")


@pytest.mark.parametrize("text", ["-$-5", "-EUR -5", "--5", "−€−5,00"])
def test_two_minus_signs_are_no_number(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize("text", ["-$5", "$-5", "-5 €", "-5,00 EUR"])
def test_one_minus_sign_is_taken_on_either_side_of_the_currency(text: str) -> None:
    assert literal(text) in ("-5", "-5.00")


def test_the_sign_of_an_exponent_is_not_the_sign_of_the_number() -> None:
    assert (literal("-.5e-3"), literal("$-1.5e-3"), literal("+1e-3")) == ("-0.5e-3", "-1.5e-3", "1e-3")
