"""One value and one scalar schema: numbers, booleans, texts, enum words, null."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from ..vocabulary import JsonObject, JsonValue, Number, Trust, show_found
from .dates import read_date, read_datetime, read_duration, read_time
from .numbers import MAX_EXPONENT, is_json_number, read_number
from .outcome import Fault, Note, Outcome, fault
from .words import FALSE_WORDS, NULL_WORDS, TRUE_WORDS, fold, is_negated, plain, spans_of, words

if TYPE_CHECKING:
    from collections.abc import Callable

PHRASE_CHARS: Final = 400


def changed(rule: str, before: JsonValue, after: JsonValue, trust: Trust = "coerced") -> Outcome:
    """A value that one repair turned into another."""
    return Outcome(after, notes=(Note(rule, before, after, trust),))


def fit_null(value: JsonValue) -> Outcome:
    """Null, or a word for nothing."""
    if value is None:
        return Outcome(None)
    if isinstance(value, str) and is_null_word(value):
        return changed("null_word", value, None)
    return fault("none_required", "should be null", value)


def is_null_word(text: str) -> bool:
    """Whether a text says that there is no value."""
    return len(text) < 40 and plain(text).strip(" .\"'()[]<>") in NULL_WORDS


def fit_number(value: JsonValue, schema: JsonObject, *, whole: bool) -> Outcome:
    """A number from a number or from a text that states exactly one."""
    kind = "integer" if whole else "number"
    if isinstance(value, bool) or value is None:
        return fault(f"{kind}_type", f"should be a valid {kind}", value)
    if isinstance(value, int):
        return _bounded(Outcome(value), schema)
    if isinstance(value, float):
        return _bounded(_whole(value), schema) if whole else _bounded(_finite(value), schema)
    if isinstance(value, str):
        found = read_number(value, whole=whole, maximum=_number(schema.get("maximum")))
        if found is not None:
            after = number_of(found.literal)
            return _bounded(changed(found.rule, value, after, found.trust), schema)
    return fault(f"{kind}_parsing", f"should be a valid {kind}", value)


def number_of(literal: str) -> int | float:
    """The number of a JSON literal, with all its digits."""
    return int(literal) if re.fullmatch(r"-?[0-9]+", literal) else Number(literal)


def _finite(value: float) -> Outcome:
    if math.isfinite(value):
        return Outcome(value)
    return fault("finite_number", "should be a finite number", value)


def _whole(value: float) -> Outcome:
    """3.0 is the integer 3 (JSON Schema 2020-12, 4.2.3); 3.5 is none."""
    literal = value.literal if isinstance(value, Number) else repr(value)
    if not is_json_number(literal):
        return fault("finite_number", "should be a finite number", value)
    number = Decimal(literal)
    if abs(number.adjusted()) > MAX_EXPONENT or number != number.to_integral_value():
        return fault("int_from_float", "should be an integer, not a number with a fraction", value)
    return changed("integral_number", value, int(number), "lossless")


def _number(value: JsonValue) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, (int, float)) else value


def _bounded(outcome: Outcome, schema: JsonObject) -> Outcome:
    """The outcome with a fault where the number leaves the schema's bounds."""
    value = outcome.value
    if not outcome.is_clean or isinstance(value, bool) or not isinstance(value, (int, float)):
        return outcome
    for key, breaks in BOUNDS.items():
        bound = _number(schema.get(key))
        if bound is not None and breaks(value, bound):
            return Outcome(
                value,
                below=((None, outcome),),
                faults=(Fault(key, f"should keep to {key} {bound:g}", show_found(value)),),
            )
    return outcome


BOUNDS: Final[dict[str, Callable[[float, float], bool]]] = {
    "minimum": lambda value, bound: value < bound,
    "maximum": lambda value, bound: value > bound,
    "exclusiveMinimum": lambda value, bound: value <= bound,
    "exclusiveMaximum": lambda value, bound: value >= bound,
}


def fit_boolean(value: JsonValue) -> Outcome:
    """True or false, or a word that says it and nothing else."""
    if isinstance(value, bool):
        return Outcome(value)
    if isinstance(value, (int, float)) and value in (0, 1):
        return changed("boolean_number", value, value == 1)
    if isinstance(value, str):
        said = _said_boolean(value)
        if said is not None:
            return said
    return fault("bool_parsing", "should be true or false", value)


def _said_boolean(text: str) -> Outcome | None:
    word = plain(text).strip().strip(" .!。！\"'`*“”«»()\ufe0f")
    if word in TRUE_WORDS or word in FALSE_WORDS:
        return changed("boolean_word", text, word in TRUE_WORDS)
    if len(text) > PHRASE_CHARS:
        return None
    said = set(words(text))
    truths, lies = said & {"true", "yes"}, said & {"false", "no"}
    if truths and not lies and not is_negated(text):
        return changed("boolean_in_phrase", text, True, "guessed")
    if lies == {"false"} and not truths and not is_negated(text):
        return changed("boolean_in_phrase", text, False, "guessed")
    return None


Literals: TypeAlias = tuple[str, str]
"""How a text writes false and true."""

JSON_WORDS: Final[Literals] = ("false", "true")
PYTHON_WORDS: Final[Literals] = ("False", "True")


def fit_string(value: JsonValue, schema: JsonObject, literals: Literals = JSON_WORDS) -> Outcome:
    """A text, or a number or literal written out as it stood."""
    if isinstance(value, str):
        return _formed(value, schema)
    if schema.get("format") in READERS:  # a number would be taken for seconds since 1970
        return fault("string_type", "should be a date or time as a string", value)
    if isinstance(value, bool):
        return changed("literal_as_text", value, literals[value])
    if isinstance(value, (int, float)):
        text = value.literal if isinstance(value, Number) else json.dumps(value)
        outcome = changed("number_as_text", value, text)
        return (
            outcome
            if _misfit(text, schema) is None
            else Outcome(
                text,
                below=((None, outcome),),
                faults=(Fault("string_format", "should keep to its pattern", show_found(value)),),
            )
        )
    return fault("string_type", "should be a string", value)


READERS: Final[dict[str, Callable[[str], str | None]]] = {
    "date": read_date,
    "date-time": read_datetime,
    "time": read_time,
    "duration": read_duration,
}
_ISO: Final = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "date-time": re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}.*", re.ASCII),
    "time": re.compile(r"\d{2}:\d{2}(:\d{2}.*)?", re.ASCII),
    "duration": re.compile(r"[+-]?P.*|[+-]?\d+(?::\d+){1,2}.*|[+-]?\d+ days?,? .*", re.ASCII | re.IGNORECASE),
}
"""What is left as it is, unless it can be read as people write it: the type has the last word."""
_BARE: Final = re.compile(r"[-+:.,TtZz\d]*")


def _formed(value: str, schema: JsonObject) -> Outcome:
    """A text in the form that its schema wants; dates are read as people write them."""
    form = schema.get("format")
    reader = READERS.get(form) if isinstance(form, str) else None
    if reader is not None and isinstance(form, str):
        is_iso = _ISO[form].fullmatch(value) is not None
        if is_iso and _BARE.fullmatch(value):
            return Outcome(value)
        read = reader(value)
        if is_iso and read is None:
            return Outcome(value)
        if read is None:
            return fault(f"{form.replace('-', '_')}_parsing", f"should be a valid {form}", value)
        return changed("date_as_written", value, read)
    if form == "decimal" and not is_json_number(value.strip()):
        return fault("decimal_parsing", "should be a decimal number", value)
    misfit = _misfit(value, schema)
    if misfit is None:
        return Outcome(value)
    if value != value.strip() and _misfit(value.strip(), schema) is None:
        return changed("blanks_trimmed", value, value.strip())
    return Outcome(value, faults=(Fault("string_format", misfit, show_found(value)),))


def _misfit(value: str, schema: JsonObject) -> str | None:
    """Which assertion on strings a text breaks; None where it keeps all that can be checked here."""
    shortest, longest = _number(schema.get("minLength")), _number(schema.get("maxLength"))
    if shortest is not None and len(value) < shortest:
        return f"should have at least {shortest:g} characters"
    if longest is not None and len(value) > longest:
        return f"should have at most {longest:g} characters"
    pattern = schema.get("pattern")
    if (
        isinstance(pattern, str)
        and (regex := _regex(pattern)) is not None
        and len(value) <= PHRASE_CHARS
        and not regex.search(value)
    ):
        return "should match its pattern"
    return None


@lru_cache(maxsize=512)
def _regex(pattern: str) -> re.Pattern[str] | None:
    """A pattern of the schema, where Python reads it and it cannot run away."""
    if re.search(r"[+*}]\)?[+*{]|\)[+*{]", pattern):
        return None
    try:
        return re.compile(pattern)
    except (re.error, RecursionError):
        return None


def fit_choice(value: JsonValue, choices: tuple[JsonValue, ...]) -> Outcome:
    """One of the values of an enum, also spelled otherwise or said in a phrase."""
    for choice in choices:
        if same(choice, value):
            is_same_kind = isinstance(value, float) == isinstance(choice, float)
            return Outcome(value) if is_same_kind else changed("integral_number", value, choice, "lossless")
    if isinstance(value, bool):
        word = "true" if value else "false"
        found = [choice for choice in choices if isinstance(choice, str) and choice.casefold() == word]
        return changed("literal_as_text", value, found[0]) if len(found) == 1 else _no_choice(value, choices)
    if isinstance(value, (int, float)):
        return _chosen_number(value, choices)
    return _chosen_word(value, choices) if isinstance(value, str) else _no_choice(value, choices)


def same(left: JsonValue, right: JsonValue) -> bool:
    """Equality of JSON scalars: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _chosen_number(value: float, choices: tuple[JsonValue, ...]) -> Outcome:
    text = value.literal if isinstance(value, Number) else json.dumps(value)
    if text in choices:
        return changed("number_as_text", value, text)
    return _no_choice(value, choices)


def _chosen_word(text: str, choices: tuple[JsonValue, ...]) -> Outcome:
    named = [choice for choice in choices if isinstance(choice, str)]
    folded = fold(text)
    alike = [choice for choice in named if choice.casefold() == text.strip().casefold()]
    alike = alike or ([choice for choice in named if folded and fold(choice) == folded])
    if len(alike) == 1:
        return changed("enum_spelling", text, alike[0])
    if alike:
        return _no_choice(text, choices)
    for choice in choices:
        if isinstance(choice, (int, float)) and not isinstance(choice, bool):
            found = read_number(text, whole=isinstance(choice, int))
            if found is not None and Decimal(found.literal) == Decimal(repr(choice)):
                return changed(found.rule, text, choice, found.trust)
        elif isinstance(choice, bool) and (said := fit_boolean(text)).is_clean and said.value is choice:
            return said
    if None in choices and is_null_word(text):
        return changed("null_word", text, None)
    qualified = QUALIFIED.fullmatch(text.strip()) if len(text) <= PHRASE_CHARS else None
    if qualified and not is_negated(qualified["label"] or ""):
        spelled = fold(qualified["member"] or qualified["option"] or qualified["value"])
        member = [choice for choice in named if fold(choice) == spelled]
        if len(member) == 1:
            return changed("enum_qualified", text, member[0])
    return _in_phrase(text, named) or _no_choice(text, choices)


QUALIFIED: Final = re.compile(
    r"\w+(?:\.|::)(?P<member>[\w-]+)|<[\w.]+:\s?(?P<quote>['\"]?)(?P<value>[^'\"<>]+)(?P=quote)>"
    r"|(?P<label>[\w ]{1,30}?)\s?[:=：]\s?(?P<option>[^:=：]+)"
)
"""An option after the name of its enum, as Python shows its member, or after a label."""


def _in_phrase(text: str, named: list[str]) -> Outcome | None:
    """The only option that a phrase names, if nothing in the phrase can turn it around."""
    if len(text) > PHRASE_CHARS:
        return None
    spans = [(start, end, choice) for choice in named for start, end in spans_of(choice, text)]
    outer = [
        span
        for span in spans
        if not any(other[0] <= span[0] and span[1] <= other[1] and other[:2] != span[:2] for other in spans)
    ]
    said = {choice for _, _, choice in outer}
    if len(said) != 1:
        return None
    start, end, choice = outer[0]
    phrase = plain(text)
    around = phrase[:start] + " " + phrase[end:]
    if is_negated(around):
        return None
    leads = phrase[:start].strip(" \t\n\"'`*“”«»([") == "" and (
        not (rest := phrase[end:].lstrip(" \"'`*”»)]")) or rest[0] in "(:,;.!-–—（：，。"
    )
    return changed("enum_in_phrase", text, choice, "coerced" if leads and len(outer) == 1 else "guessed")


def _no_choice(value: JsonValue, choices: tuple[JsonValue, ...]) -> Outcome:
    wanted = ", ".join(json.dumps(choice, ensure_ascii=False) for choice in choices[:8])
    return fault("enum", f"should be one of {wanted}" + (", ..." if len(choices) > 8 else ""), value)
