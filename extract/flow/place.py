"""Places in a JSON value and in its natural schema: look, put, and the schema that holds there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from ..vocabulary import JsonObject, JsonValue, Path

DEFINITIONS: Final = ("$defs", "definitions")


def look(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path; LookupError where there is none."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value[step]
            case list(), int():
                value = value[step]
            case _:
                raise LookupError(step)
    return value


def look_for(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path; None where there is none."""
    try:
        return look(value, path)
    except LookupError:
        return None


def has(value: JsonValue, path: Path) -> bool:
    """Whether there is a value at a path, be it null."""
    try:
        look(value, path)
    except LookupError:
        return False
    return True


def put(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """A copy of the value with `new` at a path; parts beside the path are shared, not copied."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], put(value[step], rest, new), *value[step + 1 :]]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: put(value.get(step), rest, new)}
    return value


def schema_at(root: JsonObject, path: Path) -> JsonObject | None:
    """The natural schema at a path; None where the schema does not say. `$ref`s in it lead into `root`."""
    schema: JsonObject | None = root
    for step in path:
        schema = None if schema is None else _step(root, schema, step)
    if schema is root:
        return {key: value for key, value in root.items() if key not in DEFINITIONS}
    return schema


def branches(root: JsonObject, schema: JsonObject, depth: int = 8) -> list[JsonObject]:
    """The alternatives of a schema, references and inner unions followed; the schema itself where it has none."""
    resolved = resolve(root, schema)
    choices = [sub for key in ("anyOf", "oneOf") for sub in _list(resolved.get(key)) if isinstance(sub, dict)]
    if not choices or not depth:
        return [resolved]
    return [found for choice in choices for found in branches(root, choice, depth - 1)]


def resolve(root: JsonObject, schema: JsonObject) -> JsonObject:
    """The schema that a chain of local `$ref`s leads to; siblings of a reference are laid over it."""
    seen: set[str] = set()
    while isinstance(ref := schema.get("$ref"), str) and ref not in seen:
        seen.add(ref)
        found: JsonValue = root
        for step in ref.removeprefix("#").split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if not isinstance(found, dict):
            break
        schema = {**found, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def definitions(root: JsonObject) -> JsonObject:
    """The named schemas that references in any part of `root` lead to."""
    return {key: root[key] for key in DEFINITIONS if key in root}


def movable(root: JsonObject) -> JsonObject:
    """The schema with every reference leading to a named schema, so that parts of it mean the same elsewhere.

    A user's own JSON Schema may refer to its root (`#`) or to any place in it (`#/properties/a`).
    """
    named: JsonObject = {}
    moved = _moved(root, root, named)
    if not named or not isinstance(moved, dict):
        return root
    held = moved.get(DEFINITIONS[0])
    return {**moved, DEFINITIONS[0]: {**(held if isinstance(held, dict) else {}), **named}}


def _moved(root: JsonObject, part: JsonValue, named: JsonObject) -> JsonValue:
    if isinstance(part, list):
        return [_moved(root, sub, named) for sub in part]
    if not isinstance(part, dict):
        return part
    moved = {key: _moved(root, sub, named) for key, sub in part.items()}
    ref = part.get("$ref")
    if isinstance(ref, str) and ref.startswith("#") and ref.split("/")[1:2] not in ([name] for name in DEFINITIONS):
        name = "whole" + "".join(char if char.isalnum() else "_" for char in ref[1:])
        moved["$ref"] = f"#/{DEFINITIONS[0]}/{name}"
        if name not in named:
            named[name] = True
            target = {key: sub for key, sub in resolve(root, {"$ref": ref}).items() if key not in DEFINITIONS}
            named[name] = _moved(root, target, named)
    return moved


def closed_object(properties: JsonObject, required: list[str]) -> JsonObject:
    """The schema of an object with just these properties."""
    names: list[JsonValue] = [*required]
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _step(root: JsonObject, schema: JsonObject, step: str | int) -> JsonObject | None:
    resolved = resolve(root, schema)
    choices = [sub for key in ("anyOf", "oneOf", "allOf") for sub in _list(resolved.get(key)) if isinstance(sub, dict)]
    found = [sub for sub in (_step(root, choice, step) for choice in choices) if sub is not None]
    unique: list[JsonValue] = [sub for index, sub in enumerate(found) if sub not in found[:index]]
    if unique:
        return cast("JsonObject", unique[0]) if len(unique) == 1 else {"anyOf": unique}
    return _item(resolved, step) if isinstance(step, int) else _property(resolved, step)


def _item(schema: JsonObject, step: int) -> JsonObject | None:
    prefix = _list(schema.get("prefixItems"))
    found = prefix[step] if step < len(prefix) else schema.get("items")
    return found if isinstance(found, dict) else None


def _property(schema: JsonObject, step: str) -> JsonObject | None:
    properties = schema.get("properties")
    found = properties.get(step) if isinstance(properties, dict) else None
    if found is None:
        found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else None


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
