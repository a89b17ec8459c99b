"""A core schema that reads what Pydantic describes in JSON and does not read itself.

Its JSON Schema lists the members of enums and literals by what they are worth; but JSON has no tuple, date or member to
compare with, so Pydantic finds none of them again: `Literal[Colour.RED]`, enums of tuples, dates or bytes, the keys of
`dict[Literal[1], str]`. Here such a place first looks up the member that the JSON stands for, and then asks Pydantic as
ever. Everything else stays the same object; where nothing has to be changed, the schema itself comes back.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, Final, cast

from ..errors import TargetError
from ..vocabulary import JsonValue
from .forms import json_form, key_text

Core = dict[str, Any]
"""A core schema, or what holds some: the field of a model, the parameter of a function."""
_BELOW: Final = (
    "schema", "items_schema", "values_schema", "extras_schema", "lax_schema", "strict_schema", "json_schema",
    "arguments_schema", "var_args_schema", "var_kwargs_schema", "choices", "steps", "definitions", "fields",
)  # fmt: skip
"""Where the schemas lie that a value in JSON comes by."""
_KEYS: Final = ("keys_schema", "extras_keys_schema")
MAPS: Final = frozenset({"dict", "ordered-dict", "frozendict", "counter"})
NESTS: Final = MAPS | {
    *("tuple", "named-tuple", "list", "set", "frozenset", "deque", "generator"),
    *("typed-dict", "dataclass", "model-fields"),
}
"""The kinds of values with parts."""
_NO_TEXT: Final = "None"


def readable(schema: Core) -> Core:
    """The schema that reads what it describes; itself where it does so already.

    Raises `TargetError` for a class whose own `__init__` stands in the way.
    """
    return _Reader(schema).node(schema)


def is_nest(schema: Core) -> bool:
    """Whether a core schema is of values with parts; a root model is what its root is."""
    while schema["type"] not in NESTS:
        if schema["type"] in ("json", "nullable") or not isinstance(schema.get("schema"), dict):
            return False
        schema = schema["schema"]
    return True


class _Reader:
    def __init__(self, root: Core) -> None:
        listed: list[Core] = root.get("definitions", []) if root["type"] == "definitions" else []
        self._named = {one["ref"]: one for one in listed}

    def node(self, schema: Core) -> Core:
        """A schema, readable."""
        kind = schema.get("type")
        made = dict(schema)
        for word in _BELOW:
            if word in made:
                made[word] = self._part(made[word])
        for word in _KEYS:
            if word in made:
                made[word] = self._key(made[word])
        if all(made[word] is schema[word] for word in schema):
            made = schema
        elif kind == "model" and schema.get("custom_init"):
            raise TargetError(
                f"{schema['cls'].__name__} has an __init__ of its own, so its members that JSON cannot say are not "
                "found again; give the fields strings, or do in a validator what __init__ does"
            )
        match kind:
            case "literal":
                return _looked_up(made, made["expected"])
            case "enum":
                return _looked_up(made, made["members"])
            case "tagged-union":
                return _by_json_tags(made)
            case "function-plain" if _is_bytes_pattern(made):
                return _after(_to_bytes, made)
            case _:
                return made

    def _part(self, part: Any) -> Any:
        """What a schema holds: a schema, a list of them, a schema with its label, fields by name."""
        if isinstance(part, dict):
            held = cast("Core", part)
            if isinstance(held.get("type"), str):
                return self.node(held)
            made = {name: self._part(one) for name, one in held.items()}
            return held if all(made[name] is held[name] for name in held) else made
        if isinstance(part, list | tuple):
            items: list[Any] | tuple[Any, ...] = cast("Any", part)
            found = [self._argument(one) for one in items]
            return items if all(map(_is, found, items)) else type(items)(found)
        return part

    def _argument(self, one: Any) -> Any:
        """A schema, or a parameter of a function, which has a schema and no type."""
        if isinstance(one, dict) and "type" not in one and isinstance(cast("Core", one).get("schema"), dict):
            held = cast("Core", one)
            inner = self.node(held["schema"])
            return held if inner is held["schema"] else {**held, "schema": inner}
        return self._part(one)

    def _key(self, schema: Core) -> Core:
        """The schema of a map's keys, which are texts in JSON."""
        kind = schema["type"]
        if is_nest(schema):
            return {"type": "json", "schema": self.node(schema)}
        match kind:
            case "literal":
                return _key_looked_up(schema, schema["expected"])
            case "enum":
                return _key_looked_up(schema, schema["members"])
            case "json":
                return self.node(schema)
            case "none":
                return _after(_to_none, schema)
            case "definition-ref":
                named = self._named.get(schema["schema_ref"])
                found = named and self._key({key: value for key, value in named.items() if key != "ref"})
                return found if found and not _is_same(found, named) else schema
            case "union":
                choices = [self._labelled_key(one) for one in schema["choices"]]
                return schema if all(map(_is, choices, schema["choices"])) else {**schema, "choices": choices}
            case "nullable":
                inner = self._key(schema["schema"])
                made = schema if inner is schema["schema"] else {**schema, "schema": inner}
                return made if _takes_any_text(schema["schema"]) else _after(_to_none, made)
            case _:
                words = ("schema", "json_schema", "lax_schema", "strict_schema")
                made = {word: self._key(schema[word]) for word in words if isinstance(schema.get(word), dict)}
                return schema if all(made[word] is schema[word] for word in made) else {**schema, **made}

    def _labelled_key(self, choice: Any) -> Any:
        if not isinstance(choice, tuple):
            return self._key(choice)
        labelled = cast("tuple[Core, str]", choice)
        made = self._key(labelled[0])
        return labelled if made is labelled[0] else (made, labelled[1])


def _is(one: object, other: object) -> bool:
    return one is other


def _is_same(made: Core, named: Core | None) -> bool:
    """Whether a copy without its name holds the very things that the named one holds."""
    return named is not None and made.keys() == named.keys() - {"ref"} and all(made[key] is named[key] for key in made)


def _takes_any_text(schema: Core) -> bool:
    return schema["type"] in ("str", "any", "bytes")


# What a JSON value stands for -----------------------------------------------------------------------------------------


def _after(function: Callable[[Any], Any], schema: Core) -> Core:
    """The schema behind a function, under the name that the schema had."""
    inner = {key: value for key, value in schema.items() if key != "ref"}
    made: Core = {
        "type": "function-before",
        "function": {"type": "no-info", "function": function},
        "schema": inner,
    }
    return {**made, "ref": schema["ref"]} if "ref" in schema else made


def _looked_up(schema: Core, members: Iterable[object]) -> Core:
    """A literal or an enum that finds its members by their JSON."""
    own = [member for member in members if not _is_read(member, in_enum=schema["type"] == "enum")]
    if not own:
        return schema
    native = {_text(json_form(one)) for one in members if one not in own}
    found = _table(((_text(json_form(member)), member) for member in own), schema)
    return _after(_Lookup({text: one for text, one in found.items() if text not in native}), schema)


def _key_looked_up(schema: Core, members: Iterable[object]) -> Core:
    """The same for the keys of a map."""
    cls = schema.get("cls")
    if isinstance(cls, type) and issubclass(cls, enum.Flag):
        return _after(_to_int, schema)
    if all(isinstance(json_form(one), str) and _is_read(one, in_enum=schema["type"] == "enum") for one in members):
        return schema
    return _after(_KeyLookup(_table(((key_text(json_form(one)), one) for one in members), schema)), schema)


def _table(pairs: Iterator[tuple[str, object]], schema: Core) -> dict[str, object]:
    found: dict[str, object] = {}
    for text, member in pairs:
        if text in found:
            name = getattr(schema.get("cls"), "__name__", "Literal")
            raise TargetError(f"{name}: {found[text]!r} and {member!r} are one in JSON, {text:.80}")
        found[text] = member
    return found


def _is_read(member: object, *, in_enum: bool) -> bool:
    """Whether Pydantic finds a member again: in an enum by its value, in a literal as it is."""
    value: object = member.value if in_enum and isinstance(member, enum.Enum) else member
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, str | int)


def _text(value: JsonValue) -> str:
    """JSON as a key to look it up by: whole numbers as such."""
    return json.dumps(_whole(value), sort_keys=True)


def _whole(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return {key: _whole(one) for key, one in value.items()} if isinstance(value, dict) else value


class _Lookup:
    """A JSON value to the member that it stands for; whatever is none stays as it is."""

    def __init__(self, found: Mapping[str, object]) -> None:
        self._found = found

    def __call__(self, value: Any) -> object:
        try:
            return self._found.get(_text(value), value)
        except (TypeError, ValueError, RecursionError):  # a default, or what another function made: no JSON
            return value


class _KeyLookup(_Lookup):
    """The same for a key, by its text."""

    def __call__(self, value: Any) -> object:
        return self._found.get(value, value) if isinstance(value, str) else value


def _to_none(value: Any) -> object:
    return None if value == _NO_TEXT else value


def _to_int(value: Any) -> object:
    try:
        return int(value) if isinstance(value, str) and len(value) < 100 else value
    except ValueError:
        return value


def _to_bytes(value: Any) -> object:
    return value.encode() if isinstance(value, str) else value


def _is_bytes_pattern(schema: Core) -> bool:
    """Whether it is Pydantic's own reader of `re.Pattern[bytes]`, which takes no text."""
    function: object = schema["function"]["function"]
    return getattr(function, "__name__", "") == "pattern_bytes_validator"


def _by_json_tags(schema: Core) -> Core:
    """A tagged union whose tags are members of enums, by their JSON; a plain union where a tag is no single text."""
    choices: dict[Any, Any] = schema["choices"]
    own = [tag for tag in choices if not _is_read(tag, in_enum=False)]
    if not own or callable(schema["discriminator"]):
        return schema
    forms = {tag: json_form(tag) for tag in own}
    if all(isinstance(form, str | int) for form in forms.values()):
        return {**schema, "choices": {**{forms[tag]: choices[tag] for tag in own}, **choices}}
    named = {key: value for key, value in schema.items() if key in ("ref", "metadata", "strict", "serialization")}
    return {"type": "union", "choices": list({id(one): one for one in choices.values()}.values()), **named}
