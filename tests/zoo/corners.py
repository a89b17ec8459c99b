"""Types where Pydantic's description and its reading part ways, or where JSON has no word for a value."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ImportString,
    PlainSerializer,
    PlainValidator,
    Tag,
    WithJsonSchema,
)
from pydantic.json_schema import SkipJsonSchema

from .case import Group

numbers = Group("no_number")
numbers("named", Annotated[float, AllowInfNan(True)], math.inf, -math.inf, math.nan, 1.5)


class Named(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")
    limit: float
    shares: list[float] = []


class Unbounded(BaseModel):
    limit: float = math.inf
    least: float = -math.inf


@dataclass
class Loose:
    limit: float = math.nan


numbers("by_config", Named, Named(limit=math.inf, shares=[math.nan, 1.0]))
numbers("default", Unbounded, Unbounded(), Unbounded(limit=3.5))
numbers("default_of_dataclass", Loose, Loose(), Loose(1.0))

wrapped = Group("wrapped")


@dataclass(frozen=True)
class Meters:
    value: int


wrapped(
    "plain_both_ways",
    Annotated[
        Meters,
        PlainValidator(lambda value: value if isinstance(value, Meters) else Meters(value)),
        PlainSerializer(lambda meters: meters.value),
        WithJsonSchema({"type": "integer"}),
    ],
    Meters(3),
)
wrapped(
    "cents",
    Annotated[
        int,
        BeforeValidator(lambda value: round(value * 100) if isinstance(value, float) else value),
        PlainSerializer(lambda cents: cents / 100),
    ],
    150,
    199,
)
wrapped("import_string", ImportString[Any], math.cos, math)


class Hidden(BaseModel):
    shown: int
    cache: SkipJsonSchema[int] = 5


wrapped("hidden_field", Hidden, Hidden(shown=1))

alikes = Group("look_alike")


def _kind(value: Any) -> str:
    held = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "named" if held else "bare"


class Kinded(BaseModel):
    kind: str = "x"
    amount: int


class Unkinded(BaseModel):
    amount: int


alikes(
    "by_function",
    Annotated[Annotated[Kinded, Tag("named")] | Annotated[Unkinded, Tag("bare")], Discriminator(_kind)],
    Kinded(amount=1),
    Unkinded(amount=2),
)


@dataclass
class Wide:
    a: int
    b: str = "x"
    c: list[int] = field(default_factory=list)


@dataclass
class Narrow:
    a: int
    b: int | None = None


alikes("null_tells", Wide | Narrow | None, Wide(1), Narrow(2), Narrow(2, 5), None)
alikes("null_tells_in_lists", list[Wide | Narrow], [Narrow(2), Wide(3, "y")])


class Blank(BaseModel):
    note: str | None = Field(None, description="null by default")
    rank: int | None = None


alikes("null_by_default", Blank, Blank(), Blank(note=None), Blank(note="", rank=0))

GROUPS = (numbers, wrapped, alikes)
