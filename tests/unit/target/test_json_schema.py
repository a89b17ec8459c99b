"""JSON Schemas as targets: what they take beyond what the stock validator does."""

from __future__ import annotations

import pytest

from extract.errors import TargetError
from extract.target.compile import compile_target
from extract.target.invalid import Invalid
from extract.target.lower import lower

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
