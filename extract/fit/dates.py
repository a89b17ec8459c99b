"""Dates, times and durations as people write them, where only one reading is possible.

Day and month are told apart by a month's name, a year in front, dots (day first), or a number above 12; else nothing
is read.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from fractions import Fraction
from typing import Final

from .words import ascii_digits

_NAMES: Final = (
    "january jan januar janvier enero janeiro gennaio januari jänner 1月 января январь stycznia يناير",
    "february feb februar février fevrier febrero fevereiro febbraio februari февраля февраль lutego فبراير",
    "march mar märz maerz mrz mars marzo março marco maart марта март marca مارس",
    "april apr avril abril aprile апреля апрель kwietnia أبريل",
    "may mai mayo maio maggio mei мая май maja مايو",
    "june jun juni juin junio junho giugno июня июнь czerwca يونيو",
    "july jul juli juillet julio julho luglio июля июль lipca يوليو",
    "august aug août aout agosto augustus августа август sierpnia أغسطس",
    "september sep sept septembre septiembre setembro settembre сентября сентябрь września سبتمبر",
    "october oct oktober okt octobre octubre outubro ottobre октября октябрь października أكتوبر",
    "november nov novembre noviembre novembro ноября ноябрь listopada نوفمبر",
    "december dec dezember dez décembre decembre diciembre dezembro dicembre декабря декабрь grudnia ديسمبر",
)
MONTHS: Final = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}

_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年년]\s*(\d{1,2})\s*[-/.月월]\s*(\d{1,2})\s*[日일]?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_WEEKDAY_BEHIND = re.compile(r"\s*(?:\([月火水木金土日월화수목금토일]\)|星期[一二三四五六日天]|г\.?)\Z")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_NAMED_DAY_FIRST = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|\.|º)?\s*(?:of|de|di)?[\s-]*([^\W\d_]+)\.?,?\s*(?:de|del)?[\s-]*(\d{4})", re.IGNORECASE
)
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+|[^\W\d_]+tag,?\s+(?:den\s+)?|mittwoch,?\s+(?:den\s+)?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(\d{1,2})(?:[:h](\d{2}))?(?::(\d{2})(\.\d{1,6})?)?\s*(a\.?m\.?|p\.?m\.?)?(?:\s*(?:uhr|h))?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_JOINT = re.compile(r"(?:,?\s+(?:at|um|à)?\s*|,?T|\s+)(?=\d{1,2}(?:[:h]\d{2}|\s*[ap]\.?m))", re.IGNORECASE)
_SECONDS: Final = {
    word: seconds
    for seconds, words in (
        (604_800, "w wk wks week weeks woche wochen semaine semaines semana semanas 周 星期"),
        (86_400, "d day days tag tage tagen jour jours día días dia dias 天 日"),
        (3_600, "h hr hrs hour hours std stunde stunden heure heures hora horas 小时 小時 時間"),
        (60, "m min mins minute minutes minuten minuto minutos 分钟 分鐘 分"),
        (1, "s sec secs second seconds sek sekunde sekunden seconde secondes segundo segundos 秒 秒钟"),
    )
    for word in words.split()
}
"""Units of a fixed length; a month and a year have none, and `m` alone may be a month."""
_MONTHS_OR_MINUTES = re.compile(r"[\d.]+\s*m\.?")
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([^\W\d_]{1,12})\.?(?:\s*(?:,|and|und|et|y|e)?\s*(?=\d)|\Z)")


def read_date(text: str) -> str | None:
    """A date as `YYYY-MM-DD`; None where it is none, or could be another day."""
    clean = _digits(text).strip(" .,;")
    clean = _WEEKDAY.sub("", clean, count=1) if _WEEKDAY.match(clean) else clean
    clean = _WEEKDAY_BEHIND.sub("", clean)
    if match := _YEAR_FIRST.fullmatch(clean) or _COMPACT.fullmatch(clean):
        return _date(*map(int, match.groups()))
    if match := _NUMBERS.fullmatch(clean):
        return _day_or_month_first(int(match[1]), match[2], int(match[3]), int(match[4]))
    if match := _NAMED_DAY_FIRST.fullmatch(clean):
        return _named(match[3], match[2], match[1])
    if match := _NAMED_MONTH_FIRST.fullmatch(clean):
        return _named(match[3], match[1], match[2])
    return None


def read_time(text: str) -> str | None:
    """A time of day as `HH:MM:SS` with its offset, where the text says hours and minutes or am and pm."""
    match = _TIME.fullmatch(_digits(text).strip())
    if match is None or (match[2] is None and match[5] is None):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[5][0] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return f"{hour:02}:{minute:02}:{second:02}{match[4] or ''}{_offset(match[6])}"


def read_datetime(text: str) -> str | None:
    """A date with a time as ISO 8601, a date alone as its midnight, as Pydantic takes it; None where either is in doubt."""
    clean = _digits(text).strip()
    joint = _JOINT.search(clean, 6)
    if joint is None:
        alone = read_date(clean)
        return alone and f"{alone}T00:00:00"
    day, time = read_date(clean[: joint.start()]), read_time(clean[joint.end() :])
    return f"{day}T{time}" if day and time else None


def read_duration(text: str) -> str | None:
    """A duration in ISO 8601, from amounts with their units, the larger first: `1 h 30 min`; None where a unit has no fixed length."""
    clean, at, total, least = _digits(text).strip(" .").casefold(), 0, Fraction(0), 10**9
    if _MONTHS_OR_MINUTES.fullmatch(clean):
        return None
    while at < len(clean):
        found = _SPAN.match(clean, at)
        seconds = _SECONDS.get(found[2]) if found is not None else None
        if found is None or seconds is None or seconds >= least:
            return None
        at, least, total = found.end(), seconds, total + Fraction(found[1]) * seconds
    micros = total * 1_000_000
    if not at or micros.denominator != 1 or total >= 86_400 * 999_999_999:
        return None
    return f"PT{total.numerator // total.denominator}{_fraction(int(micros) % 1_000_000)}S"


def _fraction(micros: int) -> str:
    return f".{micros:06}".rstrip("0") if micros else ""


def _digits(text: str) -> str:
    """A text of a date's length, its digits as ASCII has them."""
    return ascii_digits(unicodedata.normalize("NFKC", text[:80])[:80])


def _offset(zone: str | None) -> str:
    if not zone:
        return ""
    return "Z" if zone.casefold() in ("z", "utc", "gmt") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def _named(year: str, month: str, day: str) -> str | None:
    number = MONTHS.get(month.casefold())
    return None if number is None else _date(int(year), number, int(day))


def _day_or_month_first(first: int, mark: str, second: int, year: int) -> str | None:
    if mark == "." or first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else None


def _date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
