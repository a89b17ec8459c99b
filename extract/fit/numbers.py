"""Numbers as people write them: thousands, decimal commas, currency, percent, one unit.

Never reads two numbers as one, a range, a date, a fraction, a sign of comparison or an accountant's brackets.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ..vocabulary import Trust
from .spelled import read_sum, read_words
from .words import ascii_digits

MAX_CHARS: Final = 400
MAX_EXPONENT: Final = 400

_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_DOT_GROUP = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_PLAIN = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?")
_DIGITS = r"[0-9](?:[0-9.,'’_ \u00a0\u202f]*[0-9])?"
_BODY = re.compile(rf"[+-]?(?:\.[0-9]+|{_DIGITS})\.?(?:[eE][+-]?[0-9]+)?")
_CURRENCY = r"[$€£¥₹₽₩₺₴₫฿¢]|(?:US|CA|AU|NZ|HK|R|A|C)\$"
_CODE = r"(?:USD|EUR|GBP|JPY|CNY|RMB|CHF|INR|CAD|AUD|NZD|HKD|SGD|SEK|NOK|DKK|PLN|BRL|MXN|KRW|AED|SAR|RUB|TRY|ZAR|Rs\.?)"
_PREFIX = re.compile(rf"([+-]?)\s*(?:{_CURRENCY}|{_CODE}(?=[\s\d])|#(?=\d+\Z))\s*")
_UNIT = re.compile(r"[^\W\d_][^\W\d_.²³]*(?:[/·^][^\W\d_]+)?(?:[²³]|\^?[23])?\.?|[°%‰\"″'′]|°\s?[CFK]|" + _CURRENCY)

_FACTORS: Final[dict[str, int]] = {
    "hundred": 2, "thousand": 3, "million": 6, "millions": 6, "billion": 9, "billions": 9, "trillion": 12,
    "bn": 9, "mn": 6, "mln": 6, "mio": 6, "mio.": 6, "mrd": 9, "mrd.": 9, "tsd": 3, "tsd.": 3,
    "tausend": 3, "millionen": 6, "milliarden": 9, "milliarde": 9, "mille": 3, "millones": 6, "milliards": 9,
    "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8, "만": 4, "억": 8, "ألف": 3, "مليون": 6,
}  # fmt: skip
_LONG_UNITS: Final = frozenset(
    [
        "years old",
        "year old",
        "years of age",
        "months old",
        "days old",
        "weeks old",
        "jahre alt",
        "monate alt",
        "años de edad",
    ]
)
# One letter may be a unit or a magnitude (5 M, 5 B), so nothing is read from these.
_TWOFOLD: Final = frozenset(["M", "B", "T", "G"])


@dataclass(frozen=True, slots=True)
class Found:
    """A number in a text: its literal as JSON, the rule that read it, and how far to trust it."""

    literal: str
    rule: str
    trust: Trust


def is_json_number(text: str) -> bool:
    """Whether a text is a number literal of RFC 8259."""
    return _JSON_NUMBER.fullmatch(text) is not None


def read_number(text: str, *, whole: bool, maximum: float | None = None) -> Found | None:
    """The one number that a text states; None where it states none, several, or one that could be another.

    `whole`: only an integer is wanted. `maximum`: the schema's upper bound, which tells whether 50 % is 50 or 0.5.
    """
    if len(text) > MAX_CHARS:
        return None
    clean = unicodedata.normalize("NFKC", text).replace("−", "-").strip().strip("`*“”„«»").strip()
    if (
        len(clean) > 1 and clean[0] == clean[-1] and clean[0] in "\"'"
    ):  # one alone is a mark for inches, or of a short year
        clean = clean[1:-1].strip()
    clean = _PICTURES.sub("", ascii_digits(clean).replace("٫", ".").replace("٬", ",")).rstrip(",;，； ")
    if is_json_number(clean) and not (whole and _DOT_GROUP.fullmatch(clean.lstrip("-"))):
        return _checked(Found(clean, "number_in_text", "coerced"), whole=whole)
    sign, prefix = "", _PREFIX.match(clean)
    if prefix:
        sign, clean = prefix.group(1), clean[prefix.end() :]
    body = _BODY.match(clean)
    if not prefix and (spelled := _spelled(clean)) is not None:
        return _checked(spelled, whole=whole)
    if body is None:
        return _in_phrase(clean, whole=whole) if not prefix else None
    digits, rest = body.group(), clean[body.end() :].strip()
    if (priced := re.fullmatch(r"[.,]\s?[-–—]{1,2}\s?(.*)", rest)) is not None:  # 5,- €
        rest = priced[1]
    elif digits.endswith(".") and re.match(r"[-–—]", rest):
        rest = rest.lstrip("-–— ")
    read = _read_digits(sign + digits, whole=whole)
    if read is None:
        return None
    found = _with_unit(read, rest, whole=whole, maximum=maximum, has_prefix=prefix is not None)
    if found is None:
        return _in_phrase(clean, whole=whole) if prefix is None else None
    return _checked(found, whole=whole)


_PICTURES = re.compile(
    r"^[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f\u200d]+\s*|\s*[\u2600-\u27bf\U0001f000-\U0001faff\ufe0f\u200d]+$"
)
"""Pictures around a number: `34 👍`."""


def _spelled(clean: str) -> Found | None:
    """A number in words, or a sum."""
    if (said := read_words(clean)) is not None:
        return Found(str(said), "number_word", "coerced")
    summed = read_sum(clean)
    return None if summed is None else Found(summed, "arithmetic", "coerced")


def _with_unit(read: Found, rest: str, *, whole: bool, maximum: float | None, has_prefix: bool) -> Found | None:
    if not rest:
        rule = "unit_removed" if has_prefix else read.rule
        return Found(read.literal, rule, read.trust)
    if rest == "%":
        return _percent(read, whole=whole, maximum=maximum)
    parts = rest.split()
    factor = _FACTORS.get(parts[0].casefold())
    if factor is not None and len(parts) <= 2 and (len(parts) == 1 or _UNIT.fullmatch(parts[1])):
        scaled = Decimal(read.literal).scaleb(factor)
        return Found(_literal(scaled), "magnitude_word", read.trust)
    if len(parts) == 1 and parts[0] in ("k", "K"):
        return Found(_literal(Decimal(read.literal).scaleb(3)), "magnitude_word", "guessed")
    if len(parts) == 1 and parts[0] in _TWOFOLD:
        return None
    if _UNIT.fullmatch(rest) or rest.casefold() in _LONG_UNITS:
        return Found(read.literal, "unit_removed", read.trust)
    return None


def _percent(read: Found, *, whole: bool, maximum: float | None) -> Found:
    if not whole and maximum is not None and maximum <= 1:
        return Found(_literal(Decimal(read.literal).scaleb(-2)), "percent", read.trust)
    sure = whole or (maximum is not None and maximum >= 100)
    return Found(read.literal, "percent", read.trust if sure else "guessed")


_PHRASE_NUMBER = re.compile(r"(?<![\w.,/:$€£-])-?[0-9]+(?:\.[0-9]+)?(?![\w/:%-]|[.,][0-9])")
_LONG_WORD = re.compile(r"[^\W\d_]{3}|[\u3040-\u9fff]")
_TIGHT = re.compile(r"[(\[+*^][0-9]|[0-9][)\]+*^]")
_ANY_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_TWISTS = re.compile(
    r"\b(?:not|never|no|minus|negative|negativ|moins|menos|zero|half|dozen|over|under|above|below|less|more|least|most|between|million|billion|thousand|nicht|kein\w*)\b|[<>≤≥±]|n't",
    re.IGNORECASE,
)


def _in_phrase(text: str, *, whole: bool) -> Found | None:
    """The only number of a phrase, unless a word in it changes what it says."""
    found = _PHRASE_NUMBER.findall(text)
    if not _LONG_WORD.search(text) or _TIGHT.search(text):
        return None
    if len(found) != 1 or len(_ANY_DIGITS.findall(text)) != 1 or _TWISTS.search(text):
        return None
    if not is_json_number(found[0]):
        return None
    return _checked(Found(found[0], "number_in_phrase", "guessed"), whole=whole)


def _read_digits(text: str, *, whole: bool) -> Found | None:
    """Digits with separators as a literal; the trust tells whether the separators can be read in one way only."""
    body = text.lstrip("+-")
    signs = text[: len(text) - len(body)]
    if signs.count("-") > 1:
        return None
    sign = "-" if "-" in signs else ""
    plain = _PLAIN.fullmatch(body)
    thousands_dot = _DOT_GROUP.fullmatch(body)
    if plain and (plain.group(2) or plain.group(3)) and not (whole and thousands_dot):
        return _plain(sign, plain)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})", body):
        return Found(sign + body.replace(",", ""), "thousands", "coerced" if whole else "guessed")
    if thousands_dot:
        return Found(sign + body.replace(".", ""), "thousands", "guessed")
    for thousands, decimal in (",.", ".,", " ,", " .", "',", "'.", "_."):
        mark = r"[ \u00a0\u202f]" if thousands == " " else "['’]" if thousands == "'" else re.escape(thousands)
        grouped = re.fullmatch(rf"([0-9]{{1,3}}(?:{mark}[0-9]{{3}})+)(?:{re.escape(decimal)}([0-9]+))?", body)
        if grouped and not grouped.group(1).startswith("0"):
            joined = re.sub(mark, "", grouped.group(1))
            return Found(sign + joined + (f".{grouped.group(2)}" if grouped.group(2) else ""), "thousands", "coerced")
    lakh = re.fullmatch(r"([1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})(\.[0-9]+)?", body)
    if lakh:
        return Found(sign + lakh.group(1).replace(",", "") + (lakh.group(2) or ""), "thousands", "coerced")
    comma = re.fullmatch(r"([0-9]+),([0-9]+)", body)
    if comma and (len(comma.group(2)) != 3 or len(comma.group(1)) > 3 or comma.group(1).startswith("0")):
        return Found(f"{sign}{int(comma.group(1))}.{comma.group(2)}", "decimal_comma", "coerced")
    return None


def _plain(sign: str, match: re.Match[str]) -> Found:
    whole, fraction, exponent = match.group(2), match.group(3), match.group(4)
    literal = sign + (whole.lstrip("0") or "0")
    if fraction:
        literal += "." + fraction
    if exponent:
        literal += "e" + str(int(exponent))
    return Found(literal, "number_in_text", "coerced")


def _checked(found: Found, *, whole: bool) -> Found | None:
    """A number that the type can hold: an integer without a rest, no endless exponent."""
    number = Decimal(found.literal)
    if abs(number.adjusted()) > MAX_EXPONENT:
        return None
    if not whole:
        return found
    if number != number.to_integral_value():
        return None
    return Found(str(int(number)), found.rule, found.trust)


def _literal(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
