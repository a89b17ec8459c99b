"""A core schema that reads what Pydantic describes and does not read."""

import enum
import json
import math
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from extract.errors import TargetError
from extract.target.compile import compile_target
from extract.target.invalid import Invalid
from extract.target.lower import lower
from extract.target.readable import readable
from tests.zoo import CASES
from tests.zoo.models import GROUPS as MODELS
from tests.zoo.scalars import Colour, Pair


class Both(enum.Enum):
    TEXT = "x"
    BYTES = b"x"


class Route(BaseModel):
    way: Pair
    colours: dict[Literal[1, 2], Literal[Colour.RED]] = {}


def read(target: Any, value: Any, *, strict: bool = True) -> Any:
    return compile_target(target).validate(value, strict=strict)


@pytest.mark.parametrize("case", [case for group in MODELS for case in group], ids=lambda case: case.name)
def test_a_type_that_pydantic_reads_keeps_its_very_schema(case: Any) -> None:
    core = compile_target(case.target).core_schema
    assert readable(core) is core


def test_a_schema_with_unread_members_is_left_as_it_is() -> None:
    core = TypeAdapter(Route).core_schema
    before = repr(core)
    assert readable(core) is not core
    assert repr(core) == before


def test_a_member_is_found_by_its_whole_numbers_however_they_are_written() -> None:
    assert read(Pair, [0.0, 1]) is Pair.NORTH


def test_true_is_not_one() -> None:
    with pytest.raises(Invalid):
        read(Pair, [False, True])


def test_a_text_that_pydantic_reads_itself_goes_before_a_member_that_looks_the_same() -> None:
    assert read(Both, "x") is Both.TEXT


def test_what_is_no_member_is_refused_at_its_place() -> None:
    with pytest.raises(Invalid) as caught:
        read(list[Route], [{"way": [1, 1]}])
    assert [issue.loc for issue in caught.value.issues] == [(0, "way")]


def test_a_value_that_can_be_no_member_is_refused_and_trips_nothing() -> None:
    with pytest.raises(Invalid):
        read(Pair, {"a": [None, {"b": []}]})


def test_the_text_of_a_number_is_no_member_outside_of_keys() -> None:
    with pytest.raises(Invalid):
        read(Route, {"way": [0, 1], "colours": {"1": 1}}, strict=False)


def test_a_class_whose_init_stands_in_the_way_is_refused_by_name() -> None:
    class Own(BaseModel):
        way: Pair

        def __init__(self, **fields: Any) -> None:
            super().__init__(**fields)

    with pytest.raises(TargetError, match="Own has an __init__ of its own"):
        compile_target(list[Own])


def test_members_that_are_one_in_json_are_refused_by_name() -> None:
    class Same(enum.Enum):
        PAIR = (1, (2,))
        LIST = (1, [2])

    with pytest.raises(TargetError, match=r"Same: .*PAIR.* and .*LIST.* are one in JSON"):
        compile_target(Same)


def test_a_member_that_json_has_no_value_for_goes_by_its_name() -> None:
    class Kind(enum.Enum):
        WHOLE = int
        TEXT = str

    assert compile_target(Kind).schema["enum"] == ["WHOLE", "TEXT"]
    assert read(Kind, "WHOLE") is Kind.WHOLE


def test_a_field_that_json_cannot_say_is_on_record_by_its_key() -> None:
    class Hooked(BaseModel):
        hook: Annotated[type[int], Field(alias="theHook")] = int
        count: int

    class Holder(BaseModel):
        held: list[Hooked]

    lowered = lower(Holder)
    assert [(loss.path, loss.keyword) for loss in lowered.losses] == [(("held", "*", "theHook"), "field")]
    assert "heHook" not in str(lowered.schema)


def test_a_field_that_json_cannot_say_and_that_must_be_given_is_refused_by_name() -> None:
    class Hooked(BaseModel):
        hook: type[int]

    with pytest.raises(TargetError, match="'hook', which has no default"):
        compile_target(Hooked)


def test_the_zoo_has_types_that_pydantic_does_not_read() -> None:
    cores = [compile_target(case.target).core_schema for case in CASES]
    assert sum(readable(core) is not core for core in cores) > 40


def test_keys_of_several_kinds_are_one_pattern() -> None:
    schema = compile_target(dict[Literal["a.b"] | int | None, str]).schema
    assert schema["propertyNames"] == {"type": "string", "pattern": r"^(a\.b|-?[0-9]+|None)$"}


def test_keys_of_kinds_that_no_pattern_holds_are_on_record() -> None:
    lowered = lower(dict[int | date, str])
    assert [(loss.path, loss.keyword) for loss in lowered.losses] == [((), "propertyNames")]


def test_keys_of_which_one_kind_is_any_text_say_nothing() -> None:
    assert "propertyNames" not in compile_target(dict[int | str, str]).schema


def test_the_sum_of_flags_counts_no_bit_twice() -> None:
    class Flags(enum.Flag):
        A = 1
        B = 2
        BOTH = 3

    assert compile_target(Flags).schema["maximum"] == 3


def test_a_default_that_json_has_not_is_no_part_of_the_schema() -> None:
    class Limit(BaseModel):
        most: float = math.inf

    assert "Infinity" not in json.dumps(compile_target(Limit).schema)
