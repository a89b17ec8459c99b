"""Positions of a target: what may stand there, by JSON type and by the type's own rules."""

import dataclasses
from collections import OrderedDict, deque
from typing import Annotated, Any, NamedTuple

import pytest
from pydantic import AfterValidator, AliasChoices, AliasPath, BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from extract.target.compile import compile_target
from extract.target.shape import Core, Shape, shape_of
from extract.vocabulary import JsonValue


def even(value: int) -> int:
    if value % 2:
        raise ValueError("is odd")
    return value


Even = Annotated[int, AfterValidator(even)]


class Seat(NamedTuple):
    row: int
    place: Even


class Keys(TypedDict):
    a: Even


@dataclasses.dataclass
class Plain:
    a: Even


class Named(BaseModel):
    a: Even = Field(validation_alias="A")
    b: Even = Field(validation_alias=AliasChoices("one", "other", AliasPath("x", 0)))
    c: Even = Field(default=0, validation_alias=AliasPath("y", 0))


class Pair(BaseModel):
    low: int
    high: int

    @model_validator(mode="after")
    def ordered(self) -> "Pair":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Tree(BaseModel):
    size: Even
    below: list["Tree"] = []


def at(target: Any, *path: str | int) -> Shape:
    shape = shape_of(compile_target(target))
    for step in path:
        below = shape.child(step)
        assert below is not None
        shape = below
    return shape


@pytest.mark.parametrize(
    ("target", "path"),
    [
        (Seat, (1,)),
        (Keys, ("a",)),
        (Plain, ("a",)),
        (Named, ("A",)),
        (Named, ("one",)),
        (list[Even], (3,)),
        (deque[Even], (3,)),
        (set[Even], (3,)),
        (dict[str, Even], ("k",)),
        (OrderedDict[str, Even], ("k",)),
        (tuple[int, Even], (1,)),
        (tuple[Even, ...], (70,)),
        (Tree, ("below", 0, "below", 0, "size")),
        (Seat | None, (1,)),
    ],
)
def test_a_value_is_judged_by_the_types_own_function(target: Any, path: tuple[str | int, ...]) -> None:
    shape = at(target, *path)
    assert shape.is_valid(2)
    assert not shape.is_valid(3)
    assert not shape.is_valid("2")


def test_a_name_that_the_type_does_not_read_has_no_place() -> None:
    assert shape_of(compile_target(Named)).child("a") is None


def test_what_comes_from_deeper_down_is_not_judged_at_the_first_step() -> None:
    core = Core(compile_target(Named).core_schema, {}, None)
    assert (core.child("y"), core.child("x")) == (None, None)


def test_a_record_is_complete_by_its_own_function() -> None:
    shape = at(Pair)
    assert shape.is_complete({"low": 1, "high": 2})
    assert not shape.is_complete({"low": 3, "high": 2})


def test_a_record_without_a_required_member_is_not_complete() -> None:
    assert not at(Pair).is_complete({"low": 1})


def test_many_keys_of_a_map_have_the_same_place() -> None:
    shape = at(dict[str, Even])
    for number in range(600):
        shape.child(str(number))
    below = shape.child("599")
    assert below is not None
    assert not below.is_valid(3)


def test_a_text_grows_where_nothing_tells_what_it_must_be() -> None:
    assert at(dict[str, str], "k").grows
    assert not at(dict[str, Annotated[str, Field(pattern="^a")]], "k").grows
    assert not at(dict[str, int], "k").grows


def test_a_text_with_half_a_character_is_not_valid() -> None:
    assert not at(dict[str, Annotated[str, Field(max_length=9)]], "k").is_valid("\ud800")


def test_a_node_that_cannot_stand_alone_judges_nothing() -> None:
    assert Core({"type": "definition-ref", "schema_ref": "gone"}, {}, None).validator() is None


def completes(target: object, value: JsonValue) -> bool:
    return shape_of(compile_target(target)).is_complete(value)


class Flat(BaseModel):
    name: str
    size: int | None = None


class Short(Flat):
    tags: Annotated[list[str], Field(max_length=1)] = []


class Upper(Flat):
    @model_validator(mode="after")
    def is_upper(self) -> "Upper":
        assert self.name.isupper()
        return self


class Brief(Flat):
    model_config = ConfigDict(str_max_length=2)


class Late(Flat):
    def model_post_init(self, context: object, /) -> None:
        if self.size == 0:
            raise ValueError("empty")


class Small(Flat):
    size: Annotated[int, Field(lt=9)] = 0


@pytest.mark.parametrize(
    ("target", "value", "is_complete"),
    [
        (Flat, {"name": "a"}, True),
        (Flat, {"size": 1}, False),
        (Short, {"name": "a", "tags": ["b"]}, True),
        (Short, {"name": "a", "tags": ["b", "c"]}, False),
        (Upper, {"name": "a"}, False),
        (Brief, {"name": "abc"}, False),
        (Late, {"name": "a", "size": 0}, False),
        (Small, {"name": "a", "size": 9}, False),
    ],
)
def test_a_record_is_complete_by_its_own_rules(target: object, value: JsonValue, is_complete: bool) -> None:
    assert completes(target, value) is is_complete
