"""What stands in a text, found by rules: labelled values, dates, amounts, addresses of all kinds, lists and tables.

English, German and Chinese. Every finder gives candidates in the order in which they should be tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

LABEL = re.compile(
    r"^[\s>*\-•·#|]*\**([^\W\d_][^:：=|\n\t]{0,48}?)\**\s*(?:[:：=]|\t|\s{3,}|\.{3,})\s*\**(.*?)\**\s*$", re.MULTILINE
)
"""A label at the beginning of a line and what follows it."""
INLINE = re.compile(r"(?<![\w])([^\W\d_][\w /.'-]{1,30}?)\s*[:：]\s*([^,;，；。\n]+)")
"""A label amid a line."""
NUMBERED = re.compile(
    r"([^\W\d_]{3,40}?)[\s-]{0,8}(?:nummer|number|nr\.?|no\.?|#|№|号码|编号|号)\s*[:：#]?\s*([A-Z]{0,6}[-/]?\d[\w/.-]*(?<![.-]))",
    re.IGNORECASE,
)
"""`Invoice No. 4711`, `Rechnung Nr. 12/3`: a number named without a colon."""
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"https?://[^\s<>\"'，。）)]+|www\.[^\s<>\"'，。）)]+")
PHONE = re.compile(r"(?<![\w.,-])(?:\+|00)?\d[\d ()/.-]{6,18}\d(?![\w-]|[.,]\d)")
UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
TIME = re.compile(
    r"\b([01]?\d|2[0-3])[:.]([0-5]\d)(?::([0-5]\d))?\s*(Uhr|[ap]\.?m\.?)?\b|([01]?\d|2[0-3])\s*(Uhr|点|[ap]\.?m\.?)(?:([0-5]\d)分)?",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"(?<![\w.,])[-+−]?\d[\d.,'’ \u00a0\u202f]*(?<![.,'’ \u00a0\u202f])|(?<=[$€£¥￥元])\s?\d[\d.,]*(?<![.,])"
)
CURRENCIES = {
    "€": "EUR",
    "$": "USD",
    "£": "GBP",
    "¥": "CNY",
    "￥": "CNY",
    "元": "CNY",
    "euro": "EUR",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "cny": "CNY",
    "rmb": "CNY",
    "人民币": "CNY",
    "chf": "CHF",
    "jpy": "JPY",
    "dollar": "USD",
    "dollars": "USD",
}
CURRENCY = re.compile(
    "|".join(re.escape(word) if not word.isascii() or not word.isalpha() else rf"\b{word}\b" for word in CURRENCIES),
    re.IGNORECASE,
)
AMOUNT = re.compile(
    rf"(?:{CURRENCY.pattern})\s?-?\d[\d.,]*(?<![.,])|(?<!\d)(?<!\d[.,])-?\d[\d.,]*(?<![.,])\s?(?:{CURRENCY.pattern})",
    re.IGNORECASE,
)
MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan januar jänner", "february feb februar", "march mar märz mrz", "april apr", "may mai", "june jun juni", "july jul juli",
         "august aug", "september sep sept", "october oct oktober okt", "november nov", "december dec dezember dez"), start=1)
    for name in names.split()
}  # fmt: skip
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DATES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号]?"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4})(?!\d)"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<n>{MONTH})\.?,?\s+(?P<y>\d{{4}})", re.IGNORECASE
    ),
    re.compile(rf"\b(?P<n>{MONTH})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})", re.IGNORECASE),
)
BULLET = re.compile(r"^\s*(?:[-*•·–]|\d{1,3}[.)、]|[（(]\d{1,2}[)）])\s+(.+)$")
TRUE_WORDS = frozenset({"yes", "true", "ja", "wahr", "是", "有", "y", "x", "✓", "required", "confirmed", "bestätigt"})
FALSE_WORDS = frozenset({"no", "false", "nein", "falsch", "否", "无", "没有", "n", "none", "keine", "not"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """A label and the text that follows it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header cells, and its rows as texts of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def words_of(name: str) -> tuple[str, ...]:
    """A name or label as folded words: `invoiceNumber` is invoice, number; Chinese stays together."""
    spaced = re.sub(r"(?<=[a-z0-9]{2})(?=[A-Z])|[_\W]+", " ", name)  # not in MwSt and eMail
    folded = unicodedata.normalize("NFKD", spaced).lower()
    return tuple("".join(c for c in word if not unicodedata.combining(c)) for word in folded.split())


def labelled(text: str) -> list[Labelled]:
    """All labels with their values, those of whole lines first."""
    lines = text.splitlines()
    found: list[Labelled] = []
    for number, line in enumerate(lines):
        match = LABEL.match(line)
        if match is None or line.count("|") > 1:  # a row of a table
            continue
        value = match[2].strip(" |")
        if not value and number + 1 < len(lines):
            value = lines[number + 1].strip() if LABEL.match(lines[number + 1]) is None else ""
        if value:
            found.append(Labelled(match[1].strip(), value))
    inline = [Labelled(f"{match[1]} number", match[2]) for match in NUMBERED.finditer(text)]
    inline += [Labelled(match[1].strip(), match[2].strip()) for match in INLINE.finditer(text)]
    known = set(found)
    return found + [pair for pair in inline if pair not in known]


def dates(text: str) -> Iterator[str]:
    """Dates as ISO 8601, in the order of the text; a day and month that could be each other are not guessed."""
    found: list[tuple[int, str]] = []
    for pattern in DATES:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            month = MONTHS[parts["n"].lower()] if parts.get("n") else int(parts["m"])
            try:
                found.append((match.start(), date(int(parts["y"]), month, int(parts["d"])).isoformat()))
            except ValueError:
                continue
    yield from dict.fromkeys(value for _, value in sorted(found))


def times(text: str) -> Iterator[str]:
    """Times of day as HH:MM:SS."""
    for match in TIME.finditer(text):
        hour, minute, second = int(match[1] or match[5]), int(match[2] or match[7] or 0), int(match[3] or 0)
        suffix = (match[4] or match[6] or "").lower().replace(".", "")
        hour = hour % 12 + 12 if suffix == "pm" else hour % 12 if suffix == "am" else hour
        yield f"{hour:02}:{minute:02}:{second:02}"


def numbers(text: str) -> Iterator[float | int]:
    """Numbers as people write them; those that are part of a date are left out."""
    bare = text
    for pattern in DATES:
        bare = pattern.sub(lambda match: " " * len(match[0]), bare)
    for match in NUMBER.finditer(bare):
        value = number_of(match[0])
        if value is not None:
            yield value


def number_of(text: str) -> float | int | None:
    """One written number; None where it cannot be told which separator is the decimal one."""
    digits = re.sub(r"[\s'’\u00a0\u202f]", "", text).replace("−", "-")
    if "," in digits and "." in digits:
        thousands, point = (",", ".") if digits.rindex(".") > digits.rindex(",") else (".", ",")
        digits = digits.replace(thousands, "").replace(point, ".")
    elif digits.count(",") > 1 or re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", digits):
        digits = digits.replace(",", "")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    digits = digits.replace(",", ".")
    try:
        return float(digits) if "." in digits else int(digits)
    except ValueError:
        return None


def amounts(text: str) -> Iterator[float | int]:
    """Amounts of money."""
    for match in AMOUNT.finditer(text):
        yield from numbers(CURRENCY.sub(" ", match[0]))


def currencies(text: str) -> Iterator[str]:
    """Currency codes, the most frequent first."""
    found = [CURRENCIES[match[0].lower()] for match in CURRENCY.finditer(text)]
    yield from sorted(dict.fromkeys(found), key=lambda code: -found.count(code))


def truth(text: str) -> bool | None:
    """What a yes-or-no word at the beginning says; None where there is none."""
    words = words_of(text[:40])
    first = words[0] if words else text.strip()[:1]
    if first in FALSE_WORDS or text.strip()[:1] in FALSE_WORDS:
        return False
    return True if first in TRUE_WORDS or text.strip()[:1] in TRUE_WORDS else None


def bullets(lines: Sequence[str]) -> list[str]:
    """The items of a bulleted or numbered list."""
    return [match[1].strip() for line in lines if (match := BULLET.match(line))]


def tables(text: str) -> Iterator[Table]:
    """Tables with pipes, tabs or wide gaps between their columns."""
    block: list[tuple[str, ...]] = []
    for line in (*text.splitlines(), ""):
        cells = cells_of(line)
        if len(cells) >= 2 and (not block or len(cells) <= len(block[0])):
            if not all(re.fullmatch(r"[:\s=-]*", cell) for cell in cells):
                block.append(cells)
            continue
        if len(block) >= 2:
            yield Table(block[0], tuple(row for row in block[1:] if len(row) == len(block[0])))
        block = [cells] if len(cells) >= 2 else []


def cells_of(line: str) -> tuple[str, ...]:
    """The cells of a table line; one cell where it is none."""
    for splitter in (r"\s*\|\s*", r"\t+", r"\s{2,}"):
        parts = re.split(splitter, line.strip().strip("|").strip())
        if len(parts) >= 2:
            return tuple(part.strip() for part in parts)
    return (line.strip(),)


def blocks(text: str) -> list[str]:
    """Paragraphs."""
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]


def sentences(text: str) -> list[str]:
    """Sentences, roughly; lines of one paragraph are joined, labelled lines are left out."""
    found: list[str] = []
    for block in blocks(text):
        lines = [line for line in block.splitlines() if LABEL.match(line) is None]
        joined = re.sub(r"(?<=[\u3000-\u9fff]) (?=[\u3000-\u9fff])", "", " ".join(line.strip() for line in lines))
        found += re.split(r"(?<=[.!?])\s+(?=[A-ZÄÖÜ\"“])|(?<=[。！？])\s*", joined)
    return [part.strip() for part in found if part.strip()]
