"""Types without a JSON form, and types that go one way only."""

from collections.abc import Callable, Generator, Iterable

from pydantic import BaseModel, ConfigDict

from .case import Group


class Opaque:
    """Nothing that a text could hold."""


class Arbitrary(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Opaque


class Called(BaseModel):
    hook: Callable[[int], int]


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

REFUSED = tuple(refused)
ONE_WAY = tuple(one_way)
