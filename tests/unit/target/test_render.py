"""The prompt rendering: what a model reads for each keyword."""

from __future__ import annotations

import pytest

from extract.target.render import render
from extract.vocabulary import JsonObject, JsonValue

CASES: list[tuple[str, JsonValue, str]] = [
    ("scalar", {"type": "integer"}, "integer"),
    ("nullable", {"type": ["string", "null"]}, "string | null"),
    ("enum", {"enum": ["a", 1, None]}, '"a" | 1 | null'),
    ("const", {"const": "a"}, '"a"'),
    ("list", {"type": "array", "items": {"type": "integer"}}, "integer[]"),
    (
        "list of union",
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "(string | null)[]",
    ),
    ("bare list", {"type": "array"}, "any[]"),
    ("map", {"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
    (
        "map of keys",
        {"type": "object", "propertyNames": {"enum": ["a", "b"]}, "additionalProperties": {"type": "number"}},
        'Record<"a" | "b", number>',
    ),
    ("bare object", {"type": "object"}, "Record<string, any>"),
    ("empty object", {"type": "object", "properties": {}, "additionalProperties": False}, "{}"),
    (
        "object",
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]},
        "{ a: string, b?: any }",
    ),
    (
        "tuple",
        {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
        "[string, integer]",
    ),
    (
        "open tuple",
        {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        "[string, ...integer[]]",
    ),
    ("old tuple", {"type": "array", "items": [{"type": "string"}], "additionalItems": False}, "[string]"),
    ("union", {"oneOf": [{"type": "string"}, {"type": "integer"}]}, "string | integer"),
    (
        "both",
        {
            "allOf": [{"$ref": "#/$defs/A"}, {"type": "object", "properties": {"b": {"type": "string"}}}],
            "$defs": {"A": {"type": "object", "properties": {"a": {"type": "string"}}}},
        },
        "{ a?: string } & { b?: string }",
    ),
    ("anything", {}, "any"),
    ("range", {"type": "integer", "minimum": 1, "maximum": 5}, "integer // 1..5"),
    ("above", {"type": "number", "exclusiveMinimum": 0}, "number // > 0"),
    ("multiple", {"type": "number", "multipleOf": 0.5}, "number // multiple of 0.5"),
    ("length", {"type": "string", "minLength": 2, "maxLength": 4}, "string // 2..4 characters"),
    ("exact length", {"type": "string", "minLength": 2, "maxLength": 2}, "string // exactly 2 characters"),
    (
        "items",
        {"type": "array", "items": {"type": "string", "maxLength": 3}, "maxItems": 9, "uniqueItems": True},
        "string[] // at most 9 items; no repeats; each: at most 3 characters",
    ),
    ("pattern", {"type": "string", "pattern": "^a$"}, "string // matches /^a$/"),
    ("format", {"type": "string", "format": "date", "description": "When."}, "string // When; date YYYY-MM-DD"),
    (
        "note of one member",
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
        "string | null // at most 3 characters",
    ),
    (
        "notes of members",
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer", "minimum": 1}]},
        "string | integer // string: at most 3 characters; integer: >= 1",
    ),
    ("not", {"type": "string", "not": {"enum": ["x"]}}, 'string // not "x"'),
    (
        "keys that need keys",
        {"type": "object", "properties": {"a": {"type": "string"}}, "dependentRequired": {"a": ["b", "c"]}},
        "{ a?: string } // a needs b, c",
    ),
    (
        "demanded keys",
        {"type": "object", "properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        "{ a?: any, b?: any } // needs a or b",
    ),
    ("odd key", {"type": "object", "properties": {"a b": {"type": "string"}}}, '{ "a b"?: string }'),
    (
        "extra keys",
        {
            "type": "object",
            "properties": {"a": {"type": "string"}},
            "required": ["a"],
            "additionalProperties": {"type": "integer"},
        },
        "{ a: string, [other: string]: integer }",
    ),
    ("pattern keys", {"type": "object", "patternProperties": {"^x-": {"type": "string"}}}, "{ [key: /^x-/]: string }"),
    ("examples", {"type": "string", "examples": ["a", "b", "c"]}, 'string // e.g. "a", "b"'),
]


@pytest.mark.parametrize(("schema", "text"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_keyword_is_written_as(schema: JsonObject, text: str) -> None:
    assert render(schema) == text


def test_a_description_stands_beside_its_property_and_the_order_is_kept() -> None:
    schema: JsonObject = {
        "type": "object",
        "description": "A thing.",
        "properties": {
            "why": {"type": "string", "description": "Reason\n  first."},
            "answer": {"type": "integer", "default": 3},
            "parts": {
                "type": "array",
                "items": {"type": "object", "properties": {"n": {"type": "string", "maxLength": 2}}},
            },
        },
        "required": ["why"],
    }
    assert render(schema) == (
        "{ // A thing\n"
        "  why: string // Reason first\n"
        "  answer?: integer // default 3\n"
        "  parts?: {\n"
        "    n?: string // at most 2 characters\n"
        "  }[]\n"
        "}"
    )


def test_what_is_used_twice_has_a_name_and_what_is_used_once_stands_in_place() -> None:
    schema: JsonObject = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/P"}, "b": {"$ref": "#/$defs/P"}, "c": {"$ref": "#/$defs/Q"}},
        "$defs": {"P": {"type": "object", "properties": {"x": {"type": "number"}}}, "Q": {"type": "integer"}},
    }
    assert render(schema) == "type P = { x?: number }\n{ a?: P, b?: P, c?: integer }"


def test_a_recursive_type_has_a_name() -> None:
    schema: JsonObject = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}
        },
    }
    assert render(schema) == "type Node = { kids?: Node[] }\nNode"


def test_a_reference_to_the_root_has_a_name() -> None:
    assert render({"type": "object", "properties": {"next": {"$ref": "#"}}}) == "type Root = { next?: Root }"


def test_two_definitions_with_one_name_are_told_apart() -> None:
    point: JsonObject = {"type": "object", "properties": {"x": {"type": "number"}}}
    uses = ["#/$defs/a b", "#/$defs/a b", "#/$defs/a-b", "#/$defs/a-b"]
    schema: JsonObject = {"anyOf": [{"$ref": use} for use in uses], "$defs": {"a b": point, "a-b": point}}
    assert render(schema).splitlines()[-1] == "a_b | a_b2"


ODD: list[JsonObject] = [
    {"$ref": "https://example.org/elsewhere"},
    {"$ref": "#/$defs/Gone"},
    {"$ref": 5},
    {"type": 5, "properties": [], "required": "a", "enum": "x", "anyOf": {}, "items": 3},
    {"properties": {"a": 5, "b": None, "c": True, "d": False}},
    {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}}},
    {"enum": []},
    {"anyOf": []},
    {"type": "object", "propertyNames": False},
    {"minimum": "x", "examples": 3, "description": 5, "dependentRequired": [], "dependencies": {"a": {}}},
]


@pytest.mark.parametrize("schema", ODD, ids=str)
def test_an_odd_schema_is_rendered_somehow(schema: JsonObject) -> None:
    assert render(schema)


def test_a_very_deep_schema_is_rendered() -> None:
    schema: JsonObject = {"type": "string"}
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    assert render(schema).startswith("any[][]")


def test_the_length_is_linear_where_definitions_use_each_other_twice() -> None:
    names = [f"D{i}" for i in range(40)]
    definitions: JsonObject = {
        name: {"type": "object", "properties": {"l": {"$ref": f"#/$defs/{below}"}, "r": {"$ref": f"#/$defs/{below}"}}}
        for name, below in zip(names, [*names[1:], "Leaf"], strict=True)
    }
    schema: JsonObject = {"$ref": "#/$defs/D0", "$defs": {**definitions, "Leaf": {"type": "string"}}}
    assert len(render(schema)) < 2000
