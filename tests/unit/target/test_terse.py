"""The same schema in fewer tokens."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from extract.target.lower import lower
from extract.target.terse import with_type_lists

NULL: Any = {"type": "null"}


class Place(BaseModel):
    name: str
    street: str | None = Field(None, description="With its number")
    floor: int | None = None
    size: float | None = Field(None, gt=0)


def test_a_plain_scalar_that_may_be_null_is_a_list_of_types() -> None:
    properties: Any = lower(Place, "openai").schema["properties"]
    assert properties["street"] == {"type": ["string", "null"], "description": "With its number"}
    assert properties["floor"] == {"type": ["integer", "null"]}


def test_a_scalar_with_bounds_stays_a_union() -> None:
    properties: Any = lower(Place, "openai").schema["properties"]
    assert properties["size"] == {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, NULL]}


def test_a_dialect_whose_page_shows_no_such_list_has_unions() -> None:
    properties: Any = lower(Place, "portable").schema["properties"]
    assert properties["floor"] == {"anyOf": [{"type": "integer"}, NULL]}


@pytest.mark.parametrize(
    "union",
    [
        {"anyOf": [{"type": "string"}, {"type": "integer"}, NULL]},
        {"anyOf": [{"type": "string", "enum": ["a"]}, NULL]},
        {"anyOf": [{"type": "array", "items": {"type": "string"}}, NULL]},
        {"anyOf": [{"$ref": "#/$defs/A"}, NULL]},
        {"anyOf": [{"type": ["string", "integer"]}, NULL]},
        {"anyOf": [NULL, NULL]},
    ],
)
def test_any_other_union_stays_as_it_is(union: Any) -> None:
    assert with_type_lists(union) == union


def test_what_both_say_is_kept() -> None:
    union: Any = {"anyOf": [{"type": "string", "description": "Inner"}, NULL], "description": "Outer"}
    assert with_type_lists(union) == {"type": ["string", "null"], "description": "Outer. Inner"}


def test_a_schema_is_reached_wherever_it_lies_and_left_as_it_was() -> None:
    union: Any = {"anyOf": [{"type": "string"}, NULL]}
    whole: Any = {"properties": {"anyOf": union}, "items": union, "anyOf": [union], "$defs": {"A": union}}
    made: Any = with_type_lists(whole)
    assert "null" not in str(whole["items"].get("type"))
    assert [made["properties"]["anyOf"], made["items"], made["anyOf"][0], made["$defs"]["A"]] == [
        {"type": ["string", "null"]}
    ] * 4
