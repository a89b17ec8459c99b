"""The judge: each rule at its place, and no rule where the schema is fine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extract.target.dialect import Limits
from extract.target.dialects import DIALECTS
from extract.target.judge import check_limits, violations
from extract.vocabulary import JsonObject, JsonValue

OPENAI = DIALECTS["openai"]
TEXT: JsonObject = {"type": "string"}


def closed(**properties: JsonValue) -> JsonObject:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list[JsonValue](properties),
        "additionalProperties": False,
    }


def rules(schema: JsonObject, dialect: str = "openai") -> list[tuple[str, str]]:
    return [("/".join(map(str, v.place)), v.rule) for v in violations(schema, DIALECTS[dialect])]


def only(node: JsonValue, dialect: str = "openai") -> list[str]:
    """The rules broken by a schema whose one property is `node`."""
    return [rule for _, rule in rules(closed(a=node), dialect)]


def test_a_closed_object_of_scalars_is_accepted_everywhere() -> None:
    for dialect in DIALECTS.values():
        assert violations(closed(a=TEXT, b={"type": "integer"}), dialect) == ()


def test_plain_accepts_whatever_2020_12_accepts() -> None:
    assert rules({"not": {"x-y": True}, "type": "array", "items": {}, "$anchor": "a"}, "plain") == []


def test_plain_refuses_the_tuples_of_draft_07() -> None:
    assert rules({"not": {"items": [{}]}}, "plain") == [("not/items", "tuple")]


def test_the_place_is_where_the_schema_is_wrong() -> None:
    schema = closed(a={"type": "array", "items": closed(b={"type": "string", "uniqueItems": True})})
    assert rules(schema) == [("properties/a/items/properties/b/uniqueItems", "keyword")]


OPENAI_RULES = [
    ({}, "untyped"),
    (True, "boolean_schema"),
    ({"type": "object"}, "open_object"),
    ({"type": "array"}, "no_items"),
    ({"type": "array", "items": {}}, "untyped"),
    ({"type": "array", "items": [TEXT]}, "tuple"),
    ({"type": "string", "format": "uri"}, "format"),
    ({"type": "string", "pattern": "(?=a)"}, "pattern"),
    ({"type": "string", "minimum": 1}, "misplaced"),
    ({"type": "text"}, "type"),
    ({"type": "string", "enum": ["a", 1]}, "mixed_enum"),
    ({"type": "integer", "enum": [1.5]}, "mixed_enum"),
    ({"type": "string", "enum": []}, "enum"),
    ({"enum": [[1]], "type": "array", "items": TEXT}, "enum"),
    ({"oneOf": [TEXT]}, "keyword"),
    ({"allOf": [TEXT]}, "keyword"),
    ({"anyOf": [TEXT], "type": "string"}, "union_siblings"),
    ({"$ref": "#", "description": "x"}, "ref_siblings"),
    ({"$ref": "#/properties/a"}, "ref_target"),
    ({"$ref": "#/$defs/Gone"}, "ref_target"),
    ({"$ref": "https://a.b/c"}, "ref_target"),
    ({"type": "string", "default": "x"}, "keyword"),
    ({**closed(b=TEXT), "required": []}, "optional_property"),
    ({**closed(b=TEXT), "required": ["b", "c"]}, "undeclared_required"),
    ({**closed(b=TEXT), "$defs": {"X": TEXT}}, "definitions"),
]


@pytest.mark.parametrize(("node", "rule"), OPENAI_RULES, ids=lambda value: value if isinstance(value, str) else None)
def test_openai_refuses(node: JsonValue, rule: str) -> None:
    assert rule in only(node)


OTHERS = [
    ("azure", {"type": "integer", "minimum": 1}, "keyword"),
    ("deepseek", {"type": "string", "format": "date"}, "format"),
    ("deepseek", {"type": "string", "const": "a"}, "keyword"),
    ("deepseek", {"type": ["string", "null"]}, "type_list"),
    ("anthropic", {"type": "array", "items": TEXT, "minItems": 2}, "bound"),
    ("gemini", {"type": "string", "enum": [f"v{i}" for i in range(41)]}, "enum_each"),
    ("xai", {"type": "string", "maxLength": 5000}, "bound"),
    ("vllm", {"type": "string", "pattern": "^a$", "maxLength": 5}, "length"),
    ("vllm", {"type": "string", "pattern": "a"}, "pattern"),
    ("vllm", {"type": "object", "additionalProperties": True}, "untyped"),
    ("gemini", {"type": "object", "properties": {}, "additionalProperties": TEXT}, "open_object"),
    ("llamacpp", {"type": "number", "minimum": 1}, "number_bound"),
    ("qwen", {"$ref": "#"}, "ref_target"),
    ("llamacpp", {"$ref": "#"}, "ref_target"),
]


@pytest.mark.parametrize(
    ("dialect", "node", "rule"), OTHERS, ids=lambda value: value if isinstance(value, str) else None
)
def test_others_refuse(dialect: str, node: JsonValue, rule: str) -> None:
    assert only(node, dialect) == [rule]


@pytest.mark.parametrize("dialect", ["vllm", "llamacpp", "fireworks", "together"])
def test_a_map_may_stay_where_maps_are_kept(dialect: str) -> None:
    assert only({"type": "object", "additionalProperties": {"type": "integer"}}, dialect) == []


def test_a_root_that_is_no_object_is_refused_where_an_object_is_asked() -> None:
    assert ("", "root") in rules({"type": "array", "items": TEXT})
    assert rules({"type": "array", "items": TEXT}, "plain") == []


def test_a_key_with_a_space_is_refused_by_anthropic() -> None:
    assert rules(closed(**{"a b": TEXT}), "anthropic") == [("properties/a b", "key")]


def test_members_of_a_union_may_not_begin_with_the_same_key_on_azure() -> None:
    schema = closed(a={"anyOf": [closed(kind=TEXT), {"$ref": "#/$defs/B"}]}) | {
        "$defs": {"B": closed(kind=TEXT, c=TEXT)}
    }
    assert rules(schema, "azure") == [("properties/a/anyOf", "first_keys")]


def test_a_circle_is_found_through_definitions() -> None:
    schema = closed(a={"$ref": "#/$defs/A"}) | {
        "$defs": {
            "A": closed(b={"$ref": "#/$defs/B"}),
            "B": closed(a={"$ref": "#/$defs/A"}),
            "C": closed(a={"$ref": "#/$defs/B"}),
        }
    }
    assert rules(schema, "xai") == [("$defs/A", "recursion"), ("$defs/B", "recursion")]
    assert rules(schema) == []


def test_a_schema_that_refers_to_its_root_is_circular() -> None:
    schema = closed(next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})
    assert rules(schema, "xai") == [("", "recursion")]


def test_definitions_stand_under_the_key_that_the_server_reads() -> None:
    schema = closed(a={"$ref": "#/$def/A"}) | {"$def": {"A": closed(b=TEXT)}}
    assert rules(schema, "deepseek") == []


def test_an_ignored_keyword_is_told_from_a_refused_one() -> None:
    node: JsonObject = {"type": "array", "items": TEXT, "uniqueItems": True}
    (mild,), (hard,) = (violations(closed(a=node), DIALECTS[name]) for name in ("llamacpp", "openai"))
    assert (mild.is_ignored, hard.is_ignored) == (True, False)


@pytest.mark.parametrize(
    ("limits", "rule", "found"),
    [
        (Limits(properties=2), "properties", 3),
        (Limits(depth=2), "depth", 3),
        (Limits(enum_values=2), "enum_values", 3),
        (Limits(name_chars=5), "name_chars", 8),
        (Limits(unions=0), "unions", 1),
        (Limits(enum_chars=2, enum_chars_from=2), "enum_chars", 3),
    ],
)
def test_a_passed_limit_is_a_violation_with_the_count(limits: Limits, rule: str, found: int) -> None:
    schema = closed(
        aaa={"type": "array", "items": closed(b={"type": "string", "enum": ["x", "y", "z"]})},
        c={"type": ["string", "null"]},
    )
    (violation,) = check_limits(schema, replace(OPENAI, limits=limits))
    assert (violation.rule, violation.found) == (rule, found)


def test_properties_that_may_be_left_out_are_counted() -> None:
    schema = {**closed(a=TEXT, b=TEXT), "required": []}
    (violation,) = check_limits(schema, replace(DIALECTS["anthropic"], limits=Limits(optional=1)))
    assert (violation.rule, violation.found) == ("optional", 2)


def test_each_definition_is_counted_for_depth_by_itself() -> None:
    inner = closed(a=closed(b=TEXT))
    schema = closed(x={"$ref": "#/$defs/I"}) | {"$defs": {"I": inner}}
    assert check_limits(schema, replace(OPENAI, limits=Limits(depth=2))) == ()


def test_a_very_deep_schema_is_judged() -> None:
    schema: JsonObject = {"type": "string"}
    for _ in range(3000):
        schema = {"type": "array", "items": schema}
    assert ("", "depth") in rules(schema)


def test_a_violation_says_where_what_and_what_to_do() -> None:
    (violation,) = violations(closed(a={"type": "string", "format": "uri"}), OPENAI)
    assert str(violation) == "$.properties.a.format: format (found 'uri'): drop it or say it as a pattern"
    assert violation.to_dict() == {
        "place": ["properties", "a", "format"],
        "rule": "format",
        "found": "uri",
        "advice": "drop it or say it as a pattern",
        "is_ignored": False,
    }
