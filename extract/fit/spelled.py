"""Numbers that are written out: `twelve`, `thirty-four`, `two hundred and five`, `三十四`; and sums: `5*12`, `5 + 7`.

A word or a sum is read whole or not at all. English and Chinese numerals only: what is not listed is no number.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ROUND: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL: Final = {word: number for number, word in enumerate(_UNITS.split())}
_TENS: Final = {word: number * 10 for number, word in enumerate(_ROUND.split(), start=2)}
_POWERS: Final = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_DIGITS: Final = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS: Final = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
MAX_CHARS: Final = 80
MAX_DIGITS: Final = 300


def read_words(text: str) -> int | None:
    """The number that words say; None where they say none, or digits stand among them."""
    bare = text.strip(" .").casefold()
    if len(bare) > MAX_CHARS or not bare:
        return None
    return _english(bare) if bare.isascii() else _chinese(bare)


def _english(bare: str) -> int | None:
    """`two hundred and five thousand and one`: groups below a thousand, each with its power, the powers falling."""
    words = re.split(r"[\s-]+", bare)
    total, group, least = 0, 0, 10**12
    room = 1_000  # what may still be added to the group: below its last word
    for place, word in enumerate(words):
        if word == "and" and 0 < place < len(words) - 1 and words[place - 1] in ("hundred", *_POWERS):
            continue
        if (number := _SMALL.get(word, _TENS.get(word))) is not None:
            if number >= room or (number == 0 and len(words) > 1):
                return None
            group += number
            room = 10 if word in _TENS else 0
        elif word == "hundred" and 0 < group < 10:
            group, room = group * 100, 100
        elif word in _POWERS and group and _POWERS[word] < least:
            least = _POWERS[word]
            total, group, room = total + group * least, 0, 1_000
        else:
            return None
    return total + group


def _chinese(bare: str) -> int | None:
    """`三十四`, `两百零五`, `三万二千`; a row of digits alone (`二〇二四`, `零五`) is none, for it may be a year or a code."""
    total, group, digit, least, room = 0, 0, -1, 10**12, 10_000
    for place, sign in enumerate(bare):
        if sign in _DIGITS:
            if digit > 0 or (digit == 0 and not (total or group)):
                return None
            digit = _DIGITS[sign]
        elif sign in _PLACES and _PLACES[sign] < room and digit != 0:  # 一千零十 may be 1010 or a slip
            if digit < 0 and not (sign == "十" and place == 0):
                return None
            room = _PLACES[sign]
            group, digit = group + (1 if digit < 0 else digit) * room, -1
        elif sign in _MYRIADS and _MYRIADS[sign] < least and (group or digit > 0):
            least, room = _MYRIADS[sign], 10_000
            total, group, digit = total + (group + max(digit, 0)) * least, 0, -1
        else:
            return None
    if digit > 0 and len(bare) > 1 and bare[-2] in "百千万萬亿億":  # 三百五 may be 305 as well as 350
        return None
    return total + group + max(digit, 0)


_SUM: Final = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,17})?|\*\*|[-+*/×()]|\s+")


def read_sum(text: str) -> str | None:
    """The JSON literal that a sum comes to, where it multiplies or adds: `3-5` may be a range, `1/2` a date or a share."""
    if len(text) > MAX_CHARS or not re.search(r"[0-9)]\s*[*+×]+\s*[0-9(]", text):
        return None
    tokens: list[str] = []
    at = 0
    while at < len(text):
        found = _SUM.match(text, at)
        if found is None:
            return None
        if not found[0].isspace():
            tokens.append("*" if found[0] == "×" else found[0])
        at = found.end()
    try:
        value, rest = _added(tokens)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return _literal(value) if not rest else None


def _added(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _multiplied(tokens)
    while rest and rest[0] in "+-":
        other, after = _multiplied(rest[1:])
        value, rest = (value + other if rest[0] == "+" else value - other), after
    return value, rest


def _multiplied(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _raised(tokens)
    while rest and rest[0] in ("*", "/"):
        other, after = _raised(rest[1:])
        value, rest = (value * other if rest[0] == "*" else value / other), after
    return value, rest


def _raised(tokens: list[str]) -> tuple[Fraction, list[str]]:
    value, rest = _one(tokens)
    if rest and rest[0] == "**":
        if tokens[0] == "-":  # 4 in a spreadsheet, -4 in a program
            raise ValueError
        power, after = _one(rest[1:])
        if power.denominator != 1 or not 0 <= power <= 60 or abs(value) > 10**6:
            raise ValueError
        return value ** int(power), after
    return value, rest


def _one(tokens: list[str]) -> tuple[Fraction, list[str]]:
    if not tokens:
        raise ValueError
    if tokens[0] == "(":
        value, rest = _added(tokens[1:])
        if not rest or rest[0] != ")":
            raise ValueError
        return value, rest[1:]
    if tokens[0] == "-":
        value, rest = _one(tokens[1:])
        return -value, rest
    if not tokens[0][0].isdigit():
        raise ValueError
    return Fraction(tokens[0]), tokens[1:]


def _literal(value: Fraction) -> str | None:
    """A fraction with a finite decimal form; None for 1/3."""
    if value.denominator == 1:
        return str(value.numerator) if len(str(abs(value.numerator))) <= MAX_DIGITS else None
    twos = fives = 0
    rest = value.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > MAX_DIGITS:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
