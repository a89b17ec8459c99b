"""What a Python value holds where its JSON has a member or an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..vocabulary import Path


def member(value: object, name: str) -> object:
    """The member of a value by its name in JSON; None where it has none."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).get(name)
    known: Mapping[str, FieldInfo] = {}
    if isinstance(value, BaseModel):
        known = type(value).model_fields
    elif is_dataclass(value):
        known = getattr(value, "__pydantic_fields__", {})
        if not known:
            return getattr(value, name, None) if any(field.name == name for field in fields(value)) else None
    for attribute, field in known.items():
        if name in (field.validation_alias, field.alias):
            return getattr(value, attribute, None)
    return getattr(value, name, None)


def other_class(value: object, path: Path, title: str) -> str | None:
    """The class of what a value holds at a path, where it is not the one with this title; None where it is, or has no class.

    What cannot be followed, such as the items of a set, counts as another one.
    """
    for step in path:
        if isinstance(step, str):
            value = member(value, step)
        else:
            items = cast("Sequence[object]", value) if isinstance(value, Sequence) else ()
            value = items[step] if step < len(items) else None
    found = type(value)
    if isinstance(value, Mapping) or found.__name__ == title:
        return None
    is_titled = issubclass(found, BaseModel) and found.model_config.get("title") == title
    return None if is_titled else found.__name__
