"""What the names of a schema's properties tell of a text before it is read."""

from __future__ import annotations

from collections.abc import Iterator

from ..fit.labels import CALL_ARGUMENTS, CALL_NAMES, KINDS
from ..fit.words import fold
from ..vocabulary import JsonObject, JsonValue


def key_names(schema: JsonValue) -> frozenset[str]:
    """The names of all properties, at any depth."""
    return frozenset(name for part in _objects(schema) for name in _names(part))


def optional_names(schema: JsonValue) -> frozenset[str]:
    """The names of properties that may be left out, at any depth."""
    return frozenset(name for part in _objects(schema) for name in _names(part) - _required(part))


def has_maps(schema: JsonValue) -> bool:
    """Whether objects may hold names that are not known and that count."""
    return any(
        part.get("additionalProperties", False) is not False or "patternProperties" in part for part in _objects(schema)
    )


def label_names(schema: JsonValue) -> frozenset[str]:
    """Folded names that no property has, but that may say which type a value is of where they stand beside its members.

    Those of a call's arguments, where an object asks for nothing that a call has not; those of a kind, where a union has
    several objects that only their titles tell apart.
    """
    found: set[str] = set()
    for part in _objects(schema):
        if "properties" in part and all(fold(name) in CALL_NAMES for name in _required(part)):
            found.update(CALL_ARGUMENTS)
        members = part.get("anyOf", part.get("oneOf"))
        if isinstance(members, list) and sum(isinstance(one, dict) and "$ref" in one for one in members) > 1:
            found.update(KINDS)
    return frozenset(found)


def _objects(schema: JsonValue) -> Iterator[JsonObject]:
    """A schema and all objects inside it."""
    stack: list[JsonValue] = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            yield part
            stack.extend(part.values())
        elif isinstance(part, list):
            stack.extend(part)


def _names(part: JsonObject) -> frozenset[str]:
    properties = part.get("properties")
    return frozenset(properties) if isinstance(properties, dict) else frozenset()


def _required(part: JsonObject) -> frozenset[str]:
    required = part.get("required")
    return frozenset(map(str, required)) if isinstance(required, list) else frozenset()
