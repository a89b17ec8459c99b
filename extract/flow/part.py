"""The part of a value that is asked for again, as a schema of its own, and its way back into the whole.

Works on natural JSON and the user's own schema only: what a dialect makes of it is `target.lower`'s business.
The library merges; whatever is not asked for stays the same object.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ..chat.request import Asked, Paths, Tail
from ..vocabulary import Issue, JsonObject, JsonValue, Path, show_path

MAX_PLACES = 40
"""Most places that are asked for in one request of their own; above it their common parent is asked for."""
SHOWN_CHARS = 300
DEFINITIONS = ("$defs", "definitions")


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked for instead of the whole.

    Attributes:
        schema: natural JSON Schema of the part, always of an object.
        asked: for the record.
        words: what the model is told.
        places: for single places, the part's property names and where their values go; empty for a tail.
        open_path: for a tail, the innermost position that was open.
        optional: names of places that the model may leave null because the document may not state them.
    """

    schema: JsonObject
    asked: Asked
    words: str
    places: tuple[tuple[str, Path], ...] = ()
    open_path: Path = ()
    optional: frozenset[str] = frozenset()

    def repair_path(self, base: JsonValue, path: Path) -> Path:
        """Where a repair of the part's answer lies in the whole."""
        if self.places:
            return next((place + path[1:] for name, place in self.places if path[:1] == (name,)), path)
        try:
            held = look(base, path[:1])
        except LookupError:
            return path
        if isinstance(held, list) and len(path) > 1 and isinstance(path[1], int):
            return (path[0], len(held) + path[1], *path[2:])
        return path

    def merge(self, base: JsonValue, answer: JsonValue) -> JsonValue:
        """The base with the answer in its place; the base is not changed."""
        if not self.places:
            return join(base, answer, self.open_path)
        held = answer if isinstance(answer, dict) else {}
        for name, path in self.places:
            if name in held and not (name in self.optional and held[name] is None):
                base = put(base, path, held[name])
        return base


def part_for(schema: JsonObject, base: JsonValue, issues: Sequence[Issue]) -> Part | None:
    """The smallest part that covers all issues; None where that is the whole.

    A value that was missing may stay out: forcing a model to send one would make it invent.
    """
    paths = _outermost(_askable(schema, base, issue.loc) for issue in issues)
    if len(paths) > MAX_PLACES:
        paths = _outermost(path[:-1] for path in paths)
    if not paths or () in paths or len(paths) > MAX_PLACES:
        return None
    properties: JsonObject = {}
    places: list[tuple[str, Path]] = []
    lines: list[str] = []
    missing = {issue.loc for issue in issues if issue.kind == "missing"}
    optional: set[str] = set()
    for number, path in enumerate(paths, start=1):
        found = schema_at(schema, path)
        if found is None:
            return None
        name = f"value_{number}"
        properties[name] = {"anyOf": [found, {"type": "null"}]} if path in missing else found
        if path in missing:
            optional.add(name)
        places.append((name, path))
        lines.append(f"{name} = {show_path(path)}{_told(base, path, issues)}")
    words = "Only these values were wrong. Send each of them corrected:\n" + "\n".join(lines)
    if optional:
        words += "\nnull where the document does not state it."
    part = _object(schema, properties, [name for name in properties if name not in optional])
    return Part(part, Paths(paths), words, tuple(places), optional=frozenset(optional))


def _told(base: JsonValue, path: Path, issues: Sequence[Issue]) -> str:
    """The bad value and what is wrong with it, on one line."""
    wrong = "; ".join(
        (f"{show_path(issue.loc)} " if issue.loc != path else "") + issue.message
        for issue in issues
        if issue.loc[: len(path)] == path or path[: len(issue.loc)] == issue.loc
    )
    try:
        held = json.dumps(look(base, path), ensure_ascii=False)[:SHOWN_CHARS]
    except LookupError:
        return f" is missing: {wrong}"
    return f" was {held}: {wrong}"


def _askable(schema: JsonObject, base: JsonValue, loc: Path) -> Path:
    """The longest part of `loc` whose parent exists in the value and whose schema is known."""
    path = loc
    while path:
        try:
            look(base, path[:-1])
        except LookupError:
            path = path[:-1]
            continue
        if schema_at(schema, path) is not None and _fits(look(base, path[:-1]), path[-1]):
            return path
        path = path[:-1]
    return ()


def _fits(parent: JsonValue, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(parent, list) and step < len(parent)
    return isinstance(parent, dict)


def _outermost(paths: object) -> tuple[Path, ...]:
    """The paths without those that lie inside another, in order."""
    kept: dict[Path, None] = dict.fromkeys(cast("Sequence[Path]", paths))
    return tuple(path for path in kept if not any(path[:length] in kept for length in range(len(path))))


def tail_for(schema: JsonObject, base: JsonValue, open_path: Path) -> Part | None:
    """What comes after the closed part of a cut answer; None where nothing useful was closed."""
    if not isinstance(base, dict | list) or not base:
        return None
    rest = _rest(schema, schema, base, open_path)
    if rest is None or not _is_object(rest):
        return None
    last = _last_closed(base, open_path)
    words = (
        "The answer so far was cut. Send only what is still missing"
        + (
            f", in lists only the items after {json.dumps(last, ensure_ascii=False)[-SHOWN_CHARS:]}"
            if last is not None
            else ""
        )
        + ". Do not repeat anything."
    )
    whole = {**rest, **{key: schema[key] for key in DEFINITIONS if key in schema}}
    return Part(whole, Tail(open_path), words, open_path=open_path)


def _rest(root: JsonObject, schema: JsonObject, base: JsonValue, open_path: Path) -> JsonObject | None:
    """The schema of what is missing from `base`."""
    resolved = resolve(root, schema)
    if isinstance(base, list):
        return resolved if "items" in resolved else None
    properties = resolved.get("properties")
    if not isinstance(base, dict) or not isinstance(properties, dict):
        return None
    missing: JsonObject = {}
    for name, sub in properties.items():
        if name not in base:
            missing[name] = sub
        elif open_path and open_path[0] == name and isinstance(sub, dict):
            rest = _rest(root, sub, base[name], open_path[1:])
            if rest is not None:
                missing[name] = rest
    wanted = resolved.get("required")
    required: list[JsonValue] = [name for name in wanted if name in missing] if isinstance(wanted, list) else []
    return {"type": "object", "properties": missing, "required": required, "additionalProperties": False}


def _last_closed(base: JsonValue, open_path: Path) -> JsonValue:
    """The last item of the list that was open; None where no list was."""
    last: JsonValue = None
    for step in (*open_path, None):
        if isinstance(base, list):
            last = base[-1] if base else last
        if isinstance(base, dict) and step in base:
            base = base[cast("str", step)]
        elif isinstance(base, list) and isinstance(step, int) and step < len(base):
            base = base[step]
        else:
            break
    return last


def join(base: JsonValue, rest: JsonValue, open_path: Path) -> JsonValue:
    """A cut value and its rest: lists are lengthened, objects get the keys that they lack."""
    if isinstance(base, list) and isinstance(rest, list):
        return [*base, *rest]
    if isinstance(base, dict) and isinstance(rest, dict):
        joined = dict(base)
        for key, value in rest.items():
            inner = open_path[1:] if open_path and open_path[0] == key else ()
            joined[key] = join(joined[key], value, inner) if key in joined else value
        return joined
    return base


def look(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path; LookupError where there is none."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            raise LookupError(step)
    return value


def put(value: JsonValue, path: Path, new: JsonValue) -> JsonValue:
    """A copy of the value with `new` at a path; parts beside the path are shared, not copied."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [put(item, rest, new) if index == step else item for index, item in enumerate(value)]
    if isinstance(value, dict) and isinstance(step, str):
        return {**value, step: put(value.get(step), rest, new)}
    return value


def schema_at(root: JsonObject, path: Path) -> JsonObject | None:
    """The natural schema at a path; None where the schema does not say."""
    schema: JsonObject | None = root
    for step in path:
        schema = None if schema is None else _step(root, schema, step)
    if schema is None:
        return None
    return {key: value for key, value in schema.items() if key not in DEFINITIONS} if schema is root else schema


def _step(root: JsonObject, schema: JsonObject, step: str | int) -> JsonObject | None:
    resolved = resolve(root, schema)
    choices = [sub for key in ("anyOf", "oneOf", "allOf") for sub in _list(resolved.get(key)) if isinstance(sub, dict)]
    if choices:
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


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _is_object(schema: JsonObject) -> bool:
    return bool(schema.get("properties")) or schema.get("type") == "array"


def _object(root: JsonObject, properties: JsonObject, required: Sequence[str]) -> JsonObject:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **{key: root[key] for key in DEFINITIONS if key in root},
    }
