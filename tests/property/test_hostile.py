"""What no model should say and some do: deep nests, huge numbers, half characters, keys with a meaning of their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.target.dialects import DIALECTS
from extract.target.invalid import Invalid
from extract.target.lower import Lowered, lower
from extract.vocabulary import JsonValue, Number
from tests.zoo import CASES

ROWS = tuple(DIALECTS.values())


def nested(levels: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


DEEP = {
    f"{levels} {name}": nested(levels, wrap)
    for levels in (60, 900, 20_000)
    for name, wrap in {
        "lists": lambda inner: [inner],
        "envelopes": lambda inner: {"value": inner},
        "entries": lambda inner: {"entries": [{"key": "a", "value": inner}]},
    }.items()
}
ODD: dict[str, Any] = {
    "infinity": float("inf"),
    "not a number": float("nan"),
    "a number that overflows": Number("1e999"),
    "an integer of 5000 digits": 10**5000,
    "half a character": "\ud800",
    "a key of half a character": {"\udfff": 1},
    "names that Python and JavaScript use": {"__proto__": {"a": 1}, "__class__": "x", "constructor": None},
    "entries that repeat": [{"key": "a", "value": 1}, {"key": "a", "value": 2}],
    "entries with odd keys": [{"key": key, "value": 1} for key in (1, 1.0, True, "1")],
    "entries without a key": [{"key": None, "value": 1}, {"value": 1}],
    "markers everywhere": {"absent": True},
    "a schema": {"$ref": "#", "$defs": {}},
}
PICKED = CASES[::60]


def wrapped(lowered: Lowered[Any], value: JsonValue) -> list[JsonValue]:
    """The value by itself, in the envelope, and under the first keys."""
    known = lowered.schema.get("properties")
    keys = list(known)[:2] if isinstance(known, dict) else []
    return [value, [value], {"value": value}, *({key: value} for key in keys)]


@pytest.mark.parametrize("value", [*DEEP.values(), *ODD.values()], ids=[*DEEP, *ODD])
def test_a_hostile_value_is_decoded_and_judged_without_a_foreign_error(value: Any) -> None:
    for case in PICKED:
        for row in (ROWS[len(case.name) % len(ROWS)], DIALECTS["openai"]):
            lowered = lower(case.target, row)
            for wire in wrapped(lowered, value):
                natural = lowered.decode(wire).value
                try:
                    lowered.target.validate(natural, strict=True)
                except Invalid as invalid:
                    assert invalid.issues


KEYS = st.sampled_from(
    ["key", "value", "entries", "absent", "item_0", "item_1", "rest", "additional_properties", "__proto__"]
)
HOSTILE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text(st.characters(codec=None), max_size=4)
    | st.sampled_from([Number("1e999"), Number("0.1"), "NaN", "\ud800", "{}", "[1", '"a"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=2), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from(ROWS), HOSTILE)
def test_decoding_and_judging_raise_our_own_errors_only(case: Any, row: Any, value: Any) -> None:
    lowered = lower(case.target, row)
    before = copy.deepcopy(value)
    natural = lowered.decode(value).value
    assert repr(value) == repr(before)
    try:
        lowered.target.validate(natural, strict=True)
    except Invalid as invalid:
        assert invalid.issues


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from(ROWS))
def test_both_directions_are_exact_on_the_wire(case: Any, row: Any) -> None:
    lowered = lower(case.target, row)
    for value in case.values:
        wire = lowered.encode(value)
        assert lowered.encode_json(lowered.decode(wire).value) == wire


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CASES), st.sampled_from([row for row in ROWS if row.strict_objects]))
def test_lowering_what_is_lowered_changes_no_value(case: Any, row: Any) -> None:
    lowered = lower(case.target, row)
    again = lower(lowered.schema, row)
    for value in case.values:
        wire = lowered.encode(value)
        assert again.encode_json(wire) == wire
        assert again.decode(wire).value == wire
