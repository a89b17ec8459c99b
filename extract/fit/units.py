"""Whether the unit beside a number is another one than its place asks for: `"1 hour"` for `minutes` is not 1.

Only what both sides name is compared; nothing is converted.
"""

from __future__ import annotations

import re
from typing import Final

_FAMILIES: Final = """
ms=ms,millisecond,milliseconds,msec
s=s,sec,secs,second,seconds,sekunde,sekunden
min=min,mins,minute,minutes,minuten
h=h,hr,hrs,hour,hours,stunde,stunden
day=day,days,tag,tage
week=week,weeks,woche,wochen
month=month,months,monat,monate
year=year,years,yr,yrs,jahr,jahre

mg=mg,milligram,milligrams
g=g,gram,grams,gramm
kg=kg,kilo,kilos,kilogram,kilograms,kilogramm
lb=lb,lbs,pound,pounds
oz=oz,ounce,ounces
t=tonne,tonnes,ton,tons

mm=mm,millimeter,millimeters,millimetre,millimetres
cm=cm,centimeter,centimeters,centimetre,centimetres
m=m,meter,meters,metre,metres
km=km,kilometer,kilometers,kilometre,kilometres
mi=mi,mile,miles
ft=ft,foot,feet,',′
in=inch,inches,",″
yd=yd,yard,yards

ml=ml,milliliter,milliliters,millilitre,millilitres
l=l,liter,liters,litre,litres
gal=gal,gallon,gallons
cup=cup,cups

c=c,celsius,°c
f=f,fahrenheit,°f
k=kelvin

b=byte,bytes
kb=kb,kilobyte,kilobytes
mb=mb,megabyte,megabytes
gb=gb,gigabyte,gigabytes
tb=tb,terabyte,terabytes

usd=usd,$,us$,dollar,dollars
eur=eur,€,euro,euros
gbp=gbp,£
jpy=jpy,¥,yen
cny=cny,rmb,yuan
inr=inr,₹,rupee,rupees
chf=chf,franc,francs
cad=ca$,c$
aud=au$,a$
nzd=nz$
hkd=hk$
brl=r$
"""
"""Families of units, a blank line between; one unit a line with its spellings.

Currencies that may be written with a bare `$` are listed by their own sign alone, so that no place asks for them.
"""
_UNIT_OF: Final = {
    word: (number, line.split("=")[0])
    for number, family in enumerate(_FAMILIES.strip().split("\n\n"))
    for line in family.split("\n")
    for word in line.split("=")[1].split(",")
}
_NAME_PART: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_STATED: Final = re.compile(r"\b(?:in|as)\s([^\W\d_]{1,14})\b|\(([^\W\d_]{1,14}|[$€£¥₹])\)", re.IGNORECASE)
_BESIDE: Final = re.compile(r"(?:US|CA|AU|NZ|HK|A|C|R)\$|[^\W\d_]+|°\s?[CFcf]|[$€£¥₹\"'″′]")
_COMPASS: Final = re.compile(r"\d\s?°?\s?[NSEWO]\s*\Z", re.IGNORECASE)
_DEGREES: Final = frozenset(["lat", "latitude", "lon", "lng", "long", "longitude"])


def is_other_unit(name: str, description: object, written: str) -> bool:
    """Whether a text states a unit of the kind that its place names, but another one.

    `name` is the member's, as `duration_min` or `weightKg`; `description` may say `in minutes`.
    """
    if name.casefold() in _DEGREES and _COMPASS.search(written):  # west and south are below zero
        return True
    wanted = _of_name(name) or _of_description(description)
    if wanted is None or len(written) > 80:
        return False
    said = {
        _UNIT_OF[word] for part in _BESIDE.findall(written) if (word := part.casefold().replace(" ", "")) in _UNIT_OF
    }
    return any(unit[0] == wanted[0] and unit != wanted for unit in said) and wanted not in said


def _of_name(name: str) -> tuple[int, str] | None:
    """The unit that a name ends in or is; a letter alone says nothing."""
    parts = [part.casefold() for part in _NAME_PART.findall(name)]
    if not parts or (len(parts) == 1 and len(parts[0]) < 3):
        return None
    return _UNIT_OF.get(parts[-1])


def _of_description(description: object) -> tuple[int, str] | None:
    """The one unit that a description states."""
    if not isinstance(description, str):
        return None
    words = [(found[1] or found[2]).casefold() for found in _STATED.finditer(description[:400])]
    units = {_UNIT_OF[word] for word in words if word in _UNIT_OF}
    return units.pop() if len(units) == 1 else None
