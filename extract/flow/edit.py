"""What a new text changes in a record: the schema of a patch, how the record is shown, and how the patch is put in.

A patch has the shape of the record with every member optional, so that only what changes is written:

    a scalar, a list of scalars    its new value; `{"to": ...}` where the value may be null
    an object                      a patch of it; of one that may be null also `set`
    a list of objects              `change` (index and patch), `add`, `remove`
    a map                          `set` (entries), `remove` (keys)

Whatever a patch does not name stays the same object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from ..chat.request import Paths
from ..text.strict import dumps
from ..vocabulary import Issue, JsonObject, JsonValue, Path, show_found, show_path
from .consensus import aligned
from .part import Correction, Merged, Rest
from .place import branches, closed_object, definitions, movable
from .way_out import takes_null

CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between a record and its update.

    Attributes:
        path: where, in the updated record; of what was removed, in the record before.
        kind: `set` (another value), `added` or `removed`.
        before: what stood there; None for what was added.
        after: what stands there now; None for what was removed.

    """

    path: Path
    kind: Literal["set", "added", "removed"]
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True)
class Edit:
    """A patch of a record, asked for instead of a value.

    Attributes:
        schema: natural JSON Schema of the patch.
        root: natural JSON Schema of the record.
        words: what the model is told, the record included.
        asked: for the account.

    """

    schema: JsonObject
    root: JsonObject
    words: str
    asked: Paths = field(default_factory=lambda: Paths(((),)))

    def merge(self, base: JsonValue, answer: JsonValue) -> Merged:
        """The record with the patch put in, or what is wrong with the patch."""
        patch = answer.get(CHANGES) if isinstance(answer, dict) else None
        if patch is None:
            return Merged(base, (), (Issue((), "edit", f"holds no `{CHANGES}`", show_found(answer)),))
        issues: list[Issue] = []
        value = _patched(self.root, self.root, base, patch, (), issues)
        return Merged(value, (), tuple(issues))

    def path_in_whole(self, base: JsonValue, path: Path) -> Path:  # noqa: ARG002 - as other parts have it
        """Where a position of the patch lies in the record; only as far as the two have one shape."""
        return path[1:] if path[:1] == (CHANGES,) else path


Part = Correction | Rest | Edit
"""What may be asked for instead of the whole value."""


def edit_for(schema: JsonObject, base: JsonValue) -> Edit:
    """The patch of a record of this schema."""
    schema = movable(schema)
    made: JsonObject = {}
    patch = _edit_schema(schema, schema, made)
    named = definitions(schema)
    held = named.get("$defs")
    if made:
        made = {**held, **made} if isinstance(held, dict) else made
        named["$defs"] = made
    whole = closed_object({CHANGES: patch}, [CHANGES]) | named
    words = (
        f"The record as it is known:\n{shown(base)}\n\nSend only what the document changes in it; leave out the rest."
    )
    return Edit(whole, schema, words)


def shown(value: JsonValue) -> str:
    """A record for the model: compact JSON, each object of a list on a line of its own with its index."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{dumps(key)}:{shown(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return "[" + "".join(f"\n#{index} {shown(part)}" for index, part in enumerate(value)) + "\n]"
    return dumps(value)


# --- the schema of a patch

Kind = Literal["leaf", "object", "list", "map"]


def _kind(root: JsonObject, schema: JsonObject) -> tuple[Kind, JsonObject, bool]:
    """How a value is patched, its only schema that is not null, and whether it may be null."""
    found = branches(root, schema)
    solid = [branch for branch in found if branch.get("type") != "null"]
    is_nullable = takes_null(root, schema)
    if len(solid) != 1 or "enum" in solid[0] or "const" in solid[0]:
        return "leaf", schema, is_nullable
    only = solid[0]
    items, extra = only.get("items"), only.get("additionalProperties")
    if only.get("type") == "object" and only.get("properties"):
        return "object", only, is_nullable
    if only.get("type") == "object" and isinstance(extra, dict) and extra:
        return "map", only, is_nullable
    if only.get("type") == "array" and isinstance(items, dict) and not only.get("prefixItems"):
        inner = [branch for branch in branches(root, items) if branch.get("type") != "null"]
        if inner and all(branch.get("type") == "object" for branch in inner) and not only.get("uniqueItems"):
            return "list", only, is_nullable
    return "leaf", schema, is_nullable


def _edit_schema(root: JsonObject, schema: JsonObject, made: JsonObject) -> JsonObject:
    kind, only, is_nullable = _kind(root, schema)
    if kind == "leaf":
        return closed_object({"to": schema}, ["to"]) if is_nullable else schema
    if kind == "object":
        patch = _object_patch(root, only, made, schema)
        return closed_object({"set": schema, "change": patch}, []) if is_nullable else patch
    index: JsonObject = {"type": "integer", "minimum": 0}
    if kind == "map":
        offered: JsonObject = {"set": only, "remove": {"type": "array", "items": {"type": "string"}}}
    else:
        items = cast("JsonObject", only["items"])
        change: JsonValue = closed_object(
            {"index": index, "change": _edit_schema(root, items, made)}, ["index", "change"]
        )
        every: JsonObject = {key: only[key] for key in only if key not in ("minItems", "maxItems", "default")}
        offered = {
            "change": {"type": "array", "items": change},
            "add": every,
            "remove": {"type": "array", "items": index},
        }
    if is_nullable:
        offered["replace"] = schema
    return closed_object(offered, [])


def _object_patch(root: JsonObject, only: JsonObject, made: JsonObject, schema: JsonObject) -> JsonObject:
    """The patch of an object; that of a named schema is named too, so that recursion ends."""
    name = _name_of(schema)
    patch_name = f"{name}_changes" if name else ""
    if patch_name in made:
        return {"$ref": f"#/$defs/{patch_name}"}
    if patch_name:
        made[patch_name] = {}
    known = cast("JsonObject", only["properties"])
    members: JsonObject = {
        key: _edit_schema(root, sub, made) if isinstance(sub, dict) else sub for key, sub in known.items()
    }
    patch = closed_object(members, [])
    if not patch_name:
        return patch
    made[patch_name] = patch
    return {"$ref": f"#/$defs/{patch_name}"}


def _name_of(schema: JsonObject) -> str:
    ref = schema.get("$ref")
    if isinstance(ref, str):
        return ref.rsplit("/", 1)[-1]
    choices = schema.get("anyOf")
    named = [_name_of(sub) for sub in choices if isinstance(sub, dict)] if isinstance(choices, list) else []
    return next((name for name in named if name), "")


# --- putting a patch in


def _patched(
    root: JsonObject, schema: JsonObject, base: JsonValue, patch: JsonValue, at: Path, issues: list[Issue]
) -> JsonValue:
    kind, only, is_nullable = _kind(root, schema)
    if kind == "leaf":
        return patch.get("to") if is_nullable and isinstance(patch, dict) else patch
    if not isinstance(patch, dict):
        issues.append(Issue(at, "edit", "is no object that says what changes", show_found(patch)))
        return base
    for whole in ("set", "replace"):
        if is_nullable and kind != "map" and whole in patch:
            base = patch[whole]
    if kind == "object":
        inner = patch.get("change") if is_nullable else patch
        return _patched_object(root, only, base, inner, at, issues) if isinstance(inner, dict) else base
    if kind == "map":
        return _patched_map(base, patch, at, issues)
    return _patched_list(root, only, base, patch, at, issues)


def _patched_object(
    root: JsonObject, schema: JsonObject, base: JsonValue, patch: JsonObject, at: Path, issues: list[Issue]
) -> JsonValue:
    known = cast("JsonObject", schema["properties"])
    made = dict(base) if isinstance(base, dict) else {}
    for name, change in patch.items():
        sub = known.get(name)
        if isinstance(sub, dict):
            made[name] = _patched(root, sub, made.get(name), change, (*at, name), issues)
        else:
            issues.append(Issue((*at, name), "edit", "is not a member of the record", show_found(change)))
    return made


def _patched_map(base: JsonValue, patch: JsonObject, at: Path, issues: list[Issue]) -> JsonValue:
    made = dict(base) if isinstance(base, dict) else {}
    gone = patch.get("remove")
    for key in gone if isinstance(gone, list) else ():
        if key not in made:
            issues.append(Issue(at, "edit", f"has no entry {dumps(key)} to remove"))
        made.pop(str(key), None)
    entries = patch.get("set")
    return {**made, **(entries if isinstance(entries, dict) else {})}


def _patched_list(
    root: JsonObject, schema: JsonObject, base: JsonValue, patch: JsonObject, at: Path, issues: list[Issue]
) -> JsonValue:
    made: list[JsonValue] = list(base) if isinstance(base, list) else []
    items = cast("JsonObject", schema["items"])
    changes, gone, new = (patch.get(name) for name in ("change", "remove", "add"))
    for one in changes if isinstance(changes, list) else ():
        index = one.get("index") if isinstance(one, dict) else None
        if isinstance(one, dict) and isinstance(index, int) and 0 <= index < len(made):
            made[index] = _patched(root, items, made[index], one.get("change"), (*at, index), issues)
        else:
            issues.append(_no_item(at, index, len(made)))
    removed = [index for index in gone if isinstance(index, int)] if isinstance(gone, list) else []
    issues += [_no_item(at, index, len(made)) for index in removed if not 0 <= index < len(made)]
    kept = [item for index, item in enumerate(made) if index not in set(removed)]
    return [*kept, *(new if isinstance(new, list) else [])]


def _no_item(at: Path, index: JsonValue, many: int) -> Issue:
    return Issue(at, "edit", f"{show_path(at)} has {many} items, numbered from 0; there is no item {dumps(index)}")


# --- what has changed


def changes_between(before: JsonValue, after: JsonValue, at: Path = ()) -> tuple[Change, ...]:
    """The differences between two records, leaf by leaf; list items are matched by likeness."""
    if before == after and dumps(before) == dumps(after):
        return ()
    if isinstance(before, dict) and isinstance(after, dict):
        return _object_changes(before, after, at)
    if isinstance(before, list) and isinstance(after, list):
        return _list_changes(before, after, at)
    return (Change(at, "set", before, after),)


def _object_changes(before: JsonObject, after: JsonObject, at: Path) -> tuple[Change, ...]:
    found: list[Change] = []
    for key in {**before, **after}:
        path = (*at, key)
        if key not in after:
            found.append(Change(path, "removed", before[key], None))
        elif key not in before:
            found.append(Change(path, "added", None, after[key]))
        else:
            found += changes_between(before[key], after[key], path)
    return tuple(found)


def _list_changes(before: Sequence[JsonValue], after: Sequence[JsonValue], at: Path) -> tuple[Change, ...]:
    if not any(isinstance(item, dict | list) for item in (*before, *after)):
        return (Change(at, "set", list(before), list(after)),)
    found: list[Change] = []
    old = new = 0
    for column in aligned([list(before), list(after)], 0):
        if 0 in column and 1 in column:
            found += changes_between(column[0], column[1], (*at, new))
        elif 0 in column:
            found.append(Change((*at, old), "removed", column[0], None))
        else:
            found.append(Change((*at, new), "added", None, column[1]))
        old, new = old + (0 in column), new + (1 in column)
    return tuple(found) or (Change(at, "set", list(before), list(after)),)  # in another order
