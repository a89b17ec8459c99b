"""JSON Schemas made plain: references, `allOf`, older spellings, unions."""

from typing import Any

import pytest

from extract.fit.shapes import (
    MAX_STEPS,
    members,
    merge,
    options,
    plain,
    property_schemas,
    required_names,
    resolve,
    types,
)

ROOT: Any = {
    "$defs": {"a": {"type": "string", "title": "A"}, "b/c": {"type": "null"}, "list": [{"type": "integer"}, 5]},
    "definitions": {"old": {"type": "boolean"}},
}


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        (True, {}),
        (False, {"not": {}}),
        (None, {}),
        ({"type": "string"}, {"type": "string"}),
        ({"$ref": "#/$defs/a"}, {"type": "string", "title": "A"}),
        ({"$dynamicRef": "#/$defs/a"}, {"type": "string", "title": "A"}),
        ({"$ref": "#/definitions/old"}, {"type": "boolean"}),
        ({"$ref": "#/$defs/a", "title": "B"}, {"type": "string", "title": "B"}),
        ({"$ref": "#/$defs/gone", "type": "null"}, {"type": "null"}),
        ({"$ref": "https://x.test/a.json", "type": "null"}, {"type": "null"}),
        ({"allOf": [{"type": "string"}, {"minLength": 2}, True]}, {"type": "string", "minLength": 2}),
        ({"allOf": [{"$ref": "#/$defs/a"}], "title": "B"}, {"title": "A", "type": "string"}),
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string", "nullable": False}),
        ({"type": ["string", "null"], "nullable": True}, {"type": ["string", "null"], "nullable": True}),
    ],
)
def test_a_schema_is_made_plain(schema: Any, made: Any) -> None:
    assert plain(schema, ROOT) == made


def test_references_in_a_circle_end() -> None:
    root: Any = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}
    assert plain({"$ref": "#/$defs/a"}, root) == {}


def test_a_chain_of_references_is_followed() -> None:
    names = range(MAX_STEPS // 2)
    root: Any = {"$defs": {f"n{at}": {"$ref": f"#/$defs/n{at + 1}"} for at in names}}
    root["$defs"][f"n{len(names)}"] = {"type": "string"}
    assert plain({"$ref": "#/$defs/n0"}, root) == {"type": "string"}


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        ("#", ROOT),
        ("#/$defs/a", {"type": "string", "title": "A"}),
        ("#/$defs/b~1c", {"type": "null"}),
        ("#/%24defs/a", {"type": "string", "title": "A"}),
        ("#/$defs/list/0", {"type": "integer"}),
        ("#/$defs/list/1", None),
        ("#/$defs/list/9", None),
        ("#/$defs/list/x", None),
        ("#/$defs/gone", None),
        ("other.json#/a", None),
    ],
)
def test_a_reference_leads_to_a_schema_or_nowhere(ref: str, found: Any) -> None:
    assert resolve(ref, ROOT) == found


@pytest.mark.parametrize(
    ("left", "right", "made"),
    [
        ({"title": "A"}, {"title": "B"}, {"title": "B"}),
        ({"required": ["a"]}, {"required": ["b", "a"]}, {"required": ["a", "b"]}),
        ({"type": ["string", "null"]}, {"type": "string"}, {"type": "string"}),
        ({"type": ["string", "null", "integer"]}, {"type": ["null", "string"]}, {"type": ["string", "null"]}),
        ({"type": "string"}, {"type": "integer"}, {"type": "integer"}),
        ({"anyOf": [{"type": "string"}]}, {"anyOf": [{"type": "null"}]}, {"anyOf": [{"type": "string"}]}),
        (
            {"properties": {"a": {"type": "string"}, "b": {}}},
            {"properties": {"a": {"minLength": 1}, "c": {}}},
            {"properties": {"a": {"allOf": [{"type": "string"}, {"minLength": 1}]}, "b": {}, "c": {}}},
        ),
        ({"properties": {"a": {}}}, {"properties": {"a": {}}}, {"properties": {"a": {}}}),
    ],
)
def test_two_schemas_are_one(left: Any, right: Any, made: Any) -> None:
    assert merge(left, right) == made


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "string"}, ("string",)),
        ({"type": ["string", "null", 5]}, ("string", "null")),
        ({"properties": {}}, ("object",)),
        ({"additionalProperties": False}, ("object",)),
        ({"patternProperties": {}}, ("object",)),
        ({"items": {}}, ("array",)),
        ({"prefixItems": []}, ("array",)),
        ({"title": "A"}, ()),
    ],
)
def test_the_types_are_stated_or_implied(schema: Any, kinds: tuple[str, ...]) -> None:
    assert types(schema) == kinds


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (
            {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/a"}]},
            [{"type": "string"}, {"type": "string", "title": "A"}],
        ),
        ({"oneOf": [{"minimum": 1}], "type": "integer"}, [{"type": "integer", "minimum": 1}]),
        (
            {"type": ["string", "null"], "title": "A"},
            [{"title": "A", "type": "string"}, {"title": "A", "type": "null"}],
        ),
        ({"type": ["string", "null"], "enum": ["a", None]}, None),
        ({"type": "string"}, None),
        ({"anyOf": []}, None),
    ],
)
def test_the_members_of_a_union_are_whole(schema: Any, found: Any) -> None:
    assert members(schema, ROOT) == found


def test_the_values_of_a_choice() -> None:
    assert (options({"const": None}), options({"enum": [1, "a"]}), options({})) == ([None], [1, "a"], None)


def test_what_is_no_map_of_properties_has_none() -> None:
    assert property_schemas({"properties": {"a": True}}) == {"a": True}
    assert property_schemas({"properties": ["a"]}) == {}


def test_what_is_no_list_of_names_requires_none() -> None:
    assert required_names({"required": ["a", 5]}) == {"a"}
    assert required_names({"required": "a"}) == frozenset()
