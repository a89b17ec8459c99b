"""The natural JSON Schema of a Python type: Pydantic's own, corrected where it is wrong or loose.

Validation mode, by alias. Corrected: paths in aliases, flags, keys of maps that are no strings, bounds of dates, bytes
that are written in base 64 or 16, complex numbers, tags that must stand although they have a default. Functions that
validate are named under `CHECKS`, so that lowering can say that no schema holds them.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Final, cast

from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, JsonSchemaWarningKind
from pydantic_core import PydanticOmit, PydanticSerializationError, core_schema, to_jsonable_python

from ..vocabulary import JsonObject
from .forms import json_form, key_text
from .loss import sentences
from .nodes import walk

CHECKS: Final = "x-validators"
"""Our own keyword: the names of the functions that check a value beyond its schema; never sent."""
UNSAID_FIELDS: Final = "x-unsaid"
"""Our own keyword: the fields of an object that JSON cannot say, so that they are always at their default; never sent."""
_BYTES: Final = {
    "base64": "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]==|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]=)?$",
    "hex": "^([0-9a-fA-F]{2})*$",
}
_REAL: Final = "(inf|nan|[0-9]+([.][0-9]+)?(e[+-]?[0-9]{1,3})?)"
_COMPLEX: Final = f"^-?{_REAL}(j|[+-]{_REAL}j)?$"
_PLAIN_DEFAULTS: Final = (str, bool, int, type(None))
INTEGER_KEY: Final = "^-?[0-9]+$"
NUMBER_KEY: Final = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_KEY_WORDS: Final = {"boolean": ["true", "false"], "null": [key_text(None)]}
BOUNDS: Final = {
    "ge": "formatMinimum",
    "le": "formatMaximum",
    "gt": "formatExclusiveMinimum",
    "lt": "formatExclusiveMaximum",
}
"""Pydantic's bounds by the keywords of ajv-formats, which nobody enforces but readers know."""

NOW: Final = "now"
"""The bound of dates that must lie in the past or in the future."""


class NaturalSchema(GenerateJsonSchema):
    """Pydantic's generator with its errors corrected."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012 # Pydantic reads it as it is
        "skipped-choice",
        "non-serializable-default",
    }

    def generate(self, schema: core_schema.CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        """The schema; in a union told apart by a tag, each member with its tag required, whatever its default."""
        made = super().generate(schema, mode)
        for node in walk(made):
            if isinstance(node.schema, dict) and "discriminator" in node.schema:
                _require_tags(node.schema, made)
        return made

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        """As Pydantic has it, and the name of what it checks without saying so."""
        made = super().generate_inner(schema)
        is_checked = schema["type"] in ("function-plain", "function-before", "function-after")
        name = getattr(schema["function"]["function"], "__qualname__", "") if is_checked else ""
        return {**made, CHECKS: [name.partition(".")[0]]} if name in _UNSEEN else made

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """A number, or its digits as text: only text keeps every digit everywhere."""
        made = super().decimal_schema(schema)
        for member in made.get("anyOf", []):
            if member.get("type") == "string":
                member.pop("pattern", None)
                member["format"] = "decimal"
        return made

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        """A number, and the names of what is none where that is asked for by name."""
        made = super().float_schema(schema)
        if schema.get("allow_inf_nan") is not True and getattr(self._config, "ser_json_inf_nan", "") != "strings":
            return made
        return {"anyOf": [made, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Any of the members where a function tells them apart: their schemas need not bar each other."""
        made = super().tagged_union_schema(schema)
        function: object = schema["discriminator"]
        if not callable(function) or "oneOf" not in made:
            return made
        members = made.pop("oneOf")
        return {**made, "anyOf": members, CHECKS: [getattr(function, "__name__", type(function).__name__)]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """The values as JSON has them."""
        return super().literal_schema({**schema, "expected": [json_form(one) for one in schema["expected"]]})

    def is_subclass_schema(self, schema: core_schema.IsSubclassSchema) -> JsonSchemaValue:
        """Of a class there is no JSON."""
        return self.handle_invalid_for_json_schema(schema, "a class")

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        """The values as JSON has them; of flags, every sum of them."""
        members: list[Any] = [SimpleNamespace(value=json_form(member)) for member in schema["members"]]
        made = super().enum_schema({**schema, "members": members})
        if issubclass(schema["cls"], enum.Flag):
            made.pop("enum", None)
            total = 0
            for member in schema["members"]:
                total |= member.value
            words = ", ".join(f"{member.value} {member.name}" for member in schema["members"])
            text = made.get("description", "")
            made |= {
                "type": "integer",
                "minimum": 0,
                "maximum": total,
                "description": sentences(text, f"Sum of: {words}."),
            }
            if total & (total + 1):  # not every number up to the sum of all is a sum
                made[CHECKS] = [schema["cls"].__name__]
        elif made.get("type") == "array":
            made.pop("type")
        return made

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        """Text, or the digits of base 64 or 16 where bytes are read from those."""
        made = super().bytes_schema(schema)
        form: Any = getattr(self._config, "val_json_bytes", None)
        if form not in _BYTES:
            return made
        return {
            "type": "string",
            "pattern": _BYTES[form],
            "contentEncoding": "base64url" if form == "base64" else "base16",
        }

    def complex_schema(self, schema: core_schema.ComplexSchema) -> JsonSchemaValue:
        """A complex number as Python writes it, without parentheses."""
        return {**super().complex_schema(schema), "pattern": _COMPLEX}

    def encode_default(self, dft: Any) -> Any:
        """The default as JSON: what is JSON already needs no serializer of its own; what JSON cannot say is left out."""
        if type(dft) in _PLAIN_DEFAULTS:
            return dft
        made = super().encode_default(dft)
        try:
            json.dumps(made, allow_nan=False)
        except ValueError as error:
            raise PydanticSerializationError(str(error)) from error
        return made

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """The fields; a `__post_init__` that may refuse them is named."""
        made = super().dataclass_schema(schema)
        return {**made, CHECKS: [*made.get(CHECKS, []), "__post_init__"]} if schema.get("post_init") else made

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """The inner schema, the function named."""
        return _checked(super().function_before_schema(schema), schema)

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> JsonSchemaValue:
        """The inner schema, the function named."""
        return _checked(super().function_after_schema(schema), schema)

    def function_wrap_schema(self, schema: core_schema.WrapValidatorFunctionSchema) -> JsonSchemaValue:
        """The inner schema, the function named."""
        return _checked(super().function_wrap_schema(schema), schema)

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> JsonSchemaValue:
        """The schema of what the function takes, the function named."""
        return _checked(super().function_plain_schema(schema), schema)

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        """A date with its bounds."""
        return {"type": "string", "format": "date", **_time_bounds(schema)}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        """A date and time with its bounds."""
        return {"type": "string", "format": "date-time", **_time_bounds(schema)}

    def time_schema(self, schema: core_schema.TimeSchema) -> JsonSchemaValue:
        """A time with its bounds."""
        return {"type": "string", "format": "time", **_time_bounds(schema)}

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        """A duration as text, however it is serialized: validation takes it."""
        return {"type": "string", "format": "duration", **_time_bounds(schema)}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A map; its keys in `propertyNames`, as the texts that JSON has."""
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else True
        made: JsonSchemaValue = {"type": "object", "additionalProperties": values or True}
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        if named := _key_names(self._opened(keys)):
            made["propertyNames"] = named
        for ours, theirs in (("min_length", "minProperties"), ("max_length", "maxProperties")):
            if ours in schema:
                made[theirs] = schema[ours]  # type: ignore[literal-required] # one of the two names above
        return made

    def ordered_dict_schema(self, schema: core_schema.OrderedDictSchema) -> JsonSchemaValue:
        """As of every map."""
        return self.dict_schema(cast("core_schema.DictSchema", schema))

    def frozendict_schema(self, schema: core_schema.FrozenDictSchema) -> JsonSchemaValue:
        """As of every map."""
        return self.dict_schema(cast("core_schema.DictSchema", schema))

    def counter_schema(self, schema: core_schema.CounterSchema) -> JsonSchemaValue:
        """A map of counts; its keys in `propertyNames`, as those of every map."""
        made = super().counter_schema(schema)
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        if named := _key_names(self._opened(keys)):
            made["propertyNames"] = named
        return made

    def _opened(self, keys: JsonSchemaValue) -> JsonSchemaValue:
        """The schema of keys with what it names in place."""
        made = self.resolve_ref_schema(keys) if "$ref" in keys else keys
        return {**made, "anyOf": [self._opened(one) for one in made["anyOf"]]} if "anyOf" in made else made

    def _get_alias_name(self, field: Any, name: str) -> str:
        return super()._get_alias_name(field, name) if self._reads_aliases() else name

    def _reads_aliases(self) -> bool:
        return self.by_alias and getattr(self._config, "validate_by_alias", None) is not False

    def _named_required_fields_schema(self, named_required_fields: Sequence[tuple[str, bool, Any]]) -> JsonSchemaValue:
        """The fields; one that JSON cannot say is left out where it has a default."""
        try:
            made = self._fields_schema(named_required_fields)
        except PydanticInvalidForJsonSchema:
            made = {}
        if len(made.get("properties", ())) >= len(named_required_fields):
            return made
        why = {name: self._why_unsaid(field) for name, _, field in named_required_fields}
        unsaid = [name for name in why if why[name]]
        if not unsaid:
            return made or self._fields_schema(named_required_fields)
        for name, required, _ in named_required_fields:
            if required and name in unsaid:
                raise PydanticInvalidForJsonSchema(f"{name!r}, which has no default: {why[name]}")
        said = self._fields_schema([one for one in named_required_fields if one[0] not in unsaid])
        keys = [self._get_alias_name(field, name) for name, _, field in named_required_fields if name in unsaid]
        return {**said, UNSAID_FIELDS: keys}

    def _fields_schema(self, named_required_fields: Sequence[tuple[str, bool, Any]]) -> JsonSchemaValue:
        plain = [one for one in named_required_fields if _alias_path(one[2]) is None or not self._reads_aliases()]
        made = super()._named_required_fields_schema(plain)
        for _, required, field in named_required_fields:
            path = _alias_path(field)
            if path is not None and self._reads_aliases():
                _put(made, path, self.generate_inner(field), required=required)
        return made

    def _why_unsaid(self, field: Any) -> str:
        """Why JSON cannot say a field; empty where it can."""
        try:
            self.generate_inner(field)
        except PydanticInvalidForJsonSchema as error:
            return error.message
        except PydanticOmit:
            return "no member of its union has a JSON form"
        return ""


_UNSEEN: Final = frozenset({"import_string", "ByteSize._validate"})
"""Pydantic's own functions that check what its schema does not say."""


def _checked(made: JsonSchemaValue, schema: Any) -> JsonSchemaValue:
    """The schema with the name of the function that checks beyond it; what Pydantic itself brings is known."""
    function: Any = schema["function"]["function"]
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", type(function).__name__)
    if module.startswith("pydantic") and "metadata" not in module:
        return made
    return {**made, CHECKS: [*made.get(CHECKS, []), name]}


def _require_tags(union: JsonObject, root: JsonObject) -> None:
    discriminator, members, defs = union["discriminator"], union.get("oneOf"), root.get("$defs")
    tag = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    for member in members if isinstance(members, list) else []:
        ref = member.get("$ref") if isinstance(member, dict) else None
        inner = defs.get(ref.rpartition("/")[2]) if isinstance(ref, str) and isinstance(defs, dict) else member
        properties = inner.get("properties") if isinstance(inner, dict) else None
        if isinstance(inner, dict) and isinstance(properties, dict) and tag in properties:
            required = inner.setdefault("required", [])
            if isinstance(required, list) and tag not in required:
                required.append(tag)


def _time_bounds(schema: Any) -> JsonSchemaValue:
    bounds = {theirs: to_jsonable_python(schema[ours]) for ours, theirs in BOUNDS.items() if ours in schema}
    if "now_op" in schema:
        bounds[BOUNDS["lt" if schema["now_op"] == "past" else "gt"]] = NOW
    return bounds


def alias_path(alias: Any) -> list[str | int] | None:
    """The steps of a validation alias that is a path; None where a single name serves."""
    if not isinstance(alias, list) or not alias:
        return None
    choices: list[Any] = list(cast("Any", alias))
    paths: list[Any] = choices if isinstance(choices[0], list) else [choices]
    if any(len(path) == 1 for path in paths):
        return None
    return list(paths[0])


def _alias_path(field: Any) -> list[str | int] | None:
    return alias_path(field.get("validation_alias"))


def _put(node: JsonSchemaValue, path: list[str | int], leaf: JsonSchemaValue, *, required: bool) -> None:
    """Put the schema at the end of a path, opening objects and tuples on the way."""
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        node["type"] = "array"
        items = node.setdefault("prefixItems", [])
        items.extend({} for _ in range(step + 1 - len(items)))
        if required:
            node["minItems"] = max(node.get("minItems", 0), step + 1)
        child = items[step]
    else:
        node["type"] = "object"
        child = node.setdefault("properties", {}).setdefault(step, {})
        needed = node.setdefault("required", [])
        if required and step not in needed:
            needed.append(step)
    if rest:
        _put(child, rest, leaf, required=required)
    else:
        child.update(leaf)


def _key_names(keys: JsonSchemaValue) -> JsonSchemaValue:
    """A schema for the texts that stand for such keys; empty for any text."""
    if "enum" in keys or "const" in keys:
        values = [*keys.get("enum", []), *([keys["const"]] if "const" in keys else [])]
        return {"type": "string", "enum": [key_text(value) for value in values]}
    if "anyOf" in keys and not _is_number(keys):
        return _any_of_keys([_key_names(member) for member in keys["anyOf"]])
    kind = keys.get("type")
    if kind == "integer":
        return {"type": "string", "pattern": INTEGER_KEY}
    if _is_number(keys):
        return {"type": "string", "pattern": NUMBER_KEY}
    if kind in _KEY_WORDS:
        return {"type": "string", "enum": _KEY_WORDS[kind]}
    if kind in ("array", "object"):
        return {"type": "string", "contentMediaType": "application/json", "contentSchema": keys}
    if kind == "string":
        named = {key: value for key, value in keys.items() if key not in ("title", "type")}
        return {"type": "string", **named} if named else {}
    return {}


def _is_number(keys: JsonSchemaValue) -> bool:
    return keys.get("type") == "number" or any(one.get("format") == "decimal" for one in keys.get("anyOf", []))


def _any_of_keys(members: list[JsonSchemaValue]) -> JsonSchemaValue:
    """A schema for keys of several kinds: one pattern where there is one for each; empty where one is any text."""
    if not all(members):
        return {}
    patterns = [_pattern_of(one) for one in members]
    if all(patterns):
        return {"type": "string", "pattern": f"^({'|'.join(patterns)})$"}
    return {"type": "string", "anyOf": members}


def _pattern_of(key: JsonSchemaValue) -> str:
    """The pattern of texts that are listed, or of our own, without its anchors; empty where there is none."""
    if "enum" in key:
        return "|".join(re.sub(r"([\\^$.*+?()\[\]{}|])", r"\\\1", text) for text in key["enum"])
    return key["pattern"][1:-1] if key.get("pattern") in (INTEGER_KEY, NUMBER_KEY) else ""
