"""JSON Schemas made plain for fitting: references followed, `allOf` merged, types stated, unions listed.

Takes 2020-12 and the older spellings (`definitions`, `items` as a list, `nullable`). Never fetches anything.
"""

from __future__ import annotations

from typing import Final, cast
from urllib.parse import unquote

from ..vocabulary import JsonObject, JsonValue

STRUCTURE: Final = frozenset(
    [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "items",
        "prefixItems",
        "enum",
        "const",
        "format",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    ]
)
MAX_STEPS: Final = 100


def plain(schema: JsonValue, root: JsonObject) -> JsonObject:
    """A schema without `$ref` and `allOf` at its top; `{"not": {}}` for one that takes nothing."""
    if schema is False:
        return {"not": {}}
    if not isinstance(schema, dict):
        return {}
    return _nullable(_plain(schema, root, 0))


def _plain(schema: JsonObject, root: JsonObject, steps: int) -> JsonObject:
    if steps > MAX_STEPS:
        return {}
    if isinstance(ref := schema.get("$ref", schema.get("$dynamicRef")), str):
        rest = {key: value for key, value in schema.items() if key not in ("$ref", "$dynamicRef")}
        target = resolve(ref, root)
        return merge(_plain(target, root, steps + 1), _plain(rest, root, steps + 1)) if target is not None else rest
    members = schema.get("allOf")
    if not isinstance(members, list):
        return schema
    out = {key: value for key, value in schema.items() if key != "allOf"}
    for member in members:
        if isinstance(member, dict):
            out = merge(out, _plain(member, root, steps + 1))
    return out


def _nullable(schema: JsonObject) -> JsonObject:
    """OpenAPI 3.0's `nullable` as a type list."""
    if schema.get("nullable") is True and isinstance(schema.get("type"), str) and "null" not in types(schema):
        rest = {key: value for key, value in schema.items() if key != "nullable"}
        return {**rest, "type": [schema["type"], "null"]}
    return schema


def resolve(ref: str, root: JsonObject) -> JsonObject | None:
    """What a local reference points to; None where it points nowhere."""
    if not ref.startswith("#"):
        return None
    here: JsonValue = root
    for part in ref[1:].split("/")[1:]:
        step = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            return None
    return here if isinstance(here, dict) else None


def merge(left: JsonObject, right: JsonObject) -> JsonObject:
    """Both schemas as one; where they differ in what is no structure, the right one holds."""
    out = dict(left)
    for key, value in right.items():
        known = out.get(key)
        if key == "properties" and isinstance(known, dict) and isinstance(value, dict):
            out[key] = {**known, **{name: _both(known.get(name), part) for name, part in value.items()}}
        elif key == "required" and isinstance(known, list) and isinstance(value, list):
            out[key] = [*known, *(name for name in value if name not in known)]
        elif key in ("anyOf", "oneOf") and known is not None and known != value:
            continue
        elif key == "type" and known is not None:
            common = [kind for kind in types(left) if kind in types(right)]
            out[key] = cast("JsonValue", common[0] if len(common) == 1 else common or value)
        else:
            out[key] = value
    return out


def _both(left: JsonValue, right: JsonValue) -> JsonValue:
    return right if left is None or left == right else {"allOf": [left, right]}


def types(schema: JsonObject) -> tuple[str, ...]:
    """The JSON types that a plain schema states or implies; empty where it takes any."""
    stated = schema.get("type")
    if isinstance(stated, str):
        return (stated,)
    if isinstance(stated, list):
        return tuple(kind for kind in stated if isinstance(kind, str))
    if "properties" in schema or "additionalProperties" in schema or "patternProperties" in schema:
        return ("object",)
    if "items" in schema or "prefixItems" in schema:
        return ("array",)
    return ()


def members(schema: JsonObject, root: JsonObject) -> list[JsonObject] | None:
    """The members of a union, each whole; None where a plain schema is no union."""
    union = schema.get("anyOf", schema.get("oneOf"))
    around = {key: value for key, value in schema.items() if key in STRUCTURE}
    if isinstance(union, list) and union:
        return [merge(around, plain(member, root)) if around else plain(member, root) for member in union]
    kinds = types(schema)
    if len(kinds) > 1 and "enum" not in schema and "const" not in schema:
        rest = {key: value for key, value in schema.items() if key != "type"}
        return [{**rest, "type": kind} for kind in kinds]
    return None


def options(schema: JsonObject) -> list[JsonValue] | None:
    """The values of an enum or const; None where a plain schema has neither."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def property_schemas(schema: JsonObject) -> dict[str, JsonValue]:
    """The properties of a plain object schema."""
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def required_names(schema: JsonObject) -> frozenset[str]:
    """The required names of a plain object schema."""
    names = schema.get("required")
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
