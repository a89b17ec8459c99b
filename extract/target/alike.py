"""Whether a value that came back is the one that went out: equal in depth, and of a kind at every place."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, cast

from pydantic import BaseModel


def alike(one: object, other: object) -> bool:
    """Equal, NaN to itself, `1` to neither `True` nor `1.0`; one may be of a subclass of the other's type.

    Models and dataclasses count by their fields. Objects that compare by identity alone are taken by their type.
    """
    if one is other:
        return True
    if not _are_kin(one, other):
        return False
    if isinstance(one, BaseModel):
        return _same_items(_fields(one), _fields(cast("BaseModel", other)))
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one) if field.compare]
        return all(alike(getattr(one, name, None), getattr(other, name, None)) for name in names)
    if isinstance(one, Mapping):
        return _same_items(cast("Mapping[object, object]", one), cast("Mapping[object, object]", other))
    if isinstance(one, list | tuple | deque):
        pairs = cast("list[object]", one), cast("list[object]", other)
        return len(pairs[0]) == len(pairs[1]) and all(map(alike, *pairs))
    if isinstance(one, AbstractSet):
        return _same_sets(cast("AbstractSet[object]", one), cast("AbstractSet[object]", other))
    return _are_equal(one, other)


def _are_kin(one: object, other: object) -> bool:
    first, second = type(one), type(other)
    if first is second or (issubclass(first, set | frozenset) and issubclass(second, set | frozenset)):
        return True  # an abstract set is any
    numbers = (bool, int, float)
    if next((kind for kind in numbers if isinstance(one, kind)), None) is not next(
        (kind for kind in numbers if isinstance(other, kind)), None
    ):
        return False
    return issubclass(first, second) or issubclass(second, first)


def _fields(model: BaseModel) -> dict[str, Any]:
    known = type(model).model_fields
    return {**{name: item for name, item in vars(model).items() if name in known}, **(model.__pydantic_extra__ or {})}


def _same_items(one: Mapping[Any, object], other: Mapping[Any, object]) -> bool:
    """By key, whatever the order; keys too are of one kind."""
    if len(one) != len(other):
        return False
    kinds = {key: key for key in other}
    return all(key in other and _are_kin(key, kinds[key]) and alike(item, other[key]) for key, item in one.items())


def _same_sets(one: AbstractSet[object], other: AbstractSet[object]) -> bool:
    kinds = {item: item for item in other}
    return len(one) == len(other) and all(item in kinds and _are_kin(item, kinds[item]) for item in one)


def _are_equal(one: object, other: object) -> bool:
    try:
        if one == other:
            return True
        if one != one and other != other:  # noqa: PLR0124 # NaN of any type
            return True
    except Exception:  # noqa: BLE001 # a comparison of the user's own
        return False
    return type(one).__eq__ is object.__eq__
