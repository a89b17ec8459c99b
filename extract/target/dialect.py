"""The shape of a dialect: which JSON Schema an endpoint's strict mode takes. The rows are in `dialects.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a schema may be; None where no limit is known.

    Attributes:
        properties: object properties in the whole schema.
        depth: levels of objects and arrays, each definition counted on its own.
        enum_values: enum and const values in the whole schema.
        enum_chars: characters in one string enum of more than `enum_chars_from` values.
        name_chars: characters over all property names, definition names, enum and const values.
        optional: properties that are not required, whole schema.
        unions: properties whose schema is a union, whole schema.
        string_length, array_items: largest enforceable minLength/maxLength and minItems/maxItems.
        min_items: largest minItems (Anthropic takes 0 and 1).
        enum_each: values in one enum.

    """

    properties: int | None = None
    depth: int | None = None
    enum_values: int | None = None
    enum_each: int | None = None
    enum_chars: int | None = None
    enum_chars_from: int = 250
    name_chars: int | None = None
    optional: int | None = None
    unions: int | None = None
    string_length: int | None = None
    array_items: int | None = None
    min_items: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    r"""One strict subset of JSON Schema.

    Attributes:
        name: key in `DIALECTS`; shown in errors, never compared in code.
        source: page the facts come from, and the day it was read.
        strict: whether the endpoint has a strict mode that enforces the schema; False: the schema is only a hint.
        root: `object` (anything else is wrapped in an envelope) or `any`.
        optional: `required` (every property is required, absent is said by null or a marker) or `omit`.
        maps: `entries` (lists of key-value entries) or `keep`.
        one_of: `any_of` (rewritten) or `keep`.
        all_of: `merge` or `keep`.
        refs: `defs` or `inline`.
        recursion: whether a schema may refer to itself.
        root_ref: whether `$ref` may name the root (`#`); definitions it may always name.
        ref_siblings: whether `$ref` may have neighbours.
        defs_key: `$defs`, or `$def` where a server reads that.
        const: `keep` or `enum`.
        tuples: `prefix` (prefixItems) or `object` (rewritten).
        untyped: `keep` (`{}` allowed) or `union` (a recursive JSON union or JSON text).
        type_lists: whether `type` may be a list.
        null_types: whether a scalar that may be null is written as such a list, which its page shows; else as a union.
        formats: string formats that are enforced and taken.
        keywords: assertion keywords that are taken and enforced beyond the structure (`pattern`, `minimum`, ...).
        ignored: assertion keywords that are taken and not enforced; any other that is not in `keywords` is refused.
            Lowering drops both alike; only the lint tells them apart.
        annotations: annotation keywords that are taken (`description`, `title`, `default`, `examples`);
            `format` among them: any format may stand, none is enforced.
        pattern: `ecma` (anything), `no_lookaround`, `anchored` (`^...$`, no escapes like `\d`), or `none`.
        length_beside_pattern: whether minLength/maxLength may stand beside `pattern` or `format`.
        number_bounds: whether bounds are enforced on `number` too, not on `integer` alone.
        key_regex: what a property name must match; None: anything.
        name_regex: what the schema's or tool's name must match.
        distinct_first_keys: members of one anyOf must not begin with the same key (Azure).
        strict_objects: objects must have `additionalProperties: false`; where they need not and `maps` is `entries`,
            the keyword is better left out altogether.
        any_keyword: whether every other keyword may stand too, as an annotation (`plain` alone).
        limits: how large a schema may be.
        meta_schema: file name below `schemas/dialects/`.
        engine: the constrained-decoding engine its servers use, where known ("xgrammar", "llguidance", "gbnf").

    """

    name: str
    source: str
    strict: bool = True
    root: Literal["object", "any"] = "object"
    optional: Literal["required", "omit"] = "required"
    maps: Literal["entries", "keep"] = "entries"
    one_of: Literal["any_of", "keep"] = "any_of"
    all_of: Literal["merge", "keep"] = "merge"
    refs: Literal["defs", "inline"] = "defs"
    recursion: bool = True
    root_ref: bool = True
    ref_siblings: bool = False
    defs_key: str = "$defs"
    const: Literal["keep", "enum"] = "keep"
    tuples: Literal["prefix", "object"] = "object"
    untyped: Literal["keep", "union"] = "union"
    type_lists: bool = False
    null_types: bool = False
    formats: frozenset[str] = frozenset()
    keywords: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    annotations: frozenset[str] = frozenset({"description"})
    pattern: Literal["ecma", "no_lookaround", "anchored", "none"] = "none"
    length_beside_pattern: bool = True
    number_bounds: bool = True
    key_regex: str | None = None
    name_regex: str = r"^[a-zA-Z0-9_-]{1,64}$"
    distinct_first_keys: bool = False
    strict_objects: bool = True
    any_keyword: bool = False
    limits: Limits = Limits()
    meta_schema: str = ""
    engine: str | None = None
