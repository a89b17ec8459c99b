"""Models, dataclasses and what only they have: names, aliases, extras, defaults, validators, generics, recursion."""

import dataclasses
import enum
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    Optional,
    TypeVar,
)
from uuid import UUID

import pydantic
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    HttpUrl,
    Json,
    PlainSerializer,
    PlainValidator,
    PrivateAttr,
    RootModel,
    SecretStr,
    SerializeAsAny,
    TypeAdapter,
    WithJsonSchema,
    WrapValidator,
    computed_field,
    create_model,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, core_schema

from .case import Group
from .containers import Circle, Dog, Pet, Point, Square
from .scalars import Colour, Level

model = Group("model")


class Empty(BaseModel):
    pass


class User(BaseModel):
    """Somebody who has an account."""

    name: str = Field(description="As they write it.")
    age: int = Field(ge=0, le=150, description="In years.", examples=[31])
    email: str | None = None


class Address(BaseModel):
    street: str
    city: str
    zip: Annotated[str, Field(pattern=r"^\d{4,5}$")]


class Customer(BaseModel):
    user: User
    billing: Address = Field(description="Where the bill goes.")
    delivery: Address | None = Field(None, description="Only if it differs.")


class Sub(User):
    role: Literal["admin", "staff"] = "staff"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    a: int
    b: tuple[str, ...] = ()


class StrictModel(BaseModel):
    model_config = ConfigDict(strict=True)
    a: int
    when: date
    colour: Colour


class Reasoned(BaseModel):
    reasoning: str
    answer: int


class Computed(BaseModel):
    width: float
    height: float

    @computed_field
    @property
    def area(self) -> float:
        return self.width * self.height


class Cached(BaseModel):
    a: int

    @cached_property
    def double(self) -> int:
        return 2 * self.a


class Excluded(BaseModel):
    a: int
    secret: SecretStr = SecretStr("x")
    hidden: str = Field("h", exclude=True)


class Private(BaseModel):
    a: int
    limit: ClassVar[int] = 5
    _cache: int = PrivateAttr(default=3)


class Nulls(BaseModel):
    a: None
    b: None = None


class Documented(BaseModel):
    """First line.

    Second paragraph with "quotes" and a `pattern`.
    """

    a: Annotated[int, Field(title="The A", description="Line one\nline two")]
    b: Literal["x"] = Field("x", json_schema_extra={"x-hint": "ignored"})
    c: str = Field("", deprecated=True)


class Titled(BaseModel):
    model_config = ConfigDict(title="A title with spaces: (and signs)")
    a: int


class SameTwice(BaseModel):
    first: Address
    second: Address
    others: list[Address] = []


class DescribedRef(BaseModel):
    address: Address = Field(description="The address.", title="Adr")
    colour: Colour = Field(Colour.RED, description="Its colour.")


class EnumUse(BaseModel):
    model_config = ConfigDict(use_enum_values=False)
    colour: Colour
    level: Level = Level.LOW
    colours: set[Colour] = set()


class JsonInside(BaseModel):
    config: Json[dict[str, int]]
    other: Json[Any] = None


class Wrapper(BaseModel):
    value: str


class Response(BaseModel):
    items: list[Wrapper]
    properties: dict[str, str] = {}
    required: bool = False
    type: str = "object"


class Attributes(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    a: int


class Inner(BaseModel):
    leaf: list[Point]


class Outer(BaseModel):
    inner: list[Inner]
    by_name: dict[str, Inner] = {}


class Everything(BaseModel):
    i: int
    f: float
    s: str
    b: bool
    n: None = None
    d: date
    dt: datetime
    t: time
    td: timedelta
    u: UUID
    dec: Decimal
    e: Colour
    li: list[int]
    di: dict[str, float]
    tu: tuple[int, str]
    se: set[str]
    op: int | None = None
    un: int | str
    an: Any = None


EVERYTHING = Everything(
    i=1,
    f=1.5,
    s="a",
    b=True,
    d=date(2024, 1, 1),
    dt=datetime(2024, 1, 1, 12, tzinfo=UTC),
    t=time(12, 1),
    td=timedelta(seconds=90),
    u=UUID(int=1),
    dec=Decimal("1.10"),
    e=Colour.GREEN,
    li=[1],
    di={"a": 0.5},
    tu=(1, "a"),
    se={"x"},
    op=None,
    un="1",
    an={"q": [None]},
)
ADDRESS = Address(street="Weg 1", city="Wien", zip="1010")
USER = User(name="Ana", age=31)

model("empty", Empty, Empty())
model("user", User, USER, User(name="", age=0, email="a@b.c"))
model("nested", Customer, Customer(user=USER, billing=ADDRESS), Customer(user=USER, billing=ADDRESS, delivery=ADDRESS))
model("inherited", Sub, Sub(name="a", age=1), Sub(name="a", age=1, role="admin"))
model("frozen", Frozen, Frozen(a=1), Frozen(a=1, b=("x",)))
model("strict", StrictModel, StrictModel(a=1, when=date(2024, 1, 1), colour=Colour.RED))
model("reason_first", Reasoned, Reasoned(reasoning="because", answer=42))
model("computed", Computed, Computed(width=1.5, height=2))
model("cached", Cached, Cached(a=1))
model("excluded", Excluded, Excluded(a=1, secret="s", hidden="other"))
model("private", Private, Private(a=1))
model("nulls", Nulls, Nulls(a=None))
model("documented", Documented, Documented(a=1))
model("titled", Titled, Titled(a=1))
model("same_twice", SameTwice, SameTwice(first=ADDRESS, second=ADDRESS, others=[ADDRESS]))
model("described_ref", DescribedRef, DescribedRef(address=ADDRESS, colour=Colour.GREEN))
model("enum_use", EnumUse, EnumUse(colour=Colour.RED, level=Level.HIGH, colours={Colour.RED}))
model("json_inside", JsonInside, JsonInside(config='{"a": 1}'), JsonInside(config="{}", other="[null]"))
model("wrapper", Wrapper, Wrapper(value="x"))
model("keyword_names", Response, Response(items=[Wrapper(value="a")], properties={"a": "b"}, required=True, type="t"))
model("attributes", Attributes, Attributes(a=1))
model("outer", Outer, Outer(inner=[Inner(leaf=[Point(x=1)])]), Outer(inner=[], by_name={"a": Inner(leaf=[])}))
model("everything", Everything, EVERYTHING)
model("list", list[User], [], [USER, USER])
model("optional", User | None, None, USER)
model("dict", dict[str, User], {"a": USER})
model("tuple", tuple[User, Address], (USER, ADDRESS))
with_empty = create_model("WithEmpty", empty=(Empty, ...), many=(list[Empty], []))
model("with_empty", with_empty, with_empty(empty=Empty(), many=[Empty(), Empty()]))
for kind, value in {
    "int": (int, 5),
    "float": (float, 0.5),
    "str": (str, "x"),
    "bool": (bool, False),
    "date": (date, date(2024, 5, 6)),
    "time": (time, time(1, 2, 3)),
    "datetime": (datetime, datetime(2024, 5, 6, 7, 8, 9)),
    "duration": (timedelta, timedelta(hours=5, microseconds=3)),
    "uuid": (UUID, UUID(int=7)),
    "decimal": (Decimal, Decimal("2.50")),
    "bytes": (bytes, b"raw"),
    "url": (HttpUrl, HttpUrl("https://a.b/c")),
    "enum": (Colour, Colour.DARK_BLUE),
    "set": (set[int], {1, 2}),
    "frozenset": (frozenset[str], frozenset({"q"})),
    "tuple": (tuple[int, str], (1, "a")),
    "map": (dict[str, list[int]], {"a": [1], "b": []}),
    "any": (Any, [None, {"a": 1}]),
    "union": (int | str | list[int], [1]),
    "literal": (Literal["a", 1, None], None),  # noqa: PYI061
    "secret": (SecretStr, SecretStr("s")),
    "pet": (Pet, Dog(tricks=["sit"])),
}.items():
    made = create_model(f"One{kind.title()}", field=(value[0], ...), note=(str | None, None))
    model(f"field_{kind}", made, made(field=value[1]), made(field=value[1], note="n"))
    listed = create_model(f"Many{kind.title()}", fields=(list[value[0]], ...))
    model(f"list_{kind}", listed, listed(fields=[value[1]]), listed(fields=[]))

recursive = Group("recursive")


class Node(BaseModel):
    value: int
    children: list["Node"] = []


class Linked(BaseModel):
    value: str
    next: Optional["Linked"] = None


class Left(BaseModel):
    right: Optional["Right"] = None
    name: str


class Right(BaseModel):
    left: Left | None = None
    size: int = 0


class Binary(BaseModel):
    left: Optional["Binary"] = None
    right: Optional["Binary"] = None
    key: int


class Folder(BaseModel):
    entries: dict[str, "Folder"] = {}


class Expression(BaseModel):
    op: Literal["+", "*"]
    args: list["Expression | float"]


class And(BaseModel):
    kind: Literal["and"] = "and"
    of: list["Filter"]


class Equal(BaseModel):
    kind: Literal["eq"] = "eq"
    field: str
    to: str | int


Filter = Annotated[And | Equal, Field(discriminator="kind")]
And.model_rebuild()


class Comment(BaseModel):
    author: User
    text: str
    replies: list["Comment"] | None = None


class Tuples(BaseModel):
    pair: tuple[int, Optional["Tuples"]]


class Holder(BaseModel):
    root: Node
    spare: Node | None = None


class Grammar(RootModel[dict[str, "list[Grammar] | str"]]):
    pass


NODE = Node(value=1, children=[Node(value=2), Node(value=3, children=[Node(value=4)])])
recursive("node", Node, Node(value=0), NODE)
recursive("linked", Linked, Linked(value="a", next=Linked(value="b", next=Linked(value="c"))))
recursive("mutual", Left, Left(name="a", right=Right(left=Left(name="b"), size=3)), Left(name="x"))
recursive("binary", Binary, Binary(key=1, left=Binary(key=0), right=Binary(key=2, right=Binary(key=3))))
recursive("folder", Folder, Folder(), Folder(entries={"a": Folder(entries={"b": Folder()})}))
recursive("expression", Expression, Expression(op="+", args=[1.5, Expression(op="*", args=[2, 3.5])]))
recursive("filter", Filter, Equal(field="a", to=1), And(of=[Equal(field="b", to="c"), And(of=[])]))
recursive("comment", Comment, Comment(author=USER, text="t", replies=[Comment(author=USER, text="u", replies=[])]))
recursive("tuples", Tuples, Tuples(pair=(1, Tuples(pair=(2, None)))))
recursive("held", Holder, Holder(root=NODE), Holder(root=NODE, spare=Node(value=9)))
recursive("list", list[Node], [NODE], [])
recursive("dict", dict[str, Node], {"a": NODE})
recursive("grammar", Grammar, Grammar({"a": "b", "c": [Grammar({})]}))
recursive("optional", Node | None, None, NODE)
recursive("deep_chain", Linked, TypeAdapter(Linked).validate_json('{"value":"x","next":' * 12 + "null" + "}" * 12))

default = Group("default")


class Defaults(BaseModel):
    a: int = 1
    b: str = "x"
    c: list[int] = [1, 2]
    d: dict[str, int] = {"a": 1}
    e: Colour = Colour.GREEN
    f: Point = Point(x=1, y=2)
    g: float | None = 0.5
    h: tuple[int, int] = (0, 0)
    i: bool = True
    j: date = date(2024, 1, 1)


class BadDefault(BaseModel):
    """Defaults that are no valid input."""

    a: int = None  # type: ignore[assignment]
    b: Json[Any] = None
    c: Annotated[str, Field(min_length=3)] = ""


class Factory(BaseModel):
    a: list[str] = Field(default_factory=lambda: ["made"])
    b: UUID = Field(default_factory=lambda: UUID(int=0))
    c: dict[str, list[int]] = Field(default_factory=dict)


class FromData(BaseModel):
    a: int
    b: int = Field(default_factory=lambda data: data["a"] + 1)


class Validated(BaseModel):
    model_config = ConfigDict(validate_default=True)
    a: Annotated[int, Field(ge=0)] = 3


default(
    "all", Defaults, Defaults(), Defaults(a=0, b="", c=[], d={}, e=Colour.RED, f=Point(x=0), g=None, h=(1, 2), i=False)
)
default("bad", BadDefault, BadDefault(), BadDefault(a=1, b="1", c="abc"))
default("factory", Factory, Factory(), Factory(a=[], b=UUID(int=9), c={"a": [1]}))
default("from_data", FromData, FromData(a=1), FromData(a=1, b=5))
default("validated", Validated, Validated(), Validated(a=0))
default("list", list[Defaults], [Defaults(), Defaults(g=None)])
default("dict", dict[str, Factory], {"a": Factory()})

aliases = Group("aliases")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    first_name: str
    last_seen_at: date | None = None


class Choices(BaseModel):
    name: str = Field(validation_alias=AliasChoices("name", "fullName", AliasPath("names", 0)))


class Pathed(BaseModel):
    city: str = Field(validation_alias=AliasPath("address", "city"))
    first: int = Field(validation_alias=AliasPath("numbers", 0))
    second: int = Field(validation_alias=AliasPath("numbers", 1))


class Split(BaseModel):
    value: int = Field(validation_alias="valueIn", serialization_alias="valueOut")


class Plain(BaseModel):
    from_: str = Field(alias="from")
    class_: int = Field(alias="class")


class ByName(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)
    a_b: int = Field(alias="aB")


class Generated(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            validation_alias=lambda name: f"in_{name}",
            serialization_alias=lambda name: f"out_{name}",
        )
    )
    a: int
    b: list[int] = []


class Swapped(BaseModel):
    a: int = Field(alias="b")
    b: str = Field(alias="a")


class PathDefault(BaseModel):
    city: str = Field("none", validation_alias=AliasPath("address", "city"))
    zip: str | None = Field(None, validation_alias=AliasPath("address", "zip"))


aliases("camel", Camel, Camel(firstName="a"), Camel(firstName="a", lastSeenAt=date(2024, 1, 1)))
aliases("choices", Choices, Choices(name="a"))
aliases("path", Pathed, TypeAdapter(Pathed).validate_python({"address": {"city": "a"}, "numbers": [1, 2]}))
aliases("split", Split, Split(valueIn=1))
aliases("plain", Plain, Plain(**{"from": "a", "class": 1}))
aliases("by_name", ByName, ByName(a_b=1))
aliases("generated", Generated, Generated(in_a=1), Generated(in_a=1, in_b=[2]))
aliases("swapped", Swapped, Swapped(b=1, a="x"))
aliases(
    "path_default", PathDefault, PathDefault(), TypeAdapter(PathDefault).validate_python({"address": {"city": "b"}})
)
aliases("list", list[Camel], [Camel(firstName="a")])

names = Group("names")
T = TypeVar("T")
odd_names = create_model(
    "OddNames",
    f1=(int, Field(alias="with space")),
    f2=(int, Field(alias="$ref")),
    f3=(int, Field(alias="ünï")),
    f4=(int, Field(alias="")),
    f5=(int, Field(alias="a.b/c~d")),
    f6=(int, Field(alias="x" * 70)),
)
names("odd", odd_names, odd_names(**{"with space": 1, "$ref": 2, "ünï": 3, "": 4, "a.b/c~d": 5, "x" * 70: 6}))
schema_words = create_model(
    "SchemaWords",
    **dict.fromkeys(
        ("type", "properties", "items", "enum", "anyOf", "required", "const", "title", "default", "description"),
        (str, ...),
    ),
)
names("schema_words", schema_words, schema_words(**dict.fromkeys(schema_words.model_fields, "x")))
same_a = create_model("Same", a=(int, ...))
same_b = create_model("Same", b=(str, ...))
both = create_model("Both", first=(same_a, ...), second=(same_b, ...))
names("same_class_names", both, both(first=same_a(a=1), second=same_b(b="x")))
chinese = create_model("发票", 金额=(float, ...), 客户=(str | None, None))
names("chinese", chinese, chinese(金额=1.5), chinese(金额=0, 客户="李"))
long_name = create_model("L" * 100, a=(int, 1))
names("long", long_name, long_name(a=5))
clash = create_model("Clash", f1=(int, Field(alias="a b")), f2=(int, Field(alias="a_b")), f3=(int, Field(alias="a-b")))
names("clash", clash, clash(**{"a b": 1, "a_b": 2, "a-b": 3}))
marker = create_model("Marker", key=(str, ...), value=(str | None, None), entries=(list[int], []), root=(int, 0))
names("marker_words", marker, marker(key="a"), marker(key="b", value="c", entries=[1], root=1))
only_value = create_model("Value", value=(list[int], ...))
names("only_value", only_value, only_value(value=[1]))

generic = Group("generic")


class Box(BaseModel, Generic[T]):
    content: T
    spare: list[T] = []


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = None


@dataclasses.dataclass
class Couple(Generic[T]):
    left: T
    right: T


generic("int", Box[int], Box[int](content=1, spare=[2]))
generic("model", Box[Point], Box[Point](content=Point(x=1)))
generic("nested", Box[Page[Box[str]]], Box[Page[Box[str]]](content=Page[Box[str]](items=[Box[str](content="a")])))
generic("page", Page[User], Page[User](items=[USER], next="2"))
generic("dict", Box[dict[str, int]], Box[dict[str, int]](content={"a": 1}))
generic("dataclass", Couple[int], Couple(1, 2))
generic("unparametrised", Box, Box(content="x"), Box(content=[1]))
generic("union", Box[int] | Box[str], Box[int](content=1), Box[str](content="a"))

validator = Group("validator")


class Even(BaseModel):
    a: int

    @field_validator("a")
    @classmethod
    def be_even(cls, value: int) -> int:
        if value % 2:
            message = "must be even"
            raise ValueError(message)
        return value


class Ordered(BaseModel):
    low: int
    high: int

    @model_validator(mode="after")
    def be_ordered(self) -> "Ordered":
        if self.low > self.high:
            message = "low is above high"
            raise ValueError(message)
        return self


class Lenient(BaseModel):
    tags: Annotated[list[str], BeforeValidator(lambda v: v.split(",") if isinstance(v, str) else v)]


class Upper(BaseModel):
    code: Annotated[str, AfterValidator(str.upper)]


class Wrapped(BaseModel):
    a: Annotated[int, WrapValidator(lambda value, handler: handler(value))]


class Before(BaseModel):
    a: int

    @model_validator(mode="before")
    @classmethod
    def from_number(cls, data: Any) -> Any:
        return {"a": data} if isinstance(data, int) else data


validator("field", Even, Even(a=2))
validator("model", Ordered, Ordered(low=1, high=2))
validator("before", Lenient, Lenient(tags=["a", "b"]))
validator("after", Upper, Upper(code="AB"))
validator("wrap", Wrapped, Wrapped(a=1))
validator("model_before", Before, Before(a=1))
validator("annotated", Annotated[int, AfterValidator(abs)], 5)
validator("plain", Annotated[int, PlainValidator(int, json_schema_input_type=int)], 5)

root = Group("root")


class Tags(RootModel[list[str]]):
    pass


class Amount(RootModel[Decimal]):
    pass


class Word(RootModel[Annotated[str, Field(min_length=1)]]):
    pass


class Either(RootModel[Circle | Square]):
    pass


class Index(BaseModel):
    tags: Tags
    words: dict[str, Word] = {}


root("list", Tags, Tags([]), Tags(["a"]))
root("decimal", Amount, Amount(Decimal("1.10")))
root("str", Word, Word("x"))
root("union", Either, Either(Circle(radius=1)), Either(Square(side=2)))
root("inside", Index, Index(tags=Tags(["a"]), words={"a": Word("b")}))
root("dict", RootModel[dict[int, str]], RootModel[dict[int, str]]({1: "a"}))
root("optional", RootModel[int | None], RootModel[int | None](None), RootModel[int | None](3))
root("nested", list[Tags], [Tags(["a"]), Tags([])])

dataclass = Group("dataclass")


@dataclasses.dataclass
class Item:
    """An item of a list."""

    name: str
    price: float
    tags: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    a: int
    b: str | None = None


@pydantic.dataclasses.dataclass
class Checked:
    a: Annotated[int, Field(ge=0)]
    b: dict[str, int] = Field(default_factory=dict)


@dataclasses.dataclass
class Tree:
    value: int
    left: Optional["Tree"] = None
    right: Optional["Tree"] = None


@dataclasses.dataclass(kw_only=True)
class Keyword:
    a: int
    made: int = dataclasses.field(default=7, init=False)


@pydantic.dataclasses.dataclass
class Aliased:
    a_b: int = Field(alias="aB")


@dataclasses.dataclass
class InitOnly:
    a: int
    seed: dataclasses.InitVar[int] = 0


class Uses(BaseModel):
    items: list[Item]
    best: Item | None = None


dataclass("plain", Item, Item("a", 1.5), Item("a", 1.5, ["t"]))
dataclass("frozen", Fixed, Fixed(1), Fixed(1, "b"))
dataclass("pydantic", Checked, Checked(1), Checked(1, {"a": 2}))
dataclass("recursive", Tree, Tree(1, Tree(2), Tree(3, None, Tree(4))))
dataclass("init_false", Keyword, Keyword(a=1))
dataclass("aliased", Aliased, Aliased(aB=1))
dataclass("in_model", Uses, Uses(items=[Item("a", 1.0)], best=Item("b", 2.0)))
dataclass("list", list[Item], [Item("a", 1.0)])
dataclass("dict", dict[str, Fixed], {"a": Fixed(1)})

extra = Group("extra")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


class TypedExtra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, int]
    a: int = 0


class Forbid(BaseModel):
    model_config = ConfigDict(extra="forbid")
    a: int
    b: Point | None = None


class Ignore(BaseModel):
    model_config = ConfigDict(extra="ignore")
    a: int


class OnlyExtra(BaseModel):
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, list[float]]


extra("open", Open, Open(a=1), Open(a=1, b=[2], c=None, extra="x"))
extra("typed", TypedExtra, TypedExtra(), TypedExtra(a=1, b=2, entries=3))
extra("forbid", Forbid, Forbid(a=1), Forbid(a=1, b=Point(x=1)))
extra("ignore", Ignore, Ignore(a=1))
extra("only", OnlyExtra, OnlyExtra(), OnlyExtra(x=[1.5], y=[]))
extra("list", list[Open], [Open(a=1, b=2)])
extra("optional", Open | None, None, Open(a=1, z={"q": 1}))

custom = Group("custom")


class Celsius:
    """A type of its own with a core schema."""

    def __init__(self, degrees: float) -> None:
        self.degrees = degrees

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Celsius) and other.degrees == self.degrees

    def __hash__(self) -> int:
        return hash(self.degrees)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.float_schema(ge=-273.15),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda c: c.degrees),
        )


class Hidden(BaseModel):
    a: Annotated[int, WithJsonSchema({"type": "integer", "description": "an int"})]


class Serialized(BaseModel):
    """Its serializers are no inverse of its validators."""

    when: date
    size: Annotated[int, PlainSerializer(lambda v: f"{v} bytes")]

    @field_serializer("when")
    def show(self, value: date) -> str:
        return value.strftime("%d %B %Y")


class Whole(BaseModel):
    a: int

    @model_serializer
    def show(self) -> str:
        return f"<{self.a}>"


class Shapes(BaseModel):
    shape: SerializeAsAny[Circle]


class Nested2(NamedTuple):
    who: User
    where: Address | None = None


custom("celsius", Celsius, Celsius(20.5))
custom("celsius_list", list[Celsius], [Celsius(0.0)])
custom("with_json_schema", Hidden, Hidden(a=1))
custom("serializers", Serialized, Serialized(when=date(2024, 1, 2), size=5))
custom("model_serializer", Whole, Whole(a=3))
custom("serialize_as_any", Shapes, Shapes(shape=Circle(radius=1)))
custom("named_tuple_models", Nested2, Nested2(USER), Nested2(USER, ADDRESS))
custom("type_adapter", TypeAdapter(list[User]), [USER])

wide = Group("wide")
wide_120 = create_model("Wide120", **{f"field_{i}": (int, ...) for i in range(120)})
wide_200 = create_model("Wide200", **{f"field_{i}": (str | None, None) for i in range(200)})
wide_30 = create_model("Wide30", **{f"f{i}": (int | str, i) for i in range(30)})
optional_40 = create_model("Optional40", **{f"f{i}": (int, i) for i in range(40)})
deep_type: Any = int
for level in range(12):
    deep_type = create_model(f"Deep{level}", inner=(deep_type, ...), note=(str, "n"))
deep_value: Any = 5
for _ in range(12):
    deep_value = {"inner": deep_value}
deep_list: Any = int
for _ in range(14):
    deep_list = list[deep_list]
deep_list_value: Any = 1
for _ in range(14):
    deep_list_value = [deep_list_value]
many_models = [create_model(f"M{i}", **{f"a{i}": (int, ...), "kind": (Literal[f"m{i}"], f"m{i}")}) for i in range(25)]
big_union: Any = many_models[0]
for one in many_models[1:]:
    big_union = big_union | one
many_enums = create_model(
    "ManyEnums", **{f"e{i}": (Literal[tuple(f"v{i}_{j}" for j in range(60))], ...) for i in range(20)}
)
grid = create_model(
    "Grid",
    rows=(list[create_model("Row", cells=(list[create_model("Cell", text=(str, ...), span=(int, 1))], ...))], ...),
)

wide("120", wide_120, wide_120(**{f"field_{i}": i for i in range(120)}))
wide("200_optional", wide_200, wide_200(), wide_200(field_3="x", field_199="y"))
wide("30_unions", wide_30, wide_30(), wide_30(f1="a", f2=3))
wide("40_optional", optional_40, optional_40(), optional_40(f3=0))
wide("deep_12", deep_type, TypeAdapter(deep_type).validate_python(deep_value))
wide("deep_list", deep_list, deep_list_value)
wide("big_union", big_union, many_models[3](a3=1), many_models[24](a24=2))
wide("many_enums", many_enums, many_enums(**{f"e{i}": f"v{i}_{i}" for i in range(20)}))
wide("grid", grid, TypeAdapter(grid).validate_python({"rows": [{"cells": [{"text": "a"}, {"text": "b", "span": 2}]}]}))

real = Group("real")


class Currency(enum.StrEnum):
    EUR = "EUR"
    USD = "USD"
    CNY = "CNY"


class Money(BaseModel):
    amount: Decimal = Field(ge=0, decimal_places=2)
    currency: Currency = Currency.EUR


class Line(BaseModel):
    description: str
    quantity: Annotated[float, Field(gt=0)] = 1.0
    price: Money
    tax: dict[str, Decimal] = {}


class Invoice(BaseModel):
    """An invoice as printed."""

    number: str = Field(pattern=r"^[A-Z0-9/-]+$")
    issued: date
    due: date | None = None
    lines: list[Line] = Field(min_length=1)
    totals: dict[Currency, Decimal] = {}
    notes: str | None = None


class Ingredient(BaseModel):
    name: str
    amount: float | str | None = None
    unit: Literal["g", "ml", "piece"] | None = None


class Recipe(BaseModel):
    title: str
    servings: int = Field(4, ge=1)
    duration: timedelta | None = None
    ingredients: list[Ingredient]
    steps: list[str]
    nutrition: dict[str, float] = {}


class Entity(BaseModel):
    id: str
    type: Literal["person", "place", "work"]
    properties: dict[str, str | int | float | bool] = {}


class Relation(BaseModel):
    source: str
    target: str
    kind: str
    weight: Annotated[float, Field(ge=0, le=1)] | None = None


class Graph(BaseModel):
    entities: list[Entity]
    relations: list[Relation] = []


class Feature(BaseModel):
    type: Literal["Feature"] = "Feature"
    geometry: "PointGeometry | LineGeometry | None" = Field(discriminator="type")
    properties: dict[str, Any] | None = None


class PointGeometry(BaseModel):
    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float] | tuple[float, float, float]


class LineGeometry(BaseModel):
    type: Literal["LineString"] = "LineString"
    coordinates: list[tuple[float, float]] = Field(min_length=2)


class Job(BaseModel):
    company: str
    title: str
    start: str = Field(description="YYYY-MM", pattern=r"^\d{4}-\d{2}$")
    end: str | None = None
    highlights: list[str] = []


class Resume(BaseModel):
    name: str
    links: dict[str, HttpUrl] = {}
    skills: set[str] = set()
    jobs: list[Job] = []
    languages: list[tuple[str, Literal["A1", "A2", "B1", "B2", "C1", "C2"]]] = []


class Shift(BaseModel):
    day: Literal["mon", "tue", "wed", "thu", "fri"]
    start: time
    end: time
    breaks: list[timedelta] = []
    people: frozenset[str] = frozenset()


class Schedule(BaseModel):
    week: date
    shifts: list[Shift]
    by_person: dict[str, list[Shift]] = {}


class ToolCall(BaseModel):
    name: str
    arguments: dict[str, Any]


class Trace(BaseModel):
    calls: list[ToolCall]
    result: Any = None
    span: tuple[int, int] | None = None


MONEY = Money(amount=Decimal("9.90"))
SHIFT = Shift(day="mon", start=time(8), end=time(16, 30), breaks=[timedelta(minutes=30)], people=frozenset({"Ada"}))
real(
    "invoice",
    Invoice,
    Invoice(
        number="A-1",
        issued=date(2024, 1, 1),
        lines=[Line(description="Tee", price=MONEY, tax={"VAT": Decimal("0.20")})],
        totals={Currency.EUR: Decimal("9.90")},
    ),
)
real(
    "recipe",
    Recipe,
    Recipe(
        title="Soup",
        duration=timedelta(minutes=20),
        ingredients=[Ingredient(name="salt", amount="a pinch"), Ingredient(name="water", amount=500, unit="ml")],
        steps=["Boil."],
        nutrition={"kcal": 3.5},
    ),
)
real(
    "graph",
    Graph,
    Graph(
        entities=[Entity(id="1", type="person", properties={"born": 1815, "living": False})],
        relations=[Relation(source="1", target="1", kind="is", weight=1)],
    ),
)
real(
    "geojson",
    Feature,
    Feature(geometry=PointGeometry(coordinates=(1.5, 2.5))),
    Feature(geometry=LineGeometry(coordinates=[(0, 0), (1, 1)]), properties={"a": [1]}),
    Feature(geometry=None, properties={}),
)
real(
    "resume",
    Resume,
    Resume(
        name="Ada",
        links={"home": HttpUrl("https://a.b/")},
        skills={"maths"},
        jobs=[Job(company="x", title="y", start="2020-01")],
        languages=[("en", "C2")],
    ),
)
real("schedule", Schedule, Schedule(week=date(2024, 1, 1), shifts=[SHIFT], by_person={"Ada": [SHIFT]}))
real("trace", Trace, Trace(calls=[ToolCall(name="f", arguments={"a": [1, None]})], result={"ok": True}, span=(0, 5)))
real("users", list[User], [USER, User(name="Bo", age=3)])

GROUPS = (
    model,
    recursive,
    default,
    aliases,
    names,
    generic,
    validator,
    root,
    dataclass,
    extra,
    custom,
    wide,
    real,
)
