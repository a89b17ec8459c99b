"""Targets: names, exact numbers, places of issues, values to JSON."""

import gc
import weakref
from collections import Counter
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from extract.errors import TargetError
from extract.target.compile import compile_target
from extract.target.invalid import Invalid
from extract.vocabulary import Number


class Line(BaseModel):
    text: str = Field(alias="Text")
    price: Decimal


class Order(BaseModel):
    lines: list[Line]
    buyer: int | list[str] | None = None


def _issues(target: object, value: object) -> list[tuple[object, ...]]:
    with pytest.raises(Invalid) as caught:
        compile_target(target).validate(value, strict=True)  # type: ignore[arg-type]
    return [issue.loc for issue in caught.value.issues]


def test_a_decimal_sees_every_digit() -> None:
    literal = "3.14159265358979323846264338327950288419"
    assert compile_target(Decimal).validate(Number(literal), strict=True) == Decimal(literal)


def test_a_whole_number_with_a_fraction_of_zero_keeps_its_digits() -> None:
    assert compile_target(int).validate(Number("9007199254740993.0"), strict=True) == 9007199254740993


@pytest.mark.parametrize("target", [float, int, dict[str, float]])
def test_an_overflow_is_refused(target: object) -> None:
    value = {"a": Number("1e400")} if target not in (float, int) else Number("1e400")
    assert len(_issues(target, value)) == 1


def test_an_overflow_in_text_is_refused() -> None:
    with pytest.raises(Invalid):
        compile_target(float).validate_text("1e400", strict=True)


def test_places_are_in_the_names_of_the_json() -> None:
    assert _issues(Order, {"lines": [{"Text": 5, "price": "1"}]}) == [("lines", 0, "Text")]


def test_a_missing_key_is_named_by_its_alias() -> None:
    assert _issues(Order, {"lines": [{"price": "1"}]}) == [("lines", 0, "Text")]


def test_a_union_gives_one_issue_without_branch_names() -> None:
    assert _issues(Order, {"lines": [], "buyer": 1.5}) == [("buyer",)]


def test_strict_refuses_true_for_a_number() -> None:
    assert _issues(int, True) == [()]


def test_strict_takes_keys_that_are_no_strings() -> None:
    assert compile_target(dict[int, str]).validate({"1": "a"}, strict=True) == {1: "a"}


def test_a_value_is_written_by_alias_and_read_back() -> None:
    order = Order(lines=[Line(Text="a", price=Decimal("0.10"))])
    assert compile_target(Order).encode(order) == {"lines": [{"Text": "a", "price": "0.10"}], "buyer": None}


@pytest.mark.parametrize("name", ["Response[Item]", "a b", "ü", "x" * 100, ""])
def test_a_name_is_legal_everywhere(name: str) -> None:
    made = compile_target({"title": name, "type": "object"}).name
    assert made.replace("_", "a").replace("-", "a").isalnum()
    assert made.isascii()
    assert 1 <= len(made) <= 64


def test_a_remote_reference_is_refused_by_its_place() -> None:
    with pytest.raises(TargetError, match=r"\$\.properties\.a"):
        compile_target({"properties": {"a": {"$ref": "https://example.org/other.json"}}})


def test_a_wrong_schema_is_refused_by_its_place() -> None:
    with pytest.raises(TargetError, match=r"\$\.properties\.a\.type"):
        compile_target({"properties": {"a": {"type": "text"}}})


def test_a_model_is_collected_with_its_target() -> None:
    model = create_model("Dynamic", a=(int, ...))
    compile_target(model)
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None


def test_a_type_of_models_is_collected_with_its_target() -> None:
    model = create_model("Dynamic", a=(int, ...))
    compile_target(dict[str, list[model | None]])
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None


def test_a_model_carries_no_more_targets_than_a_few() -> None:
    first = compile_target(dict[Literal["k0"], Order])
    for number in range(1, 40):
        compile_target(dict[Literal[f"k{number}"], Order])
    assert compile_target(dict[Literal["k39"], Order]) is compile_target(dict[Literal["k39"], Order])
    assert compile_target(dict[Literal["k0"], Order]) is not first


def test_a_type_of_models_is_compiled_once() -> None:
    assert compile_target(list[Order]) is compile_target(list[Order])


def test_a_value_that_json_cannot_tell_is_refused_and_not_changed() -> None:
    with pytest.raises(TargetError, match="comes back"):
        compile_target(dict[int | str, int]).encode({1: 2, "a": 3})


@pytest.mark.parametrize("key", [None, (1, 2), 1])
def test_a_key_that_no_json_tells_from_a_text_is_refused_and_not_changed(key: object) -> None:
    with pytest.raises(TargetError, match="comes back"):
        compile_target(dict[Any, str]).encode({key: "a"})


def test_a_model_is_compiled_once() -> None:
    assert compile_target(Order) is compile_target(Order)


def test_unions_in_another_order_are_another_target() -> None:
    assert compile_target(int | str) is not compile_target(str | int)


def test_the_keys_of_a_counter_are_told() -> None:
    assert (
        compile_target(Counter[int]).schema["propertyNames"] == compile_target(dict[int, int]).schema["propertyNames"]
    )
