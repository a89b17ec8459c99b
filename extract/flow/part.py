"""The part of a value that is asked for again, as a schema of its own, and its way back into the whole.

    Correction    values at single places, because they were wrong or missing
    Rest          what comes after the closed part of a cut answer

Works on natural JSON and the user's own schema only: what a dialect makes of it is `target.lower`'s business.
The library merges; whatever is not asked for stays the same object.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..chat.request import Paths, Tail
from ..vocabulary import Issue, JsonObject, JsonValue, Path, Repair, show_found, show_path
from .place import branches, closed_object, definitions, look, look_for, movable, put, schema_at

MAX_PLACES: Final = 200
"""Most places that are asked for in one request; what is left is asked for in the next."""
SHOWN_CHARS: Final = 300
ITEM, FOLLOWING = "rest_of_item", "following_items"


@dataclass(frozen=True, slots=True)
class Merged:
    """A value with a part put into it, what was changed on the way, and what of the part could not be put in."""

    value: JsonValue
    repairs: tuple[Repair, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """Values at single places.

    Attributes:
        schema: natural JSON Schema of an object with one property per place.
        asked: for the record.
        words: what the model is told.
        places: property name and path of each.
        optional: names of places that may stay empty because the source may not state them.
        waiting: how many further places are wrong that this part does not ask for.
        excerpt: what of the source is shown instead of all of it; empty: all of it.

    """

    schema: JsonObject
    asked: Paths
    words: str
    places: tuple[tuple[str, Path], ...]
    optional: frozenset[str] = frozenset()
    waiting: int = 0
    excerpt: str = ""

    def merge(self, base: JsonValue, answer: JsonValue) -> Merged:
        """The base with the answer's values in their places; the base is not changed."""
        held = answer if isinstance(answer, dict) else {}
        for name, path in self.places:
            if name in held and not (name in self.optional and held[name] is None):
                base = put(base, path, held[name])
        return Merged(base)

    def path_in_whole(self, base: JsonValue, path: Path) -> Path:  # noqa: ARG002 - `Rest` needs the base
        """Where a position of the answer lies in the whole."""
        return next((place + path[1:] for name, place in self.places if path[:1] == (name,)), path)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is missing from a cut answer.

    Attributes:
        schema: natural JSON Schema of what is missing.
        asked: for the record.
        words: what the model is told.
        kept: the closed part of the answer, which the rest is joined to.
        open_path: the innermost list or object of `kept` that is lengthened.
        begun: what is sure of the object in which the answer was cut, an item of the list; None where that is nothing.
        is_begun: whether another item had begun, so that the rest must hold one.
        begun_key: the member of an object in which the answer was cut.
        cut: the text that was cut, where it is the whole answer's.
        is_told: whether it was said already what was wrong with an answer.

    """

    schema: JsonObject
    asked: Tail
    words: str
    kept: JsonValue
    open_path: Path
    begun: JsonValue = None
    is_begun: bool = False
    begun_key: str | None = None
    cut: str = ""
    is_told: bool = False

    def merge(self, base: JsonValue, answer: JsonValue) -> Merged:
        """The base with the rest joined to it."""
        return _join(base, answer, self.open_path, ())

    def path_in_whole(self, base: JsonValue, path: Path) -> Path:
        """Where a position of the answer lies in the whole."""
        return _path_in_whole(base, path, self.open_path)


def correction_for(
    schema: JsonObject,
    base: JsonValue,
    issues: Sequence[Issue],
    *,
    in_vain: frozenset[Path] = frozenset(),
    is_last: bool = False,
) -> Correction | None:
    """The smallest part that covers the issues; None where that is the whole.

    A value that was missing may stay out: forcing a model to send one would make it invent.

    Args:
        schema: natural JSON Schema of the whole.
        base: the value as far as it goes.
        issues: what is wrong with it.
        in_vain: places that were asked for before; instead of them the objects that hold them are asked for.
        is_last: whether nothing more can be asked for, so that a place at the top leads to the whole.

    """
    schema = movable(schema)
    paths = _outermost(_askable(schema, base, issue.loc) for issue in issues)
    paths = _outermost(_wider(base, path, is_last=is_last) if path in in_vain else path for path in paths)
    if not paths or () in paths:
        return None
    waiting = max(0, len(paths) - MAX_PLACES)
    paths = paths[:MAX_PLACES]
    missing = {issue.loc for issue in issues if issue.kind == "missing"}
    wrong = _wrong_at(paths, issues)
    properties: JsonObject = {}
    told: dict[str, list[str]] = {}
    for number, path in enumerate(paths, start=1):
        found = schema_at(schema, path)
        properties[f"value_{number}"] = {"anyOf": [found, {"type": "null"}]} if path in missing else found
        told.setdefault(wrong[path], []).append(f"value_{number} = {show_path(path)} {_held(base, path)}")
    places = tuple(zip(properties, paths, strict=True))
    optional = frozenset(name for name, path in places if path in missing)
    groups = (
        f"{lines[0]}: {what}" if len(lines) == 1 else "\n".join((f"{what}:", *lines)) for what, lines in told.items()
    )
    words = "Correct:\n" + "\n".join(groups)
    if optional:
        words += "\nnull where the document does not state it."
    part = closed_object(properties, [name for name in properties if name not in optional]) | definitions(schema)
    return Correction(part, Paths(paths), words, places, optional, waiting)


def _wrong_at(paths: Sequence[Path], issues: Sequence[Issue]) -> dict[Path, str]:
    """What is wrong at each place, in one line: the issues at it, below it and above it."""
    lines: dict[Path, list[str]] = {path: [] for path in paths}
    for issue in issues:
        at = next((issue.loc[:length] for length in range(len(issue.loc), -1, -1) if issue.loc[:length] in lines), None)
        if at is not None:
            where = f"{show_path(issue.loc)} " if issue.loc != at else ""
            lines[at].append(where + issue.message)
            continue
        for path in paths:
            if path[: len(issue.loc)] == issue.loc:
                lines[path].append(f"{show_path(issue.loc)} {issue.message}")
    return {path: "; ".join(said) for path, said in lines.items()}


def _held(base: JsonValue, path: Path) -> str:
    """What stands at a place."""
    try:
        return f"was {json.dumps(look(base, path), ensure_ascii=False)[:SHOWN_CHARS]}"
    except LookupError:
        return "is missing"


def _wider(base: JsonValue, path: Path, *, is_last: bool) -> Path:
    """The object that holds a place; the place itself where a list holds it, or the whole would have to be asked for."""
    parent = path[:-1]
    if not parent:
        return parent if is_last else path
    return parent if isinstance(look(base, parent), dict) else path


def _askable(schema: JsonObject, base: JsonValue, loc: Path) -> Path:
    """The longest part of `loc` whose parent exists in the value and whose schema is known."""
    for length in range(len(loc), 0, -1):
        path = loc[:length]
        try:
            parent = look(base, path[:-1])
        except LookupError:
            continue
        if _takes(parent, path[-1]) and schema_at(schema, path) is not None:
            return path
    return ()


def _takes(parent: JsonValue, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(parent, list) and 0 <= step < len(parent)
    return isinstance(parent, dict)


def _outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The paths without those that lie inside another, in order."""
    kept = dict.fromkeys(paths)
    return tuple(path for path in kept if not any(path[:length] in kept for length in range(len(path))))


# --- the rest of a cut answer


def rest_for(schema: JsonObject, base: JsonValue, open_path: Path) -> Rest | None:
    """What comes after the closed part of a cut answer; None where nothing was closed, or nothing is missing.

    Args:
        schema: natural JSON Schema of the whole.
        base: the answer as far as it goes.
        open_path: the innermost position that was open when it ended; what stands there is dropped.

    """
    schema = movable(schema)
    found = _missing(schema, schema, base, open_path)
    if found is None:
        return None
    words = f"The answer was cut off. {_done(found.kept, found.path)}Send only what is still missing; repeat nothing."
    part = found.schema | definitions(schema)
    return Rest(part, Tail(found.path), words, found.kept, found.path, found.begun, found.is_begun, found.begun_key)


def following(schema: JsonObject, count: int, last: str) -> Rest:
    """The items of a list behind those that came, which nobody has kept.

    Args:
        schema: natural JSON Schema of the list.
        count: how many items came.
        last: raw text of the last one.

    """
    items = schema.get("items")
    part: JsonObject = {"type": "array", "items": items if isinstance(items, dict) else {}}
    shown = last if len(last) <= SHOWN_CHARS else f"...{last[-SHOWN_CHARS:]}"
    words = (
        f"The answer was cut off. {count} items of $ are done, the last is {shown}. "
        "Send only the items that are still missing; repeat nothing."
    )
    return Rest(part | definitions(schema), Tail(()), words, [], ())


def is_complete(root: JsonObject, value: JsonValue, open_path: Path, part: JsonObject | None = None) -> bool:
    """Whether nothing but closing brackets is missing from a cut answer: every member of all open objects is there.

    Args:
        root: natural JSON Schema of the whole.
        value: the answer as far as it goes, or a part of it.
        open_path: the innermost position that was open when it ended.
        part: the schema of the part, where the value is one.

    """
    for depth in range(len(open_path) + 1):
        path = open_path[:depth]
        schema = part if part is not None and not path else schema_at(root, path)
        held = look_for(value, path)
        if schema is None or not isinstance(held, dict):
            return False
        solid = [branch for branch in branches(root, schema) if branch.get("type") != "null"]
        known = solid[0].get("properties") if len(solid) == 1 else None
        if (
            not isinstance(known, dict)
            or not known.keys() <= held.keys()
            or solid[0].get("additionalProperties", False)
        ):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Missing:
    """What of a value is closed, where it goes on, the schema of what is missing, and the item that was cut."""

    kept: JsonValue
    path: Path
    schema: JsonObject
    begun: JsonValue = None
    is_begun: bool = False
    begun_key: str | None = None


def _missing(root: JsonObject, schema: JsonObject, base: JsonValue, open_path: Path) -> _Missing | None:
    """None: nothing of the value can be kept, so the whole of it is missing."""
    if isinstance(base, list):
        lists = [branch for branch in branches(root, schema) if isinstance(branch.get("items"), dict)]
        return _missing_items(root, lists[0], base, open_path) if len(lists) == 1 else None
    if isinstance(base, dict):
        objects = [branch for branch in branches(root, schema) if branch.get("type") == "object"]
        return _missing_fields(root, objects[0], base, open_path) if len(objects) == 1 else None
    return None


def _missing_items(root: JsonObject, schema: JsonObject, base: list[JsonValue], open_path: Path) -> _Missing | None:
    if schema.get("prefixItems"):
        return None
    items = schema["items"]
    at = open_path[0] if open_path and isinstance(open_path[0], int) else len(base)
    following: JsonObject
    if at > 0:
        following = {"type": "array", "items": items, **_bounds(schema, at, is_begun=at < len(base))}
        begun = _surely(base[at], open_path[1:]) if at < len(base) else None
        return _Missing(base[:at], (), following, begun, is_begun=at < len(base)) if base[:at] else None
    if not base or not isinstance(items, dict):
        return None
    inner = _missing(root, items, base[0], open_path[1:])
    following = {"type": "array", "items": items, **_bounds(schema, 1, is_begun=False)}
    if inner is None and len(open_path) == 1 and is_complete(root, base[0], (), items):
        return _Missing(base, (), following)
    if inner is None:
        return None
    both = closed_object({ITEM: inner.schema, FOLLOWING: following}, [ITEM, FOLLOWING])
    return _Missing([inner.kept], (0, *inner.path), both, inner.begun, inner.is_begun, inner.begun_key)


def _bounds(schema: JsonObject, there: int, *, is_begun: bool) -> JsonObject:
    """How many items are still to come, where the schema bounds their number."""
    least, most = schema.get("minItems"), schema.get("maxItems")
    wanted = max(least - there if isinstance(least, int) else 0, int(is_begun))
    bounds: JsonObject = {"minItems": wanted} if wanted > 0 else {}
    return bounds | ({"maxItems": max(most - there, wanted)} if isinstance(most, int) else {})


def _surely(item: JsonValue, open_path: Path) -> JsonValue:
    """The members of a cut object that are closed: all but the one in which it was cut; None for other items."""
    return {key: value for key, value in item.items() if key not in open_path[:1]} if isinstance(item, dict) else None


def _missing_fields(root: JsonObject, schema: JsonObject, base: JsonObject, open_path: Path) -> _Missing | None:
    known = schema.get("properties")
    properties = known if isinstance(known, dict) else {}
    key = open_path[0] if open_path else None
    kept = {name: value for name, value in base.items() if name != key}
    rest = {name: sub for name, sub in properties.items() if name not in kept}
    inner: _Missing | None = None
    if isinstance(key, str) and key in base and isinstance(held := schema_at({**root, **schema}, (key,)), dict):
        inner = _missing(root, held, base[key], open_path[1:])
        if inner is not None:
            kept, rest[key] = {**kept, key: inner.kept}, inner.schema
    is_map = isinstance(schema.get("additionalProperties"), dict)
    if not kept or not (rest or is_map):
        return None
    wanted = schema.get("required")
    required = [str(name) for name in wanted if name in rest] if isinstance(wanted, list) else []
    if inner is not None and key not in required:
        required.append(str(key))
    part = closed_object(rest, required)
    if is_map:
        part["additionalProperties"] = schema["additionalProperties"]
    if inner is None:
        return _Missing(kept, (), part, begun_key=key if isinstance(key, str) else None)
    return _Missing(kept, (str(key), *inner.path), part, inner.begun, inner.is_begun, inner.begun_key)


def _done(kept: JsonValue, path: Path) -> str:
    """How far the answer came, for the model: the last complete record, or the fields that are there."""
    open_value = look_for(kept, path)
    if isinstance(open_value, list) and open_value:
        last = json.dumps(open_value[-1], ensure_ascii=False)
        shown = last if len(last) <= SHOWN_CHARS else f"...{last[-SHOWN_CHARS:]}"
        return f"{len(open_value)} items of {show_path(path)} are done, the last is {shown}. "
    if isinstance(open_value, dict):
        return f"Of {show_path(path)} these are done: {', '.join(open_value)}. "
    return ""


def _join(base: JsonValue, rest: JsonValue, open_path: Path, at: Path) -> Merged:
    """A cut value and its rest: lists are lengthened, objects get the keys that they lack."""
    if isinstance(base, list) and open_path and isinstance(rest, dict):
        item = _join(base[0], rest.get(ITEM), open_path[1:], (*at, 0))
        following = rest.get(FOLLOWING)
        return Merged([item.value, *(following if isinstance(following, list) else [])], item.repairs, item.issues)
    if rest is None:
        return Merged(base)
    if isinstance(base, list) and isinstance(rest, list):
        return _lengthen(base, rest, at)
    if not isinstance(base, dict) or not isinstance(rest, dict):
        return Merged(
            base, issues=(Issue(at, "nothing", "the rest of a cut answer does not go on with it", show_found(rest)),)
        )
    joined = dict(base)
    repairs: tuple[Repair, ...] = ()
    issues: tuple[Issue, ...] = ()
    for key, value in rest.items():
        if key not in base:
            joined[key] = value
        elif open_path[:1] == (key,):
            inner = _join(base[key], value, open_path[1:], (*at, key))
            joined[key], repairs, issues = inner.value, inner.repairs, inner.issues
    return Merged(joined, repairs, issues)


def _lengthen(base: list[JsonValue], rest: list[JsonValue], at: Path) -> Merged:
    """Both lists, without the items that the rest repeats from the end of the first.

    That an equal record stands there once more by right is not to be expected; of an equal text or number it cannot be
    known, so the whole list is in doubt, unless the first list holds such repetitions itself.
    """
    length = overlap(base, rest)
    repeated = rest[:length]
    is_records = all(isinstance(item, dict | list) for item in repeated)
    if length == 0 or (not is_records and _repeats(base, length)):
        return Merged([*base, *rest])
    before = json.dumps(repeated, ensure_ascii=False)[:80]
    place = (*at, len(base)) if is_records else at
    entry = Repair(place, "repeated_items", before, None, "coerced" if is_records else "guessed")
    return Merged([*base, *rest[length:]], (entry,))


def overlap(base: list[JsonValue], rest: list[JsonValue]) -> int:
    """How many of the last items of one list are the first of the other."""
    for length in range(min(len(base), len(rest)), 0, -1):
        if base[-length] == rest[0] and base[-length:] == rest[:length]:
            return length
    return 0


def _repeats(items: list[JsonValue], length: int) -> bool:
    """Whether `length` items stand twice in a row somewhere in a list."""
    return any(
        items[at] == items[at + length] and items[at : at + length] == items[at + length : at + 2 * length]
        for at in range(len(items) - 2 * length + 1)
    )


def _path_in_whole(base: JsonValue, path: Path, open_path: Path) -> Path:
    if not path:
        return path
    if isinstance(base, list) and open_path:
        if path[0] == ITEM:
            return (0, *_path_in_whole(base[0], path[1:], open_path[1:]))
        return (1 + int(path[1]), *path[2:]) if len(path) > 1 else (1,)
    if isinstance(base, list) and isinstance(path[0], int):
        return (len(base) + path[0], *path[1:])
    if isinstance(base, dict) and open_path[:1] == path[:1] and path[0] in base:
        return (path[0], *_path_in_whole(base[str(path[0])], path[1:], open_path[1:]))
    return path
