"""Two schemas in one: what both demand, as far as one node can say it; the rest is validated later."""

from __future__ import annotations

from typing import Final

from ..vocabulary import JsonObject, JsonValue

_LARGER: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLER: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


def merge(one: JsonObject, other: JsonObject) -> JsonObject:
    """A schema that takes what both take; never stricter than the two together. Keys of `one` come first."""
    made = dict(one)
    for key, value in other.items():
        made[key] = _both(key, made[key], value) if key in made else value
    if "additionalProperties" in one or "additionalProperties" in other:
        _close(made, one, other)
    return made


def _both(key: str, one: JsonValue, other: JsonValue) -> JsonValue:
    if one == other:
        return one
    if isinstance(one, dict) and isinstance(other, dict) and key in ("properties", "patternProperties", "$defs"):
        named = dict(one)
        for name, schema in other.items():
            named[name] = _schemas(named[name], schema) if name in named else schema
        return named
    if key in ("required", "dependentRequired") and isinstance(one, list) and isinstance(other, list):
        return [*one, *(name for name in other if name not in one)]
    if key in ("items", "additionalProperties", "propertyNames"):
        return _schemas(one, other)
    if key == "enum" and isinstance(one, list) and isinstance(other, list):
        return [value for value in one if value in other]
    if key == "type":
        return _types(one, other)
    if key in _LARGER and isinstance(one, int | float) and isinstance(other, int | float):
        return max(one, other)
    if key in _SMALLER and isinstance(one, int | float) and isinstance(other, int | float):
        return min(one, other)
    if key in ("anyOf", "oneOf", "allOf") and isinstance(one, list) and isinstance(other, list):
        return one if len(one) >= len(other) else other
    return one


def _schemas(one: JsonValue, other: JsonValue) -> JsonValue:
    if one is False or other is False:
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() & {"$ref", "anyOf", "oneOf", "enum", "const"} or other.keys() & {"$ref", "anyOf", "oneOf"}:
            return {"allOf": [one, other]} if "$ref" in one or "$ref" in other else merge(one, other)
        return merge(one, other)
    return one if isinstance(one, dict) else other


def _types(one: JsonValue, other: JsonValue) -> JsonValue:
    first = one if isinstance(one, list) else [one]
    second = other if isinstance(other, list) else [other]
    kept: list[JsonValue] = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    kept += [kind for kind in second if kind == "integer" and "number" in first and kind not in kept]
    return kept[0] if len(kept) == 1 else kept or one


def _close(made: JsonObject, one: JsonObject, other: JsonObject) -> None:
    """A closed side bars what only the other side names; required keys stay declared."""
    for closed, wide in ((one, other), (other, one)):
        if closed.get("additionalProperties") is False and "patternProperties" not in closed:
            named, more = closed.get("properties"), wide.get("properties")
            known = named if isinstance(named, dict) else {}
            if isinstance(more, dict) and isinstance(made.get("properties"), dict):
                properties = made["properties"]
                if isinstance(properties, dict):
                    made["properties"] = {key: value for key, value in properties.items() if key in known}
