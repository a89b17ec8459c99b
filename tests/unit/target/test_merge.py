"""Two schemas in one: what both demand, and what one node cannot say of it."""

import copy
from typing import Any

import jsonschema
import pytest

from extract.target.merge import DROPPED, merge


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"minimum": 1}, {"minimum": 3}, {"minimum": 3}),
        ({"maximum": 1}, {"maximum": 3}, {"maximum": 1}),
        ({"minLength": 4}, {"minLength": 2.0}, {"minLength": 4}),
        ({"maxItems": 4}, {"maxItems": 2}, {"maxItems": 2}),
        ({"required": ["a"]}, {"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"enum": [1, 2, 3]}, {"enum": [3, 2]}, {"enum": [2, 3]}),
        ({"type": "integer"}, {"type": "number"}, {"type": "integer"}),
        ({"type": "number"}, {"type": "integer"}, {"type": "integer"}),
        ({"type": ["string", "null"]}, {"type": "string"}, {"type": "string"}),
        ({"type": ["string", "number"]}, {"type": ["integer", "string"]}, {"type": ["string", "integer"]}),
        ({"items": False}, {"items": {"type": "string"}}, {"items": False}),
        ({"items": True}, {"items": {"type": "string"}}, {"items": {"type": "string"}}),
        ({"items": {"minimum": 1}}, {"items": {"maximum": 2}}, {"items": {"minimum": 1, "maximum": 2}}),
        (
            {"items": {"$ref": "#/$defs/a"}},
            {"items": {"maximum": 2}},
            {"items": {"allOf": [{"$ref": "#/$defs/a"}, {"maximum": 2}]}},
        ),
        (
            {"items": {"maximum": 2}},
            {"items": {"$ref": "#/$defs/a"}},
            {"items": {"allOf": [{"maximum": 2}, {"$ref": "#/$defs/a"}]}},
        ),
        (
            {"properties": {"a": {"minimum": 1}, "b": {}}},
            {"properties": {"a": {"maximum": 2}, "c": {}}},
            {"properties": {"a": {"minimum": 1, "maximum": 2}, "b": {}, "c": {}}},
        ),
        ({"title": "A", "default": 1}, {"title": "B", "default": 2}, {"title": "A", "default": 1}),
        ({"pattern": "^a"}, {"pattern": "^a"}, {"pattern": "^a"}),
        ({"minimum": 1}, {"format": "email"}, {"minimum": 1, "format": "email"}),
    ],
)
def test_what_both_demand_is_said(one: Any, other: Any, both: Any) -> None:
    assert merge(one, other) == both


@pytest.mark.parametrize(
    ("one", "other", "kept", "dropped"),
    [
        ({"pattern": "^a"}, {"pattern": "b$"}, {"pattern": "^a"}, [{"pattern": "b$"}]),
        ({"multipleOf": 2}, {"multipleOf": 3}, {"multipleOf": 2}, [{"multipleOf": 3}]),
        (
            {"anyOf": [{"minimum": 1}]},
            {"anyOf": [{"minimum": 2}, {"minimum": 3}]},
            {"anyOf": [{"minimum": 2}, {"minimum": 3}]},
            [{"anyOf": [{"minimum": 1}]}],
        ),
        (
            {"anyOf": [{"minimum": 2}, {"minimum": 3}]},
            {"anyOf": [{"minimum": 1}]},
            {"anyOf": [{"minimum": 2}, {"minimum": 3}]},
            [{"anyOf": [{"minimum": 1}]}],
        ),
    ],
)
def test_what_one_node_cannot_say_is_kept_aside(one: Any, other: Any, kept: Any, dropped: Any) -> None:
    assert merge(one, other) == {**kept, DROPPED: dropped}


def test_what_was_kept_aside_before_stays_aside() -> None:
    first = merge({"pattern": "a"}, {"pattern": "b"})
    assert merge(first, {"pattern": "c"})[DROPPED] == [{"pattern": "b"}, {"pattern": "c"}]
    assert merge({"pattern": "c"}, first)[DROPPED] == [{"pattern": "a"}, {"pattern": "b"}]


def test_a_closed_object_bars_what_only_the_other_names() -> None:
    closed = {"properties": {"a": {}}, "additionalProperties": False}
    wide = {"properties": {"b": {}, "a": {"type": "string"}}}
    both = {"properties": {"a": {"type": "string"}}, "additionalProperties": False}
    assert merge(closed, wide) == both
    assert merge(wide, closed) == both


def test_a_closed_object_without_names_bars_all() -> None:
    assert merge({"additionalProperties": False}, {"properties": {"a": {}}})["properties"] == {}


def test_a_closed_object_with_patterns_bars_no_name() -> None:
    closed = {"patternProperties": {"^b": {}}, "additionalProperties": False}
    assert merge(closed, {"properties": {"b": {}}})["properties"] == {"b": {}}


def test_types_that_exclude_each_other_keep_the_first_and_put_the_other_on_record() -> None:
    assert merge({"type": "string"}, {"type": "integer"}) == {"type": "string", DROPPED: [{"type": "integer"}]}


def test_types_that_share_a_type_leave_nothing_on_record() -> None:
    assert merge({"type": ["string", "number"]}, {"type": "integer"}) == {"type": "integer"}


def test_merging_changes_neither_schema() -> None:
    one: Any = {"properties": {"a": {"minimum": 1}}, "required": ["a"], "additionalProperties": False}
    other: Any = {"properties": {"a": {"maximum": 2}, "b": {}}, "required": ["b"], DROPPED: [{"pattern": "a"}]}
    before = copy.deepcopy((one, other))
    merge(one, other)
    assert (one, other) == before


@pytest.mark.parametrize("value", [-1, 0, 1, 1.5, 2, 3, 4, "a", "ab", None, [], [1], {}, {"a": 1}, {"a": 3}, {"b": 1}])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"type": ["integer", "string"], "minimum": 1, "minLength": 2}, {"type": ["number", "string"], "maximum": 3}),
        ({"properties": {"a": {"maximum": 2}}, "additionalProperties": False}, {"properties": {"b": {"minimum": 0}}}),
        ({"enum": [1, 2, "a"]}, {"enum": ["a", 2, None]}),
        ({"items": {"minimum": 2}, "minItems": 1}, {"items": {"maximum": 3}}),
    ],
)
def test_the_merged_schema_takes_just_what_both_take(one: Any, other: Any, value: Any) -> None:
    takes = [jsonschema.Draft202012Validator(schema).is_valid(value) for schema in (one, other, merge(one, other))]
    assert takes[2] == (takes[0] and takes[1])
