"""A target's columns by name and JSON type, flat: what CSV and SQLite hold, and what tells one run's schema from another's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..flow.place import branches, resolve
from ..vocabulary import JsonObject, JsonValue

DEPTH = 6
"""Objects nested deeper are one column of JSON text."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One column.

    Attributes:
        name: `address.city` for a field within a field.
        path: the same as keys.
        type: JSON type, with its format (`string:date`); several joined by `|`; `json` where any value may stand.
        is_nullable: whether null may stand there, or nothing.
    """

    name: str
    path: tuple[str, ...]
    type: str
    is_nullable: bool

    def cell(self, value: JsonValue) -> str | int | float | bool | None:
        """What of a record stands in this column; lists and objects as JSON text."""
        for step in self.path:
            value = value.get(step) if isinstance(value, dict) else None
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def leaves(schema: JsonObject, *, depth: int = DEPTH) -> tuple[Leaf, ...]:
    """The columns of a target's natural schema; one called `value` for a target that is no object."""
    found = tuple(_leaves(schema, resolve(schema, schema), (), depth, is_optional=False))
    return found if found and found[0].path else (Leaf("value", ("value",), _type(schema, schema), is_nullable=True),)


def _leaves(root: JsonObject, schema: JsonObject, at: tuple[str, ...], depth: int, *, is_optional: bool) -> list[Leaf]:
    choices = branches(root, schema)
    shaped = [choice for choice in choices if choice.get("type") != "null"]
    inner = shaped[0].get("properties") if len(shaped) == 1 else None
    is_optional = is_optional or len(shaped) < len(choices)
    if isinstance(inner, dict) and inner and depth and not isinstance(shaped[0].get("additionalProperties"), dict):
        required = shaped[0].get("required")
        wanted = required if isinstance(required, list) else []
        return [
            leaf
            for name, sub in inner.items()
            for leaf in _leaves(
                root,
                sub if isinstance(sub, dict) else {},
                (*at, name),
                depth - 1,
                is_optional=is_optional or name not in wanted,
            )
        ]
    return [Leaf(".".join(at), at, _type(root, schema), is_optional)]


def _type(root: JsonObject, schema: JsonObject) -> str:
    kinds: list[str] = []
    for branch in branches(root, schema):
        kind = branch.get("type")
        if kind is None and isinstance(
            values := branch.get("enum", [branch["const"]] if "const" in branch else None), list
        ):
            kinds += [_name_of(value) for value in values if value is not None]
        elif isinstance(kind, str) and kind != "null":
            form = branch.get("format")
            kinds.append(f"{kind}:{form}" if isinstance(form, str) and kind == "string" else kind)
        elif isinstance(kind, list):
            kinds += [str(one) for one in kind if one != "null"]
        elif kind is None:
            kinds.append("json")
    return "|".join(dict.fromkeys(kinds)) or "json"


def _name_of(value: JsonValue) -> str:
    names: Mapping[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "json")
