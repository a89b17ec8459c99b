"""From a value of a type to the JSON that validates back to it, along the core schema.

By validation aliases, unlike `model_dump`: serializers, computed fields and serialization aliases do not count, and
what is excluded or secret is written. Whether the way back holds is checked by `Target.encode`.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
import inspect
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from math import isfinite
from pathlib import PurePath
from typing import Any, Final, cast
from uuid import UUID

from pydantic import AnyUrl, BaseModel, Secret, SecretBytes, SecretStr
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import (
    MultiHostUrl,
    PydanticSerializationError,
    SchemaError,
    SchemaSerializer,
    Url,
    to_jsonable_python,
)

from ..vocabulary import JsonObject, JsonValue, Path, show_path
from .forms import json_form, key_text, number_name
from .natural import alias_path


class NoForm(ValueError):  # noqa: N818 # an absence, not a fault
    """The value is not of this node's type, or has no JSON form.

    Attributes:
        path: where in the value, in its own names.

    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.path: Path = ()

    def __str__(self) -> str:
        said = super().__str__()
        return f"{show_path(self.path)}: {said}" if self.path else said

    def below(self, step: str | int) -> NoForm:
        """The same seen from one step above."""
        self.path = (step, *self.path)
        return self


_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (float,),
    "bool": (bool,),
    "str": (str,),
    "bytes": (bytes,),
    "none": (type(None),),
    "decimal": (Decimal,),
    "datetime": (datetime,),
    "date": (date,),
    "time": (time,),
    "timedelta": (timedelta,),
    "uuid": (UUID,),
    "complex": (complex,),
    "fraction": (Fraction,),
}
_TEXTS: Final = (
    UUID, Decimal, Fraction, PurePath, Url, MultiHostUrl, AnyUrl, complex,
    IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network,
)  # fmt: skip


NO_NUMBER: Final = (
    "{} is no JSON number; allow it by name: Annotated[float, AllowInfNan(True)] or ser_json_inf_nan='strings'"
)
_NESTS: Final[tuple[type, ...]] = (BaseModel, Mapping, list, set, frozenset)
_SKIP: Final[Any] = SkipJsonSchema
_BYTES: Final[Mapping[str, Callable[[bytes], str]]] = {
    "base64": lambda value: base64.urlsafe_b64encode(value).decode(),
    "hex": bytes.hex,
}
"""How bytes are written, by Pydantic's `val_json_bytes`."""


class Encoder:
    """Writes the values of one type.

    Attributes:
        schema: the type's core schema.
        config: of what is no model, which brings its own.
        omits_unset: leaves out the fields that were not given: absence says a default that is no valid input.
        by_serializers: asks a type's own serializers before anything else.

    """

    def __init__(
        self,
        schema: Any,
        config: Mapping[str, Any] | None = None,
        *,
        omits_unset: bool = False,
        by_serializers: bool = False,
    ) -> None:
        self.schema = schema
        self.omits_unset = omits_unset
        self.by_serializers = by_serializers
        self._refs: dict[str, Any] = {}
        self._config: Mapping[str, Any] = config or {}

    def __call__(self, value: object) -> JsonValue:
        """The value as JSON; `NoForm` where it has none."""
        return self._node(self.schema, value)

    def _node(self, schema: Any, value: object) -> JsonValue:
        kind = schema["type"]
        if kind in _TYPES:
            return self._float(schema, value) if kind == "float" else self._leaf(kind, value)
        writer = getattr(self, "_" + kind.replace("-", "_"), None)
        if writer is not None:
            return cast("JsonValue", writer(schema, value))
        if "schema" in schema:
            return self._through(schema, value)
        if "serialization" not in schema:
            return self.plain(value)
        ways: list[Callable[[object], JsonValue]] = [self.plain, partial(_serialized, schema)]
        return _first_way(reversed(ways) if self.by_serializers else ways, value)

    def _through(self, schema: Any, value: object) -> JsonValue:
        """A function around a schema: what its own serializer says where it has one, else what the inside says.

        Before a function that only prepares, the inside is what the schema shows.
        """
        prepares = schema["type"] == "function-before" and "json_schema_input_schema" not in schema
        if "serialization" in schema:
            ways: list[Callable[[object], JsonValue]] = [partial(_serialized, schema)]
            if prepares and not self.by_serializers:
                ways.insert(0, partial(self._node, schema["schema"]))
            try:
                return _first_way(ways, value)
            except NoForm:
                pass
        try:
            return self._node(schema["schema"], value)
        except NoForm:
            if isinstance(value, BaseModel | Mapping | list | tuple):
                raise
            return self.plain(value)

    def _float(self, schema: Any, value: object) -> JsonValue:
        """A number; what is none by its name, where the schema has names for it."""
        is_named = schema.get("allow_inf_nan") is True or self._config.get("ser_json_inf_nan") == "strings"
        if is_named and isinstance(value, float) and not isfinite(value):
            return number_name(value)
        made = self._leaf("float", value)
        if isinstance(made, float) and not isfinite(made):
            raise NoForm(NO_NUMBER.format(made))
        return made

    def _leaf(self, kind: str, value: object) -> JsonValue:
        if not isinstance(value, _TYPES[kind]):
            if kind == "float" and isinstance(value, int) and not isinstance(value, bool):
                return value
            raise NoForm(f"{value!r:.80} is no {kind}")
        is_other = (kind == "int" and isinstance(value, bool)) or (kind == "date" and isinstance(value, datetime))
        if is_other:
            raise NoForm(f"{value!r:.80} is no {kind}")
        return self.plain(value)

    def plain(self, value: object) -> JsonValue:
        """A value by its own type."""
        match value:
            case enum.Enum():
                return json_form(value)
            case None | bool():
                return value
            case int():
                return int(value)
            case float():
                if not isfinite(value):
                    raise NoForm(NO_NUMBER.format(value))
                return float(value)
            case str():
                return str(value)
            case bytes():
                return self._bytes(value)
            case datetime() | date() | time():
                return value.isoformat()
            case timedelta():
                return duration(value)
            case SecretStr() | SecretBytes() | Secret():
                return self.plain(cast("Any", value).get_secret_value())
            case re.Pattern():
                return self.plain(cast("Any", value).pattern)
            case BaseModel():
                return Encoder(type(value).__pydantic_core_schema__)(value)
            case Mapping():
                items = cast("Mapping[object, object]", value).items()
                return {self._key(None, key): self.plain(item) for key, item in items}
            case list() | tuple() | AbstractSet():
                return [self.plain(item) for item in cast("Iterable[object]", value)]
            case _:
                return self._other(value)

    def _other(self, value: object) -> JsonValue:
        if isinstance(value, _TEXTS):
            return str(value).strip("()") if isinstance(value, complex) else str(value)
        if isinstance(value, os.PathLike):
            return os.fspath(cast("os.PathLike[str]", value))
        own = getattr(type(value), "__pydantic_core_schema__", None)
        if own is not None:
            return Encoder(own)(value)
        if dataclasses.is_dataclass(value):
            return {field.name: self.plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        try:
            return cast("JsonValue", to_jsonable_python(value))
        except (PydanticSerializationError, ValueError) as error:
            raise NoForm(f"{value!r:.80} has no JSON form") from error

    def _bytes(self, value: bytes) -> str:
        written = _BYTES.get(self._config.get("val_json_bytes", ""))
        if written is not None:
            return written(value)
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise NoForm(f"{value!r:.80} is no UTF-8; use Base64Bytes or val_json_bytes") from error

    def _at(self, step: str | int, schema: Any, value: object) -> JsonValue:
        """A part of a value; where it has no form, the error says which part."""
        try:
            return self._node(schema, value)
        except NoForm as error:
            raise error.below(step) from error.__cause__

    # Wrappers ---------------------------------------------------------------------------------------------------------

    def _definitions(self, schema: Any, value: object) -> JsonValue:
        self._refs.update((one["ref"], one) for one in schema["definitions"])
        return self._node(schema["schema"], value)

    def _definition_ref(self, schema: Any, value: object) -> JsonValue:
        return self._node(self._refs[schema["schema_ref"]], value)

    def _nullable(self, schema: Any, value: object) -> JsonValue:
        return None if value is None else self._node(schema["schema"], value)

    def _default(self, schema: Any, value: object) -> JsonValue:
        return self._node(schema["schema"], value)

    def _json_or_python(self, schema: Any, value: object) -> JsonValue:
        if "serialization" in schema and not issubclass(type(value), _NESTS):
            for write in (self.plain, partial(_serialized, schema)):
                try:
                    return write(value)
                except NoForm:
                    pass
        return self._first((schema["json_schema"], schema["python_schema"]), value)

    def _lax_or_strict(self, schema: Any, value: object) -> JsonValue:
        return self._first((schema["strict_schema"], schema["lax_schema"]), value)

    def _chain(self, schema: Any, value: object) -> JsonValue:
        return self._first(schema["steps"], value)

    def _union(self, schema: Any, value: object) -> JsonValue:
        choices: list[Any] = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
        return self._first(choices, value)

    def _tagged_union(self, schema: Any, value: object) -> JsonValue:
        return self._first([one for one in schema["choices"].values() if isinstance(one, dict)], value)

    def _first(self, choices: Iterable[Any], value: object) -> JsonValue:
        found = NoForm(f"{value!r:.80} fits no member of the union")
        for choice in choices:
            try:
                return self._node(choice, value)
            except NoForm as error:
                found = error
        raise found

    def _json(self, schema: Any, value: object) -> JsonValue:
        inner = self._node(schema["schema"], value) if "schema" in schema else self.plain(value)
        return json.dumps(inner, ensure_ascii=False)

    def _literal(self, schema: Any, value: object) -> JsonValue:
        if any(type(one) is type(value) and one == value for one in schema["expected"]):
            return json_form(value)
        raise NoForm(f"{value!r:.80} is none of the literals")

    def _enum(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, schema["cls"]):
            raise NoForm(f"{value!r:.80} is no {schema['cls'].__name__}")
        return json_form(value)

    def _callable(self, _schema: Any, value: object) -> JsonValue:
        raise NoForm(f"{value!r:.80} is a class or a callable, which has no JSON form")

    _is_subclass = _callable

    def _is_instance(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, schema["cls"]):
            raise NoForm(f"{value!r:.80} is no {schema['cls']}")
        return self.plain(value)

    # Containers -------------------------------------------------------------------------------------------------------

    def _list(self, schema: Any, value: object) -> JsonValue:
        if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
            raise NoForm(f"{value!r:.80} is no list")
        items = schema.get("items_schema", {"type": "any"})
        return [self._at(index, items, item) for index, item in enumerate(cast("Iterable[object]", value))]

    _set = _frozenset = _deque = _list

    def _tuple(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, tuple):
            raise NoForm(f"{value!r:.80} is no tuple")
        items = cast("tuple[object, ...]", value)
        schemas, rest = list(schema["items_schema"]), schema.get("variadic_item_index")
        if rest is not None:
            schemas[rest : rest + 1] = [schemas[rest]] * (len(items) - len(schemas) + 1)
        if len(schemas) != len(items):
            raise NoForm(f"{value!r:.80} has not {len(schemas)} items")
        return [self._at(index, one, item) for index, (one, item) in enumerate(zip(schemas, items, strict=True))]

    def _dict(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, Mapping):
            raise NoForm(f"{value!r:.80} is no map")
        keys, values = schema.get("keys_schema"), schema.get("values_schema", {"type": "any"})
        items = cast("Mapping[object, object]", value).items()
        made = {text: self._at(text, values, item) for key, item in items for text in [self._key(keys, key)]}
        if len(made) < len(items):
            raise NoForm(f"{value!r:.80} has keys that are one in JSON")
        return made

    _ordered_dict = _frozendict = _dict

    def _key(self, schema: Any, key: object) -> str:
        return key_text(self.plain(key) if schema is None else self._node(schema, key))

    # Records ----------------------------------------------------------------------------------------------------------

    def _model(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, schema["cls"]):
            raise NoForm(f"{value!r:.80} is no {schema['cls'].__name__}")
        before, self._config = self._config, schema.get("config", {})
        try:
            inner = cast("Any", value).root if schema.get("root_model") else value
            return self._node(schema["schema"], inner)
        finally:
            self._config = before

    _dataclass = _model

    def _model_fields(self, schema: Any, value: object) -> JsonValue:
        held: dict[str, object] = dict(vars(value))
        if self.omits_unset:
            given: Any = getattr(value, "__pydantic_fields_set__", held)
            held = {name: item for name, item in held.items() if name in given}
        made: JsonObject = {}
        for name, field in schema["fields"].items():
            if name in held:
                self._field(made, name, field, held[name])
        extras: Any = getattr(value, "__pydantic_extra__", None) or {}
        return made | {key: self._at(key, schema.get("extras_schema", {"type": "any"}), extras[key]) for key in extras}

    def _dataclass_args(self, schema: Any, value: object) -> JsonValue:
        made: JsonObject = {}
        for field in schema["fields"]:
            if field.get("init", True) and hasattr(value, field["name"]):
                self._field(made, field["name"], field, getattr(value, field["name"]))
        return made

    def _typed_dict(self, schema: Any, value: object) -> JsonValue:
        if not isinstance(value, dict):
            raise NoForm(f"{value!r:.80} is no dict")
        before, self._config = self._config, schema.get("config", {})
        try:
            return self._typed_keys(schema, cast("dict[str, object]", value))
        finally:
            self._config = before

    def _typed_keys(self, schema: Any, held: dict[str, object]) -> JsonObject:
        made: JsonObject = {}
        for name, field in schema["fields"].items():
            if name in held:
                self._field(made, name, field, held[name])
            elif field.get("required", schema.get("total", True)) and field["schema"]["type"] != "default":
                raise NoForm(f"{held!r:.80} lacks {name!r}")
        for key in held.keys() - schema["fields"].keys():
            if schema.get("extra_behavior", "ignore") != "allow" and not _allows(schema):
                raise NoForm(f"{key!r} is no key of this type")
        extras = [key for key in held if key not in schema["fields"]]
        return made | {key: self._at(key, schema.get("extras_schema", {"type": "any"}), held[key]) for key in extras}

    def _field(self, made: JsonObject, name: str, field: Any, value: object) -> None:
        schema = field["schema"]
        if _is_hidden(schema):
            if schema["type"] == "default" and _is_default(schema, value):
                return
            raise NoForm(f"{name!r} is hidden from the schema and is not at its default")
        try:
            wire = self._at(name, schema, value)
        except NoForm:
            if schema["type"] == "default" and _is_default(schema, value):
                return  # a default that is no valid input, or that JSON has no word for: absence says it
            raise
        alias = name if self._config.get("validate_by_alias") is False else field.get("validation_alias", name)
        path = alias_path(alias)
        if path is not None:
            _place(made, path, wire)
        elif isinstance(alias, str):
            made[alias] = wire
        else:
            flat: list[list[Any]] = [one if isinstance(one, list) else [one] for one in alias]
            made[next(one[0] for one in flat if len(one) == 1)] = wire

    def _named_tuple(self, schema: Any, value: object) -> JsonValue:
        """A named tuple as Pydantic 2.14 tells it; the releases before it tell a call."""
        if not isinstance(value, schema["cls"]):
            raise NoForm(f"{value!r:.80} is no {schema['cls'].__name__}")
        items = zip(schema["fields"], cast("tuple[object, ...]", value), strict=True)
        return [self._node(one["schema"], item) for one, item in items]

    def _call(self, schema: Any, value: object) -> JsonValue:
        arguments = schema["arguments_schema"]
        if arguments["type"] != "arguments" or not isinstance(value, tuple):
            return self.plain(value)
        function: Any = schema.get("function")
        if inspect.isclass(function) and type(cast("object", value)) is not function:
            raise NoForm(f"{value!r:.80} is no {function.__name__}")
        items = zip(arguments["arguments_schema"], cast("tuple[object, ...]", value), strict=True)
        return [self._node(one["schema"], item) for one, item in items]


def _first_way(ways: Iterable[Callable[[object], JsonValue]], value: object) -> JsonValue:
    """What the first way that has a form makes of the value."""
    found = NoForm(f"{value!r:.80} has no JSON form")
    for write in ways:
        try:
            return write(value)
        except NoForm as error:
            found = error
    raise found


def _is_hidden(schema: Any) -> bool:
    """Whether a field's schema is kept out of the JSON Schema by Pydantic's `SkipJsonSchema`."""
    inner: Any = schema["schema"] if schema["type"] == "default" else schema
    metadata: dict[str, Any] = inner.get("metadata") or {}
    functions: Iterable[object] = metadata.get("pydantic_js_annotation_functions", ())
    return any(type(getattr(function, "__self__", None)) is _SKIP for function in functions)


def _serialized(schema: Any, value: object) -> JsonValue:
    """What the schema's own serializer makes of a value."""
    try:
        return cast("JsonValue", SchemaSerializer(schema).to_python(value, mode="json"))
    except (PydanticSerializationError, SchemaError, ValueError, TypeError, AttributeError) as error:
        raise NoForm(f"{value!r:.80} has no JSON form: {error}") from error


def _allows(schema: Any) -> bool:
    return bool(schema.get("config", {}).get("extra_fields_behavior") == "allow")


def _is_default(schema: Any, value: object) -> bool:
    if "default" in schema:
        return value is schema["default"] or value == schema["default"]
    factory: Callable[[], object] | None = schema.get("default_factory")
    return factory is not None and not schema.get("default_factory_takes_data") and factory() == value


def _place(node: JsonValue, path: list[str | int], value: JsonValue) -> None:
    """Put a value at the end of a path, opening objects and lists on the way."""
    for step, after in zip(path, [*path[1:], None], strict=True):
        fresh: JsonValue = value if after is None else ([] if isinstance(after, int) else {})
        if isinstance(step, int) and isinstance(node, list):
            node.extend([None] * (step + 1 - len(node)))
            if node[step] is None:
                node[step] = fresh
            node = node[step]
        elif isinstance(node, dict):
            node = node.setdefault(str(step), fresh)


def duration(value: timedelta) -> str:
    """A duration in ISO 8601, exact to the microsecond, as Pydantic reads it."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    seconds, micros = value.seconds, value.microseconds
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    clock = f"T{seconds}{fraction}S" if seconds or micros or not value.days else ""
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{clock}"
