"""What a lowered schema does not enforce is on record: where it lies in the user's value, and which keyword."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NotRequired

import pytest
from pydantic import BaseModel, FutureDate, ImportString, Json, PastDatetime, StringConstraints
from typing_extensions import TypedDict

from extract.target.dialects import DIALECTS
from extract.target.lower import lower


def lost(target: object, dialect: str = "openai") -> set[tuple[Any, ...]]:
    return {(*loss.path, loss.keyword) for loss in lower(target, dialect).losses}


class Part(BaseModel):
    code: Annotated[str, StringConstraints(pattern=r"\bb")]


class Whole(BaseModel):
    parts: list[Part]
    spare: Part


class Chain(BaseModel):
    name: Annotated[str, StringConstraints(pattern=r"\bb")]
    next: Chain | None = None


def test_a_loss_within_a_definition_is_told_from_the_root() -> None:
    assert ("parts", "*", "code", "pattern") in lost(Whole)


def test_a_loss_within_a_definition_is_told_once() -> None:
    assert [loss.path for loss in lower(Chain | int).losses] == [("name",)]


def test_json_within_a_text_beside_another_member_is_not_constrained() -> None:
    assert ("*", "json") in lost(list[Json[int] | int])


@pytest.mark.parametrize("word", ["formatExclusiveMinimum", "formatExclusiveMaximum"])
def test_dates_to_come_and_gone_are_bounds(word: str) -> None:
    target = FutureDate if word == "formatExclusiveMinimum" else PastDatetime
    assert (word,) in lost(target)
    assert "now" in str(lower(target).schema)


@pytest.mark.parametrize("target", [ImportString, ImportString[Any]], ids=str)
def test_that_a_name_must_be_importable_is_on_record(target: object) -> None:
    assert ("validator",) in lost(target)


def test_a_date_takes_days_that_python_has_not() -> None:
    assert lost(date) == {("format",)}


def test_open_objects_are_on_record_where_a_dialect_does_not_close_them() -> None:
    closed = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
    assert lost(closed, "gemini") == {("additionalProperties",)}
    assert lost(closed, "openai") == set()


OVERLAP = {"oneOf": [{"type": "integer", "multipleOf": 3}, {"type": "integer", "multipleOf": 2}]}
TAGGED = {
    "oneOf": [
        {"type": "object", "properties": {"kind": {"const": one}}, "required": ["kind"]} for one in ("cat", "dog")
    ]
}


def test_that_only_one_member_is_valid_is_on_record_where_members_overlap() -> None:
    assert ("oneOf",) in lost(OVERLAP)


@pytest.mark.parametrize("schema", [TAGGED, {"oneOf": [{"type": "integer"}, {"type": "string"}]}], ids=str)
def test_members_that_exclude_each_other_lose_nothing(schema: dict[str, Any]) -> None:
    assert ("oneOf",) not in lost(schema)


def test_a_schema_without_a_type_says_what_is_not_enforced() -> None:
    assert ("n", "minimum") in lost({"type": "object", "properties": {"n": {"minimum": 5}}})


def test_which_key_takes_which_value_is_on_record() -> None:
    assert ("patternProperties",) in lost({"type": "object", "patternProperties": {"^a": {"type": "integer"}}})


def test_a_pattern_that_every_key_matches_is_a_plain_map() -> None:
    lowered = lower({"type": "object", "patternProperties": {".*": {"type": "number"}}}, "openai")
    assert lowered.losses == ()
    assert lowered.schema["properties"]["value"]["items"]["properties"]["value"] == {"type": "number"}


def test_what_a_pattern_says_of_a_named_key_is_enforced_there() -> None:
    schema = {
        "type": "object",
        "properties": {"abc": {"type": "integer"}},
        "patternProperties": {"^a": {"type": "integer", "maximum": 5}},
        "required": ["abc"],
    }
    assert lower(schema, "openai").schema["properties"]["abc"] == {"type": "integer", "maximum": 5}


def test_a_key_that_may_not_stand_is_not_offered() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}, "never": False}}
    assert "never" not in lower(schema, "openai").schema["properties"]
    assert ("properties",) in lost(schema)


def test_closed_by_unevaluated_properties_is_on_record() -> None:
    assert ("unevaluatedProperties",) in lost({"type": "object", "unevaluatedProperties": False})


class Maybe(TypedDict):
    note: NotRequired[int | None]
    absent: int


def test_a_list_that_says_absence_holds_at_most_one_item_or_says_so() -> None:
    assert lower(Maybe, "openai").schema["properties"]["note"]["maxItems"] == 1
    assert ("note", "absence") in lost(Maybe, "groq")
    assert ("note", "absence") not in lost(Maybe, "openai")


def test_every_loss_lies_in_the_users_value() -> None:
    for name in DIALECTS:
        assert all(loss.path[:1] in ((), ("parts",), ("spare",)) for loss in lower(Whole, name).losses)


def test_what_a_dataclass_does_after_it_is_made_is_on_record_and_costs_no_words() -> None:
    @dataclass
    class Even:
        n: int

        def __post_init__(self) -> None:
            assert self.n % 2 == 0

    lowered = lower(Even, "openai")
    assert [(loss.path, loss.keyword, loss.value) for loss in lowered.losses] == [((), "validator", ["__post_init__"])]
    assert "post_init" not in str(lowered.schema)
