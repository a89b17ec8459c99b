"""Laws of what reads schemas: nothing is too odd, judge and meta-schema agree, what all take each takes."""

from __future__ import annotations

from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from extract.target.dialects import DIALECTS, intersect
from extract.target.judge import check_limits, violations
from extract.target.meta_schema import meta_schema
from extract.target.nodes import LISTS, MAPS, ONE, walk
from extract.target.render import render
from extract.vocabulary import JsonObject, JsonValue

KEYWORDS = [
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
    "anyOf",
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "$ref",
    "$defs",
    "pattern",
    "format",
    "minimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxItems",
    "uniqueItems",
    "description",
    "title",
    "default",
    "dependencies",
    "dependentRequired",
    "patternProperties",
    "propertyNames",
    "$anchor",
    "$id",
    "examples",
]
REFERENCES = st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#a", "https://a.b", "#/$def/a"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-5, 5)
    | st.sampled_from(["a", "b", "string", "object", "array"])
    | REFERENCES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYWORDS, "a", "b"]), inner, max_size=4)
    ),
    max_leaves=25,
)
ODD = st.dictionaries(st.sampled_from(KEYWORDS), JSON, max_size=6)

NAMES = st.sampled_from(["a", "b", "c d", "x" * 70])
VALUES = st.sampled_from(["a", 1, 1.5, 2.0, None, True])
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(
            [
                "string",
                "integer",
                "number",
                "boolean",
                "null",
                "array",
                "object",
                ["string", "null"],
                ["number", "object"],
            ]
        ),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "format": st.sampled_from(["date", "uri", "uuid", "odd"]),
        "pattern": st.sampled_from(["^a$", "a", r"^\d$", "(?=a)", r"^a$|^b$"]),
        "minimum": st.integers(-3, 3),
        "maxLength": st.sampled_from([3, 5000]),
        "minItems": st.integers(0, 3),
        "uniqueItems": st.booleans(),
        "description": st.just("d"),
        "default": VALUES,
        "$ref": st.sampled_from(["#", "#/$defs/a", "#/$def/a", "#/properties/a"]),
    },
)


def nested(inner: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonObject]:
    named = st.dictionaries(NAMES, inner, max_size=3)
    objects = st.builds(_object, named, st.lists(NAMES, max_size=2), st.sampled_from([None, True, False]))
    arrays = st.builds(lambda items: {"type": "array", "items": items}, inner)
    tuples = st.builds(lambda items: {"type": "array", "prefixItems": items}, st.lists(inner, min_size=1, max_size=2))
    unions = st.builds(
        lambda word, members: {word: members},
        st.sampled_from(["anyOf", "oneOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    return objects | arrays | tuples | unions


def _object(properties: dict[str, JsonValue], required: list[str], rest: JsonValue) -> JsonObject:
    schema: JsonObject = {
        "type": "object",
        "properties": properties,
        "required": [*dict.fromkeys([*properties, *required])],
    }
    return schema if rest is None else {**schema, "additionalProperties": rest}


SCHEMAS = st.recursive(LEAVES, nested, max_leaves=8)
ROOTS = st.builds(
    lambda schema, definitions, key: {**schema, key: definitions} if definitions else schema,
    nested(SCHEMAS),
    st.dictionaries(st.sampled_from(["a", "b"]), SCHEMAS, max_size=2),
    st.sampled_from(["$defs", "$def"]),
)
ROWS = st.sampled_from([row for row in DIALECTS.values() if not row.any_keyword])
FAST = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=150)


@cache
def accepts(name: str) -> Draft202012Validator:
    return Draft202012Validator(meta_schema(DIALECTS[name]))


@FAST
@given(ODD)
def test_nothing_is_too_odd_to_render(schema: JsonObject) -> None:
    assert render(schema)


@FAST
@given(ODD, ROWS)
def test_nothing_is_too_odd_to_judge(schema: JsonObject, row: object) -> None:
    assert isinstance(violations(schema, row), tuple)


@FAST
@given(ROOTS, ROWS)
def test_judge_and_meta_schema_agree(schema: JsonObject, row: object) -> None:
    is_accepted = accepts(row.name).is_valid(schema) and not check_limits(schema, row)
    assert is_accepted == (not violations(schema, row)), (row.name, list(map(str, violations(schema, row))))


@FAST
@given(ROOTS, st.lists(ROWS, min_size=2, max_size=3, unique=True))
def test_what_an_intersection_takes_each_of_its_rows_takes(schema: JsonObject, rows: list[object]) -> None:
    both = intersect(rows, name="both", source="2026-11-23")
    if not violations(schema, both):
        assert [violations(schema, row) for row in rows] == [()] * len(rows)


@FAST
@given(ODD)
def test_the_walk_visits_each_subschema_once(schema: JsonObject) -> None:
    places = [node.place for node in walk(schema)]
    assert len(places) == len(set(places))
    assert all(place[-1] in ONE or place[-2] in (*LISTS, *MAPS) for place in places if place)
