"""Whether what validation refuses is a constraint that `losses` names: at its place, and of its kind."""

from __future__ import annotations

from collections.abc import Iterator

from extract.target.invalid import Invalid
from extract.target.loss import Loss
from extract.target.lower import Lowered
from extract.vocabulary import Issue, JsonObject, JsonValue, Path

_DEEP = frozenset(
    {"json", "absence", "validator", "if", "not", "contains", "dependentSchemas", "unevaluatedProperties"}
    | {"properties", "items", "prefixItems", "patternProperties", "anyOf", "oneOf", "allOf", "type"}
)
"""Losses that speak of everything below their place."""
KINDS: dict[str, tuple[str, ...]] = {
    "minimum": ("greater_than_equal", "enum"),
    "maximum": ("less_than_equal", "enum"),  # flags are written as bounds
    "exclusiveMinimum": ("greater_than",),
    "exclusiveMaximum": ("less_than",),
    "minLength": ("string_too_short", "bytes_too_short", "url_too_short"),
    "maxLength": ("string_too_long", "bytes_too_long", "url_too_long"),
    "pattern": (
        "string_pattern_mismatch",
        "byte_size",
        "complex_str_parsing",
        "bytes_invalid_encoding",
        "int_parsing",
        "float_parsing",
        "decimal_parsing",
        "bool_parsing",
        "additionalProperties",
    ),  # the last ones: our own patterns for texts that stand for bytes and numbers, keys of maps among them; jsonschema calls those additional
    "minItems": ("too_short",),
    "maxItems": ("too_long",),
    "minProperties": ("too_short",),
    "maxProperties": ("too_long",),
    "multipleOf": ("multiple_of",),
    "additionalProperties": ("extra_forbidden",),
    "formatMinimum": ("greater_than_equal",),
    "formatMaximum": ("less_than_equal",),
    "formatExclusiveMinimum": ("greater_than", "date_future", "datetime_future"),
    "formatExclusiveMaximum": ("less_than", "date_past", "datetime_past"),
    "enum": ("enum", "literal_error", "int_parsing_size"),
}
"""Pydantic's kinds of error for a keyword; a keyword that is not here may be refused in any words."""


def unrecorded(lowered: Lowered[object], invalid: Invalid) -> tuple[Issue, ...]:
    """The issues that no loss explains."""
    root = lowered.target.schema
    places = [(loss, nodes_at(root, loss.path)) for loss in lowered.losses]
    return tuple(issue for issue in invalid.issues if not any(_explains(root, *one, issue) for one in places))


def _explains(root: JsonObject, loss: Loss, places: frozenset[str], issue: Issue) -> bool:
    if issue.kind == "validator_tripped":
        return loss.keyword == "validator"
    if loss.keyword == "propertyNames" and issue.loc and places & nodes_at(root, issue.loc[:-1]):
        return True
    if (
        issue.kind in ("anyOf", "oneOf") or "; or " in issue.message
    ):  # no member is valid: a loss within any of them may be the cause
        here = nodes_at(root, issue.loc)
        return any(here & nodes_at(root, loss.path[:length]) for length in range(len(loss.path) + 1))
    kinds = KINDS.get(loss.keyword)
    if kinds is not None and issue.kind not in (*kinds, loss.keyword):
        return False
    starts = range(len(issue.loc) + 1) if loss.keyword in _DEEP else (len(issue.loc),)
    if any(places & nodes_at(root, issue.loc[:length]) for length in starts):
        return True
    is_key = issue.kind in (loss.keyword, "additionalProperties") and loss.path[-1:] == (
        "*",
    )  # jsonschema refuses a key at its object
    return is_key and bool(places & nodes_at(root, (*issue.loc, "*")))


def nodes_at(root: JsonObject, path: Path) -> frozenset[str]:
    """Pointers of the natural schemas that speak of a place; `*` in a path stands for any key or index."""
    here = dict(_flat(root, [("", root)]))
    for step in path:
        here = dict(_flat(root, [found for name, schema in here.items() for found in _below(name, schema, step)]))
    return frozenset(here)


def _flat(root: JsonObject, found: list[tuple[str, JsonValue]]) -> Iterator[tuple[str, JsonObject]]:
    """Each schema with what its references and unions lead to, by pointer."""
    seen: set[str] = set()
    stack = list(found)
    while stack:
        name, schema = stack.pop()
        if name in seen or not isinstance(schema, dict):
            continue
        seen.add(name)
        yield name, schema
        ref, defs = schema.get("$ref"), root.get("$defs")
        if ref == "#":
            stack.append(("", root))
        elif isinstance(ref, str) and isinstance(defs, dict):
            key = ref.rpartition("/")[2]
            stack.append((f"/$defs/{key}", defs.get(key)))
        for word in ("anyOf", "oneOf", "allOf"):
            members = schema.get(word)
            stack += [
                (f"{name}/{word}/{index}", one)
                for index, one in enumerate(members if isinstance(members, list) else [])
            ]
        stack += [(f"{name}/{word}", schema.get(word)) for word in ("then", "else", "contentSchema")]


def _below(name: str, schema: JsonObject, step: str | int) -> Iterator[tuple[str, JsonValue]]:
    first = schema.get("prefixItems")
    places = first if isinstance(first, list) else []
    named = schema.get("properties")
    known = named if isinstance(named, dict) else {}
    if isinstance(step, int) and step < len(places):
        yield f"{name}/prefixItems/{step}", places[step]
    elif isinstance(step, int) or step == "*":
        yield f"{name}/items", schema.get("items", {})
    if isinstance(step, str) and step in known:
        yield f"{name}/properties/{step}", known[step]
    elif isinstance(step, str):
        for word in ("additionalProperties", "propertyNames"):
            yield f"{name}/{word}", schema.get(word, {})
        patterns = schema.get("patternProperties")
        for pattern, one in (patterns if isinstance(patterns, dict) else {}).items():
            yield f"{name}/patternProperties/{pattern}", one
