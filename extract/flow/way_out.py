"""The way out: a schema in which a required value may be null because the source does not state it, and the way back.

Under a strict schema a model must write something for each required field; without a way out it invents.
"""

from __future__ import annotations

from ..vocabulary import JsonObject, JsonValue, Path
from .place import branches, schema_at

NULL: JsonObject = {"type": "null"}


def loosened(schema: JsonObject) -> JsonObject:
    """The schema with every required leaf nullable; what tells the members of a union apart stays as it is."""
    whole = _loosened(schema, schema)
    return {"anyOf": [whole, NULL]} if _is_leaf(schema, schema) else whole


def _loosened(root: JsonObject, schema: JsonObject) -> JsonObject:
    loose: JsonObject = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            required = schema.get("required")
            wanted = required if isinstance(required, list) else []
            loose[key] = {name: _property(root, sub, is_required=name in wanted) for name, sub in value.items()}
        elif key in ("$defs", "definitions") and isinstance(value, dict):
            loose[key] = {name: _below(root, sub) for name, sub in value.items()}
        elif key in ("items", "additionalProperties"):
            loose[key] = _below(root, value)
        elif key in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
            loose[key] = [_below(root, sub) for sub in value]
        else:
            loose[key] = value
    return loose


def _below(root: JsonObject, schema: JsonValue) -> JsonValue:
    return _loosened(root, schema) if isinstance(schema, dict) else schema


def _property(root: JsonObject, schema: JsonValue, *, is_required: bool) -> JsonValue:
    if not isinstance(schema, dict):
        return schema
    if is_required and _is_leaf(root, schema) and not takes_null(root, schema):
        described = {key: schema[key] for key in ("description",) if key in schema}
        rest = {key: value for key, value in schema.items() if key not in described}
        return {"anyOf": [rest, NULL], **described}
    return _loosened(root, schema)


def _is_leaf(root: JsonObject, schema: JsonObject) -> bool:
    """Whether only scalars stand here, more than one of them possible."""
    return all(
        not {"properties", "items", "prefixItems", "additionalProperties", "const"} & branch.keys()
        and branch.get("type") not in ("object", "array")
        and ("type" in branch or "enum" in branch)
        for branch in branches(root, schema)
    )


def takes_null(root: JsonObject, schema: JsonObject) -> bool:
    """Whether null is a value of the schema."""
    return any(_is_null(branch) for branch in branches(root, schema))


def _is_null(branch: JsonObject) -> bool:
    kind, values = branch.get("type"), branch.get("enum")
    if isinstance(values, list):
        return None in values
    if "const" in branch:
        return branch["const"] is None
    return kind is None or kind == "null" or (isinstance(kind, list) and "null" in kind)


def stripped(root: JsonObject, value: JsonValue) -> tuple[JsonValue, tuple[Path, ...]]:
    """The value without the nulls that its natural schema does not take, and the places of all nulls."""
    missing: list[Path] = []
    return _stripped(root, value, (), missing), tuple(missing)


def _stripped(root: JsonObject, value: JsonValue, at: Path, missing: list[Path]) -> JsonValue:
    if isinstance(value, list):
        return [_stripped(root, item, (*at, index), missing) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    kept: JsonObject = {}
    for name, held in value.items():
        path = (*at, name)
        if held is not None:
            kept[name] = _stripped(root, held, path, missing)
            continue
        missing.append(path)
        schema = schema_at(root, path)
        if schema is None or takes_null(root, schema):
            kept[name] = None
    return kept
