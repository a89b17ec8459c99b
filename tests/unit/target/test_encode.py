"""From a value to the JSON that validates back to it."""

import dataclasses
import enum
import math
import re
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    Json,
    PlainSerializer,
    Secret,
    TypeAdapter,
    WrapValidator,
)
from pydantic_core import core_schema
from typing_extensions import TypedDict

from extract.errors import TargetError
from extract.target.compile import compile_target
from extract.target.encode import Encoder, NoForm, duration


def encoded(target: Any, value: object, **config: Any) -> Any:
    return Encoder(TypeAdapter(target).core_schema, config)(value)


class Inner(BaseModel):
    a: int = Field(alias="A")


class Seat(NamedTuple):
    rows: Json[list[int]]
    inner: Inner


class Pen(NamedTuple):
    name: str


@dataclasses.dataclass
class Plain:
    a: int
    b: object


class Path:
    def __fspath__(self) -> str:
        return "/x"


class Kind(enum.Enum):
    first = date(2020, 1, 1)


class Keys(TypedDict, total=False):
    a: Required[int]
    b: NotRequired[str]


class Open(TypedDict):
    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]
    a: int


class Deep(BaseModel):
    model_config = ConfigDict(extra="allow")
    near: int
    far: str = Field(validation_alias=AliasPath("x", 1, "y"))
    either: int = Field(validation_alias=AliasChoices(AliasPath("q", 0), "e"))


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
    a: int = Field(alias="A")


class Odd(BaseModel):
    said: int = "none"  # type: ignore[assignment]
    made: int = Field(default_factory=lambda: "none")  # type: ignore[arg-type,return-value]


def same(value: Any) -> Any:
    return value


# What validates back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "value", "wire"),
    [
        (Seat, Seat([1], Inner(A=2)), ["[1]", {"A": 2}]),
        (deque[Json[list[int]]], deque([[1]]), ["[1]"]),
        (OrderedDict[str, Json[int]], OrderedDict(a=1), {"a": "1"}),
        (OrderedDict[int, str], OrderedDict({1: "a"}), {"1": "a"}),
        (Counter[str], Counter("aab"), {"a": 2, "b": 1}),
        (Fraction | Json[list[int]], [1], "[1]"),
        (Fraction | Json[list[int]], Fraction(1, 3), "1/3"),
        (Mapping[str, Json[int]], {"a": 1}, {"a": "1"}),
        (list[Pen | Inner], [Pen("a"), Inner(A=1)], [["a"], {"A": 1}]),
        (Json[dict[str, Any]], {"a": 1}, '{"a": 1}'),
        (Json, [1], "[1]"),
        (re.Pattern[str], re.compile("a+"), "a+"),
        (Secret[int], Secret[int](3), 3),
        (Keys, {"a": 1}, {"a": 1}),
        (Open, {"a": 1, "more": "x"}, {"a": 1, "more": "x"}),
        (ByName, ByName(a=1), {"a": 1}),
        (Annotated[int, BeforeValidator(same)], 3, 3),
    ],
)
def test_a_value_is_written_as_it_is_read(target: Any, value: object, wire: Any) -> None:
    compiled = compile_target(target)
    assert compiled.encode(value) == wire
    assert compiled.validate(wire, strict=True) == value


def test_a_value_from_deep_in_the_input_is_put_back_there() -> None:
    given = {"near": 1, "x": [0, {"y": "t"}], "e": 4, "more": 5}
    wire = compile_target(Deep).encode(Deep.model_validate(given))
    assert wire == {"near": 1, "x": [None, {"y": "t"}], "e": 4, "more": 5}


KEYED: dict[str, tuple[Any, object]] = {
    "ordered": (OrderedDict[tuple[int, int], str], OrderedDict({(1, 2): "a", (0, -1): "b"})),
    "counter": (Counter[tuple[int, int]], Counter({(1, 2): 3})),
}


@pytest.mark.parametrize(("target", "value"), KEYED.values(), ids=KEYED.keys())
def test_keys_with_parts_are_json_texts_in_a_map_of_any_kind(target: Any, value: object) -> None:
    compiled = compile_target(target)
    assert compiled.validate(compiled.encode(value), strict=True) == value


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_number_that_json_has_not_is_refused_by_its_place(number: float) -> None:
    with pytest.raises(TargetError, match=r"\$\.a\[1\].*no JSON number; allow it by name"):
        compile_target(dict[str, list[float]]).encode({"a": [1.0, number]})


def test_a_number_that_json_has_not_is_refused_where_any_value_may_stand() -> None:
    with pytest.raises(TargetError, match="no JSON number"):
        compile_target(dict[str, Any]).encode({"a": [math.inf]})


def test_a_number_that_json_has_not_is_refused_under_a_json_schema() -> None:
    with pytest.raises(TargetError, match=r"\$\.a: JSON has no such number"):
        compile_target({"type": "object"}).encode({"a": math.inf})


def test_an_ordered_map_tells_the_texts_of_its_keys() -> None:
    assert compile_target(OrderedDict[int, str]).schema == compile_target(dict[int, str]).schema


# By its own type ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (Fraction(1, 3), "1/3"),
        (1 + 2j, "1+2j"),
        (PurePosixPath("/a"), "/a"),
        (Path(), "/x"),
        (Plain(1, date(2020, 1, 1)), {"a": 1, "b": "2020-01-01"}),
        (Kind.first, "2020-01-01"),
        ((1, {2: b"a"}), [1, {"2": "a"}]),
        (Inner(A=1), {"A": 1}),
        (TypeAdapter, None),
    ],
)
def test_a_value_without_a_declared_type_is_written_by_its_own(value: object, wire: Any) -> None:
    if wire is None:
        with pytest.raises(NoForm, match="has no JSON form"):
            encoded(Any, value)
    else:
        assert encoded(Any, value) == wire


@pytest.mark.parametrize(
    ("config", "wire"), [({"val_json_bytes": "hex"}, "ff"), ({"val_json_bytes": "base64"}, "_w==")]
)
def test_bytes_are_written_as_the_configuration_reads_them(config: dict[str, str], wire: str) -> None:
    assert encoded(bytes, b"\xff", **config) == wire


def test_bytes_that_are_no_text_name_the_way_out() -> None:
    with pytest.raises(NoForm, match="use Base64Bytes or val_json_bytes"):
        encoded(bytes, b"\xff")


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(days=2), "P2D"),
        (timedelta(days=1, seconds=1), "P1DT1S"),
        (timedelta(milliseconds=-1500), "-PT1.5S"),
    ],
)
def test_a_duration_is_exact(value: timedelta, wire: str) -> None:
    assert duration(value) == wire
    assert TypeAdapter(timedelta).validate_python(wire) == value


# What is of another type -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "value"),
    [
        (int, True),
        (float, "3"),
        (date, datetime(2020, 1, 1, tzinfo=UTC)),
        (Fraction, 1),
        (Literal[1], True),
        (Literal["a"], "b"),
        (Kind, date(2020, 1, 1)),
        (InstanceOf[Plain], 3),
        (list[str], "ab"),
        (list[int], 5),
        (dict[str, int], 5),
        (dict[Any, int], {1: 1, "1": 2}),
        (tuple[int, int], [1, 2]),
        (tuple[int, int], (1,)),
        (Pen, ("a",)),
        (Inner, {"A": 1}),
        (Keys, 5),
        (Keys, {"b": "x"}),
        (Keys, {"a": 1, "more": 2}),
        (int | str, 1.5),
        (Annotated[Inner, AfterValidator(same)], {"A": 1}),
        (Annotated[int, WrapValidator(lambda value, _: value)], [object()]),
        (Odd, Odd.model_construct(said="other")),
        (Odd, Odd.model_construct(made="other")),
    ],
)
def test_a_value_of_another_type_has_no_form(target: Any, value: object) -> None:
    with pytest.raises(NoForm):
        encoded(target, value)


def test_a_default_that_is_no_valid_input_is_left_out() -> None:
    assert encoded(Odd, Odd()) == {}


def test_a_value_that_its_own_serializer_cannot_write_is_written_by_its_type() -> None:
    broken = Annotated[int, AfterValidator(same), PlainSerializer(lambda value: value.nothing)]
    assert encoded(broken, 3) == 3


def test_an_instance_is_written_by_its_own_type() -> None:
    assert encoded(InstanceOf[Plain], Plain(1, 2)) == {"a": 1, "b": 2}


def test_a_function_may_take_what_its_inside_does_not() -> None:
    assert encoded(Annotated[int, WrapValidator(lambda value, _: value)], "three") == "three"


# Named tuples as the older releases of Pydantic tell them ----------------------------------------------------------------

CALL = core_schema.call_schema(
    core_schema.arguments_schema(
        [core_schema.arguments_parameter("name", core_schema.json_schema(core_schema.int_schema()))]
    ),
    Pen,
)


def test_a_tuple_that_a_call_makes_is_written_by_its_arguments() -> None:
    assert Encoder(CALL)(Pen(1)) == ["1"]  # type: ignore[arg-type]


def test_a_tuple_that_another_call_makes_has_no_form() -> None:
    with pytest.raises(NoForm, match="is no Pen"):
        Encoder(CALL)(("a",))


def test_what_a_call_makes_that_is_no_tuple_is_written_by_its_own_type() -> None:
    assert Encoder(CALL)(3) == 3


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert encoded(float, 3) == 3
