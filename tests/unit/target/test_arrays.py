"""Lists, sets and tuples on the wire and back: values, and the places in them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from extract.target.compile import compile_target
from extract.target.lower import Lowered, lower


class Part(BaseModel):
    name: str
    limit: int | None = 10


TUPLE: Any = {
    "type": "array",
    "prefixItems": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "integer"}}],
    "items": {"type": "object", "properties": {"a": {"type": "string"}}},
    "minItems": 1,
}
PLAIN: Lowered[Any] = lower(compile_target(TUPLE), "plain")
OPENAI: Lowered[Any] = lower(compile_target(TUPLE), "openai")
PLACES: list[tuple[Any, Any, Any]] = [
    ((0,), (0,), ("item_0",)),
    ((2,), (2,), ("rest", 0)),
    ((5, "a"), (5, "a"), ("rest", 3, "a")),
]


@pytest.mark.parametrize(("user", "plain", "openai"), PLACES)
def test_a_place_in_a_tuple_has_one_on_the_wire(user: Any, plain: Any, openai: Any) -> None:
    assert PLAIN.wire_path(user) == plain
    assert OPENAI.wire_path(user) == openai


@pytest.mark.parametrize(("user", "plain", "openai"), PLACES)
def test_a_place_on_the_wire_is_one_in_the_tuple(user: Any, plain: Any, openai: Any) -> None:
    assert PLAIN.user_path(plain) == user
    assert OPENAI.user_path(openai) == user


def test_the_list_of_further_items_is_the_tuple_itself() -> None:
    assert OPENAI.user_path(("rest",)) == ()


def test_a_tuple_that_came_as_a_list_keeps_its_places() -> None:
    assert OPENAI.user_path((3, "a")) == (3, "a")


def test_a_key_that_is_no_place_of_a_tuple_stays() -> None:
    assert OPENAI.user_path(("other",)) == ("other",)


@pytest.mark.parametrize("path", [("a",), (1, "k")])
def test_what_has_no_place_of_its_own_on_the_wire_has_none(path: Any) -> None:
    assert OPENAI.wire_path(path) is None


def test_a_closed_tuple_has_no_place_behind_its_items() -> None:
    closed: Lowered[Any] = lower(compile_target(tuple[int, str]), "openai")
    assert closed.wire_path((1,)) == ("item_1",)
    assert closed.wire_path((2,)) is None


def test_places_within_a_list_go_by_the_items() -> None:
    lowered: Lowered[Any] = lower(compile_target(list[Part]), "openai")
    wire = lowered.wire_path((3, "name"))
    assert wire is not None
    assert lowered.user_path(wire) == (3, "name")


@pytest.mark.parametrize("dialect", ["plain", "openai"])
@pytest.mark.parametrize("value", [["x"], ["x", {"k": 1}], ["x", {}, {"a": "b"}, {}]])
def test_a_tuple_comes_back_as_it_went(dialect: str, value: Any) -> None:
    lowered: Lowered[Any] = lower(compile_target(TUPLE), dialect)
    decoded = lowered.decode(lowered.encode_json(value))
    assert (decoded.value, decoded.repairs) == (value, ())


def test_an_item_of_a_set_that_comes_again_is_a_repair() -> None:
    lowered: Lowered[Any] = lower(compile_target(set[str]), "openai")
    decoded = lowered.decode({"value": ["a", "b", "a"]})
    assert decoded.value == ["a", "b"]
    assert [(repair.rule, repair.path) for repair in decoded.repairs] == [("repeated_item", (2,))]


@pytest.mark.parametrize("wire", [{"other": 1}, 5])
def test_what_is_no_tuple_is_left_to_validation(wire: Any) -> None:
    assert OPENAI.decode(wire).value == wire
