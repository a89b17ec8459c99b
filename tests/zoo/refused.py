"""Types without a JSON form, and types that go one way only."""

import enum
import math
import re
from collections.abc import Callable, Generator, Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from .case import Group
from .containers import Point
from .scalars import Pair
from .unread import Hooked


class Opaque:
    """Nothing that a text could hold."""


class Arbitrary(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Opaque


class Called(BaseModel):
    hook: Callable[[int], int]


class Collides(enum.Enum):
    """Two members that are one in JSON."""

    LIST = (1, [2])
    PAIR = (1, (2,))


class Initialised(BaseModel):
    """Its own `__init__` has Pydantic read the fields once more, as Python values."""

    way: Pair

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)


class Subpoint(Point):
    z: int = 0


refused = Group("refused")
refused("callable", Callable[[int], int])
refused("callable_field", Called)
refused("arbitrary", Arbitrary)
refused("class", Opaque)
refused("type", type[int])
refused("members_that_are_one", Collides)
refused("init_of_its_own", Initialised)
refused("literal_without_text", Literal[b"\xff"])

one_way = Group("one_way")
one_way("iterable", Iterable[int])
one_way("generator", Generator[str, None, None])

no_value = Group("no_value")
no_value("infinity", float, math.inf)
no_value("not_a_number", float, math.nan)
no_value("infinite_key", dict[float, int], {math.inf: 1})
no_value("infinite_anything", list[Any], [math.nan])
no_value("own_hook", Hooked, Hooked(count=1, hook=round))
no_value("flags_of_a_pattern", re.Pattern[str], re.compile("a", re.IGNORECASE))
no_value("keys_that_are_one", dict[int | str, int], {1: 2, "a": 3})
no_value("subclass_is_lost", Subpoint | Point, Point(x=1))
no_value("first_of_equals", list[int] | tuple[int, int], (1, 2))

REFUSED = tuple(refused)
ONE_WAY = tuple(one_way)
NO_VALUE = tuple(no_value)
"""These types have a JSON form, and these values of them none that is read as the same value."""
