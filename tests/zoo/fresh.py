"""Types of a second look: generics with defaults, unions within unions, roots that recur, keys of several kinds."""

from __future__ import annotations

import enum
from collections import defaultdict, deque
from dataclasses import KW_ONLY, InitVar, dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Generic, Literal, NewType, NotRequired, Optional
from zoneinfo import ZoneInfo

from annotated_types import Interval, MultipleOf
from pydantic import (
    AliasGenerator,
    AliasPath,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    Json,
    RootModel,
    Secret,
    SerializeAsAny,
    StringConstraints,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType, TypedDict, TypeVar

from .case import Group

T = TypeVar("T")
U = TypeVar("U", default=int)


class Box(BaseModel, Generic[T]):
    item: T
    more: list[T] = []


class Chain(BaseModel, Generic[T]):
    value: T
    next: Chain[T] | None = None


class Defaulted(BaseModel, Generic[U]):
    item: U


class Row(TypedDict, Generic[T]):
    a: T
    b: NotRequired[list[T]]


Many = TypeAliasType("Many", list[T], type_params=(T,))
Maybe = TypeAliasType("Maybe", "T | None", type_params=(T,))
Branch = TypeAliasType("Branch", "tuple[T, list[Branch[T]]]", type_params=(T,))  # type: ignore[misc] # for Pydantic
generics = Group("fresh_generic")
generics("in_itself", Box[Box[int]], Box[Box[int]](item=Box[int](item=1), more=[Box[int](item=2)]))
generics("chain", Chain[Decimal], Chain[Decimal](value=Decimal("1.10"), next=Chain[Decimal](value=Decimal(2))))
generics("default", Defaulted, Defaulted(item=3))
generics("default_given", Defaulted[str], Defaulted[str](item="a"))
generics("typed_dict", Row[int], {"a": 1}, {"a": 1, "b": [2]})
generics("alias_of_alias", Many[Maybe[int]], [1, None])
generics("recursive_alias", Branch[int], (1, [(2, []), (3, [(4, [])])]))


class First(BaseModel):
    kind: Literal["a"] = "a"
    no: Literal[1]
    x: int


class Second(BaseModel):
    kind: Literal["a"] = "a"
    no: Literal[2]
    y: str


class Other(BaseModel):
    kind: Literal["b"]
    z: float = 0.5


class Yes(BaseModel):
    is_it: Literal[True]
    v: int


class No(BaseModel):
    is_it: Literal[False]
    w: int


class Unknown(BaseModel):
    is_it: Literal[None] = None  # noqa: PYI061 # a tag
    v: int


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    pet_type: Literal["c", "d"]
    n_legs: int = 4


class Hump(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    pet_type: Literal["e"]
    sub_item: Camel | None = None


class Rooted(RootModel[Annotated[First | Other, Field(discriminator="kind")]]):
    pass


Numbered = Annotated[First | Second, Field(discriminator="no")]
unions = Group("fresh_union")
unions(
    "tag_in_tag",
    dict[str, list[Annotated[Numbered | Other, Field(discriminator="kind")]]],
    {"m": [First(no=1, x=3), Second(no=2, y="q"), Other(kind="b")]},
)
unions("bool_tag", Annotated[Yes | No, Field(discriminator="is_it")], Yes(is_it=True, v=1), No(is_it=False, w=2))
unions("null_tag", Annotated[Unknown | Yes, Field(discriminator="is_it")], Unknown(v=1), Yes(is_it=True, v=2))
unions(
    "tag_by_alias",
    Annotated[Camel | Hump, Field(discriminator="pet_type")],
    Camel(pet_type="d"),
    Hump(pet_type="e", sub_item=Camel(pet_type="c")),
)
unions("roots", list[Rooted], [Rooted(First(no=1, x=1)), Rooted(Other(kind="b"))])
unions("days", date | datetime | time, date(2020, 1, 1), datetime(2020, 1, 1, 5), time(3))
unions("sets_and_lists", set[int] | list[str], {1}, ["a"])


class Deep(RootModel[dict[str, "Deep | int"]]):
    pass


class Lists(RootModel[list["Lists"]]):
    pass


class Cell(RootModel[tuple[int, Optional["Cell"]]]):
    pass


roots = Group("fresh_root")
roots("map", Deep, Deep({"a": 1, "b": Deep({"c": 2})}))
roots("list", Lists, Lists([Lists([]), Lists([Lists([])])]))
roots("tuple", Cell, Cell((1, Cell((2, None)))))


class Backwards(BaseModel):
    a: int = Field(validation_alias=AliasPath("x", 1))
    b: int = Field(validation_alias=AliasPath("x", 0))
    c: int = Field(validation_alias=AliasPath("y", "x"), default=3)


class Generated(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=lambda name: f"v_{name}", serialization_alias=lambda _: "s"),
        extra="forbid",
    )
    foo: int
    bar: Generated | None = None


class Words(BaseModel):
    class_: str = Field(alias="class")
    schema_: int = Field(alias="$schema")
    ref: str = Field(alias="$ref")
    blank: str = Field(alias="")
    spaced: int = Field(alias="with space")
    cyrillic: int = Field(alias="ключ")
    properties: int = Field(alias="properties")


class Ours(BaseModel):
    key: str
    value: int
    entries: list[int]
    absent: bool | None = None
    additional_properties: int = 0
    item_0: int = 0
    rest: int = 0


names = Group("fresh_name")
names("paths", Backwards, Backwards.model_validate({"x": [1, 2]}))
names("generated", Generated, Generated.model_validate({"v_foo": 1, "v_bar": {"v_foo": 2}}))
names(
    "words",
    Words,
    Words.model_validate(
        {"class": "a", "$schema": 1, "$ref": "r", "": "e", "with space": 2, "ключ": 3, "properties": 4}
    ),
)
names("ours", dict[str, Ours], {"a": Ours(key="k", value=1, entries=[], absent=True)})


class Mixed(enum.Flag):
    A = 1
    B = 2
    BOTH = 3


class Gap(enum.Flag):
    LOW = 1
    HIGH = 4


UserId = NewType("UserId", int)
odds = Group("fresh_kind")
odds("flag_of_flags", Mixed, *Mixed, Mixed(0))
odds("flag_with_a_gap", Gap, Gap.LOW, Gap.HIGH, Gap.LOW | Gap.HIGH)
odds("byte_size", ByteSize, ByteSize(1024))
odds("secret_day", Secret[date], Secret(date(2020, 1, 1)))
odds("json_in_json", Json[Json[int]], 3)
odds("zone", ZoneInfo, ZoneInfo("Europe/Berlin"))
odds("fractions", list[Fraction | int], [Fraction(1, 2), 3])
odds("bounded_deque", Annotated[deque[int], Field(max_length=3)], deque([1, 2], maxlen=3))
odds("default_of_lists", defaultdict[str, list[int]], defaultdict(list, {"a": [1]}))
odds("new_type", dict[UserId, UserId], {UserId(1): UserId(2)})
odds("stacked", Annotated[Annotated[int, Field(ge=0)], Field(le=10), MultipleOf(2)], 4)
odds("interval", Annotated[Decimal, Interval(gt=0, lt=Decimal("99.99"))], Decimal("1.25"))
odds(
    "stripped",
    Annotated[list[Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\w+$")]], Field(max_length=3)],
    ["ab", "c"],
)
odds("keys_of_two_kinds", dict[int | date, int], {1: 2, date(2020, 1, 1): 3})
odds("listed_keys_and_numbers", dict[Literal["a.b", "c|d"] | int | None, int], {"a.b": 1, "c|d": 2, 5: 3, None: 4})


@dataclass
class Steps:
    x: int
    factor: InitVar[int] = 2
    y: int = field(init=False, default=7)
    _: KW_ONLY
    z: str = "k"

    def __post_init__(self, factor: int) -> None:
        assert factor == 2


class Parent(BaseModel):
    a: int


class Held(Parent):
    b: SerializeAsAny[Parent]
    size: int = Field(0, exclude=True)


odds("init_var", Steps, Steps(1), Steps(2, z="q"))
odds("excluded", Held, Held(a=1, b=Parent(a=2), size=3))

GROUPS = (generics, unions, roots, names, odds)
