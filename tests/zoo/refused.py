"""Types without a JSON form, and types that go one way only."""

from collections.abc import Callable, Generator, Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from .case import Group
from .containers import Point
from .scalars import Colour, Pair


class Opaque:
    """Nothing that a text could hold."""


class Arbitrary(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Opaque


class Called(BaseModel):
    hook: Callable[[int], int]


class Subpoint(Point):
    z: int = 0


refused = Group("refused")
refused("callable", Callable[[int], int])
refused("callable_field", Called)
refused("arbitrary", Arbitrary)
refused("tuple_keys", dict[tuple[int, int], str])
refused("class", Opaque)
refused("type", type[int])

one_way = Group("one_way")
one_way("iterable", Iterable[int])
one_way("generator", Generator[str, None, None])

no_value = Group("no_value")
no_value("tuple_enum", Pair, Pair.NORTH)
no_value("literal_enum", Literal[Colour.RED, Colour.GREEN], Colour.RED)
no_value("literal_bytes", Literal[b"x"], b"x")
no_value("literal_int_keys", dict[Literal[1, 2], str], {1: "a"})
no_value("keys_that_are_one", dict[int | str, int], {1: 2, "a": 3})
no_value("subclass_is_lost", Subpoint | Point, Point(x=1))
no_value("first_of_equals", list[int] | tuple[int, int], (1, 2))

REFUSED = tuple(refused)
ONE_WAY = tuple(one_way)
NO_VALUE = tuple(no_value)
"""Pydantic describes these types and reads no JSON as these values."""
