"""Numbers in words and sums: read whole or not at all."""

from __future__ import annotations

import pytest

from extract.fit.spelled import MAX_CHARS, read_sum, read_words


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("zero", 0),
        ("Thirty-Four", 34),
        ("two hundred and five", 205),
        ("two thousand twenty four", 2024),
        ("nine hundred ninety-nine thousand nine hundred ninety-nine", 999_999),
        ("one million two thousand and one", 1_002_001),
        ("十", 10),
        ("三十四", 34),
        ("两百零五", 205),
        ("三万二千", 32_000),
        ("一億零五", 100_000_005),
    ],
)
def test_words_that_say_one_number_are_read(written: str, number: int) -> None:
    assert read_words(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "and",
        "one hundred and",
        "nineteen eighty four",
        "twenty twelve",
        "twenty zero",
        "five five",
        "twenty and one",
        "one thousand two million",
        "one thousand million",
        "hundred",
        "12 thousand",
        "二〇二四",
        "零五",
        "三百五",
        "一千零十",
        "百",
        "万",
        "one " * 40,
    ],
)
def test_words_that_could_say_another_number_are_not(written: str) -> None:
    assert read_words(written) is None


@pytest.mark.parametrize(
    ("written", "literal"),
    [
        ("5*12", "60"),
        ("5 + 7", "12"),
        ("2 + 3 * 4", "14"),
        ("(2 + 3) × 4 - 1", "19"),
        ("-2*3", "-6"),
        ("2**10", "1024"),
        ("1*3/8", "0.375"),
        ("0.1*3", "0.3"),
        ("-1*3/8", "-0.375"),
    ],
)
def test_a_sum_is_read_as_what_it_comes_to(written: str, literal: str) -> None:
    assert read_sum(written) == literal


@pytest.mark.parametrize(
    "written",
    [
        "3-5",
        "1/2",
        "2*1/3",
        "2*3/0",
        "-2**2",
        "2**3**2",
        "2*(3",
        "2*3)",
        "2*x",
        "2 3*4",
        "9**60*9**61",
        "2*3" + " " * MAX_CHARS,
        "(" * (MAX_CHARS - 3) + "2*3",
    ],
)
def test_a_sum_that_is_open_without_end_or_twofold_is_not(written: str) -> None:
    assert read_sum(written) is None
