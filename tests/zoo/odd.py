"""What breaks libraries: JSON in texts, values that look like our own shapes, custom types, defaults that are no input."""

import dataclasses
import enum
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar

import pydantic
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Json,
    JsonValue,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    StringConstraints,
    Tag,
    TypeAdapter,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema
from typing_extensions import TypeAliasType, TypedDict

from .case import Group
from .containers import Point
from .scalars import Colour, Level

T = TypeVar("T")


def read(target: Any, data: Any) -> Any:
    return TypeAdapter(target).validate_python(data)


inner_json = Group("inner_json")


class Boxes(BaseModel):
    points: Json[list[Point]]
    counts: Json[dict[str, int]] | None = None
    free: Json
    twice: Json[Json[int]] = 5
    sets: dict[str, Json[set[int]]] = {}


inner_json(
    "model",
    Boxes,
    read(Boxes, {"points": '[{"x": 1}]', "free": '"x"'}),
    read(Boxes, {"points": "[]", "counts": '{"a": 1}', "free": "null", "twice": '"7"', "sets": {"k": "[1]"}}),
)
inner_json("str", Json[str], "abc", "1", '"q"')
inner_json("optional", Json[int | None] | None, 1, None)
inner_json("list", list[Json[dict[str, Any]]], [{"a": {"b": []}}, {}])
inner_json("beside_text", list[Json[int] | int], [1, 2])

custom = Group("odd_custom")


class Vector:
    """As the documentation of Pydantic shows types of others: one schema for JSON, one for Python."""

    def __init__(self, parts: list[int]) -> None:
        self.parts = parts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and other.parts == self.parts

    def __hash__(self) -> int:
        return hash(tuple(self.parts))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        from_json = core_schema.no_info_after_validator_function(cls, core_schema.list_schema(core_schema.int_schema()))
        return core_schema.json_or_python_schema(
            json_schema=from_json,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_json]),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda vector: vector.parts),
        )


class Plain:
    """Compares by identity alone."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls(value),
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda plain: plain.text),
        )


class Text(str):
    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, handler(str))


class Marker:
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(lambda value: value, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        return {**handler(schema), "description": "marked"}


custom("json_or_python", Vector, Vector([1, 2]))
custom("json_or_python_inside", dict[str, Vector | None], {"a": Vector([1]), "b": None})
custom("subclass", Text, Text("a"))
custom("marker", Annotated[dict[str, int], Marker], {"a": 1})

defaults = Group("odd_default")


class EnumValues(BaseModel):
    model_config = ConfigDict(use_enum_values=True)
    colour: Colour = Colour.RED
    colours: list[Colour] = []


class Loose(BaseModel):
    """Defaults that no input gives."""

    many: list[str] = ()
    one: str = Level.HIGH  # type: ignore[assignment]


class Fixed(BaseModel):
    kind: Literal["fixed"] = "fixed"
    version: Literal[2] = 2
    note: str | None = "none"


class Hidden(BaseModel):
    a: int = Field(1, exclude=True)
    b: int = Field(2, repr=False, frozen=True)


defaults("enum_values", EnumValues, EnumValues(), EnumValues(colour=Colour.GREEN, colours=[Colour.RED]))
defaults("no_input", Loose, Loose(), Loose(many=["a"], one="b"))
defaults("fixed", Fixed, Fixed(), Fixed(note=None))
defaults("hidden", Hidden, Hidden(), Hidden(a=5, b=6))

raw = Group("odd_bytes")


class Hex(BaseModel):
    model_config = ConfigDict(ser_json_bytes="hex", val_json_bytes="hex")
    a: bytes
    b: list[bytes] = []


class Base64(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    a: bytes = b""
    b: dict[str, bytes] = {}


raw("hex", Hex, Hex(a=b"\xff\x00"), Hex(a=b"", b=[b"\x80"]))
raw("base64", Base64, Base64(a=b"\xff\xfe\xfd\x00"), Base64(b={"a": b"\x80"}))
raw("complex", complex, 1 + 2j, 0j, complex("-inf"), complex(-1.5e30, -2e-9))
raw("adapter_config", TypeAdapter(list[bytes], config=ConfigDict(val_json_bytes="hex")), [b"\xff"])

lookalike = Group("lookalike")
KeyValue = create_model("KeyValue", key=(str, ...), value=(int, ...))
Value = create_model("Value", value=(Any, ...))


class Shadow(BaseModel):
    """Our own words as the user's."""

    model_config = ConfigDict(extra="allow")
    additional_properties: int
    value: dict[str, int] = {}


class Free(BaseModel):
    a: Any
    b: Any = None
    c: Any = 5
    d: object = None
    e: JsonValue = None
    f: list = []
    g: dict = {}
    h: Any | None = Field(None, description="x")


class Seat(NamedTuple):
    rest: int
    item_0: str
    value: float = 0.5


lookalike("any", Any, {"entries": [{"key": "a", "value": 1}]}, {"entries": []}, {"value": 1}, {"absent": True})
lookalike("value", Value, Value(value=1), Value(value={"value": {"value": 2}}))
lookalike("extras", Shadow, Shadow(additional_properties=1), Shadow(additional_properties=1, x={"a": [1]}, entries=[]))
lookalike(
    "free",
    Free,
    Free(a=None),
    Free(a={"absent": True}, c=None, b={"absent": True}),
    Free(a={"absent": True}, c={"entries": []}, b={"entries": [{"key": "a", "value": 1}]}),
    Free(a=[[]], e={"a": {"b": [1.5, "x", None, True]}}, f=[1, "2"], g={"x": {}}),
)
lookalike("absent_in_tuple", tuple[dict[str, bool], int], ({"absent": True}, 1))
lookalike("tuple_names", Seat, Seat(1, "a"), Seat(1, "a", 2.0))
lookalike("dict_or_entries", dict[str, int] | list[dict[str, int]], {"a": 1}, [{"a": 1}], [], {})
lookalike("entries_or_dict", list[KeyValue] | dict[str, int], [KeyValue(key="a", value=1)], {"a": 1})
lookalike("entry_or_dict", KeyValue | dict[str, int], KeyValue(key="a", value=1), {"b": 1})
lookalike("entries_in_dict", dict[str, list[dict[str, str]]], {"a": [{"key": "x", "value": "y"}], "b": []})
lookalike("anything_or_list", dict[str, Any] | list[Any], {"a": 1}, [1], [], {}, [{"key": "a", "value": 1}])
lookalike("pairs_or_dict", dict[str, int] | list[tuple[str, int]], {"a": 1}, [("a", 1)], [], {})
json_named = create_model("JsonValue", a=(Any, ...))
absent_named = create_model("Absent", a=(int | None, 1), j=(json_named, ...))
lookalike("names", absent_named, absent_named(j=json_named(a={"x": 1})), absent_named(a=None, j=json_named(a=[])))
part_named = create_model("Part", a=(int, ...), parts=(list["Part"], []))  # type: ignore[name-defined] # noqa: F821
lookalike("part", part_named, read(part_named, {"a": 1, "parts": [{"a": 2}]}))

keys = Group("odd_keys")
keys("datetime", dict[datetime, int], {datetime(2020, 1, 1, 2, 3): 1})
keys("duration", dict[timedelta, int], {timedelta(hours=1): 1})
keys("path", dict[Path, int], {Path("a/b"): 1})
keys("ip", dict[IPv4Address, int], {IPv4Address("1.2.3.4"): 1})
keys("enum_of_lists", dict[Level, list[Point | None]], {Level.LOW: [None, Point(x=1)]})
keys("bounded_int", dict[Annotated[int, Field(ge=0)], int], {0: 1, 10: 2})
keys("counter_int", Counter[int], Counter({1: 2}))
keys("ordered_models", OrderedDict[str, Point], OrderedDict(b=Point(x=1), a=Point(x=2)))
keys("default_dict_set", defaultdict[str, set[int]], defaultdict(set, {"a": {1}}))
keys("digits", dict[Annotated[str, StringConstraints(pattern=r"^\d+$")], dict[int, Any]], {"12": {3: {"a": [None]}}})

shapes = Group("odd_shapes")


class Link(NamedTuple):
    a: int
    b: list[str] = []
    c: "Link | None" = None


Old = namedtuple("Old", "a b", defaults=[3])  # noqa: PYI024


class Generic_(TypedDict, Generic[T]):
    item: T
    more: NotRequired[list[T]]


class Mixed(TypedDict, total=False):
    a: int | None
    b: dict[str, int]
    c: Any
    d: tuple[int, str]


Cons = TypeAliasType("Cons", "tuple[int, Cons] | None")
Xml = TypeAliasType("Xml", "str | tuple[str, dict[str, str], list[Xml]]")
Maps = TypeAliasType("Maps", dict[str, T], type_params=(T,))
Ping = TypeAliasType("Ping", "list[Pong] | int")
Pong = TypeAliasType("Pong", "dict[str, Ping]")


class Tree(BaseModel):
    kids: dict[str, "Tree"] = {}
    pair: "tuple[Tree, Tree] | None" = None
    other: "Tree | list[Tree] | None" = None
    some: "list[Tree | None]" = []
    data: Any = None


class Any_(RootModel[dict[str, "Any_"] | list["Any_"] | int | None]):
    pass


deep_tree = Tree()
for _ in range(12):
    deep_tree = Tree(kids={"k": deep_tree})
shapes("linked_tuple", Link, Link(1), Link(1, ["a"], Link(2)))
shapes("old_named_tuple", Old, Old(1, "x"), Old(1))
shapes("generic_dict", Generic_[dict[str, int]], {"item": {"a": 1}}, {"item": {}, "more": [{}]})
shapes("partial", Mixed, {}, {"a": None}, {"b": {}}, {"c": None}, {"c": {"absent": True}}, {"d": (1, "a")})
shapes("cons", Cons, None, (1, (2, None)))
shapes("xml", Xml, "a", ("div", {"id": "x"}, ["t", ("b", {}, [])]))
shapes("generic_alias", Maps[Maps[set[int]]], {"a": {"b": {1}}})
shapes("mutual_alias", Ping, 1, [{"a": 1}, {"b": [{}]}])
shapes(
    "tree", Tree, Tree(kids={"a": Tree(pair=(Tree(), Tree(data=1)))}, other=[Tree()], some=[None, Tree()]), deep_tree
)
shapes("root", Any_, Any_(1), Any_({"a": Any_([Any_(None)])}), Any_([]), Any_({}))
shapes("root_of_root", RootModel[RootModel[list[int]]], RootModel[RootModel[list[int]]](RootModel[list[int]]([1])))
shapes("empty_tuples", list[tuple[()]], [(), ()])
shapes("union_of_maps", dict[str, int] | dict[str, list[int]] | dict[str, dict[str, int]], {"a": 1}, {"a": [1]}, {})
shapes("all_containers", list[Point] | dict[str, Point] | Point | None, None, Point(x=1), [Point(x=1)], {}, [])
shapes("deque_models", deque[Point], deque([Point(x=1)]))
shapes("set_of_sets", frozenset[tuple[str, frozenset[int]]], frozenset({("a", frozenset({1}))}))
shapes("fractions", list[Fraction], [Fraction(1, 2), Fraction(3)])
shapes("decimals", Decimal | int | str, Decimal("1.50"), 3, "x")
shapes("all_times", datetime | date | time | timedelta, datetime(2020, 1, 1, 1), date(2020, 1, 1), timedelta(days=1))
shapes("odd_zone", time, time(23, 59, 59, tzinfo=timezone(-timedelta(hours=3, minutes=30))))
shapes("long_duration", timedelta, timedelta(days=999_999, microseconds=999_999), timedelta(microseconds=-1))

tagged = Group("odd_tagged")


class Add(BaseModel):
    op: Literal["add"] = "add"
    args: "list[Term]"


class Number(BaseModel):
    op: Literal["number"] = "number"
    is_whole: Literal[True] = True
    value: int


class Fraction_(BaseModel):
    op: Literal["number"] = "number"
    is_whole: Literal[False] = False
    value: float


Term = Annotated[Add | Annotated[Number | Fraction_, Field(discriminator="is_whole")], Field(discriminator="op")]
Add.model_rebuild()


@dataclasses.dataclass
class First:
    k: Literal["a"] = "a"
    v: int = 1


@dataclasses.dataclass
class Second:
    k: Literal["b"] = "b"
    w: dict[str, int] = dataclasses.field(default_factory=dict)


class Third(TypedDict):
    k: Literal["c"]
    v: NotRequired[str]


def kind_of(value: object) -> str:
    return "int" if isinstance(value, int) else "list" if isinstance(value, list) else "model"


ByKind = Annotated[
    Annotated[int, Tag("int")] | Annotated[list[int], Tag("list")] | Annotated[Point, Tag("model")],
    Discriminator(kind_of),
]
tagged("nested", Add, Add(args=[Number(value=1), Fraction_(value=0.5), Add(args=[])]))
tagged("dataclasses", list[Annotated[First | Second, Field(discriminator="k")]], [First(), Second(w={"a": 1})])
tagged("mixed", dict[str, Annotated[First | Third, Field(discriminator="k")]], {"a": First(), "b": {"k": "c"}})
tagged("callable", list[ByKind], [1, [1], Point(x=1)])

secret = Group("odd_secret")


class Secrets(BaseModel):
    a: SecretStr
    b: SecretBytes | None = None
    c: Secret[dict[str, int]] = Secret[dict[str, int]]({})
    d: list[SecretStr] = []
    e: Secret[date] | None = None


class Routes(BaseModel):
    """Aliases that lead into one another."""

    a: int = Field(validation_alias=AliasChoices(AliasPath("p", "q"), "aa"))
    b: str | None = Field(None, validation_alias=AliasPath("arr", 2), serialization_alias="BB")
    c: list[int] = Field(default=[], alias="c-c")
    d: dict[str, int] = Field(validation_alias=AliasPath("p", "d"))


class Paths(BaseModel):
    a: int = Field(validation_alias=AliasPath("m", 0, "n", 1))
    b: int = Field(3, validation_alias=AliasPath("m", 0, "o"))


class Checked(BaseModel):
    a: Annotated[str, BeforeValidator(str), Field(min_length=1), AfterValidator(lambda text: text)]
    b: int = 0

    @model_validator(mode="wrap")
    @classmethod
    def wrap(cls, value: Any, handler: Any) -> Any:
        return handler(value)

    @field_validator("b", mode="plain")
    @classmethod
    def be_int(cls, value: Any) -> int:
        return int(value)


@pydantic.dataclasses.dataclass(frozen=True, kw_only=True)
class Kept:
    a: Annotated[int, Field(gt=0)] = Field(1, validation_alias="aa")
    b: dict[str, Any] = Field(default_factory=dict)


class Gaps(enum.IntFlag):
    A = 1
    B = 2
    D = 8


secret("all", Secrets, Secrets(a="x"), Secrets(a="x", b=b"y", c=Secret({"a": 1}), d=["z"], e=Secret(date(2020, 1, 1))))
secret(
    "routes", Routes, Routes(aa=1, p={"d": {"z": 1}}), read(Routes, {"aa": 2, "arr": [None, None, "x"], "p": {"d": {}}})
)
secret("paths", Paths, read(Paths, {"m": [{"n": [0, 5]}]}), read(Paths, {"m": [{"n": [0, 5], "o": 9}]}))
secret("checked", Checked, Checked(a="x"), Checked(a="x", b=3))
secret("pydantic_dataclass", Kept, Kept(), Kept(aa=5, b={"x": [1]}))
secret("flags", list[Gaps], [Gaps.A | Gaps.D, Gaps.B, Gaps(0)])
secret("aware", list[datetime], [datetime(2020, 1, 1, tzinfo=UTC)])

many = Group("odd_many")
union_30 = create_model("Union30", **{f"u{i}": (dict[str, int] | list[int] | None, {"a": 1}) for i in range(30)})
many_properties = create_model("Many", **{f"property_{i}": (int, ...) for i in range(700)})
deep: Any = dict[str, int]
deep_value: Any = {"a": 1}
for _ in range(16):
    deep, deep_value = dict[str, list[deep]], {"k": [deep_value]}
mixed_enum = enum.Enum("MixedEnum", {f"V{i}": i if i % 2 else f"s{i}" for i in range(1100)})
enum_model = create_model(
    "EnumModel", e=(mixed_enum | None, None), f=(Literal[tuple(f"q{i}" for i in range(1100))], "q1")
)
many("unions", union_30, union_30(), union_30(u3=None, u29=[1]))
many("properties", many_properties, many_properties(**dict.fromkeys(many_properties.model_fields, 1)))
many("deep_maps", deep, deep_value)
many("mixed_enum", enum_model, enum_model(), enum_model(e=mixed_enum.V5, f="q7"))

GROUPS = (
    inner_json,
    custom,
    defaults,
    raw,
    lookalike,
    keys,
    shapes,
    tagged,
    secret,
    many,
)
