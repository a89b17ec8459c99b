"""Members that the wire's own objects have no place for: a dialect that leaves objects open lets a model write them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from extract import read
from extract.target.lower import lower
from extract.vocabulary import JsonValue


class Node(BaseModel):
    value: int


def decoded(target: object, wire: JsonValue) -> tuple[JsonValue, list[tuple[str, str]]]:
    made = lower(target, "gemini").decode(wire)
    return made.value, [(repair.rule, repair.trust) for repair in made.repairs]


DROPPED = [("extra_key_dropped", "coerced")]


@pytest.mark.parametrize(
    ("target", "wire", "value"),
    [
        (int, {"value": 5, "confidence": 0.9}, 5),
        (list[int], {"value": [], "note": "none found"}, []),
        (Node | None, {"value": {"value": 1}, "why": "said"}, {"value": 1}),
        (dict[str, int], {"value": [{"key": "a", "value": 1}], "note": 2}, {"a": 1}),
        (dict[str, int], {"value": [{"key": "a", "value": 1, "unit": "kg"}]}, {"a": 1}),
        (dict[str, int] | list[int], {"value": {"entries": [{"key": "a", "value": 1}], "n": 1}}, {"a": 1}),
        (tuple[int, str], {"item_0": 1, "item_1": "a", "note": 2}, [1, "a"]),
    ],
)
def test_a_further_member_is_dropped_on_record(target: object, wire: JsonValue, value: JsonValue) -> None:
    assert decoded(target, wire) == (value, DROPPED)


@pytest.mark.parametrize(
    ("target", "natural"),
    [
        (dict[str, int], {"value": 1, "other": 2}),
        (dict[str, list[int]], {"value": [], "other": [1]}),
        (Node | None, {"value": 1, "other": 2}),
    ],
)
def test_a_natural_object_with_a_key_of_the_envelopes_name_is_taken_for_itself(target: object, natural: Any) -> None:
    assert decoded(target, natural) == (natural, [])


def test_the_reader_takes_it_and_tells() -> None:
    taken = read(lower(int, "gemini"), '{"value": 5, "confidence": 0.9}')
    assert (taken.value, [repair.rule for repair in taken.repairs]) == (5, ["extra_key_dropped"])


PLACES = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": {"type": "string"}}


@pytest.mark.parametrize(
    "wire",
    [
        {"item_0": {"absent": True}, "item_1": 2, "rest": []},
        {"item_0": {"absent": True}, "item_1": {"absent": True}, "rest": ["a"]},
    ],
)
def test_a_place_after_a_gap_is_never_dropped_in_silence(wire: JsonValue) -> None:
    made = lower(PLACES, "openai").decode({"value": wire} if "value" in lower(PLACES, "openai").schema else wire)
    assert made.value == []
    assert [(repair.rule, repair.trust) for repair in made.repairs] == [("place_after_gap", "guessed")]


def test_a_repair_of_a_further_item_is_told_at_its_place() -> None:
    maps = {**PLACES, "items": {"type": "object", "additionalProperties": {"type": "integer"}}}
    twice = [{"key": "a", "value": 1}, {"key": "a", "value": 2}]
    made = lower(maps, "openai").decode({"item_0": 1, "item_1": 2, "rest": [twice]})
    assert [(repair.path, repair.rule) for repair in made.repairs] == [((2, "a"), "repeated_key")]
