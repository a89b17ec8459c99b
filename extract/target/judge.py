"""Whether a schema is within a dialect, and where not: the judge of every lowered schema.

A schema is accepted iff it validates against the dialect's meta-schema (`meta_schema.py`, printed into
`schemas/dialects/`) and breaks none of the rules that no meta-schema can say (`check_limits`): every property required,
references that resolve and do not circle, sizes. `violations` tells both by place and rule without jsonschema; a test
holds the two equal.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeAlias

from ..vocabulary import JsonObject, JsonValue, Path, show_found, show_path
from .dialect import Dialect
from .nodes import DEFINITIONS, Node, levels, types_of, walk
from .patterns import fits_pattern

STRUCTURE: Final = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "anyOf",
        "$ref",
    }
)
"""Keywords that every dialect takes, each under its own rules."""
LARGEST: Final = 2**63 - 1
"""Largest bound of a number that engines take (llguidance 1.9 refuses larger ones)."""
DEFINITION_NAME: Final = r"^[A-Za-z0-9_.-]+$"
KEYWORD_TYPES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf",
        ),
        frozenset({"number", "integer"}),
    ),
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format"), frozenset({"string"})),
    **dict.fromkeys(("minItems", "maxItems", "items", "prefixItems"), frozenset({"array"})),
    **dict.fromkeys(("properties", "required", "additionalProperties"), frozenset({"object"})),
}
"""Which type a keyword speaks of: beside any other it is refused, or means nothing."""
_BOUNDS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """One point where a schema leaves a dialect.

    Attributes:
        place: where in the schema, keys and indices from its root.
        rule: a stable word: `keyword`, `format`, `open_object`, `optional_property`, ...; the limit's name for a limit.
        found: what stands there: the value, or the count where a limit is passed.
        advice: what to do, one sentence.
        is_ignored: the endpoint would take it and not enforce it; else it refuses the request.

    """

    place: Path
    rule: str
    found: JsonValue
    advice: str
    is_ignored: bool = False

    def __str__(self) -> str:
        return f"{show_path(self.place)}: {self.rule} (found {show_found(self.found)}): {self.advice}"

    def to_dict(self) -> JsonObject:
        """As JSON, the place as a list."""
        return {
            "place": list(self.place),
            "rule": self.rule,
            "found": self.found,
            "advice": self.advice,
            "is_ignored": self.is_ignored,
        }


Finding: TypeAlias = "Iterator[Violation]"


def violations(
    schema: JsonObject | bool,
    dialect: Dialect,
) -> tuple[Violation, ...]:
    """Every point where `schema` leaves `dialect`, in document order, limits last; empty where it is accepted."""
    if dialect.any_keyword:
        return tuple(_old_tuples(schema))
    nodes = tuple(walk(schema))
    shape = chain.from_iterable(_judge(node, dialect) for node in nodes)
    return (*shape, *_beyond(nodes, schema, dialect))


def check_limits(
    schema: JsonObject | bool,
    dialect: Dialect,
) -> tuple[Violation, ...]:
    """What no meta-schema can say: properties all required, references resolved and not circular, sizes."""
    if dialect.any_keyword:
        return ()
    return tuple(_beyond(tuple(walk(schema)), schema, dialect))


def _old_tuples(schema: JsonObject | bool) -> Finding:
    """The one shape of draft-07 that 2020-12 refuses."""
    for node in walk(schema):
        if isinstance(node.schema, dict) and isinstance(node.schema.get("items"), list):
            yield Violation((*node.place, "items"), "tuple", None, "write prefixItems, and additionalItems as items")


# What a node may hold ------------------------------------------------------------------------------------------------


def _judge(node: Node, dialect: Dialect) -> Finding:
    """The rules that look at one node."""
    if isinstance(node.schema, bool):
        yield from _boolean(node, dialect)
        return
    if not node.place:
        yield from _root(node.schema, dialect)
    for rule in _NODE_RULES:
        for violation in rule(node.schema, dialect):
            yield Violation(
                node.place + violation.place,
                violation.rule,
                violation.found,
                violation.advice,
                violation.is_ignored,
            )
    if node.place and node.keyword not in DEFINITIONS:
        for key in DEFINITIONS:
            if key in node.schema:
                yield Violation(
                    (*node.place, key),
                    "definitions",
                    None,
                    f"move the definitions to {dialect.defs_key} at the root",
                )


def _boolean(node: Node, dialect: Dialect) -> Finding:
    is_rest = node.keyword == "additionalProperties"
    if is_rest or (node.schema is True and dialect.untyped == "keep"):
        return
    if node.keyword == "items" and node.schema is False and dialect.tuples == "prefix":
        return
    yield Violation(node.place, "boolean_schema", node.schema, "write the type that is meant")


def _root(schema: JsonObject, dialect: Dialect) -> Finding:
    if dialect.root == "object" and schema.get("type") != "object":
        yield Violation((), "root", schema.get("type"), "wrap the root in an object of one property")


def _keywords(schema: JsonObject, dialect: Dialect) -> Finding:
    for keyword in schema:
        if not _is_taken(keyword, dialect):
            is_ignored = keyword in dialect.ignored
            yield Violation(
                (keyword,),
                "keyword",
                keyword,
                f"rewrite or drop {keyword}; say it in the description",
                is_ignored,
            )


def _is_taken(keyword: str, dialect: Dialect) -> bool:
    """Whether the keyword may stand at all; where it may is left to its own rule."""
    return (
        keyword in STRUCTURE
        or (keyword == dialect.defs_key and dialect.refs == "defs")
        or keyword in dialect.keywords
        or keyword in dialect.annotations
        or (keyword == "oneOf" and dialect.one_of == "keep")
        or (keyword == "allOf" and dialect.all_of == "keep")
        or (keyword == "const" and dialect.const == "keep")
        or (keyword == "prefixItems" and dialect.tuples == "prefix")
    )


def _form(schema: JsonObject, dialect: Dialect) -> Finding:
    """A node is a `$ref`, an `anyOf` or has a `type`, and only one of them."""
    if "$ref" in schema:
        beside = [key for key in schema if key not in ("$ref", *DEFINITIONS, "$def")]
        if beside and not dialect.ref_siblings:
            yield Violation((), "ref_siblings", beside[0], "wrap the $ref in an anyOf of one")
    elif "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
        union = {"anyOf", "oneOf", "allOf"}
        for key in schema:
            if key not in union | dialect.annotations | {dialect.defs_key}:
                yield Violation((key,), "union_siblings", key, f"move {key} into each member")
    elif "type" not in schema and not _may_be_untyped(dialect):
        yield Violation((), "untyped", None, "give the type; for any value, a union of all types")


def _may_be_untyped(dialect: Dialect) -> bool:
    return dialect.untyped == "keep"


def _types(schema: JsonObject, dialect: Dialect) -> Finding:
    if isinstance(schema.get("type"), list) and not dialect.type_lists:
        yield Violation(("type",), "type_list", schema["type"], "write an anyOf of single types")
    names = types_of(schema)
    for name in names:
        if name not in _TYPE_NAMES:
            yield Violation(("type",), "type", name, "use a type of JSON Schema")
    for keyword, types in KEYWORD_TYPES.items():
        if keyword in schema and names and types.isdisjoint(names):
            yield Violation((keyword,), "misplaced", keyword, f"drop {keyword} beside this type")


_TYPE_NAMES: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


def _objects(schema: JsonObject, dialect: Dialect) -> Finding:
    if "object" not in types_of(schema):
        return
    if "properties" not in schema and dialect.maps == "entries":
        yield Violation((), "no_properties", None, "write the map as a list of entries")
    rest = schema.get("additionalProperties")
    if rest is not False and dialect.strict_objects:
        yield Violation((), "open_object", rest, "close it: additionalProperties false")
    elif isinstance(rest, dict) or rest is True:
        yield from _open(rest, dialect)
    if "required" not in schema and dialect.optional == "required":
        yield Violation((), "no_required", None, "list every property as required")
    yield from _keys(schema, dialect)


def _open(rest: JsonValue, dialect: Dialect) -> Finding:
    place = ("additionalProperties",)
    if dialect.maps == "entries":
        yield Violation(place, "open_object", rest, "write the map as a list of entries")
    elif rest is True and dialect.untyped == "union":
        yield Violation(place, "untyped", rest, "give the type of the values")


def _keys(schema: JsonObject, dialect: Dialect) -> Finding:
    properties = schema.get("properties")
    if dialect.key_regex is None or not isinstance(properties, dict):
        return
    for key in properties:
        if not re.search(dialect.key_regex, key):
            yield Violation(("properties", key), "key", key, f"rename it to {dialect.key_regex}")


def _arrays(schema: JsonObject, dialect: Dialect) -> Finding:
    if "array" not in types_of(schema):
        return
    items = schema.get("items")
    if isinstance(items, list):
        yield Violation(("items",), "tuple", None, "write prefixItems or an object")
    elif not isinstance(items, dict) and "prefixItems" not in schema and not _may_be_untyped(dialect):
        yield Violation((), "no_items", items, "give the type of the items")


def _scalars(schema: JsonObject, dialect: Dialect) -> Finding:
    if _may_be_untyped(dialect):
        return
    values = schema.get("enum", [])
    if not isinstance(values, list) or ("enum" in schema and not values):
        yield Violation(("enum",), "enum", values, "list at least one value")
        return
    if "const" in schema:
        values = [*values, schema["const"]]
    for value in values:
        if isinstance(value, dict | list):
            yield Violation(("enum",), "enum", value, "spell the value out as a schema")
        elif "type" in schema and not _is_of(value, types_of(schema)):
            yield Violation(("enum",), "mixed_enum", value, "split the enum by type in an anyOf")


def _is_of(value: JsonValue, types: tuple[str, ...]) -> bool:
    if value is None:
        return "null" in types
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, str):
        return "string" in types
    if isinstance(value, int):
        return "integer" in types or "number" in types
    return "number" in types or (isinstance(value, float) and value.is_integer() and "integer" in types)


def _strings(schema: JsonObject, dialect: Dialect) -> Finding:
    form = schema.get("format")
    if "format" in dialect.keywords and isinstance(form, str) and form not in dialect.formats:
        is_ignored = "format" in dialect.ignored
        yield Violation(("format",), "format", form, "drop it or say it as a pattern", is_ignored)
    has_length = "minLength" in schema or "maxLength" in schema
    is_shaped = "pattern" in schema or "format" in schema
    if has_length and is_shaped and not dialect.length_beside_pattern:
        yield Violation((), "length", None, "drop the length beside pattern or format")


def _pattern(place: Path, schema: JsonObject, dialect: Dialect) -> Finding:
    pattern = schema.get("pattern")
    if "pattern" not in dialect.keywords or not isinstance(pattern, str):
        return
    if not fits_pattern(pattern, dialect.pattern):
        advice = "rewrite it without lookaround, back-references and \\b"
        if dialect.pattern == "anchored":
            advice = "rewrite it as ^...$ with spelled-out classes"
        yield Violation((*place, "pattern"), "pattern", pattern, advice)


def _bounds(schema: JsonObject, dialect: Dialect) -> Finding:
    limits = dialect.limits
    for keyword, limit in (
        ("minLength", limits.string_length),
        ("maxLength", limits.string_length),
        ("minItems", limits.array_items),
        ("maxItems", limits.array_items),
        ("minItems", limits.min_items),
    ):
        value = schema.get(keyword)
        if isinstance(value, int | float) and limit is not None and value > limit:
            yield Violation((keyword,), "bound", value, f"drop it: above {limit}")
    for keyword in _BOUNDS:
        bound = schema.get(keyword)
        if keyword in dialect.keywords and isinstance(bound, int | float) and not -LARGEST <= bound <= LARGEST:
            yield Violation((keyword,), "bound", bound, "drop it: beyond 64 bits")
    if not dialect.number_bounds and "number" in types_of(schema):
        for keyword in _BOUNDS:
            if keyword in schema and keyword in dialect.keywords:
                yield Violation((keyword,), "number_bound", schema[keyword], "drop it", True)


def _enums(schema: JsonObject, dialect: Dialect) -> Finding:
    values = schema.get("enum")
    limit = dialect.limits.enum_each
    if isinstance(values, list) and limit is not None and len(values) > limit:
        yield Violation(("enum",), "enum_each", len(values), f"at most {limit} values in one enum")


_NODE_RULES: Final[tuple[Callable[[JsonObject, Dialect], Finding], ...]] = (
    _keywords,
    _form,
    _types,
    _objects,
    _arrays,
    _scalars,
    _strings,
    _bounds,
    _enums,
)


# What only the whole schema shows ------------------------------------------------------------------------------------


def _beyond(
    nodes: tuple[Node, ...],
    schema: JsonObject | bool,
    dialect: Dialect,
) -> Finding:
    """The rules that compare places: they are not in the meta-schema."""
    for node in nodes:
        if isinstance(node.schema, dict):
            yield from _requirements(node.place, node.schema, dialect)
            yield from _long_enum(node.place, node.schema, dialect)
            yield from _pattern(node.place, node.schema, dialect)
    if isinstance(schema, dict):
        yield from _references(nodes, schema, dialect)
        if dialect.distinct_first_keys:
            yield from _first_keys(nodes, schema, dialect)
    yield from _sizes(schema, dialect)


def _requirements(place: Path, schema: JsonObject, dialect: Dialect) -> Finding:
    properties = schema.get("properties")
    required = schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return
    if dialect.optional == "required":
        for key in properties:
            if key not in required:
                yield Violation(
                    (*place, "properties", key),
                    "optional_property",
                    key,
                    "require it and let its type say that it is absent",
                )
    for name in required:
        if isinstance(name, str) and name not in properties:
            yield Violation((*place, "required"), "undeclared_required", name, "declare the property")


def _long_enum(place: Path, schema: JsonObject, dialect: Dialect) -> Finding:
    values, limits = schema.get("enum"), dialect.limits
    if limits.enum_chars is None or not isinstance(values, list):
        return
    chars = sum(len(value) for value in values if isinstance(value, str))
    if len(values) > limits.enum_chars_from and chars > limits.enum_chars:
        yield Violation(
            (*place, "enum"),
            "enum_chars",
            chars,
            f"at most {limits.enum_chars} characters in an enum of more than {limits.enum_chars_from} values",
        )


def _references(nodes: tuple[Node, ...], root: JsonObject, dialect: Dialect) -> Finding:
    definitions = root.get(dialect.defs_key)
    names = definitions if isinstance(definitions, dict) else {}
    arrows: dict[str, set[str]] = {}
    for node in nodes:
        target = node.schema.get("$ref") if isinstance(node.schema, dict) else None
        if target is None:
            continue
        name = definition_named(target, dialect)
        place = (*node.place, "$ref")
        if name is None or (name and name not in names):
            yield Violation(place, "ref_target", target, f"point to #/{dialect.defs_key}/NAME")
            continue
        is_defined = node.place[:1] == (dialect.defs_key,)
        owner = str(node.place[1]) if is_defined else ""
        arrows.setdefault(owner, set()).add(name)
    if not dialect.recursion:
        for name in sorted(_circular(arrows)):
            place = (dialect.defs_key, name) if name else ()
            yield Violation(place, "recursion", name, "unroll it or carry it as JSON text")


def definition_named(target: JsonValue, dialect: Dialect) -> str | None:
    """The definition that a `$ref` names, "" for the root, None where this dialect cannot follow it."""
    if target == "#":
        return "" if dialect.refs == "defs" and dialect.root_ref else None
    start = f"#/{dialect.defs_key}/"
    if not isinstance(target, str) or not target.startswith(start):
        return None
    name = target[len(start) :]
    is_legal = dialect.refs == "defs" and re.search(DEFINITION_NAME, name)
    return name if is_legal else None


def _circular(arrows: Mapping[str, set[str]]) -> set[str]:
    """The names that lie on a circle: what is left when leaves are taken away from both ends."""
    left = {name: set(to) for name, to in arrows.items()}
    while True:
        targets = {target for to in left.values() for target in to}
        kept = {name: to & left.keys() for name, to in left.items() if to & left.keys() and name in targets}
        if kept == left:
            return set(left)
        left = kept


def _first_keys(nodes: tuple[Node, ...], root: JsonObject, dialect: Dialect) -> Finding:
    for node in nodes:
        members = node.schema.get("anyOf") if isinstance(node.schema, dict) else None
        if not isinstance(members, list):
            continue
        firsts = [_first_key(member, root, dialect) for member in members]
        counts = Counter(first for first in firsts if first is not None)
        for first, count in counts.items():
            if count > 1:
                yield Violation(
                    (*node.place, "anyOf"),
                    "first_keys",
                    first,
                    "let the members begin with different keys",
                )


def _first_key(member: JsonValue, root: JsonObject, dialect: Dialect) -> str | None:
    """The first property of an anyOf member, through references."""
    for _ in range(100):
        if not isinstance(member, dict):
            return None
        if "$ref" not in member:
            properties = member.get("properties")
            return next(iter(properties), None) if isinstance(properties, dict) else None
        name = definition_named(member["$ref"], dialect)
        definitions = root.get(dialect.defs_key)
        if name is None or not isinstance(definitions, dict):
            return None
        member = definitions.get(name) if name else root
    return None


SIZES: Final = (
    "properties",
    "depth",
    "enum_values",
    "name_chars",
    "optional",
    "unions",
)
"""The limits that count over the whole schema, by their names in `Limits`."""


def measure(root: JsonObject | bool) -> dict[str, int]:
    """How large a schema is, by the names of `SIZES`."""
    sizes: dict[str, int] = dict.fromkeys(SIZES, 0)
    for schema, level in levels(root):
        sizes["depth"] = max(sizes["depth"], level)
        if isinstance(schema, dict) and not _SIZED.isdisjoint(schema):
            for name, size in _own_sizes(schema):
                sizes[name] += size
    return sizes


_SIZED: Final = frozenset({"properties", "enum", "const", *DEFINITIONS})


def _own_sizes(schema: JsonObject) -> Iterator[tuple[str, int]]:
    properties, required = schema.get("properties"), schema.get("required")
    if isinstance(properties, dict):
        needed = frozenset(map(str, required)) if isinstance(required, list) else frozenset[str]()
        yield "properties", len(properties)
        yield "name_chars", sum(map(len, properties))
        yield "optional", len(properties.keys() - needed)
        yield "unions", sum(map(is_union, properties.values()))
    for key in DEFINITIONS:
        names = schema.get(key)
        if isinstance(names, dict):
            yield "name_chars", sum(map(len, names))
    values = schema.get("enum")
    listed = [*values] if isinstance(values, list) else []
    if "const" in schema:
        listed.append(schema["const"])
    yield "enum_values", len(listed)
    yield "name_chars", sum(map(_chars, listed))


def is_union(schema: JsonValue) -> bool:
    """Whether a property's schema is a union: anyOf, oneOf or a list of types."""
    if not isinstance(schema, dict):
        return False
    members = schema.get("anyOf", schema.get("oneOf", schema.get("type")))
    return isinstance(members, list) and len(members) > 1


def _chars(value: JsonValue) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value))


def _sizes(schema: JsonObject | bool, dialect: Dialect) -> Finding:
    for name, size in measure(schema).items():
        limit: int | None = getattr(dialect.limits, name)
        if limit is not None and size > limit:
            yield Violation((), name, size, f"at most {limit} in one schema")
