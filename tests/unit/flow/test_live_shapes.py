"""Drafts of every shape that a dialect gives a value on the wire: what closes stays, and it comes before the end."""

from __future__ import annotations

import json
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from extract.chat.endpoint import Endpoint
from extract.target.compile import compile_target
from extract.target.lower import lower
from tests.pieces import Pieces, Said, Watched, watch
from tests.unit.flow.script import plan_of


class Seat(NamedTuple):
    row: int
    place: str
    note: str = "none"


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str
    __pydantic_extra__: dict[str, list[int]]


class Part(BaseModel):
    name: str
    limit: int | None = 10
    tags: list[str] = ["a"]


class Node(BaseModel):
    name: str
    below: list[Node] = []


class Words(BaseModel):
    seen: set[str]
    text: str | list[str]
    more: dict[str, Part | int]


def even(value: int) -> int:
    if value % 2:
        raise ValueError("is odd")
    return value


VALUES: list[tuple[Any, Any]] = [
    (Seat, [1, "a", "b"]),
    (Seat, [1, "a"]),
    (tuple[int, str], [1, "a"]),
    (tuple[Part, ...], [{"name": "x", "limit": 1, "tags": []}]),
    (list[Seat], [[1, "a", "b"], [2, "c", "d"]]),
    (Open, {"name": "x", "more": [1, 2], "again": [3]}),
    (Part, {"name": "x", "limit": None, "tags": ["b"]}),
    (Part, {"name": "x"}),
    (list[Part], [{"name": "x"}, {"name": "y", "limit": 3}]),
    (Node, {"name": "x", "below": [{"name": "y", "below": [{"name": "z"}]}]}),
    (Words, {"seen": ["a", "b"], "text": "abc", "more": {"p": {"name": "x"}, "q": 3}}),
    (Words, {"seen": [], "text": ["abc"], "more": {}}),
    (dict[str, dict[str, int]], {"a": {"b": 1}, "c": {}}),
    (dict[int, list[str]], {"1": ["a"]}),
    (Part | None, {"name": "x"}),
    (int | str, "abc"),
    (list[int | list[str] | dict[str, int]], [1, ["a"], {"b": 2}]),
    ({"type": "object", "properties": {"a": {"$ref": "#/$defs/t"}}, "$defs": {"t": {"type": "string"}}}, {"a": "x"}),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False}, [1, "a"]),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "array"}}, [1, ["a"], []]),
    ({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}}, {"a": [1.5]}),
    ({}, {"a": [None, True, {"b": "c"}]}),
]


def seen(target: Any, text: str, dialect: str, **given: Any) -> Watched:
    row = Endpoint(name="row", source="made up for tests", dialect=dialect, tool_dialect=dialect)
    return watch(plan_of(target, rows=(row,), method="json_schema"), Pieces([Said(text)]), **given)


@pytest.mark.parametrize("dialect", ["plain", "openai", "gemini", "vllm"])
@pytest.mark.parametrize(("target", "value"), VALUES)
def test_what_was_shown_of_a_shape_is_true_and_complete(target: Any, value: Any, dialect: str) -> None:
    wire = lower(compile_target(target), dialect).encode_json(value)
    watched = seen(target, json.dumps(wire), dialect)
    assert watched.extraction is not None
    assert watched.lies() == []
    assert watched.last.epoch == 0
    assert watched.replayed == watched.extraction.json


# --- answers that do not keep to the shape on the wire ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "wire", "value"),
    [
        (dict[str, int], {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        (dict[str, int], {"value": {"a": 1, "b": 2}}, {"a": 1, "b": 2}),
        (dict[str, int], {"value": [{"value": 1, "key": "a"}]}, {"a": 1}),
        (dict[int, int], {"value": [{"key": 1, "value": 2}]}, {"1": 2}),
        (Seat, [1, "a", "b"], [1, "a", "b"]),
        (Seat, {"value": [1, "a", "b"]}, [1, "a", "b"]),
        (list[Seat], [[1, "a", "b"]], [[1, "a", "b"]]),
        (list[int], [1, 2], [1, 2]),
        (Part, {"name": "x", "other": [1]}, {"name": "x", "other": [1]}),
        (Part, {"name": "x", "limit": [4], "tags": [["b"]]}, {"name": "x", "limit": 4, "tags": ["b"]}),
        (Node, {"name": "x", "below": [{"name": "y"}]}, {"name": "x", "below": [{"name": "y"}]}),
        (Open, {"name": "x", "more": [1]}, {"name": "x", "more": [1]}),
        (int | str, "abc", "abc"),
    ],
)
def test_another_shape_than_the_one_asked_for_ends_in_the_value_too(target: Any, wire: Any, value: Any) -> None:
    watched = seen(target, json.dumps(wire), "openai")
    assert watched.extraction is not None
    assert watched.extraction.json == value
    assert watched.lies() == []
    assert watched.replayed == value


class Held(BaseModel):
    first: str
    size: Annotated[int, AfterValidator(even)]
    short: Annotated[str, Field(max_length=3)]


def test_a_value_that_its_own_function_refuses_is_not_closed_on_the_way() -> None:
    text = json.dumps({"first": "a", "size": 3, "short": "abc"})
    good = json.dumps({"size": 4})
    row = Endpoint(name="row", source="made up for tests")
    watched = watch(plan_of(Held, rows=(row,), method="json_schema"), Pieces([Said(text), Said(good)]))
    assert (0, ("size",), 3) not in watched.closes
    assert (0, ("first",), "a") in watched.closes
    assert watched.last.value == Held(first="a", size=4, short="abc")


def test_a_text_that_grew_too_long_is_not_closed() -> None:
    text = json.dumps({"first": "a", "size": 2, "short": "abcd"})
    watched = watch(plan_of(Held, method="json_schema"), Pieces([Said(text), Said(json.dumps({"short": "abc"}))]))
    assert ("short",) not in [path for _, path, value in watched.closes if value == "abcd"]
    assert watched.last.value.short == "abc"


def test_texts_held_back_are_shown_whole_within_every_shape() -> None:
    wire = lower(compile_target(list[Seat]), "openai").encode_json([[1, "abc", "def"]])
    watched = seen(list[Seat], json.dumps(wire), "openai", strings="whole")
    assert {item for partial in watched.partials for seat in partial or [] for item in seat[1:]} == {"abc", "def"}


def test_a_text_in_place_of_a_call_is_shown_too() -> None:
    watched = watch(plan_of(Part, method="tool"), Pieces([Said(json.dumps({"name": "x"}), as_call=False)]))
    assert {"name": "x"} in watched.partials
    assert watched.last.value == Part(name="x")


def test_a_key_that_comes_twice_is_left_to_the_whole() -> None:
    text = json.dumps({"value": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]})
    watched = watch(plan_of(dict[str, int], method="json_schema", repair="guessed"), Pieces([Said(text)]))
    assert (0, ("a",), 1) in watched.closes
    assert (0, ("a",), 2) not in watched.closes
    assert (watched.last.value, watched.last.epoch) == ({"a": 2}, 1)
