"""Equality that is as strict as a user would have it."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal

from pydantic import BaseModel


def same(one: object, other: object) -> bool:
    """Whether two values are of the same type and equal, NaN to itself, `1` not to `True` nor `1.0`, in depth."""
    if type(one) is not type(other):
        return False
    if isinstance(one, BaseModel) and isinstance(other, BaseModel):
        return same(_fields(one), _fields(other))
    if dataclasses.is_dataclass(one) and dataclasses.is_dataclass(other):
        return all(same(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one))
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _same_maps(one, other)
    if isinstance(one, AbstractSet):
        return one == other
    if isinstance(one, list | tuple | deque) and isinstance(other, list | tuple | deque):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal):
        return one == other or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def _fields(model: BaseModel) -> dict[str, object]:
    return {**model.__dict__, **(model.__pydantic_extra__ or {})}


def _same_maps(one: Mapping[object, object], other: Mapping[object, object]) -> bool:
    return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
