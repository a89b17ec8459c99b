"""A required value that the source does not state may be null on the wire, and is absent for the user."""

from typing import Any

import pytest

from extract.flow.way_out import loosened, stripped, takes_null

STRING: Any = {"type": "string"}
NULLABLE: Any = {"anyOf": [STRING, {"type": "null"}]}


def record(required: list[str], **properties: Any) -> Any:
    return {"type": "object", "properties": properties, "required": required}


@pytest.mark.parametrize(
    ("given", "loose"),
    [
        (STRING, NULLABLE),
        (record(["a"], a=STRING), record(["a"], a=NULLABLE)),
        (record([], a=STRING), record([], a=STRING)),
        (record(["a"], a={"enum": ["x"]}), record(["a"], a={"anyOf": [{"enum": ["x"]}, {"type": "null"}]})),
        (record(["a"], a={"const": "x"}), record(["a"], a={"const": "x"})),
        (record(["a"], a=True), record(["a"], a=True)),
        (record(["a"], a={"type": ["string", "null"]}), record(["a"], a={"type": ["string", "null"]})),
        (record(["a"], a=record(["b"], b=STRING)), record(["a"], a=record(["b"], b=NULLABLE))),
        ({"type": "array", "items": record(["a"], a=STRING)}, {"type": "array", "items": record(["a"], a=NULLABLE)}),
        ({"type": "array", "items": STRING}, {"type": "array", "items": STRING}),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        (
            {"type": "object", "additionalProperties": record(["a"], a=STRING)},
            {"type": "object", "additionalProperties": record(["a"], a=NULLABLE)},
        ),
        (
            {"anyOf": [record(["a"], a=STRING), record(["b"], b=STRING)]},
            {"anyOf": [record(["a"], a=NULLABLE), record(["b"], b=NULLABLE)]},
        ),
        (
            {"type": "array", "prefixItems": [record(["a"], a=STRING), True]},
            {"type": "array", "prefixItems": [record(["a"], a=NULLABLE), True]},
        ),
        (
            {"$ref": "#/$defs/r", "$defs": {"r": record(["a"], a=STRING)}},
            {"$ref": "#/$defs/r", "$defs": {"r": record(["a"], a=NULLABLE)}},
        ),
    ],
)
def test_every_required_leaf_may_be_null_and_nothing_else(given: Any, loose: Any) -> None:
    assert loosened(given) == loose


def test_a_description_stays_outside_the_choice() -> None:
    loose: Any = loosened(record(["a"], a={**STRING, "description": "the name"}))
    assert loose["properties"]["a"] == {**NULLABLE, "description": "the name"}


@pytest.mark.parametrize(
    ("schema", "is_taken"),
    [
        (STRING, False),
        ({}, True),
        ({"type": "null"}, True),
        ({"type": ["string", "null"]}, True),
        (NULLABLE, True),
        ({"enum": ["a", None]}, True),
        ({"enum": ["a"]}, False),
        ({"const": None}, True),
        ({"const": "a"}, False),
    ],
)
def test_whether_null_is_a_value(schema: Any, is_taken: bool) -> None:
    assert takes_null(schema, schema) is is_taken


def test_a_null_that_the_type_does_not_take_is_absent() -> None:
    root = record(["a", "b"], a=STRING, b={"type": "array", "items": record(["c"], c=STRING)})
    value: Any = {"a": None, "b": [{"c": None}, {"c": "x"}]}
    assert stripped(root, value) == ({"b": [{}, {"c": "x"}]}, (("a",), ("b", 0, "c")))


def test_a_null_that_the_type_takes_stays_and_is_told_too() -> None:
    assert stripped(record(["a"], a=NULLABLE), {"a": None}) == ({"a": None}, (("a",),))


def test_a_null_under_a_name_that_the_schema_does_not_know_stays() -> None:
    assert stripped(record([], a=STRING), {"more": None}) == ({"more": None}, (("more",),))
