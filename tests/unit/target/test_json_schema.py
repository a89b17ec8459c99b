"""JSON Schemas as targets: what they take beyond what the stock validator does."""

from __future__ import annotations

import pytest

from extract.errors import TargetError
from extract.target.compile import compile_target
from extract.target.invalid import Invalid
from extract.target.lower import lower
from extract.vocabulary import JsonObject

CENTS = {"type": "number", "multipleOf": 0.01}
BEHIND = {"type": "string", "pattern": "(?<=a+)b"}


@pytest.mark.parametrize("price", [0.07, 19.99, 1.1, 3, 10**30])
def test_a_price_is_a_multiple_of_a_cent(price: float) -> None:
    assert compile_target(CENTS).validate(price, strict=True) == price


def test_a_part_of_a_cent_is_none() -> None:
    with pytest.raises(Invalid):
        compile_target(CENTS).validate(0.075, strict=True)


def test_a_unit_that_floats_cannot_hold_is_not_sent() -> None:
    lowered = lower(CENTS, "openai")
    assert "multipleOf" not in str(lowered.schema)
    assert [loss.keyword for loss in lowered.losses] == ["multipleOf"]


def test_a_pattern_is_named_as_it_was_written() -> None:
    with pytest.raises(Invalid, match=r"does not match '\^\\\\p\{L\}\+\$'"):
        compile_target({"type": "string", "pattern": r"^\p{L}+$"}).validate("1", strict=True)


def test_a_pattern_that_nobody_can_check_is_a_loss() -> None:
    lowered = lower(BEHIND, "openai")
    assert lowered.target.validate("cb", strict=True) == "cb"
    assert "before or after" in lowered.losses[0].reason


def test_a_broken_pattern_is_refused_by_its_place() -> None:
    with pytest.raises(TargetError, match=r"\$\.pattern"):
        compile_target({"type": "string", "pattern": "([a-z"})


def test_a_schema_that_names_no_draft_may_be_an_old_one() -> None:
    target = compile_target({"type": "array", "items": [{"type": "integer"}, {"type": "string"}]})
    assert target.validate([1, "a"], strict=True) == [1, "a"]
    with pytest.raises(Invalid):
        target.validate(["a"], strict=True)


def test_a_flag_of_draft_4_needs_no_draft_named() -> None:
    with pytest.raises(Invalid):
        compile_target({"type": "number", "minimum": 0, "exclusiveMinimum": True}).validate(0, strict=True)


def diamond(depth: int) -> JsonObject:
    """Each definition asks the next one twice: 2 ** depth ways to the last."""
    twice: JsonObject = {
        f"D{i}": {"allOf": [{"$ref": f"#/$defs/D{i + 1}"}, {"$ref": f"#/$defs/D{i + 1}"}]} for i in range(depth)
    }
    last: JsonObject = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
    return {"$ref": "#/$defs/D0", "$defs": {**twice, f"D{depth}": last}}


def test_a_definition_that_is_come_to_a_billion_ways_is_asked_once() -> None:
    compiled = lower(diamond(60)).target
    assert compiled.validate({"x": 1}, strict=True) == {"x": 1}


def test_what_is_wrong_a_billion_ways_is_said_once() -> None:
    with pytest.raises(Invalid) as caught:
        compile_target(diamond(60)).validate({"x": "a"}, strict=True)
    assert [issue.loc for issue in caught.value.issues] == [("x",)]


def test_what_all_of_deep_definitions_drop_is_kept_once() -> None:
    assert lower(diamond(80), "openai").decode({"x": 1}).value == {"x": 1}


def test_one_schema_asked_twice_of_one_value_is_wrong_both_times() -> None:
    whole: JsonObject = {"type": "integer"}
    schema: JsonObject = {"oneOf": [{"$ref": "#/$defs/A"}, {"type": "string"}], "$defs": {"A": whole}}
    outer: JsonObject = {"allOf": [{"$ref": "#/$defs/B"}, {"not": {"$ref": "#/$defs/B"}}], "$defs": {"B": schema}}
    outer["$defs"] = {"A": whole, "B": {key: value for key, value in schema.items() if key != "$defs"}}
    compiled = compile_target(outer)
    for value in (1, "a", None):
        with pytest.raises(Invalid):
            compiled.validate(value, strict=True)


def test_a_place_of_a_second_answer_is_its_own() -> None:
    word: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}}
    pair: JsonObject = {"type": "array", "items": {"$ref": "#/$defs/Word"}}
    compiled = compile_target({"type": "object", "properties": {"a": pair, "b": pair}, "$defs": {"Word": word}})
    with pytest.raises(Invalid) as caught:
        compiled.validate({"a": [{"n": "x"}, {"n": 1}], "b": [{"n": 1}, {"n": "x"}]}, strict=True)
    assert [issue.loc for issue in caught.value.issues] == [("a", 0, "n"), ("b", 1, "n")]


def test_an_integer_beyond_any_float_is_a_multiple_by_its_digits() -> None:
    assert compile_target(CENTS).validate(10**400, strict=True) == 10**400
