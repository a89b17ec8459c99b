"""Types that Pydantic describes in JSON and does not read back by itself, and fields that JSON cannot say."""

from __future__ import annotations

import enum
import math
import re
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    PrivateAttr,
    RootModel,
    Tag,
    TypeAdapter,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

from .case import Group
from .scalars import Colour, Pair

T = TypeVar("T")


class Day(enum.Enum):
    FIRST = date(2020, 1, 1)
    LAST = date(2021, 12, 31)


class Raw(bytes, enum.Enum):
    X = b"x"


class Price(Decimal, enum.Enum):
    LOW = "1.50"


class Odd(enum.Enum):
    SPAN = timedelta(hours=1)
    AT = time(9, 30)
    NONE = None
    ID = UUID(int=5)
    FILE = Path("a/b")
    BOTH = 1 + 2j
    SOME = frozenset({1})
    NAMED = {"a": 1}  # a member
    ONE = 1
    TEXT = "1"


class Limit(enum.Enum):
    NONE = math.inf
    TEN = 10.0


class Kind(enum.Enum):
    INTEGER = int
    TEXT = str


class Planet(enum.Enum):
    MERCURY = (3.303e23, 2.4397e6)
    EARTH = (5.976e24, 6.37814e6)

    def __init__(self, mass_kg: float, radius_m: float) -> None:
        self.mass_kg = mass_kg
        self.radius_m = radius_m


class Bits(enum.Flag):
    R = 1
    W = 2


members = Group("member")
members("tuple", Pair, *Pair)
members("date", Day, *Day)
members("bytes", Raw, Raw.X)
members("decimal", Price, Price.LOW)
members("each_of_a_kind", list[Odd], list(Odd))
members("infinite", Limit, *Limit)
members("by_name", Kind, *Kind)
members("planet", Planet, *Planet)
members("optional", Pair | None, Pair.NORTH, None)
members("beside_others", Pair | int | str, Pair.EAST, 3, "a")
members("set", set[Pair], {Pair.NORTH, Pair.EAST}, set())
members("before", Annotated[Pair, BeforeValidator(lambda value: value)], Pair.EAST)
members("after", Annotated[Pair, AfterValidator(lambda value: value)], Pair.EAST)
members("json", Json[Pair], Pair.EAST)

literals = Group("literal_member")
literals("one", Literal[Colour.RED], Colour.RED)
literals("several", Literal[Colour.RED, Colour.GREEN], Colour.RED, Colour.GREEN)
literals("bytes", Literal[b"x"], b"x")
literals("mixed", Literal[Pair.NORTH, b"y", "a", 1] | None, Pair.NORTH, b"y", "a", 1, None)
literals("beside_its_text", Literal[Bits.R, "1"], Bits.R, "1")
literals("pattern_of_bytes", re.Pattern[bytes], re.compile(b"a+"))


class Point(BaseModel):
    model_config = ConfigDict(frozen=True)
    x: int
    y: str = '"'


Count = TypeAliasType("Count", Literal[1, 2])
keys = Group("key")
keys("literal_int", dict[Literal[1, 2], str], {1: "a", 2: "b"}, {})
keys("literal_none", dict[Literal[None, 1], int], {None: 1, 1: 2})  # noqa: PYI061 # None among the literals
keys("alias", dict[Count, Count], {1: 2, 2: 1})
keys("member", dict[Colour, int], {Colour.RED: 1})
keys("literal_member", dict[Literal[Colour.RED], int], {Colour.RED: 1})
keys("tuple_member", dict[Pair, Pair], {Pair.NORTH: Pair.EAST})
keys("date_member", dict[Day, int], {Day.FIRST: 1, Day.LAST: 2})
keys("float_member", dict[Limit, int], {Limit.NONE: 1, Limit.TEN: 2})
keys("flag", dict[Bits, int], {Bits.R: 1, Bits.R | Bits.W: 2})
keys("none", dict[int | None, int], {None: 1, 3: 2})
keys("tuple", dict[tuple[int, str], float], {(1, "a"): 0.5, (2, '"'): 1.5})
keys("tuple_or_none", dict[tuple[int, int] | None, Pair], {None: Pair.NORTH, (1, 2): Pair.EAST})
keys("set", dict[frozenset[int], int], {frozenset({1, 2}): 1})
keys("model", dict[Point, int], {Point(x=1): 2, Point(x=3, y="b"): 4})
keys("json", dict[Json[tuple[int, int]], int], {(1, 2): 3})
keys("ordered", OrderedDict[tuple[int, int], str], OrderedDict({(2, 1): "a", (1, 2): "b"}))
keys("counter", Counter[Pair], Counter({Pair.NORTH: 2}))


class Cat(BaseModel):
    colour: Literal[Colour.RED]
    lives: int = 9


class Dog(BaseModel):
    colour: Literal[Colour.GREEN, Colour.DARK_BLUE]
    ways: list[Pair] = []


class Puppy(Dog):
    born: Day


class North(BaseModel):
    way: Literal[Pair.NORTH]
    x: int


class East(BaseModel):
    way: Literal[Pair.EAST]
    y: int


def _colour(value: Any) -> str:
    return str(value["colour"] if isinstance(value, dict) else value.colour.value)


Pet = Annotated[Cat | Dog, Field(discriminator="colour")]
By = Annotated[Annotated[Cat, Tag("red")] | Annotated[Dog, Tag("green")], Discriminator(_colour)]
tags = Group("member_tag")
tags("text", Pet, Cat(colour=Colour.RED), Dog(colour=Colour.DARK_BLUE, ways=[Pair.NORTH]))
tags("parts", Annotated[North | East, Field(discriminator="way")], North(way=Pair.NORTH, x=1), East(way=Pair.EAST, y=2))
tags("function", By, Cat(colour=Colour.RED), Dog(colour=Colour.GREEN))
tags("nested", dict[str, list[Pet | None]], {"a": [Cat(colour=Colour.RED, lives=1), None]})


class Owner(BaseModel):
    pets: dict[str, Pet]
    day: Day = Day.FIRST
    kind: Kind | None = None
    friends: list[Owner] = []
    _seen: int = PrivateAttr(default=0)

    @field_validator("day")
    @classmethod
    def is_member(cls, value: object) -> object:
        assert isinstance(value, Day)
        return value

    @model_validator(mode="wrap")
    @classmethod
    def passed_on(cls, value: Any, handler: Any) -> Any:
        return handler(value)

    @model_validator(mode="after")
    def of_friends(self) -> Owner:
        assert all(isinstance(one, Owner) and one._seen == 7 for one in self.friends)
        return self

    def model_post_init(self, context: object) -> None:
        self._seen = 7


class Tree(BaseModel):
    way: Pair
    kids: dict[Literal[1, 2], Tree] = {}


@dataclass
class Step:
    way: Pair
    day: Day = Day.LAST
    seen: dict[tuple[int, int], str] = field(default_factory=dict)


@pydantic_dataclass
class Walk:
    way: Literal[Pair.NORTH]
    then: Walk | None = None


class Move(TypedDict):
    way: Pair
    colour: NotRequired[Literal[Colour.RED]]


class Leg(NamedTuple):
    way: Pair
    day: Day = Day.FIRST


class Boxed(BaseModel, Generic[T]):
    item: T
    more: list[T] = []


class Values(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    way: Pair
    colour: Literal[Colour.RED]
    day: Day = Field(Day.FIRST, validate_default=True)


class Extras(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Pair]


class Rooted(RootModel[dict[Pair, list[Day]]]):
    pass


Turns = TypeAliasType("Turns", "dict[Literal[1], Turns] | Pair")  # type: ignore[misc] # recursive, for Pydantic to resolve
Tagged = TypeAdapter(dict[str, Pair], config=ConfigDict(str_max_length=3))
held = Group("member_in")
held(
    "model",
    Owner,
    Owner(pets={"a": Cat(colour=Colour.RED)}, kind=Kind.TEXT, friends=[Owner(pets={}, day=Day.LAST)]),
)
held("recursion", Tree, Tree(way=Pair.NORTH, kids={1: Tree(way=Pair.EAST), 2: Tree(way=Pair.NORTH, kids={})}))
held("dataclass", Step, Step(Pair.NORTH), Step(Pair.EAST, Day.FIRST, {(1, 2): "a"}))
held("pydantic_dataclass", Walk, Walk(Pair.NORTH), Walk(Pair.NORTH, Walk(Pair.NORTH)))
held("typed_dict", Move, {"way": Pair.NORTH}, {"way": Pair.EAST, "colour": Colour.RED})
held("named_tuple", Leg, Leg(Pair.NORTH), Leg(Pair.EAST, Day.LAST))
held("generic", Boxed[Pair], Boxed[Pair](item=Pair.NORTH, more=[Pair.EAST]))
held(
    "generic_literal",
    Boxed[Literal[Colour.RED, b"x"]],
    Boxed[Literal[Colour.RED, b"x"]](item=b"x", more=[Colour.RED]),
)
held(
    "values", Values, Values(way=Pair.NORTH, colour=Colour.RED), Values(way=Pair.EAST, colour=Colour.RED, day=Day.LAST)
)
held("subclass", list[Cat | Puppy], [Puppy(colour=Colour.GREEN, born=Day.LAST), Cat(colour=Colour.RED)])
held("extras", Extras, Extras(), Extras.model_validate({"a": Pair.NORTH, "b": Pair.EAST}))
held("root", Rooted, Rooted({Pair.NORTH: [Day.FIRST], Pair.EAST: []}))
held("alias", Turns, Pair.NORTH, {1: {1: Pair.EAST}})
held("tuple", tuple[Pair, Day], (Pair.EAST, Day.LAST))
held("adapter_with_config", Tagged, {"abc": Pair.EAST})


class Hooked(BaseModel):
    hook: Callable[[int], int] = abs
    kind: type[int] = int
    rare: Callable[[], None] | None = None
    count: int


class Holder(BaseModel):
    first: Hooked
    second: Hooked | None = None
    size: int | Callable[[], int] = 3


class Needs(BaseModel):
    hook: Callable[[], None]


class MayNeed(BaseModel):
    a: int = 1
    needs: Needs | None = None


@dataclass
class Listening:
    name: str
    on_change: Callable[[str], None] = print
    sinks: dict[str, Callable[[], None]] = field(default_factory=dict)


class Thing:
    """Nothing that a text could hold."""


THING = Thing()


class Kept(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")
    name: str
    thing: Thing = Field(THING, alias="theThing")


unsaid = Group("unsaid_field")
unsaid("callable", Hooked, Hooked(count=3))
unsaid("nested", Holder, Holder(first=Hooked(count=1)), Holder(first=Hooked(count=1), second=Hooked(count=2), size=4))
unsaid("model_that_has_no_form", MayNeed, MayNeed(), MayNeed(a=2))
unsaid("dataclass", Listening, Listening("a"))
unsaid("arbitrary_type", Kept, Kept(name="a"))

GROUPS = (members, literals, keys, tags, held, unsaid)
