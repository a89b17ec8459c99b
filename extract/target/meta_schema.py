"""A dialect as a JSON Schema for JSON Schemas, printed from its row into `schemas/dialects/`.

A schema is accepted iff it validates against this and `judge.check_limits` finds nothing: which properties are
required, where references lead, whether a pattern is regular and how large a schema is, no meta-schema can say.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ..vocabulary import JsonObject, JsonValue
from .dialect import Dialect
from .dialects import DIALECTS
from .judge import KEYWORD_TYPES, LARGEST, STRUCTURE
from .patterns import CLASS_ESCAPE, IRREGULAR

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_NODE: Final[JsonObject] = {"$ref": "#/$defs/node"}
_BOUNDS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)
_COUNT: Final[JsonObject] = {"type": "integer", "minimum": 0}
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("string",),
    "null": ("null",),
    "boolean": ("boolean",),
    "integer": ("integer", "number"),
}
"""JSON types of an enum's values, and the declared types that take them."""


def meta_schemas() -> dict[str, str]:
    """The text of every file in `schemas/dialects/`, by its name."""
    return {
        row.meta_schema: json.dumps(meta_schema(row), indent=2, ensure_ascii=False) + "\n" for row in DIALECTS.values()
    }


def meta_schema(dialect: Dialect) -> JsonObject:
    """The JSON Schema (2020-12) that a schema of this dialect validates against."""
    head: JsonObject = {
        "$schema": _DRAFT,
        "title": f"JSON Schema as {dialect.name} takes it",
        "description": f"From {dialect.source}.",
    }
    if dialect.any_keyword:
        return {**head, "$ref": _DRAFT}
    return {
        **head,
        "$comment": "Rules that no meta-schema can say are in extract.target.judge.check_limits.",
        "allOf": [{"$ref": "#/$defs/schema"}, *_root(dialect)],
        "$defs": {"node": _node(dialect), "schema": _schema(dialect)},
    }


def _root(dialect: Dialect) -> Iterator[JsonObject]:
    if dialect.root == "object":
        yield {"required": ["type"], "properties": {"type": {"const": "object"}}}


def _node(dialect: Dialect) -> JsonObject:
    """A schema below the root: no definitions there."""
    below: JsonObject = {
        "$ref": "#/$defs/schema",
        "properties": {dialect.defs_key: False},
    }
    return {"anyOf": [{"const": True}, below]} if dialect.untyped == "keep" else below


def _schema(dialect: Dialect) -> JsonObject:
    return {
        "type": "object",
        "properties": dict(_keywords(dialect)),
        "additionalProperties": False,
        "dependentSchemas": dict(_dependents(dialect)),
        "allOf": [_form(dialect), *_rules(dialect)],
    }


def _keywords(dialect: Dialect) -> Iterator[tuple[str, JsonValue]]:
    """Each keyword that may stand, with what it may hold."""
    known = _values(dialect)
    taken = STRUCTURE | dialect.keywords | dialect.annotations
    extra = {
        dialect.defs_key: dialect.refs == "defs",
        "oneOf": dialect.one_of == "keep",
        "allOf": dialect.all_of == "keep",
        "const": dialect.const == "keep",
        "prefixItems": dialect.tuples == "prefix",
    }
    names = {*taken, *(name for name, is_taken in extra.items() if is_taken)}
    for name in sorted(names):
        yield name, known.get(name, True)


def _values(dialect: Dialect) -> dict[str, JsonValue]:
    limits = dialect.limits
    nodes: JsonObject = {"type": "array", "items": _NODE, "minItems": 1}
    named: JsonObject = {"type": "object", "additionalProperties": _NODE}
    keys: JsonObject = {"pattern": dialect.key_regex} if dialect.key_regex else {}
    is_typed = dialect.untyped == "union"
    scalar: JsonValue = {"not": {"type": ["array", "object"]}} if is_typed else True
    number: JsonObject = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
    return {
        "type": _type(dialect),
        "properties": {**named, "propertyNames": keys} if keys else named,
        "required": {"type": "array", "items": {"type": "string"}},
        "additionalProperties": {"anyOf": [{"type": "boolean"}, _NODE]},
        "items": {"anyOf": [{"const": False}, _NODE]} if dialect.tuples == "prefix" else _NODE,
        "prefixItems": nodes,
        "anyOf": nodes,
        "oneOf": nodes,
        "allOf": nodes,
        dialect.defs_key: named,
        "$ref": _reference(dialect),
        "enum": {
            "type": "array",
            "minItems": 1,
            "items": scalar,
            **_most("maxItems", limits.enum_each),
        },
        "const": scalar,
        "description": {"type": "string"},
        "title": {"type": "string"},
        "format": {"enum": list[JsonValue](sorted(dialect.formats))} if "format" in dialect.keywords else True,
        "pattern": _pattern(dialect),
        **dict.fromkeys(_BOUNDS, number),
        "minLength": {**_COUNT, **_most("maximum", limits.string_length)},
        "maxLength": {**_COUNT, **_most("maximum", limits.string_length)},
        "maxItems": {**_COUNT, **_most("maximum", limits.array_items)},
        "minItems": {
            **_COUNT,
            **_most("maximum", _least(limits.array_items, limits.min_items)),
        },
    }


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _most(keyword: str, limit: int | None) -> JsonObject:
    return {} if limit is None else {keyword: limit}


def _type(dialect: Dialect) -> JsonObject:
    names: list[JsonValue] = [
        "string",
        "number",
        "integer",
        "boolean",
        "object",
        "array",
        "null",
    ]
    one: JsonObject = {"enum": names}
    several: JsonObject = {"type": "array", "items": one, "minItems": 1}
    return {"anyOf": [one, several]} if dialect.type_lists else one


def _reference(dialect: Dialect) -> JsonValue:
    if dialect.refs == "inline":
        return False
    key = dialect.defs_key.replace("$", r"\$")
    root = "^#$|" if dialect.root_ref else ""
    return {"type": "string", "pattern": f"{root}^#/{key}/[A-Za-z0-9_.-]+$"}


def _pattern(dialect: Dialect) -> JsonValue:
    refused: list[JsonValue] = [{"pattern": IRREGULAR}]
    if dialect.pattern == "no_lookaround":
        return {"type": "string", "not": {"anyOf": refused}}
    if dialect.pattern == "anchored":
        refused.append({"pattern": CLASS_ESCAPE})
        return {"type": "string", "pattern": r"^\^[\s\S]*\$$", "not": {"anyOf": refused}}
    return True


def _dependents(dialect: Dialect) -> Iterator[tuple[str, JsonValue]]:
    """Keywords that speak of one type only."""
    for keyword, types in KEYWORD_TYPES.items():
        if keyword in STRUCTURE | dialect.keywords or keyword == "prefixItems":
            yield keyword, {"properties": {"type": _has(types)}}


def _has(types: Iterable[str]) -> JsonObject:
    """What a `type` looks like that names one of these."""
    one: JsonObject = {"enum": list[JsonValue](sorted(types))}
    return {"anyOf": [one, {"type": "array", "contains": one}]}


def _of(*types: str) -> JsonObject:
    """A schema whose `type` names one of these."""
    return {"required": ["type"], "properties": {"type": _has(types)}}


def _form(dialect: Dialect) -> JsonObject:
    """A `$ref` alone, a union with annotations, or a type."""
    unions: list[JsonValue] = [{"required": [word]} for word in ("anyOf", "oneOf", "allOf")]
    beside = {"anyOf", "oneOf", "allOf", dialect.defs_key, *dialect.annotations}
    typed: JsonValue = {"required": ["type"]} if dialect.untyped == "union" else True
    alone: list[JsonValue] = ["$ref", dialect.defs_key]
    return {
        "if": {"required": ["$ref"]},
        "then": True if dialect.ref_siblings else {"propertyNames": {"enum": alone}},
        "else": {
            "if": {"anyOf": unions},
            "then": {"propertyNames": {"enum": list[JsonValue](sorted(beside))}},
            "else": typed,
        },
    }


def _rules(dialect: Dialect) -> Iterator[JsonObject]:
    yield {"if": _of("object"), "then": _object(dialect)}
    if dialect.untyped == "union":
        yield {"if": _of("array"), "then": _array(dialect)}
        yield from _enums()
    if not dialect.length_beside_pattern:
        yield _not_both(("minLength", "maxLength"), ("pattern", "format"))
    if not dialect.number_bounds:
        bounds = [word for word in _BOUNDS if word in dialect.keywords]
        if bounds:
            yield {"if": _of("number"), "then": {"not": _any_of(bounds)}}


def _object(dialect: Dialect) -> JsonObject:
    required: list[JsonValue] = []
    if dialect.maps == "entries":
        required.append("properties")
    if dialect.strict_objects:
        required.append("additionalProperties")
    if dialect.optional == "required":
        required.append("required")
    rest: JsonValue = {"anyOf": [{"const": False}, _NODE]}
    if dialect.strict_objects or dialect.maps == "entries":
        rest = {"const": False}
    return {"required": required, "properties": {"additionalProperties": rest}}


def _array(dialect: Dialect) -> JsonObject:
    listed: JsonObject = {
        "required": ["items"],
        "properties": {"items": {"type": "object"}},
    }
    if dialect.tuples == "prefix":
        return {"anyOf": [listed, {"required": ["prefixItems"]}]}
    return listed


def _enums() -> Iterator[JsonObject]:
    """Values of an enum or const are of the declared type."""
    for kind, takers in _KINDS.items():
        other: JsonObject = {"not": {"type": kind}}
        yield {
            "if": {"required": ["type"], "not": _of(*takers)},
            "then": {"properties": {"enum": {"items": other}, "const": other}},
        }
    fraction: JsonObject = {"not": {"type": "number", "not": {"type": "integer"}}}
    yield {
        "if": {"required": ["type"], "not": _of("number")},
        "then": {"properties": {"enum": {"items": fraction}, "const": fraction}},
    }


def _any_of(words: Iterable[str]) -> JsonObject:
    return {"anyOf": [{"required": [word]} for word in words]}


def _not_both(first: Iterable[str], second: Iterable[str]) -> JsonObject:
    return {"not": {"allOf": [_any_of(first), _any_of(second)]}}
