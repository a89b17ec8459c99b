"""Where a JSON Schema holds schemas: the walk that the judge, the lint and the rendering share.

Nothing here follows a `$ref`; nothing recurses, so that no depth of nesting can end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from ..vocabulary import JsonObject, JsonValue, Path

ONE: Final = (
    "items",
    "additionalProperties",
    "additionalItems",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
)
"""Keywords whose value is a schema (`items`: or a list of them, draft-07)."""
LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems", "items")
"""Keywords whose value is a list of schemas."""
MAPS: Final = (
    "properties",
    "patternProperties",
    "$defs",
    "$def",
    "definitions",
    "dependentSchemas",
    "dependencies",
)
"""Keywords whose value maps names to schemas (`dependencies`: or to lists of names, draft-07)."""
DEFINITIONS: Final = ("$defs", "$def", "definitions")
_HOLDERS: Final = frozenset({*ONE, *LISTS, *MAPS})
_NESTS: Final = frozenset({"object", "array"})


class Node(NamedTuple):
    """One schema inside a schema.

    Attributes:
        place: keys and indices from the root.
        schema: an object, or a boolean.
        level: objects and arrays around it and itself, counted from its own definition; 1 for an object at the root.
        keyword: the keyword that holds it; "" for the root.

    """

    place: Path
    schema: JsonObject | bool
    level: int
    keyword: str


def subschemas(schema: JsonObject) -> Iterator[tuple[Path, JsonObject | bool]]:
    """The schemas directly inside one, with their place from it, in order of their keywords."""
    for keyword, value in schema.items():
        if keyword not in _HOLDERS:
            continue
        if isinstance(value, dict) and keyword in MAPS:
            for name, member in value.items():
                if isinstance(member, dict | bool):
                    yield (keyword, name), member
        elif isinstance(value, list) and keyword in LISTS:
            for index, member in enumerate(value):
                if isinstance(member, dict | bool):
                    yield (keyword, index), member
        elif isinstance(value, dict | bool) and keyword in ONE:
            yield (keyword,), value


def walk(schema: JsonObject | bool) -> Iterator[Node]:
    """Every schema inside `schema`, itself first, parents before children, in document order."""
    stack = [Node((), schema, _own_level(schema), "")]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node.schema, dict) and not _HOLDERS.isdisjoint(node.schema):
            below = [_child(node, *step) for step in subschemas(node.schema)]
            stack.extend(reversed(below))


def levels(schema: JsonObject | bool) -> Iterator[tuple[JsonObject | bool, int]]:
    """Every schema inside `schema` with its level, in no order: the walk without places, at a third of its cost."""
    stack: list[tuple[JsonObject | bool, int]] = [(schema, 0)]
    while stack:
        one, above = stack.pop()
        if not isinstance(one, dict):
            yield one, above
            continue
        level = above + _own_level(one)
        yield one, level
        for keyword in _HOLDERS.intersection(one):
            value = one[keyword]
            below: Iterable[JsonValue] = (value,) if keyword in ONE else ()
            if isinstance(value, dict) and keyword in MAPS:
                below = value.values()
            elif isinstance(value, list):
                below = value if keyword in LISTS else ()
            around = 0 if keyword in DEFINITIONS else level
            stack += [(each, around) for each in below if isinstance(each, dict | bool)]


def types_of(schema: JsonObject) -> tuple[str, ...]:
    """The names in `type`, one or several; empty where there is none."""
    found = schema.get("type")
    if isinstance(found, str):
        return (found,)
    names: list[JsonValue] = found if isinstance(found, list) else [found]
    return tuple(name for name in names if isinstance(name, str))


def _child(parent: Node, step: Path, schema: JsonObject | bool) -> Node:
    keyword = str(step[0])
    above = 0 if keyword in DEFINITIONS else parent.level
    return Node(parent.place + step, schema, above + _own_level(schema), keyword)


def _own_level(schema: JsonObject | bool) -> int:
    """1 for an object or array, else 0."""
    if not isinstance(schema, dict):
        return 0
    found = schema.get("type")
    if isinstance(found, str):
        return 1 if found in _NESTS or "properties" in schema or "items" in schema else 0
    return int("properties" in schema or "items" in schema or not _NESTS.isdisjoint(types_of(schema)))
