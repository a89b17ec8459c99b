"""The tree of codecs for a natural schema in one dialect.

One walk over the natural schema. What a dialect's limits forbid is squeezed: the walk is made again with a stronger
squeeze until the limits hold or nothing is left to squeeze.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, cast

from ..errors import TargetError
from ..vocabulary import JsonObject, JsonValue, Path
from .arrays import ListCodec, TupleCodec
from .codec import (
    ChoiceCodec,
    Codec,
    InnerTextCodec,
    Memo,
    Out,
    RefCodec,
    TextCodec,
    UnionCodec,
    same_json,
    type_of,
    unboxed,
)
from .compile import Target
from .dialect import Dialect
from .ecma import found, pythonic
from .judge import KEYWORD_TYPES, LARGEST, SIZES, measure
from .loss import Loss, phrase, sentences
from .maps import ENTRIES, KEY, VALUE, AnyCodec, MapCodec
from .merge import DROPPED, merge
from .natural import CHECKS, UNSAID_FIELDS
from .nodes import levels, types_of, walk
from .patterns import fits_pattern, spelled
from .records import MARKER_SCHEMA, EnvelopeCodec, Presence, Property, RecordCodec
from .terse import with_type_lists

ANY_NAME: Final = "JsonValue"
ABSENT_NAME: Final = "Absent"
MOST_SQUEEZES: Final = 24
MORE_NODES: Final = 4000
"""How many nodes writing definitions in place may add before what is left becomes text."""
MOST_NESTED: Final = 16
"""How many definitions are made one within the other; further ones wait, so that no chain of them ends the walk."""
MOST_INLINED: Final = 24
"""How many definitions are written one within the other where a dialect has none; deeper ones become text."""
LEAST_KEPT: Final = 20
"""How many properties of an object are written at least where not all of them may be; else it becomes text as a whole."""
NAMES_CHARS: Final = 2000
"""How much is said of the names of properties that are written as text."""
MARKED: Final = 1
"""How many values of enums the definitions of our own may have: what is absent."""
OVERHEAD: Final = 8
"""How many properties the definitions of our own may have: any JSON value, what is absent."""
MOST_MERGES: Final = 60
LARGEST_MERGE: Final = 200_000
"""How deep allOf is followed, and how many characters may come of it; what is beyond is checked after decoding."""
_PHRASED: Final = ("pattern", "format", "multipleOf")
_ALL: Final = ("object", "array", "string", "integer", "number", "boolean", "null")
_UNSAID: Final = frozenset(
    {
        "title",
        "description",
        "examples",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
        "discriminator",
        CHECKS,
        UNSAID_FIELDS,
        DROPPED,
    }
)
_CHECKED: Final = (
    "not", "if", "contains", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems",
    "minProperties", "maxProperties", "uniqueItems", "formatMinimum", "formatMaximum", "formatExclusiveMinimum",
    "formatExclusiveMaximum",
)  # fmt: skip
_DAY: Final = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
_SPAN: Final = "-?P([0-9]+W|([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]{1,6})?S)?)?)"
PATTERNS: Final = {"date-time": f"^{_DAY}T{_CLOCK}$", "time": f"^{_CLOCK}$", "duration": f"^{_SPAN}$"}
"""What Python writes and reads, where the format of that name takes less or more."""
EVERY_KEY: Final = frozenset({"", ".*", "^.*", ".*$", "^.*$", "^", "$"})
"""Patterns that every key matches."""
_SAME: Final = frozenset({"date", "uuid", "ipv4", "ipv6"})
"""Formats whose texts are the same in Python."""


@dataclass(frozen=True, slots=True)
class Squeeze:
    """How far a schema has been narrowed to hold a dialect's limits.

    Attributes:
        enum_values: longest enum that is kept.
        enum_total: how many values all enums together may have.
        optional: how many more properties may be left out; further ones are lists of at most one.
        unions: how many more properties may be unions.
        depth: levels of nesting that are written in place; deeper ones become definitions or text.
        properties: how many properties may be written; what is beyond is text.

    """

    enum_values: int | None = None
    enum_total: int | None = None
    optional: int | None = None
    unions: int | None = None
    depth: int | None = None
    properties: int | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """A lowered schema with its codecs."""

    schema: JsonObject
    codec: Codec
    table: dict[str, Codec]
    losses: tuple[Loss, ...]


def build(target: Target[object], dialect: Dialect) -> Built:
    """The target's schema in a dialect."""
    if dialect.any_keyword:
        return Built(_without_checks(target.schema), Codec({}), {}, ())
    try:
        return _build(target, dialect)
    except RecursionError as error:
        raise TargetError(f"{target.name}: the schema is nested too deep") from error


def _build(target: Target[object], dialect: Dialect) -> Built:
    limits = dialect.limits
    survey = _survey(target.schema)
    sizes = measure(target.schema) if limits.properties or limits.enum_values else {}
    squeeze = Squeeze(
        enum_values=limits.enum_each,
        enum_total=_budget(limits.enum_values, MARKED, sizes.get("enum_values", 0)),
        optional=limits.optional,
        unions=limits.unions,
        depth=limits.depth,
        properties=_budget(limits.properties, OVERHEAD, sizes.get("properties", 0)),
    )
    built = _Builder(target, dialect, squeeze, survey).build()
    for _ in range(MOST_SQUEEZES):
        tighter = _tighten(built, squeeze, dialect)
        if tighter is None:
            break
        squeeze = tighter
        built = _Builder(target, dialect, squeeze, survey).build()
    return replace(built, schema=with_type_lists(built.schema)) if dialect.null_types else built


def _budget(limit: int | None, ours: int, size: int) -> int | None:
    """How many to give out from the start, where a schema plainly has more than the limit: it saves a whole walk."""
    return limit - ours if limit is not None and size > limit else None


def _tighten(built: Built, squeeze: Squeeze, dialect: Dialect) -> Squeeze | None:
    """A stronger squeeze, None where every limit holds or nothing is left to squeeze."""
    limits = dialect.limits
    limited = [name for name in SIZES if getattr(limits, name) is not None]
    sizes = measure(built.schema) if limited else {}
    over = {name for name in limited if sizes[name] > getattr(limits, name)}
    if "properties" in over and squeeze.properties != 0:
        most = (limits.properties or 0) - OVERHEAD
        return replace(squeeze, properties=_fewer(squeeze.properties, most, sizes["properties"]))
    if "enum_values" in over and squeeze.enum_total != 0:
        return replace(squeeze, enum_total=_fewer(squeeze.enum_total, limits.enum_values, sizes["enum_values"]))
    if "name_chars" in over:
        share = (limits.name_chars, sizes["name_chars"])
        if sizes["enum_values"] > sizes["properties"] and squeeze.enum_total != 0:
            start = sizes["enum_values"] if squeeze.enum_total is None else squeeze.enum_total
            return replace(squeeze, enum_total=_fewer(start, *share))
        if squeeze.properties != 0:
            start = sizes["properties"] if squeeze.properties is None else squeeze.properties
            return replace(squeeze, properties=_fewer(start, *share))
    if "depth" in over and (squeeze.depth or 0) > 1:
        return replace(squeeze, depth=max(1, _fewer(squeeze.depth, limits.depth, sizes["depth"])))
    if "unions" in over and squeeze.unions:
        return replace(squeeze, unions=max(0, squeeze.unions - (sizes["unions"] - (limits.unions or 0))))
    if "optional" in over and squeeze.optional:
        return replace(squeeze, optional=max(0, squeeze.optional - (sizes["optional"] - (limits.optional or 0))))
    return None


def _fewer(now: int | None, limit: int | None, size: int) -> int:
    """How many are left to give out: the limit itself at first, then less in proportion to what came of it."""
    most = limit or 0
    return most if now is None else max(0, min(now - 1, now * most * 19 // (size * 20)))


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a natural schema before any walk, once for all squeezes.

    Attributes:
        nodes: how many schemas it holds.
        loops: the references that lie on a circle.
        names_absent: whether it has a key of the marker's name.

    """

    nodes: int
    loops: frozenset[str]
    names_absent: bool


def _survey(root: JsonObject) -> Survey:
    nodes = [schema for schema, _ in levels(root) if isinstance(schema, dict)]
    names_absent = any("absent" in _dict(one.get("properties")) for one in nodes)
    return Survey(len(nodes), _loops(root), names_absent)


def _without_checks(schema: JsonObject) -> JsonObject:
    """The schema without our own keywords; itself where it has none."""
    ours = frozenset({CHECKS, UNSAID_FIELDS})
    if not any(isinstance(node, dict) and not ours.isdisjoint(node) for node, _ in levels(schema)):
        return schema
    made: JsonObject = json.loads(json.dumps(schema))
    for node in walk(made):
        for word in ours if isinstance(node.schema, dict) else ():
            cast("JsonObject", node.schema).pop(word, None)
    return made


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _dict(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


class _Builder:
    def __init__(self, target: Target[object], dialect: Dialect, squeeze: Squeeze, survey: Survey) -> None:
        self.target = target
        self.root = target.schema
        self.dialect = dialect
        self.squeeze = squeeze
        self.losses: list[Loss] = []
        self.table: dict[str, Codec] = {}
        self.defs: JsonObject = {}
        self.names: dict[str, str] = {}
        self.stack: list[str] = []
        self.optional_left = squeeze.optional
        self.unions_left = squeeze.unions
        self.properties_left = squeeze.properties
        self.enums_left = squeeze.enum_total
        self.nodes = 0
        self.most_nodes = 2 * survey.nodes + MORE_NODES
        self.level = 0
        self.loops = survey.loops
        self.variants = 0
        self.nested = 0
        self.later: list[tuple[str, JsonValue, Path]] = []
        self.numbers: dict[str, int] = {}
        self.merges: dict[str, JsonObject] = {}
        self.mixtures: set[str] = set()
        self.marks: Presence = "list" if dialect.maps != "entries" or survey.names_absent else "marker"

    def build(self) -> Built:
        """The whole schema."""
        root = dict(self.root)
        root.pop("$defs", None)
        ref = root.get("$ref")
        if isinstance(ref, str) and not root.keys() - {"$ref", *_UNSAID}:
            root = {**_dict(self._named(ref)), **{key: value for key, value in root.items() if key != "$ref"}}
            self.stack.append(ref)
        if self.dialect.root == "object":
            self.level += 1 if not _is_object(root) else 0
        codec = self.node(root, ())
        while self.later:
            self._define(*self.later.pop())
        if self.dialect.root == "object" and (codec.schema.get("type") != "object" or "properties" not in codec.schema):
            codec = self._wrapped(codec)
        if self.target.is_one_way:
            self.losses.append(Loss((), "generator", None, "items are read lazily: values go one way only"))
        schema = dict(codec.schema)
        if self.defs:
            schema[self.dialect.defs_key] = self.defs
        return Built(schema, codec, self.table, tuple(_hashable(self.losses)))

    def _wrapped(self, inner: Codec) -> Codec:
        schema = dict(inner.schema)
        if schema.get("type") == "object":
            schema.pop("additionalProperties", None) if self.dialect.maps != "keep" else None
        return EnvelopeCodec(self._object({EnvelopeCodec.name: schema}, [EnvelopeCodec.name]), inner)

    # Nodes ------------------------------------------------------------------------------------------------------------

    def node(self, schema: JsonValue, path: Path) -> Codec:
        """The codec of one natural schema."""
        self.nodes += 1
        if schema is True or schema is None or schema == {}:
            return self.anything({}, path)
        if not isinstance(schema, dict):
            self.losses.append(Loss(path, "false", False, "nothing is valid here"))
            return Codec({"type": "null"})
        if self.nodes > self.most_nodes or self._is_spent(schema):
            return self.text(schema, path)
        if _is_mixture(schema):
            return self.mixture(schema, path)
        self._note_checks(schema, path)
        if "$ref" in schema:
            return self.reference(schema, path)
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self.union(schema, word, path)
        if "enum" in schema or "const" in schema:
            return self.values(schema, path)
        return self.typed(schema, path)

    def mixture(self, schema: JsonObject, path: Path) -> Codec:
        """What allOf and siblings of a `$ref` make together; what comes again is a definition of its own."""
        key = json.dumps({word: value for word, value in schema.items() if word not in _UNSAID and word != "default"})
        merged = self._merged(schema)
        if _is_mixture(merged) or not self._has_parts(merged):
            return self.node({word: value for word, value in merged.items() if word != "allOf"}, path)
        if key in self.stack and not (self.dialect.refs == "defs" and self.dialect.recursion):
            return self.text(merged, path)
        if key in self.mixtures and self.dialect.refs == "defs" and self.dialect.recursion:
            bare = {word: value for word, value in merged.items() if word not in ("description", "title", "default")}
            name = self.names.get(key) or self._definition(key, bare, path, _name_in(schema))
            return self._referring(name, schema)
        self.mixtures.add(key)
        self.stack.append(key)
        made = self.node(merged, path)
        self.stack.pop()
        return made

    def _has_parts(self, schema: JsonObject) -> bool:
        return any(word in schema for word in ("properties", "items", "additionalProperties", "anyOf", "oneOf"))

    def _note_checks(self, schema: JsonObject, path: Path) -> None:
        for dropped in _list(schema.get(DROPPED)):
            for key, value in _dict(dropped).items():
                self.losses.append(Loss(path, key, value, "two of the kind meet in allOf; one is enforced"))
        names = schema.get(CHECKS)
        if names is not None:
            self.losses.append(Loss(path, "validator", names, "checked by the type's own function after decoding"))
        for name in _list(schema.get(UNSAID_FIELDS)):
            reason = "JSON has no form of such a value, so it is not asked for and stays at its default"
            self.losses.append(Loss((*path, str(name)), "field", None, reason))

    def _is_spent(self, schema: JsonObject) -> bool:
        if self.properties_left is None:
            return False
        named = len(_dict(schema.get("properties")))
        needed = LEAST_KEPT if named > LEAST_KEPT else named or (2 if "object" in types_of(schema) else 0)
        return needed > self.properties_left

    def _merged(self, schema: JsonObject, depth: int = 0) -> JsonObject:
        """The schema with allOf, and what stands beside a `$ref`, in one."""
        if not _is_mixture(schema):
            return schema
        key = json.dumps(schema)
        known = self.merges.get(key)
        if known is None:
            known = self._merge(schema, depth)
            self.merges[key] = known
        return known

    def _merge(self, schema: JsonObject, depth: int) -> JsonObject:
        parts = _list(schema.get("allOf"))
        rest: JsonObject = {key: value for key, value in schema.items() if key not in ("allOf", "$ref")}
        if depth > MOST_MERGES or (parts and depth and len(json.dumps(schema)) > LARGEST_MERGE):
            return merge(rest, {DROPPED: [{key: schema[key]} for key in ("allOf", "$ref") if key in schema]})
        if "$ref" in schema:
            parts = [{"$ref": schema["$ref"]}, *parts]
        if len(parts) == 1 and not rest.keys() - _UNSAID:
            return self._merged({**_dict(parts[0]), **_said_by(schema)}, depth + 1)
        for part in parts:
            rest = merge(rest, self._merged(self._resolved(part), depth + 1))
        return self._merged(rest, depth + 1)

    def _resolved(self, schema: JsonValue) -> JsonObject:
        seen: set[str] = set()
        while isinstance(schema, dict) and schema.keys() - _UNSAID == {"$ref"} and str(schema["$ref"]) not in seen:
            seen.add(str(schema["$ref"]))
            schema = self._named(str(schema["$ref"]))
        return {} if schema is True else _dict(schema)

    def _named(self, ref: str) -> JsonValue:
        if ref == "#":
            return {key: value for key, value in self.root.items() if key != "$defs"}
        return _dict(self.root.get("$defs")).get(ref.rpartition("/")[2], {})

    def reference(self, schema: JsonObject, path: Path) -> Codec:
        """A definition where the dialect has them; else in place, and text where it would circle."""
        ref = str(schema["$ref"])
        dialect = self.dialect
        inner = self._named(ref)
        is_loop = ref in self.loops
        if dialect.refs == "inline" or (is_loop and not dialect.recursion):
            if ref in self.stack or len(self.stack) > MOST_INLINED:
                return self.text(_dict(inner), path)
            self.stack.append(ref)
            made = self.node({**_dict(inner), **_said(schema)} if isinstance(inner, dict) else inner, path)
            self.stack.pop()
            return made
        name = self.names.get(ref)
        if name is None:
            name = self._definition(ref, inner, path)
        return self._referring(name, schema)

    def _referring(self, name: str, schema: JsonObject) -> Codec:
        dialect = self.dialect
        made_ref: JsonObject = {"$ref": f"#/{dialect.defs_key}/{name}"}
        text = schema.get("description")
        if isinstance(text, str) and text and dialect.ref_siblings:
            made_ref["description"] = text
        elif isinstance(text, str) and text:
            made_ref = {"anyOf": [made_ref], "description": text}
        return RefCodec(name, made_ref)

    def _free_name(self, base: str) -> str:
        """The name, numbered where it is taken."""
        name = base
        while name in self.defs or name in (ANY_NAME, ABSENT_NAME):
            self.numbers[base] = self.numbers.get(base, 1) + 1
            name = f"{base}_{self.numbers[base]}"
        return name

    def _definition(self, ref: str, inner: JsonValue, path: Path, called: str = "") -> str:
        tail = (called or ref).rpartition("/")[2].strip("#")
        name = self._free_name(re.sub(r"[^A-Za-z0-9_.-]+", "_", tail).strip("_") or "Root")
        self.names[ref] = name
        self._make(name, inner, path)
        return name

    def _make(self, name: str, inner: JsonValue, path: Path) -> None:
        """Make a definition at once, or later where too many are being made already."""
        self.defs[name] = {}
        if self.nested < MOST_NESTED:
            self._define(name, inner, path)
        else:
            self.later.append((name, inner, path))

    def _define(self, name: str, inner: JsonValue, path: Path) -> None:
        """Make a definition; its losses are told from the place that needed it first."""
        level, self.level = self.level, 0
        self.nested += 1
        codec = self.node(inner, path)
        self.nested -= 1
        self.level = level
        self.table[name] = codec
        self.defs[name] = codec.schema

    # Anything ---------------------------------------------------------------------------------------------------------

    def anything(self, schema: JsonObject, path: Path) -> Codec:
        """A value without a type."""
        said = _said(schema)
        if self.dialect.untyped == "keep":
            return Codec(said)
        if self.dialect.refs == "inline" or not self.dialect.recursion:
            return self.text(schema, path)
        ref: JsonObject = {"$ref": f"#/{self.dialect.defs_key}/{ANY_NAME}"}
        if ANY_NAME not in self.table:
            self.defs[ANY_NAME] = self._any_schema(dict(ref))
            self.table[ANY_NAME] = Codec({}) if self.dialect.maps == "keep" else AnyCodec({})
        return RefCodec(ANY_NAME, {"anyOf": [ref], **said} if said else ref)

    def _any_schema(self, ref: JsonObject) -> JsonObject:
        if self.dialect.maps == "keep":
            held: JsonObject = {"type": "object", "additionalProperties": ref}
        else:
            held = self._object({ENTRIES: {"type": "array", "items": self._entry({"type": "string"}, ref)}}, [ENTRIES])
        single: list[JsonValue] = [{"type": kind} for kind in ("string", "number", "boolean", "null")]
        return {"anyOf": [*single, {"type": "array", "items": ref}, held]}

    def text(self, schema: JsonObject, path: Path) -> Codec:
        """Any value as JSON text."""
        said = _said(schema)
        words = sentences(str(said.get("description", "")), "The value as JSON text.")
        inner = {key: value for key, value in schema.items() if key not in _UNSAID}
        if inner and "$ref" not in inner:
            self.losses.append(Loss(path, "json", None, "written as JSON text, which is not constrained"))
            shown = json.dumps(inner)
            words += f" Its schema: {shown}" if len(shown) < 600 else ""
        return TextCodec({"type": "string", "description": words})

    # Unions -----------------------------------------------------------------------------------------------------------

    def union(self, schema: JsonObject, word: str, path: Path) -> Codec:
        """A union of members, each with what stands beside the union."""
        members = _list(schema[word])
        beside = {key: value for key, value in schema.items() if key not in (word, "default") and key not in _UNSAID}
        if beside and (len(members) > 6 or all(_only_demands(one) for one in members)):
            self.losses.append(Loss(path, word, None, "checked after decoding"))
            return self.node({key: value for key, value in schema.items() if key != word}, path)
        if word == "oneOf" and not self.target.is_python and not _are_apart([self._resolved(one) for one in members]):
            self.losses.append(Loss(path, word, None, "that only one member is valid is checked after decoding"))
        if self.target.is_python:
            self._say_twins([one for one in members if isinstance(one, dict) and "$ref" in one], word, path)
        if beside:
            members = [merge(beside, self._resolved(one)) for one in members]
        codecs = [self.node(one, path) for one in members if one is not False]
        return self._unite(self._as_texts(codecs, path), _said(schema))

    def _say_twins(self, members: list[JsonObject], word: str, path: Path) -> None:
        """Members with the same properties and nothing that tells them apart: the type reads all of them as the first."""
        seen: dict[str, tuple[JsonValue, str]] = {}
        for member in members:
            whole = self._resolved(member)
            own = (member["$ref"], str(whole.get("title") or member["$ref"]))
            bare = json.dumps(
                {key: value for key, value in whole.items() if key not in ("title", "description")}, sort_keys=True
            )
            first = seen.setdefault(bare, own) if "properties" in whole else own
            if first != own:
                said = (
                    f"{own[1]} is read as {first[1]}, which has the same members; a discriminator would tell them apart"
                )
                self.losses.append(Loss(path, word, own[1], said))

    def _as_texts(self, codecs: list[Codec], path: Path) -> list[Codec]:
        """The members of a union; JSON within a text stays text, for the same JSON by itself would look the same."""
        others = [one for one in codecs if one.schema.get("type") != "null"]
        if len(others) < 2 or not any(isinstance(one, InnerTextCodec) for one in codecs):
            return codecs
        self.losses.append(Loss(path, "json", None, "written as JSON text, which is not constrained"))
        return [one.as_text() if isinstance(one, InnerTextCodec) else one for one in codecs]

    def _unite(self, codecs: list[Codec], said: JsonObject) -> Codec:
        flat: list[Codec] = []
        for codec in codecs:
            is_plain = isinstance(codec, UnionCodec) and "description" not in codec.schema
            flat.extend(codec.members if isinstance(codec, UnionCodec) and is_plain else [codec])
        members = flat if _are_distinct(flat) else list({_key_of(one): one for one in flat}.values())
        if len(members) == 1 and (not said or "$ref" not in members[0].schema):
            only = members[0]
            only.schema = {**only.schema, **said} if "anyOf" not in only.schema or not said else only.schema
            return only
        texts = [one for one in members if isinstance(one, TextCodec)]
        if texts and any(one.schema.get("type") == "string" for one in members if one is not texts[0]):
            return texts[0]  # a text that is a value and a text that holds one would look the same
        members = self._tell_apart(members)
        if self.dialect.distinct_first_keys:
            members = self._distinct(members)
        return UnionCodec({"anyOf": [one.schema for one in members], **said}, members)

    def _tell_apart(self, members: list[Codec]) -> list[Codec]:
        """The members, maps behind a key of their own where a list beside them would look the same."""
        inner = [self.table.get(one.name, one) if isinstance(one, RefCodec) else one for one in members]
        maps = [(isinstance(one, MapCodec) and one.is_entries) or self._waits_as_map(one) for one in inner]
        if not any(maps) or not any(isinstance(one, ListCodec | TupleCodec | AnyCodec) for one in inner):
            return members
        return [
            _Boxed(self._object({ENTRIES: one.schema}, [ENTRIES]), one, ENTRIES) if is_map else one
            for one, is_map in zip(members, maps, strict=True)
        ]

    def _waits_as_map(self, codec: Codec) -> bool:
        """Whether a definition that is not made yet may become a list of entries."""
        if not isinstance(codec, RefCodec) or self.dialect.maps != "entries":
            return False
        waiting = next((inner for name, inner, _ in self.later if name == codec.name), None)
        return isinstance(waiting, dict) and "properties" not in waiting

    def _distinct(self, members: list[Codec]) -> list[Codec]:
        """The members, those that begin with the same key behind a key of their own."""
        seen: set[str] = set()
        made: list[Codec] = []
        for one in members:
            codec, first = one, self._first_key(one.schema)
            if first is not None and first in seen:
                self.variants += 1
                tag = f"variant_{self.variants}"
                codec = self._tagged(one, tag)
                first = tag
            seen |= {first} if first else set()
            made.append(codec)
        return made

    def _first_key(self, schema: JsonObject) -> str | None:
        ref = schema.get("$ref")
        if isinstance(ref, str):
            name = ref.rpartition("/")[2]
            inner = _dict(self.defs.get(name))
            if not inner:  # being made: its natural schema tells
                natural = next((one for one, known in self.names.items() if known == name), "")
                return next(iter(_dict(_dict(self._named(natural)).get("properties"))), None)
            return self._first_key(inner)
        if "anyOf" in schema:
            return None
        return next(iter(_dict(schema.get("properties"))), None)

    def _tagged(self, codec: Codec, tag: str) -> Codec:
        return _Boxed(self._object({tag: codec.schema}, [tag]), codec, tag)

    # Values -----------------------------------------------------------------------------------------------------------

    def values(self, schema: JsonObject, path: Path) -> Codec:
        """An enum or a const."""
        listed = _list(schema.get("enum")) if "enum" in schema else [schema["const"]]
        if "enum" in schema and "const" in schema:
            listed = [schema["const"]]
        kinds = types_of(schema)
        groups: dict[str, list[JsonValue]] = {}
        for value in listed:
            kind = type_of(value)
            if isinstance(value, float) and value.is_integer():
                kind = "integer" if kinds == ("integer",) else "number"
            if not kinds or kind in kinds or (kind == "integer" and "number" in kinds):
                groups.setdefault("complex" if kind in ("object", "array") else kind, []).append(value)
        said = _said(schema)
        if not groups:
            return Codec({"type": "null", **said})
        codecs = [self._group(kind, values, said if len(groups) == 1 else {}, path) for kind, values in groups.items()]
        return codecs[0] if len(codecs) == 1 else self._unite(codecs, said)

    def _group(self, kind: str, values: list[JsonValue], said: JsonObject, path: Path) -> Codec:
        if kind == "null":
            return Codec({"type": "null", **said})
        texts: list[JsonValue] = list(values)
        if kind == "complex":
            texts = [json.dumps(value, ensure_ascii=False) for value in values]
        base: JsonObject = {"type": "string" if kind == "complex" else kind}
        if self._is_long(texts):
            return (
                Codec({**base, **self._lost(said, {"enum": texts}, ("enum",), path)})
                if kind != "complex"
                else (ChoiceCodec({**base, **self._lost(said, {"enum": texts}, ("enum",), path)}, values))
            )
        unique = list(dict.fromkeys(cast("list[str]", texts)))
        made: JsonObject = {**base, **said}
        if len(unique) == 1 and self.dialect.const == "keep" and kind == "string":
            made["const"] = unique[0]
        else:
            made["enum"] = list(unique)
        return ChoiceCodec(made, values) if kind == "complex" else Codec(made)

    def _is_long(self, values: list[JsonValue]) -> bool:
        limits = self.dialect.limits
        most = self.squeeze.enum_values
        total = limits.enum_values
        if (most is not None and len(values) > most) or (total is not None and len(values) > total):
            return True
        if self.enums_left is not None:
            if len(values) > self.enums_left:
                return True
            self.enums_left -= len(values)
        chars = sum(len(value) for value in values if isinstance(value, str))
        return limits.enum_chars is not None and len(values) > limits.enum_chars_from and chars > limits.enum_chars

    # Types ------------------------------------------------------------------------------------------------------------

    def typed(self, schema: JsonObject, path: Path) -> Codec:
        """A node by its types."""
        kinds = types_of(schema)
        if not kinds:
            kinds = _implied(schema)
            if not kinds:
                return self.anything(self._described(schema, (), path), path)
            if not self.target.is_python:
                for key in schema.keys() - _UNSAID - {"default"}:
                    reason = "no type is said, so a value of any other may stand here, checked after decoding"
                    self.losses.append(Loss(path, key, schema[key], reason))
                inner = [self._one({**schema, "type": kind}, kind, path) for kind in kinds]
                return self._unite([*inner, self.anything({}, path)], {})
        if "integer" in kinds and "number" in kinds:
            kinds = tuple(kind for kind in kinds if kind != "integer")
        if len(kinds) == 1:
            return self._one(schema, kinds[0], path)
        bare = {key: value for key, value in schema.items() if key not in _UNSAID and key != "default"}
        return self._unite([self._one({**bare, "type": kind}, kind, path) for kind in kinds], _said(schema))

    def _one(self, schema: JsonObject, kind: str, path: Path) -> Codec:
        if kind == "string" and self.target.is_python and "contentSchema" in schema:
            inner = self.node(schema["contentSchema"], path)
            said = _said(schema)
            return InnerTextCodec(self._may_be_said(inner.schema, said), inner)
        if kind in ("object", "array"):
            most = self.squeeze.depth
            if most is not None and self.level + self._levels(schema, kind) > most:
                return self._deep(schema, path)
            self.level += 1
            try:
                return self.record(schema, path) if kind == "object" else self.array(schema, path)
            finally:
                self.level -= 1
        return Codec(self.scalar(schema, kind, path))

    def _levels(self, schema: JsonObject, kind: str) -> int:
        """How many levels a node needs at least: itself, the entries of a map, the lists that say what is absent."""
        named = _dict(schema.get("properties"))
        rest = schema.get("additionalProperties", not (named and self.target.is_python))
        if kind == "object" and rest is not False and self.dialect.maps == "entries":
            return 3 if named else 2
        are_lists = self.unions_left == 0 or (self.optional_left is not None and self.optional_left <= 0)
        return 2 if are_lists and named.keys() - set(map(str, _list(schema.get("required")))) else 1

    def _deep(self, schema: JsonObject, path: Path) -> Codec:
        """What lies too deep: a definition of its own, which is counted on its own."""
        if self.dialect.refs != "defs":
            return self.text(schema, path)
        name = self._free_name("Part")
        self._make(name, schema, path)
        return RefCodec(name, {"$ref": f"#/{self.dialect.defs_key}/{name}"})

    def scalar(self, schema: JsonObject, kind: str, path: Path) -> JsonObject:
        """A single value with the bounds that the dialect enforces."""
        made: JsonObject = {"type": kind}
        lost: list[str] = []
        schema = dict(schema)
        if kind == "string":
            self._python_format(schema)
        for key in KEYWORD_TYPES:
            if key in schema and kind in KEYWORD_TYPES[key]:
                if self._enforces(key, schema[key], kind):
                    made[key] = schema[key]
                else:
                    lost.append(key)
        if not self.dialect.length_beside_pattern and ("pattern" in made or "format" in made):
            if "pattern" in made and "format" in made:
                lost.append("format")
                del made["format"]
            for key in ("minLength", "maxLength"):
                lost.extend([key] if made.pop(key, None) is not None else [])
        if "format" in made and (wider := self._wider(made["format"])):
            self.losses.append(Loss(path, "format", made["format"], wider))
        return {**made, **self._described(schema, tuple(lost), path)}

    def _wider(self, form: JsonValue) -> str:
        """What an engine takes for a format that it enforces, beyond what the value may be; empty: nothing."""
        if self.dialect.engine != "llguidance" and form != "uuid":  # xgrammar and gbnf take 2024-04-31 and 1.1.1.01
            return "a grammar of it may take more: days that no calendar has, zeros before a digit"
        return "it has the year 0, Python has not" if form == "date" and self.target.is_python else ""

    def _python_format(self, schema: JsonObject) -> None:
        """Formats by what Python takes, patterns by what the dialect's engine takes."""
        form, pattern = schema.get("format"), schema.get("pattern")
        if self.target.is_python and isinstance(form, str) and form in PATTERNS and pattern is None:
            if fits_pattern(PATTERNS[form], self.dialect.pattern) and "pattern" in self.dialect.keywords:
                schema["pattern"] = PATTERNS[form]
        elif isinstance(pattern, str):
            schema["pattern"] = spelled(pattern, self.dialect.pattern) or pattern

    def _enforces(self, key: str, value: JsonValue, kind: str) -> bool:
        dialect, limits = self.dialect, self.dialect.limits
        if key not in dialect.keywords:
            return False
        if key == "pattern":
            return isinstance(value, str) and fits_pattern(value, dialect.pattern)
        if key == "format":
            return value in dialect.formats and (not self.target.is_python or value in _SAME)
        if key in ("minLength", "maxLength"):
            return limits.string_length is None or (isinstance(value, int) and value <= limits.string_length)
        if not isinstance(value, int | float) or not -LARGEST <= value <= LARGEST:
            return False
        if key == "multipleOf" and not _is_dyadic(value):
            return False  # 19.99 / 0.01 is no whole number to an engine that divides floats
        return kind == "integer" or dialect.number_bounds

    def _described(self, schema: JsonObject, lost: Iterable[str], path: Path) -> JsonObject:
        keys = (*lost, *(key for key in _CHECKED if key in schema))
        return self._lost(_said(schema), schema, keys, path)

    def _lost(self, said: JsonObject, schema: Mapping[str, JsonValue], keys: Iterable[str], path: Path) -> JsonObject:
        """The description, with a sentence for every keyword that is not enforced; the losses on record."""
        words = [str(said.get("description", ""))]
        for key in keys:
            if schema[key] is False and key in ("uniqueItems", "not"):
                continue
            reason = f"{self.dialect.name} does not enforce {key}"
            if key == "pattern" and pythonic(str(schema[key])) is None:
                reason = "no engine at hand can check it, before or after decoding"
            self.losses.append(Loss(path, key, schema[key], reason))
            if key == "pattern" and schema[key] in PATTERNS.values():
                continue
            if key not in ("if", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"):
                words.append(phrase(key, schema[key]))
        text = sentences(*words)
        return {**said, "description": text} if text else said

    # Arrays -----------------------------------------------------------------------------------------------------------

    def array(self, schema: JsonObject, path: Path) -> Codec:
        """A list, a set or a tuple."""
        first = _list(schema.get("prefixItems"))
        if first:
            return self.places(schema, first, path)
        lost: list[str] = []
        made: JsonObject = {"type": "array"}
        if schema.get("maxItems") == 0 and "items" not in schema:
            item = Codec({"type": "string"})
        else:
            item = self.node(schema.get("items", True), (*path, "*"))
        made["items"] = item.schema
        for key in ("minItems", "maxItems"):
            if key in schema:
                if self._bounds_items(key, schema[key]):
                    made[key] = schema[key]
                else:
                    lost.append(key)
        is_set = schema.get("uniqueItems") is True
        return ListCodec({**made, **self._described(schema, lost, path)}, item, is_set=is_set)

    def _bounds_items(self, key: str, value: JsonValue) -> bool:
        limits = self.dialect.limits
        if key not in self.dialect.keywords or not isinstance(value, int):
            return False
        if key == "minItems" and limits.min_items is not None and value > limits.min_items:
            return False
        return limits.array_items is None or value <= limits.array_items

    def places(self, schema: JsonObject, first: list[JsonValue], path: Path) -> Codec:
        """Items by place."""
        least, most = schema.get("minItems"), schema.get("maxItems")
        needed = min(least, len(first)) if isinstance(least, int) else 0
        tail = schema.get("items", True)
        has_rest = tail is not False and not (isinstance(most, int) and most <= len(first))
        items = [self.node(one, (*path, index)) for index, one in enumerate(first)]
        rest = self.node(tail, (*path, "*")) if has_rest else None
        said = self._described(schema, (), path)
        if self.dialect.tuples == "prefix":
            made: JsonObject = {"type": "array", "prefixItems": [one.schema for one in items], **said}
            made["items"] = rest.schema if rest is not None else False
            for key, value in (("minItems", needed), ("maxItems", most if isinstance(most, int) else None)):
                if value is not None and self._bounds_items(key, value):
                    made[key] = value
            return TupleCodec(made, items, keys=None, needed=needed, rest=("", rest) if rest else None)
        keys = _tuple_keys(first)
        properties: JsonObject = {}
        omits = self.dialect.optional == "omit" and self.optional_left is None
        for index, (key, one) in enumerate(zip(keys, items, strict=True)):
            is_plain = index < needed or omits
            properties[key] = one.schema if is_plain else self._may_be(one, self._absent()).schema
        must = list(properties)[:needed] if omits else list(properties)
        if rest is not None:
            properties["rest"] = {"type": "array", "items": rest.schema}
            must.append("rest")
        tail_codec = None if rest is None else ("rest", rest)
        shape = {**self._object(properties, must), **said}
        return TupleCodec(shape, items, keys=keys, needed=needed, rest=tail_codec, omits=omits)

    def _absent(self) -> JsonObject:
        """The schema of what says that a key is absent, written once."""
        if self.dialect.refs == "inline":
            return MARKER_SCHEMA
        if ABSENT_NAME not in self.table:
            self.table[ABSENT_NAME] = Codec(dict(MARKER_SCHEMA))
            self.defs[ABSENT_NAME] = dict(MARKER_SCHEMA)
        return {"$ref": f"#/{self.dialect.defs_key}/{ABSENT_NAME}"}

    def _may_be_said(self, schema: JsonObject, said: JsonObject) -> JsonObject:
        """A schema with a description beside it, where the dialect takes it there."""
        if not said:
            return schema
        return {"anyOf": [schema], **said} if "$ref" in schema else {**schema, **said}

    def _may_be(self, codec: Codec, other: JsonObject) -> Codec:
        said = {"description": codec.schema["description"]} if "description" in codec.schema else {}
        inner = codec
        if said:
            inner = _copy(codec)
        return self._unite([inner, Codec(dict(other))], said)

    # Objects ----------------------------------------------------------------------------------------------------------

    def _object(self, properties: JsonObject, required: list[str]) -> JsonObject:
        made: JsonObject = {"type": "object", "properties": properties, "required": list(required)}
        if self._closes():
            made["additionalProperties"] = False
        return made

    def _closes(self) -> bool:
        """Whether objects say that they have no further properties."""
        return self.dialect.strict_objects or self.dialect.maps == "keep"

    def record(self, schema: JsonObject, path: Path) -> Codec:
        """An object with known keys, a map, or both."""
        named = _dict(schema.get("properties"))
        required = [key for key in _list(schema.get("required")) if isinstance(key, str)]
        named = {**named, **{key: self._unnamed(schema, key) for key in required if key not in named}}
        rest = schema.get("additionalProperties", None if named and self.target.is_python else True)
        patterns = _dict(schema.get("patternProperties"))
        if len(patterns) == 1 and next(iter(patterns)) in EVERY_KEY:
            rest, patterns = next(iter(patterns.values())), {}
        barred = [key for key, inner in named.items() if inner is False and key not in required]
        named = {key: _under(patterns, key, inner) for key, inner in named.items() if key not in barred}
        if barred:
            self.losses.append(Loss(path, "properties", dict.fromkeys(barred, False), "these keys may not stand"))
        is_open = bool(patterns) or (rest is not None and rest is not False)
        lost = self._described(schema, (), path)
        if rest is False and not self._closes():
            reason = f"{self.dialect.name} does not close objects"
            self.losses.append(Loss(path, "additionalProperties", False, reason))
        left = self.properties_left
        if left is not None and len(named) > left:
            return self._split(schema, named, required, left - 1, lost, path)
        if left is not None:
            self.properties_left = left - len(named) - (1 if is_open and named else 0)
        if not named and is_open:
            return self._map(schema, rest, patterns, lost, path)
        taken: set[str] = set()
        made: list[Property] = []
        for key, inner in named.items():
            wire = self._wire_name(key, taken)
            made.append(self._property(key, wire, inner, is_required=key in required, path=(*path, key)))
        extras = self._extras(schema, rest, patterns, taken, path) if is_open else None
        properties: JsonObject = {one.wire: self._spoken(one) for one in made}
        must = [one.wire for one in made if one.presence != "omit"]
        if extras is not None and extras[0]:
            properties[extras[0]] = extras[1].schema
            must.append(extras[0])
        shape = self._object(properties, must)
        if extras is not None and not extras[0]:
            shape["additionalProperties"] = extras[1].schema.get("additionalProperties", True)
        return RecordCodec({**shape, **lost}, made, extras)

    def _split(
        self, schema: JsonObject, named: JsonObject, required: list[str], most: int, said: JsonObject, path: Path
    ) -> Codec:
        """An object with more properties than may be written: the first ones by name, all others in one JSON text."""
        self.properties_left = 0
        taken: set[str] = set()
        kept = dict(list(named.items())[:most])
        others = {key: inner for key, inner in named.items() if key not in kept}
        made = [
            self._property(key, self._wire_name(key, taken), inner, is_required=key in required, path=(*path, key))
            for key, inner in kept.items()
        ]
        beyond: JsonObject = {**schema, "properties": others, "required": [key for key in required if key in others]}
        beyond["description"] = f"An object with the other properties: {', '.join(others)[:NAMES_CHARS]}."
        wire = self._wire_name("additional_properties", taken)
        text = self.text(beyond, path)
        properties: JsonObject = {one.wire: self._spoken(one) for one in made}
        must = [*(one.wire for one in made if one.presence != "omit"), wire]
        shape = self._object({**properties, wire: text.schema}, must)
        return RecordCodec({**shape, **said}, made, (wire, text))

    def _unnamed(self, schema: JsonObject, key: str) -> JsonValue:
        for pattern, inner in _dict(schema.get("patternProperties")).items():
            if found(pattern, key):
                return inner
        rest = schema.get("additionalProperties", True)
        return rest if rest is not False else True

    def _wire_name(self, key: str, taken: set[str]) -> str:
        regex = self.dialect.key_regex
        name = key
        if regex is not None and not re.search(regex, key):
            name = re.sub(r"[^a-zA-Z0-9_.-]+", "_", key)[:60] or "key"
        base, number = name, 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        return name

    def _property(self, key: str, wire: str, inner: JsonValue, *, is_required: bool, path: Path) -> Property:
        is_optional = not (is_required or _is_fixed(inner))
        is_nullable = is_optional and self.dialect.optional == "required"
        presence = self._presence(is_nullable=is_nullable) if is_optional else "required"
        self.level += presence == "list"
        codec = self.node(inner, path)
        self.level -= presence == "list"
        if self.unions_left is not None and _is_union(codec.schema) and (presence == "list" or not is_nullable):
            if self.unions_left == 0:
                codec = self.text(_dict(inner), path)
            else:
                self.unions_left -= 1
        if not is_optional:
            has_default = self.target.is_python and isinstance(inner, dict) and "default" in inner
            if has_default and isinstance(inner, dict):
                return Property(key, wire, codec, "filled", default=inner["default"])
            if is_required:
                return Property(key, wire, codec, "required")
        if is_nullable:
            is_marked = self._takes_null(codec)
            if is_marked and isinstance(inner, dict) and self.target.is_python and inner.get("default", 0) is None:
                return Property(key, wire, codec, "filled")  # null and absence mean the same: the default is null
            presence = "list" if presence == "list" else self.marks if is_marked else "null"
        if presence == "list" and not self._bounds_items("maxItems", 1):
            self.losses.append(Loss(path, "absence", None, "an empty list says it; more than one item is not barred"))
        return Property(key, wire, codec, presence)

    def _presence(self, *, is_nullable: bool) -> Presence:
        """How a property says that it is absent, as far as limits tell; outer properties come before those inside."""
        presence: Presence = "null" if is_nullable else "omit"
        if is_nullable and self.unions_left is not None:
            presence = "null" if self.unions_left > 0 else "list"
            self.unions_left = max(0, self.unions_left - 1)
        elif not is_nullable and self.optional_left is not None:
            presence = "omit" if self.optional_left > 0 else "list"
            self.optional_left -= 1
        return presence

    def _takes_null(self, codec: Codec) -> bool:
        if isinstance(codec, UnionCodec):
            return any(map(self._takes_null, codec.members))
        if isinstance(codec, RefCodec):
            inner = self.table.get(codec.name)
            return inner is None or codec.name == ANY_NAME or self._takes_null(inner)
        return codec.schema.get("type") in ("null", None) or isinstance(codec, TextCodec)

    def _spoken(self, one: Property) -> JsonObject:
        """The schema of a property with its way of being absent."""
        match one.presence:
            case "required" | "omit" | "filled":
                return one.codec.schema
            case "null":
                return self._may_be(one.codec, {"type": "null"}).schema
            case "marker":
                return self._may_be(one.codec, self._absent()).schema
            case "list":
                most: JsonObject = {"maxItems": 1} if self._bounds_items("maxItems", 1) else {}
                said = "At most one item; empty: absent."
                return {"type": "array", "items": one.codec.schema, **most, "description": said}

    def _map(self, schema: JsonObject, rest: JsonValue, patterns: JsonObject, said: JsonObject, path: Path) -> Codec:
        inside = int(self.dialect.maps == "entries")  # the entry is an object in the list
        self.level += inside
        values = self._values(rest, patterns, path)
        self.level -= inside
        keys: JsonObject = _dict(schema.get("propertyNames"))
        if len(patterns) > 1 or (patterns and rest is not False):
            reason = "which key takes which value is checked after decoding"
            self.losses.append(Loss(path, "patternProperties", patterns, reason))
        if patterns and rest is False:
            one, *more = patterns
            keys = {"pattern": "|".join(f"(?:{each})" for each in patterns) if more else one}
        elif patterns and isinstance(rest, dict) and "propertyNames" not in schema:
            keys = {}
        if self.properties_left is not None:
            self.properties_left -= 2
        if self.dialect.maps == "keep":
            if keys:
                said = self._lost(said, {"propertyNames": keys}, ("propertyNames",), path)
            inner: JsonValue = values.schema or True
            return MapCodec({"type": "object", "additionalProperties": inner, **said}, values, is_entries=False, key={})
        key = self._key_schema(keys, path)
        return MapCodec(
            {"type": "array", "items": self._entry(key, values.schema), **said}, values, is_entries=True, key=key
        )

    def _values(self, rest: JsonValue, patterns: JsonObject, path: Path) -> Codec:
        """One codec for every value of a map, whatever its key."""
        inner = [*patterns.values()]
        if rest is not False and rest is not None and rest is not True:
            inner.append(rest)
        if rest is True or not inner:
            inner = [True]
        below = (*path, "*")
        codecs = [self.node(one, below) for one in inner]
        return codecs[0] if len(codecs) == 1 else self._unite(self._as_texts(codecs, path), {})

    def _key_schema(self, keys: JsonObject, path: Path) -> JsonObject:
        if "anyOf" in keys and "$ref" not in keys:
            self.losses.append(Loss(path, "propertyNames", keys, "which texts are keys is checked after decoding"))
            return {"type": "string", "description": phrase("anyOf", keys["anyOf"])}
        if "contentSchema" in keys:
            return self.text(self._resolved(keys["contentSchema"]), (*path, "*")).schema
        codec = self.node(
            {**keys, "type": "string"} if "$ref" not in keys else merge(self._resolved(keys), {"type": "string"}),
            (*path, "*"),
        )
        return codec.schema if codec.schema.get("type") == "string" else {"type": "string"}

    def _entry(self, key: JsonObject, value: JsonObject) -> JsonObject:
        return self._object({KEY: key, VALUE: value}, [KEY, VALUE])

    def _extras(
        self, schema: JsonObject, rest: JsonValue, patterns: JsonObject, taken: set[str], path: Path
    ) -> tuple[str, Codec]:
        inner = {key: value for key, value in schema.items() if key == "propertyNames"}
        codec = self._map(inner, rest, patterns, {}, path)
        if self.dialect.maps == "keep":
            return "", codec
        codec.schema = {**codec.schema, "description": "Further properties that are not named above; usually none."}
        return self._wire_name("additional_properties", taken), codec


class _Boxed(Codec):
    """A member of a union behind a key of its own, where members must not begin alike."""

    __slots__ = ("inner", "key")
    is_identity = False

    def __init__(self, schema: JsonObject, inner: Codec, key: str) -> None:
        super().__init__(schema)
        self.inner = inner
        self.key = key

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Into the box and out of it."""
        if memo.way == "encode":
            out = self.inner.turn(value, memo)
            return replace(out, value={self.key: out.value})
        out = unboxed(value, self.key, self.inner, memo)
        is_boxed = isinstance(value, dict) and self.key in value
        return out if is_boxed else replace(out, cost=out.cost + 1)


def _hashable(losses: list[Loss]) -> list[Loss]:
    seen: dict[str, Loss] = {}
    for loss in losses:
        seen.setdefault(json.dumps([loss.path, loss.keyword, loss.value], default=str), loss)
    return list(seen.values())


def _said_by(schema: JsonObject) -> JsonObject:
    """What a schema says beside its structure."""
    return {key: value for key, value in schema.items() if key in _UNSAID or key == "default"}


def _is_mixture(schema: JsonObject) -> bool:
    """Whether a schema is made of several: allOf, or a `$ref` with siblings."""
    return "allOf" in schema or ("$ref" in schema and bool(schema.keys() - {"$ref", "default", *_UNSAID}))


def _name_in(schema: JsonObject) -> str:
    """A name for a mixture: that of the first definition in it."""
    for part in (schema, *_list(schema.get("allOf"))):
        ref = _dict(part).get("$ref")
        if isinstance(ref, str):
            return ref
    return "Part"


def _said(schema: JsonObject) -> JsonObject:
    """The description that a node keeps, with its default and the names of what checks it further."""
    text = schema.get("description")
    words = text.strip() if isinstance(text, str) else ""
    for dropped in _list(schema.get(DROPPED)):
        for key, value in _dict(dropped).items():
            words = sentences(words, phrase(key, value) if key in _PHRASED else "")
    listed = [name for name in _list(schema.get(CHECKS)) if isinstance(name, str)]
    names = [
        name for name in listed if name.isidentifier() and not name.startswith("__")
    ]  # dunders tell a model nothing
    if names:
        words = sentences(words, f"Checked by {', '.join(names)}.")
    default = schema.get("default")
    if default not in (None, [], {}, "") and len(json.dumps(default)) < 80:
        words = sentences(words, f"Default: {json.dumps(default, ensure_ascii=False)}.")
    return {"description": words} if words else {}


def _is_fixed(schema: JsonValue) -> bool:
    """Whether a property has one value only, which is its default too: to leave it out says nothing."""
    if not isinstance(schema, dict) or "default" not in schema:
        return False
    values = _list(schema["enum"]) if "enum" in schema else [schema["const"]] if "const" in schema else []
    return len(values) == 1 and same_json(values[0], schema["default"])


def _under(patterns: JsonObject, key: str, inner: JsonValue) -> JsonValue:
    """The schema of a named property with what patterns say of its name."""
    also = [one for pattern, one in patterns.items() if one is not True and one != inner and found(pattern, key)]
    return {"allOf": [{} if inner is True else inner, *also]} if also else inner


def _implied(schema: JsonObject) -> tuple[str, ...]:
    """The types that a schema without `type` speaks of."""
    objects = ("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties")
    if any(key in schema for key in objects):
        return ("object",)
    if any(key in schema for key in ("items", "prefixItems", "minItems", "maxItems", "uniqueItems")):
        return ("array",)
    if any(key in schema for key in ("minLength", "maxLength", "pattern", "format")):
        return ("string",)
    if any(key in schema for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")):
        return ("number",)
    return ()


def _are_apart(members: list[JsonObject]) -> bool:
    """Whether no value can be valid under two members: their types differ, or a required key has one value in each."""
    kinds = [kind for one in members for kind in set(types_of(one)) or {*_ALL}]
    if len(kinds) == len(set(kinds)) and not {"integer", "number"} <= set(kinds):
        return True
    tags = [
        {
            key: json.dumps(_only_value(inner), sort_keys=True)
            for key, inner in _dict(one.get("properties")).items()
            if key in _list(one.get("required")) and _only_value(inner) is not None
        }
        for one in members
        if types_of(one) == ("object",)
    ]
    shared = set(tags[0]).intersection(*tags[1:]) if len(tags) == len(members) > 0 else set[str]()
    return any(len({tag[key] for tag in tags}) == len(tags) for key in shared)


def _only_value(schema: JsonValue) -> JsonValue:
    """The one value that a schema takes; None where it is not only one."""
    one = _dict(schema)
    values = _list(one.get("enum")) if "enum" in one else [one["const"]] if "const" in one else []
    return values[0] if len(values) == 1 else None


def _only_demands(schema: JsonValue) -> bool:
    return isinstance(schema, dict) and not schema.keys() - {"required", "not", "if", "then", "else"}


def _is_object(schema: JsonObject) -> bool:
    return schema.get("type") == "object" and "properties" in schema


def _is_union(schema: JsonObject) -> bool:
    return len(_list(schema.get("anyOf"))) > 1


def _copy(codec: Codec) -> Codec:
    made = copy(codec)
    made.schema = {key: value for key, value in codec.schema.items() if key != "description"}
    return made


def _is_dyadic(unit: float) -> bool:
    """Whether floats hold the unit and its multiples exactly."""
    below = Fraction(repr(unit)).denominator
    return below & (below - 1) == 0


def _are_distinct(codecs: list[Codec]) -> bool:
    """Whether codecs are plainly of different types, so that none is there twice."""
    kinds = [one.schema.get("type") for one in codecs]
    return all(isinstance(kind, str) for kind in kinds) and len(set(map(str, kinds))) == len(kinds)


def _key_of(codec: Codec) -> str:
    return json.dumps(codec.schema) + str(codec.is_identity)


def _tuple_keys(items: list[JsonValue]) -> list[str]:
    """A name for each place: its title as an identifier, else its number."""
    titles = [str(_dict(item).get("title", "")) for item in items]
    names = [re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") for title in titles]
    if all(names) and len(set(names)) == len(names) and "rest" not in names:
        return names
    return [f"item_{index}" for index in range(len(items))]


def _loops(root: JsonObject) -> frozenset[str]:
    """The references that lie on a circle."""
    arrows: dict[str, set[str]] = {}
    defs = _dict(root.get("$defs"))
    top = {key: value for key, value in root.items() if key != "$defs"}
    for name, schema in [("#", top), *((f"#/$defs/{name}", one) for name, one in defs.items())]:
        arrows[name] = {
            str(node["$ref"])
            for node, _ in levels(schema if isinstance(schema, dict) else {})
            if isinstance(node, dict) and "$ref" in node
        }
    left = {name: to & arrows.keys() for name, to in arrows.items()}
    while True:
        targets = {target for to in left.values() for target in to}
        kept = {name: to & left.keys() for name, to in left.items() if to & left.keys() and name in targets}
        if kept == left:
            return frozenset(left)
        left = kept
