"""The same schema in fewer tokens, where a dialect has a shorter way to say it."""

from __future__ import annotations

from typing import Final

from ..vocabulary import JsonObject, JsonValue
from .loss import sentences
from .nodes import LISTS, MAPS, ONE

_SCALARS: Final = frozenset({"string", "number", "integer", "boolean"})


def with_type_lists(schema: JsonObject) -> JsonObject:
    """The schema with each plain scalar that may be null as one list of types; what has bounds or values stays as it is."""
    made: JsonObject = {key: _inside(key, value) for key, value in schema.items()}
    kind = _nullable_kind(made.get("anyOf"))
    if kind is None or made.keys() - {"anyOf", "description"}:
        return made
    words = sentences(str(made.get("description", "")), str(kind.get("description", "")))
    return {"type": [kind["type"], "null"], **({"description": words} if words else {})}


def _inside(keyword: str, value: JsonValue) -> JsonValue:
    if isinstance(value, dict) and keyword in MAPS:
        return {name: _one(member) for name, member in value.items()}
    if isinstance(value, list) and keyword in LISTS:
        return [_one(member) for member in value]
    return _one(value) if keyword in ONE else value


def _one(schema: JsonValue) -> JsonValue:
    return with_type_lists(schema) if isinstance(schema, dict) else schema


def _nullable_kind(members: JsonValue) -> JsonObject | None:
    """The plain scalar of a union with null; None for any other union."""
    if not isinstance(members, list) or len(members) != 2 or members[1] != {"type": "null"}:
        return None
    first = members[0]
    if not isinstance(first, dict) or first.keys() - {"type", "description"}:
        return None
    return first if isinstance(first.get("type"), str) and first["type"] in _SCALARS else None
