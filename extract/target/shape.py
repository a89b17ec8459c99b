"""What may stand at each position of a target, for values that arrive one position after another.

A `Shape` answers from the natural schema and the type's own core schema: what lies below, whether a text may be shown
while it grows, and whether a complete value is valid there by its own type. Nothing here repairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal, cast

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, SchemaError, SchemaValidator, to_json

from ..vocabulary import JsonObject, JsonValue
from .codec import leaf_cost
from .compile import Target
from .invalid import TRIPPED
from .lower import below, opened
from .natural import alias_path

JOINS: Final = ("anyOf", "oneOf", "allOf", "$ref")
FORMS: Final = ("enum", "const", "format", "pattern", "contentEncoding", "contentMediaType")
INSIDE: Final = ("schema", "json_schema", "strict_schema")
FREE: Final = frozenset({"any", "str", "int", "float", "bool", "none", "type", "metadata", "serialization", "ref"})
"""Core schemas that hold no other key say no more than the JSON type does."""
RECORDS: Final = frozenset({"model", "dataclass", "typed-dict"})


class Core:
    """A node of a core schema, with the definitions and the configuration that hold there."""

    __slots__ = ("config", "node", "refs")

    def __init__(self, node: Any, refs: dict[str, Any], config: Any) -> None:
        self.node, self.refs, self.config = node, refs, config

    def inside(self) -> Iterator[Core]:
        """The node and what it wraps, outermost first, down to what has members."""
        here: Core | None = self
        while here is not None:
            yield here
            here = here.unwrapped()

    def unwrapped(self) -> Core | None:
        """What the node wraps; None where it has members itself, or several choices."""
        node, kind = self.node, self.node["type"]
        if kind == "definitions":
            return Core(node["schema"], self.refs | {one["ref"]: one for one in node["definitions"]}, self.config)
        if kind == "definition-ref":
            found = self.refs.get(node["schema_ref"])
            return None if found is None else Core(found, self.refs, self.config)
        if kind in ("model", "dataclass"):
            return Core(node["schema"], self.refs, node.get("config", self.config))
        if kind in ("union", "tagged-union"):
            return self.only_choice()
        found = next((node[key] for key in INSIDE if isinstance(node.get(key), dict)), None)
        return None if found is None else Core(found, self.refs, self.config)

    def only_choice(self) -> Core | None:
        """The only choice of a union that may have members."""
        choices: Any = self.node["choices"]
        nodes: list[Any] = list(cast("dict[str, Any]", choices).values() if isinstance(choices, dict) else choices)
        cores = [Core(node[0] if isinstance(node, tuple) else node, self.refs, self.config) for node in nodes]
        deep = [core for core in cores if any(inner.node["type"] in _MEMBERS for inner in core.inside())]
        return deep[0] if len(deep) == 1 else None

    def child(self, step: str | int) -> Core | None:
        """The node one step below; None where that cannot be told."""
        for here in self.inside():
            node = here.node
            match node["type"]:
                case "model-fields" | "typed-dict" | "dataclass-args":
                    found = _field(node["fields"], step)
                case "list" | "set" | "frozenset" | "deque" | "generator":
                    found = node.get("items_schema")
                case "tuple":
                    items, variadic = node["items_schema"], node.get("variadic_item_index")
                    is_plain = isinstance(step, int) and step < (len(items) if variadic is None else variadic)
                    found = items[step] if is_plain else (items[variadic] if variadic == len(items) - 1 else None)
                case "named-tuple":
                    fields = node["fields"]
                    found = fields[step]["schema"] if isinstance(step, int) and step < len(fields) else None
                case "dict" | "ordered-dict" | "frozendict":
                    found = node.get("values_schema")
                case _:
                    continue
            return None if found is None else Core(found, here.refs, here.config)
        return None

    def is_flat(self) -> bool:
        """Whether this is a model of plain single values that says nothing of its own: it is as valid as they are."""
        for here in self.inside():
            node = here.node
            match node["type"]:
                case "definitions" | "definition-ref":
                    continue
                case "model":
                    config: dict[str, Any] = node.get("config", {})
                    if any(node.get(key) for key in OWN_WAYS) or not config.keys() <= PLAIN_CONFIG:
                        return False
                case "model-fields":
                    return all(map(_is_plain, node["fields"].values()))
                case _:
                    return False
        return False

    def validator(self) -> SchemaValidator | None:
        """A validator of this node alone; None where the JSON type says it all, or none can be made."""
        if self.node.keys() <= FREE and self.node["type"] in FREE:
            return None
        schema: Any = self.node
        if self.refs:
            schema = {"type": "definitions", "schema": schema, "definitions": list(self.refs.values())}
        try:
            return SchemaValidator(schema, self.config)
        except SchemaError:
            return None


OWN_WAYS: Final = ("custom_init", "post_init", "root_model", "strict")
PLAIN_CONFIG: Final = frozenset({"title", "extra_fields_behavior"})
"""What a model's configuration may hold without a say in whether its single values are valid."""


def _is_plain(field: Any) -> bool:
    """Whether a field takes every value of its JSON type."""
    node = field["schema"]
    while node["type"] in ("default", "nullable"):
        node = node["schema"]
    return node["type"] in ("str", "int", "float", "bool") and node.keys() <= FREE


_MEMBERS: Final = frozenset(
    [
        *("model-fields", "typed-dict", "dataclass-args", "list", "set", "frozenset", "deque", "generator", "tuple"),
        *("named-tuple", "dict", "ordered-dict", "frozendict"),
    ]
)


def _field(fields: Any, step: str | int) -> Any:
    """The schema of the field that a key of the JSON belongs to."""
    for name, field in cast("dict[str, Any]", fields).items() if isinstance(fields, dict) else map(_named, fields):
        if step in _names(field, name):
            return field["schema"]
    return None


def _named(field: Any) -> tuple[str, Any]:
    return field["name"], field


def _names(field: Any, name: str) -> list[Any]:
    alias = field.get("validation_alias")
    if alias is None:
        return [name]
    if isinstance(alias, str):
        return [alias]
    if alias_path(alias) is not None:
        return []  # the value comes from deeper down: what stands there is the whole's business
    choices: list[Any] = alias if isinstance(alias[0], list) else [alias]
    return [path[0] for path in choices if len(path) == 1]


class Shape:
    """One position of a target.

    Attributes:
        grows: whether a text may be shown there before it is complete: no enum, format or pattern tells what it must be.
        plain: Python's types of which every value is valid there.
        known_notes: what `notes` found before.

    """

    __slots__ = (
        "_below",
        "_branches",
        "_core",
        "_is_ready",
        "_leaves",
        "_owns",
        "_places",
        "_plain",
        "_required",
        "_root",
        "_validator",
        "grows",
        "known_notes",
    )

    def __init__(self, root: JsonObject, schemas: list[JsonObject], core: Core | None) -> None:
        self._root = root
        self._core = core
        self._branches = opened(schemas, root)
        self._places = 64 if any("prefixItems" in one for one in self._branches) else 0  # beyond them items are alike
        self._below: dict[str | int, Shape | None] = {}
        self._validator: SchemaValidator | None = None
        self._is_ready = False
        self.known_notes: dict[str | int, dict[type, Literal["leaf", "text"]]] = {}
        self._plain: frozenset[type] | None = None
        is_record = core is not None and any(inner.node["type"] in RECORDS for inner in core.inside())
        self._owns = is_record and core is not None and not core.is_flat()
        objects = [one for one in self._branches if one.get("type") == "object"]
        self._required = [_required(one) for one in objects]
        self._leaves = [one for one in self._branches if not any(word in one for word in JOINS)]
        texts = [one for one in self._leaves if _may_be_text(one)]
        self.grows = bool(texts) and not any(form in one for one in texts for form in FORMS)

    def child(self, step: str | int) -> Shape | None:
        """The position one step below; None where the type knows none."""
        key = step if isinstance(step, str) else min(step, self._places)
        if key not in self._below:
            if len(self._below) > 512:  # keys of a map
                self._below.clear()
            self._below[key] = self._child(key)
        return self._below[key]

    def _child(self, step: str | int) -> Shape | None:
        found = [schema for branch in self._branches for schema in below(branch, step)]
        if not found:
            is_open = not self._branches or any(not branch.keys() - _SAID for branch in self._branches)
            return ANYTHING if is_open else None
        return Shape(self._root, found, None if self._core is None else self._core.child(step))

    def is_valid(self, value: JsonValue, context: object = None) -> bool:
        """Whether a single value is valid here, by JSON type and by its own type."""
        return any(leaf_cost(one, value) == 0 for one in self._leaves) and self._is_taken(value, context)

    def is_complete(self, value: JsonValue, context: object = None) -> bool:
        """Whether an object or a list whose members are valid is valid here as a whole, where it has a type of its own."""
        if isinstance(value, dict) and self._required and not any(map(value.keys().__ge__, self._required)):
            return False
        return not self._owns or self._is_taken(value, context)

    def notes(self, step: str | int) -> dict[type, Literal["leaf", "text"]]:
        """How a single value of a type is shown a step below, for the types of which every value is valid there.

        As a text that may grow, or as a value that comes whole; empty where each value must be looked at.
        """
        key = step if isinstance(step, str) else min(step, self._places)
        found = self.known_notes.get(key)
        if found is None:
            if len(self.known_notes) > 512:  # keys of a map
                self.known_notes.clear()
            inner = self.child(key)
            found = {} if inner is None else inner.noted
            self.known_notes[key] = found
        return found

    @property
    def noted(self) -> dict[type, Literal["leaf", "text"]]:
        """How a valid value of each of the plain types is shown here."""
        return {kind: "text" if kind is str and self.grows else "leaf" for kind in self.plain}

    @property
    def plain(self) -> frozenset[type]:
        """Python's types of which every value is valid there."""
        if self._plain is None:
            free = [one for one in self._leaves if one.keys() <= TYPE_ALONE] if self._own_validator() is None else []
            self._plain = frozenset(kind for one in free for kind in _kinds(one.get("type")))
        return self._plain

    def _own_validator(self) -> SchemaValidator | None:
        if not self._is_ready:
            self._validator = None if self._core is None else self._core.validator()
            self._is_ready = True
        return self._validator

    def _is_taken(self, value: JsonValue, context: object) -> bool:
        validator = self._own_validator()
        if validator is None:
            return True
        try:
            validator.validate_json(to_json(value), context=context)
        except (ValidationError, PydanticSerializationError, UnicodeEncodeError, *TRIPPED):
            return False
        return True


_SAID: Final = frozenset({"title", "description", "default"})


def _may_be_text(schema: JsonObject) -> bool:
    kind = schema.get("type")
    return kind is None or kind == "string" or (isinstance(kind, list) and "string" in kind)


TYPE_ALONE: Final = _SAID | {"type"}
"""Keys of a schema that says no more than a type."""
KINDS: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip


def _kinds(kind: JsonValue) -> Iterator[type]:
    """Python's types for the single values of a JSON type; all where none is named."""
    names = KINDS if kind is None else kind if isinstance(kind, list) else [kind]
    for name in names:
        yield from KINDS.get(str(name), ())


def _required(schema: JsonObject) -> frozenset[str]:
    wanted = schema.get("required")
    return frozenset(map(str, wanted)) if isinstance(wanted, list) else frozenset()


ANYTHING: Final = Shape({}, [{}], None)
"""Where any value may stand."""


def shape_of(target: Target[Any]) -> Shape:
    """The root of a target; made once, kept with the target."""
    known = target.lowerings.get(Shape)
    if known is None:
        core = target.core_schema
        known = Shape(target.schema, [target.schema], None if core is None else Core(core, {}, None))
        target.lowerings[Shape] = known
    return cast("Shape", known)
