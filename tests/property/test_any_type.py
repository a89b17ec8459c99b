"""Any type made of the usual parts, with any value, in any dialect: out, within the rules, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Optional, Union
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, create_model

from extract.errors import TargetError
from extract.target.compile import Target, compile_target
from extract.target.dialects import DIALECTS
from extract.target.invalid import Invalid
from tests.zoo.carry import problems
from tests.zoo.case import Case
from tests.zoo.same import same


class Suit(Enum):
    HEARTS = "hearts"
    SPADES = "spades"


class Size(Enum):
    SMALL = 1
    LARGE = 2


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers(-(2**70), 2**70)),
    (str, TEXT),
    (bool, st.booleans()),
    (type(None), st.none()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (date, st.dates()),
    (datetime, st.datetimes(timezones=st.none() | st.just(UTC))),
    (time, st.times()),
    (timedelta, st.timedeltas(min_value=timedelta(days=-9999), max_value=timedelta(days=9999))),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False, places=3)),
    (UUID, st.uuids()),
    (Suit, st.sampled_from(Suit)),
    (Size, st.sampled_from(Size)),
    (Literal["a", 1] | None, st.sampled_from(["a", 1, None])),
    (Any, JSON),
]
KEYS = st.sampled_from(["a", "b", "key", "value", "entries", "item_0", "c d", "$ref", "type", "ü"])


@st.composite
def made(draw: st.DrawFn, depth: int = 3) -> tuple[Any, st.SearchStrategy[Any]]:
    """A type, and a strategy for its values."""
    kind = draw(
        st.sampled_from(
            ["leaf"] if depth == 0 else ["leaf", "list", "dict", "optional", "tuple", "union", "model", "set", "map"]
        )
    )
    if kind == "leaf":
        return draw(st.sampled_from(LEAVES))
    if kind == "set":
        return set[str], st.sets(TEXT, max_size=3)
    if kind == "map":
        key, keys = draw(st.sampled_from([LEAVES[0], LEAVES[5], LEAVES[10], LEAVES[11]]))
        inner, values = draw(made(depth - 1))
        return dict[key, inner], st.dictionaries(keys, values, max_size=2)
    if kind == "tuple":
        parts = draw(st.lists(made(depth - 1), min_size=1, max_size=3))
        return tuple[tuple(part[0] for part in parts)], st.tuples(*(part[1] for part in parts))
    if kind == "model":
        return draw(models(depth))
    inner, values = draw(made(depth - 1))
    if kind == "list":
        return list[inner], st.lists(values, max_size=2)
    if kind == "dict":
        return dict[str, inner], st.dictionaries(TEXT, values, max_size=2)
    if kind == "optional":
        return Optional[inner], st.none() | values  # noqa: UP045  (None | None is no type)
    return Union[inner, list[bool]], values | st.lists(st.booleans(), max_size=2)  # noqa: UP007  (the part may be None)


@st.composite
def models(draw: st.DrawFn, depth: int) -> tuple[type[BaseModel], st.SearchStrategy[Any]]:
    fields: dict[str, Any] = {}
    held: dict[str, st.SearchStrategy[Any]] = {}
    names = draw(st.lists(KEYS.filter(str.isidentifier), max_size=4, unique=True))
    for name in names:
        inner, values = draw(made(depth - 1))
        default = draw(st.sampled_from([..., None, "value"]))
        if default is None:
            fields[name], held[name] = (Optional[inner], None), st.none() | values  # noqa: UP045
        elif default == "value":
            fields[name], held[name] = (inner, draw(values)), values
        else:
            fields[name], held[name] = (inner, ...), values
    extra = draw(st.sampled_from(["ignore", "forbid", "allow"]))
    model = create_model("Made", __config__={"extra": extra, "protected_namespaces": ()}, **fields)
    return model, st.fixed_dictionaries(held).map(lambda data: model.model_construct(**data))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    target, values = draw(made())
    return Case("made", repr(target), target, tuple(draw(st.lists(values, min_size=1, max_size=3))))


def is_told_apart(target: Target[Any], value: Any) -> bool:
    """Whether natural JSON holds the value: `set[str] | list[bool]` and `date | str` are not always told apart."""
    try:
        return same(target.validate(target.encode(value), strict=True), value)
    except (TargetError, Invalid):
        return False


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(cases(), st.sampled_from(sorted(DIALECTS)))
def test_any_type_is_carried(case: Case, dialect: str) -> None:
    target = compile_target(case.target)
    values = tuple(value for value in case.values if is_told_apart(target, value))
    assert problems(replace(case, values=values), DIALECTS[dialect]) == ()
