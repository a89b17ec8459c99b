"""Laws of lowering: values come back, nothing raises, nothing that was given is changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extract.target.compile import compile_target
from extract.target.dialects import DIALECTS
from extract.target.lower import lower
from tests.zoo import CASES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["a", "b", "key", "value", "entries", "absent", "kind", ""]) | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
SCHEMAS: tuple[dict[str, Any], ...] = (
    {},
    {"type": "object"},
    {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
    {"type": "object", "properties": {"a": {}, "b": {"type": ["string", "null"]}}, "required": ["a"]},
    {"anyOf": [{"type": "array"}, {"type": "object"}, {"type": "string"}]},
    {"type": "array", "prefixItems": [{"type": "string"}, {}], "items": {"type": "integer"}},
    {"$defs": {"T": {"type": "object", "additionalProperties": {"$ref": "#/$defs/T"}}}, "$ref": "#/$defs/T"},
)
ROWS = st.sampled_from(tuple(DIALECTS.values()))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SCHEMAS), ROWS, JSON)
def test_a_valid_value_comes_back(schema: dict[str, Any], row: Any, value: Any) -> None:
    lowered = lower(schema, row)
    try:
        lowered.target.validate(value, strict=True)
    except ValueError:
        return
    assert lowered.decode(lowered.encode_json(value)).value == value


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), ROWS, JSON)
def test_decoding_never_raises_and_leaves_its_input_alone(case: Any, row: Any, value: Any) -> None:
    before = copy.deepcopy(value)
    lower(case.target, row).decode(value)
    assert value == before


@pytest.mark.parametrize("schema", SCHEMAS, ids=repr)
def test_lowering_leaves_the_schema_alone(schema: dict[str, Any]) -> None:
    before, natural = copy.deepcopy(schema), copy.deepcopy(compile_target(schema).schema)
    for row in DIALECTS.values():
        lower(schema, row)
    assert schema == before
    assert compile_target(schema).schema == natural


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(CASES), ROWS)
def test_lowering_is_the_same_each_time(case: Any, row: Any) -> None:
    assert lower(case.target, row).schema == lower(case.target, row).schema
