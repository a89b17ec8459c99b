"""Two schemas in one: what both demand, as far as one node can say it; the rest is validated later."""

from __future__ import annotations

from typing import Final

from ..vocabulary import JsonObject, JsonValue

DROPPED: Final = "x-dropped"
"""Our own keyword: what one node cannot say beside another of its kind, as `{keyword: value}`; never sent."""
_SAID: Final = frozenset(
    {"title", "description", "examples", "$comment", "deprecated", "readOnly", "writeOnly", "discriminator", "default"}
)
_LARGER: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_SMALLER: Final = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


def merge(one: JsonObject, other: JsonObject) -> JsonObject:
    """A schema that takes what both take; never stricter than the two together. Keys of `one` come first."""
    made = dict(one)
    dropped: list[JsonValue] = []
    for key, value in other.items():
        if key not in made or key == DROPPED:
            dropped += value if key == DROPPED and isinstance(value, list) else []
            made[key] = value
            continue
        made[key] = _both(key, one[key], value)
        if key == "type" and made[key] is one[key] and not _share_a_type(one[key], value):
            dropped.append({key: value})
        if made[key] is one[key] and key not in _SAID and one[key] != value and not _implies(key, one[key], value):
            dropped.append({key: value})
        elif made[key] is value and made[key] is not one[key] and not _implies(key, value, one[key]):
            dropped.append({key: one[key]})
    before = one.get(DROPPED)
    if dropped or before:
        kept = list(before) if isinstance(before, list) else []
        made[DROPPED] = [*kept, *(each for each in dropped if each not in kept)]
    if "additionalProperties" in one or "additionalProperties" in other:
        _close(made, one, other)
    return made


def _implies(key: str, kept: JsonValue, other: JsonValue) -> bool:
    """Whether what is kept says what the other says too."""
    if key in _LARGER | _SMALLER | {"type"}:
        return True
    if key in ("required", "enum", "properties", "patternProperties", "items", "additionalProperties", "propertyNames"):
        return True
    return kept == other


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


def _share_a_type(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values of `type` have a type in common; where they have not, nothing is valid."""
    first, second = (set(kind if isinstance(kind, list) else [kind]) for kind in (one, other))
    return bool(first & second) or any(
        "integer" in this and "number" in that for this, that in ((first, second), (second, first))
    )


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
