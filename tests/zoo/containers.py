"""Values made of values: maps, lists, sets, tuples, unions, optionals, anything."""

import enum
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    RootModel,
    StringConstraints,
    Tag,
)
from typing_extensions import ReadOnly, TypeAliasType, TypedDict

from .case import Group
from .scalars import Colour, Level

dicts = Group("dict")


class Point(BaseModel):
    x: int
    y: int = 0


class Key(enum.Enum):
    A = "a"
    B = "b"


class Stock(BaseModel):
    counts: dict[str, int]
    by_year: dict[int, list[str]] = {}


class Bag(BaseModel):
    things: Counter[str]


class Deep(BaseModel):
    tree: dict[str, dict[str, dict[str, Point]]]


class Loose(BaseModel):
    data: dict
    more: dict[str, Any]


dicts("str_int", dict[str, int], {}, {"a": 1, "b c": 2, "": 3})
dicts("str_str", dict[str, str], {"key": "a", "value": "b", "entries": "c", "$ref": "d"})
dicts("str_any", dict[str, Any], {"a": None, "b": [1, {"c": 2.5}]})
dicts("bare", dict, {"x": {"y": [True]}})
dicts("int_keys", dict[int, str], {1: "a", -2: "b"})
dicts("float_keys", dict[float, str], {1.5: "a"})
dicts("bool_keys", dict[bool, int], {True: 1, False: 0})
dicts("enum_keys", dict[Key, int], {Key.A: 1}, {Key.A: 1, Key.B: 2}, {})
dicts("int_enum_keys", dict[Level, str], {Level.HIGH: "x"})
dicts("literal_keys", dict[Literal["x", "y"], float], {"x": 0.5})
dicts("date_keys", dict[date, int], {date(2024, 1, 1): 3})
dicts("uuid_keys", dict[UUID, str], {UUID(int=1): "a"})
dicts("decimal_keys", dict[Decimal, str], {Decimal("1.50"): "a"})
dicts(
    "pattern_keys",
    dict[Annotated[str, StringConstraints(pattern="^[a-z]{2}$")], str],
    {"de": "Hallo", "en": "hello"},
)
dicts("long_keys", dict[Annotated[str, Field(max_length=3)], int], {"abc": 1})
dicts("of_models", dict[str, Point], {"p": Point(x=1, y=2)})
dicts("of_lists", dict[str, list[int]], {"a": [], "b": [1]})
dicts("of_dicts", dict[str, dict[str, int]], {"a": {"b": 1}, "c": {}})
dicts("of_unions", dict[str, int | str | None], {"a": 1, "b": "1", "c": None})
dicts("of_optionals", dict[str, Point | None], {"a": None, "b": Point(x=1)})
dicts("of_tuples", dict[str, tuple[int, str]], {"a": (1, "b")})
dicts("of_sets", dict[str, set[str]], {"a": {"x"}})
dicts("of_enums", dict[str, Colour], {"a": Colour.RED})
dicts("mapping", Mapping[str, int], {"a": 1})
dicts("mutable_mapping", MutableMapping[str, int], {"a": 1})
dicts("default_dict", defaultdict[str, int], defaultdict(int, {"a": 1}))
dicts("default_dict_list", defaultdict[str, list[int]], defaultdict(list, {"a": [1]}))
dicts("ordered", OrderedDict[str, int], OrderedDict([("b", 1), ("a", 2)]))
dicts("counter", Counter[str], Counter("abca"))
dicts("counter_enum", Counter[Key], Counter({Key.A: 2}))
dicts("list_of", list[dict[str, int]], [{}, {"a": 1}])
dicts("tuple_of", tuple[dict[str, int], dict[int, str]], ({"a": 1}, {2: "b"}))
dicts("optional", dict[str, int] | None, None, {}, {"a": 1})
dicts("or_list", dict[str, int] | list[int], {"a": 1}, [1], {}, [])
dicts("or_model", Point | dict[str, str], Point(x=1), {"q": "r"})
dicts("or_dict", dict[str, int] | dict[str, str], {"a": 1}, {"a": "b"})
dicts("in_model", Stock, Stock(counts={"a": 1}), Stock(counts={}, by_year={2024: ["a"]}))
dicts("counter_in_model", Bag, Bag(things=Counter({"a": 2})))
dicts("deep", Deep, Deep(tree={"a": {"b": {"c": Point(x=1)}}}))
dicts("loose", Loose, Loose(data={"a": 1}, more={"b": None}))
dicts("root_model", RootModel[dict[str, int]], RootModel[dict[str, int]]({"a": 1}))
dicts("none_values", dict[str, None], {"a": None})

container = Group("container")
container("list_int", list[int], [], [1, 2])
container("list_bare", list, [1, "a", None, {"b": []}])
container("list_any", list[Any], [1, [2, [3]]])
container("list_list", list[list[float]], [[1.5], []])
container("list_model", list[Point], [Point(x=1), Point(x=2, y=3)])
container("list_optional", list[int | None], [None, 1])
container("list_union", list[int | str], [1, "1"])
container("sequence", Sequence[int], [1, 2])
container("deque", deque[int], deque([1, 2]))
container("deque_bounded", Annotated[deque[str], Field(max_length=2)], deque(["a"], 2))
container("tuple_open", tuple[int, ...], (), (1, 2))
container("tuple_model", tuple[Point, ...], (Point(x=1),))
container("matrix", list[list[list[int]]], [[[1]], []])
container("optional_list", list[str] | None, None, [], ["a"])
container("list_literal", list[Literal["a", "b"]], ["a", "b", "a"])
container("list_tuple", list[tuple[str, int]], [("a", 1)])
container("list_none", list[None], [None, None])
container("list_bool", list[bool], [True, False])

sets = Group("set")
sets("int", set[int], set(), {1, 2})
sets("str", set[str], {"a", "b"})
sets("frozen", frozenset[str], frozenset({"x"}))
sets("enum", set[Colour], {Colour.RED, Colour.GREEN})
sets("abstract", AbstractSet[int], frozenset({1}))
sets("tuples", set[tuple[int, str]], {(1, "a")})
sets("bare", set, {1, "a"})
sets("optional", set[int] | None, None, {1})
sets("floats", set[float], {1.0, 2.5})

tuples = Group("tuple")


class Spot(NamedTuple):
    lat: float
    lon: float
    label: str = ""


class Range(NamedTuple):
    low: int | None = None
    high: int | None = None


tuples("pair", tuple[int, str], (1, "a"))
tuples("one", tuple[int], (1,))
tuples("empty", tuple[()], ())
tuples("same", tuple[float, float], (1.5, 2.0))
tuples("many", tuple[int, str, bool, None, float], (1, "a", True, None, 0.5))
tuples("nested", tuple[tuple[int, int], tuple[str, ...]], ((1, 2), ("a",)))
tuples("with_model", tuple[Point, str], (Point(x=1), "a"))
tuples("optional_item", tuple[int | None, str], (None, "a"))
tuples("optional", tuple[int, str] | None, None, (1, "a"))
tuples("list_of", list[tuple[int, str, float]], [(1, "a", 0.5)], [])
tuples("named", Spot, Spot(1.5, 2.5), Spot(1.5, 2.5, "x"))
tuples("named_defaults", Range, Range(), Range(1, None), Range(None, 2))
tuples("named_list", list[Spot], [Spot(0.0, 0.0)])
tuples("bare", tuple, (1, "a"))
tuples("any", tuple[Any, int], ({"a": 1}, 2))
tuples("union", tuple[int, str] | tuple[int, int, int], (1, "a"), (1, 2, 3))
tuples("literal_first", tuple[Literal["add"], int] | tuple[Literal["del"], str], ("add", 1), ("del", "x"))
tuples("enum", tuple[Colour, Level], (Colour.RED, Level.LOW))

anything = Group("any")


class Holder(BaseModel):
    data: Any
    label: str = ""


class Payload(BaseModel):
    body: JsonValue
    parts: list[JsonValue] = []


class Patch(BaseModel):
    op: Literal["add", "remove"]
    path: str
    value: Any = None


JSON_VALUES = (None, True, 0, -2.5, "", "text", [], {}, [1, [None]], {"a": {"b": []}, "": 1})
anything("any", Any, *JSON_VALUES)
anything("object", object, *JSON_VALUES)
anything("json", JsonValue, *JSON_VALUES)
anything("list", list[Any], list(JSON_VALUES))
anything("dict", dict[str, object], {"a": [1], "b": None})
anything("model", Holder, Holder(data=None), Holder(data={"a": [1, "x"]}), Holder(data="5"))
anything("json_model", Payload, Payload(body={"a": 1}), Payload(body=[], parts=[None, {}]))
anything("patch", Patch, Patch(op="add", path="/a", value={"b": 1}), Patch(op="remove", path="/"))
anything("patches", list[Patch], [Patch(op="add", path="/a", value=[1])])
anything("optional", Any | None, None, 1)
anything("tuple", tuple[Any, ...], (1, "a", None))
anything("odd_text", Any, '{"a": 1}', "[1", "\\", "null")
anything("lookalike", Any, {"key": "a", "value": 1}, [{"key": "a", "value": 1}], {"type": "object"})

union = Group("union")


class Person(BaseModel):
    name: str


class Company(BaseModel):
    name: str
    vat: str


class Circle(BaseModel):
    radius: float


class Square(BaseModel):
    side: float


union("int_str", int | str, 1, "1")
union("str_int", str | int, 1, "1")
union("int_float", int | float, 1, 1.5)
union("float_int_str", float | int | str, 1.5, 2, "2")
union("bool_int", bool | int, True, 1, 0, False)
union("none_int", int | None, None, 0)
union("none_bool_str", bool | str | None, None, True, "true")
union("models", Circle | Square, Circle(radius=1), Square(side=2))
union("models_overlap", Person | Company, Person(name="a"), Company(name="a", vat="b"))
union("model_none", Circle | None, None, Circle(radius=1))
union("model_str", Circle | str, "round", Circle(radius=0.5))
union("model_list", Circle | list[Circle], Circle(radius=1), [Circle(radius=1)])
union("lists", list[int] | list[str], [1], ["a"], [])
union("list_scalar", list[int] | int, 1, [1])
union("date_str", date | str, date(2024, 1, 1), "soon")
union("enum_str", Colour | str, "other")
union("enums", Colour | Level, Colour.RED, Level.LOW)
union("literals", Literal["a", 1, 2], "a", 2)
union("nested", int | (str | (float | None)), 1, "a", 1.5, None)
union("constrained", Annotated[int, Field(ge=100)] | Annotated[str, Field(max_length=2)], 100, "ab")
union("uuid_int", UUID | int, UUID(int=3), 4)
union("decimal_none", Decimal | None, None, Decimal("0.10"))
union("tuple_str", tuple[int, int] | str, (1, 2), "1,2")
union("set_none", set[int] | None, None, {1})
union("left_to_right", Annotated[int | str, Field(union_mode="left_to_right")], 1, "a")
union("many_models", Circle | Square | Person | Point, Point(x=1), Person(name="a"))
union("smart_bytes", bytes | None, None, b"a")

discriminated = Group("discriminated")


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    tricks: list[str]


class Fish(BaseModel):
    kind: Literal["fish", "shark"]
    deep: bool


class Lizard(BaseModel):
    type_: Literal["lizard"] = Field(alias="type")
    colour: Colour


class Snake(BaseModel):
    type_: Literal["snake"] = Field(alias="type")
    metres: float


def shape_tag(value: object) -> str:
    radius = value.get("radius") if isinstance(value, dict) else getattr(value, "radius", None)
    return "square" if radius is None else "circle"


Pet = Annotated[Cat | Dog | Fish, Field(discriminator="kind")]
Reptile = Annotated[Lizard | Snake, Field(discriminator="type_")]
Shape = Annotated[
    Annotated[Circle, Tag("circle")] | Annotated[Square, Tag("square")],
    Discriminator(shape_tag),
]


class Home(BaseModel):
    pet: Pet
    others: list[Pet] = []


class Nested(BaseModel):
    animal: Annotated[Pet | Lizard, Field()] | None = None


discriminated("root", Pet, Cat(kind="cat"), Dog(tricks=[]), Fish(kind="shark", deep=True))
discriminated("list", list[Pet], [Cat(kind="cat", lives=1), Dog(tricks=["sit"])], [])
discriminated("model", Home, Home(pet=Dog(tricks=["a"]), others=[Cat(kind="cat")]))
discriminated("dict", dict[str, Pet], {"a": Cat(kind="cat")})
discriminated("optional", Pet | None, None, Dog(tricks=[]))
discriminated("alias", Reptile, Lizard(type="lizard", colour=Colour.RED), Snake(type="snake", metres=1.5))
discriminated("callable", Shape, Circle(radius=1), Square(side=1))
discriminated("nested", Nested, Nested(), Nested(animal=Cat(kind="cat")))
discriminated("tuple", tuple[Pet, Pet], (Cat(kind="cat"), Dog(tricks=[])))
discriminated("union", Pet | int, 5, Cat(kind="cat"))

optional = Group("optional")


class Maybe(BaseModel):
    a: int | None
    b: int | None = None
    c: int = 5
    d: str | None = "d"


class AllMaybe(BaseModel):
    a: int | None = None
    b: list[str] | None = None
    c: Point | None = None
    d: dict[str, int] | None = None


class Lists(BaseModel):
    rows: list[int] = Field(default_factory=list)
    limit: int = 10
    nested: Point = Point(x=1)


class NullMeans(BaseModel):
    """None is not the default: an absent key and null differ."""

    limit: int | None = 100
    tags: list[str | None] = ["x"]


optional("mixed", Maybe, Maybe(a=None), Maybe(a=1, b=2, c=3, d=None))
optional("all", AllMaybe, AllMaybe(), AllMaybe(a=1, b=[], c=Point(x=1), d={}))
optional("factories", Lists, Lists(), Lists(rows=[1], limit=0, nested=Point(x=2)))
optional("null_is_not_absent", NullMeans, NullMeans(), NullMeans(limit=None), NullMeans(limit=0, tags=[None]))
optional("int", int | None, None, 5)
optional("str", str | None, None, "", "null", "None")
optional("list", list[int] | None, None, [])
optional("nested", list[list[int | None] | None] | None, None, [None, [None, 1]])
optional("annotated", Annotated[int, Field(ge=0)] | None, None, 0)
optional("any", list[Any | None], [None, 0])
optional("literal", Literal["a"] | None, None, "a")
optional("many", dict[str, AllMaybe], {"a": AllMaybe(), "b": AllMaybe(a=0)})

typeddict = Group("typeddict")


class Movie(TypedDict):
    title: str
    year: int


class Part(TypedDict, total=False):
    name: str
    size: int | None


class Song(TypedDict):
    title: str
    length: NotRequired[int]
    note: NotRequired[str | None]


class Loud(TypedDict, total=False):
    title: Required[str]
    volume: ReadOnly[int]


class Extra(TypedDict):
    __pydantic_config__ = ConfigDict(extra="allow")
    a: int


class Closed(TypedDict):
    __pydantic_config__ = ConfigDict(extra="forbid")
    a: int


class TreeDict(TypedDict):
    value: int
    children: NotRequired[list["TreeDict"]]


Inline = TypedDict("Inline", {"a b": int, "class": str, "$ref": str, "": int})

typeddict("plain", Movie, {"title": "a", "year": 1})
typeddict("partial", Part, {}, {"name": "a"}, {"size": None}, {"name": "a", "size": 1})
typeddict("not_required", Song, {"title": "a"}, {"title": "a", "length": 1, "note": None})
typeddict("required", Loud, {"title": "a"}, {"title": "a", "volume": 3})
typeddict("extra", Extra, {"a": 1}, {"a": 1, "b": [2], "c": None})
typeddict("closed", Closed, {"a": 1})
typeddict("recursive", TreeDict, {"value": 1, "children": [{"value": 2}, {"value": 3, "children": []}]})
typeddict("odd_names", Inline, {"a b": 1, "class": "x", "$ref": "y", "": 2})
typeddict("list", list[Song], [{"title": "a", "note": None}])

alias = Group("alias")
Numbers = TypeAliasType("Numbers", list[int])
Tree = TypeAliasType("Tree", "dict[str, Tree] | int")
JsonLike = TypeAliasType("JsonLike", "dict[str, JsonLike] | list[JsonLike] | str | int | float | bool | None")
Name = TypeAliasType("Name", Annotated[str, Field(min_length=1)])
Forest = TypeAliasType("Forest", "list[Forest]")

alias("numbers", Numbers, [1])
alias("tree", Tree, 5, {"a": {"b": 1}, "c": 2})
alias("json", JsonLike, {"a": [1, None, {"b": 2.5}]}, "x", None)
alias("name", dict[Name, Name], {"a": "b"})
alias("forest", Forest, [], [[], [[]]])
alias("list_of_tree", list[Tree], [1, {"a": 2}])

GROUPS = (
    dicts,
    container,
    sets,
    tuples,
    anything,
    union,
    discriminated,
    optional,
    typeddict,
    alias,
)
