"""From whatever a user asks for to a `Target`: its schema, its name, and values in both directions.

Nothing here knows a dialect; that is `lower.py`'s business.
"""

from __future__ import annotations

import inspect
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial
from math import isfinite
from threading import Lock
from typing import Any, Final, Generic, TypeVar, cast, get_args

from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic_core import PydanticOmit, SchemaError, SchemaValidator

from ..errors import TargetError
from ..lazy import lazy
from ..vocabulary import Issue, JsonObject, JsonValue, Number, Path, digits_of, exact_float, holds_numbers
from .alike import alike
from .encode import Encoder, NoForm
from .invalid import TRIPPED, Invalid, issues_of, tripped
from .natural import UNSAID_FIELDS, NaturalSchema
from .readable import MAPS, readable

T = TypeVar("T")
NAME_CHARS: Final = 64
_RISKY: Final = re.compile(rb"(?<![0-9])[0-9]{16,}[.eE]|[eE]\+?0*[1-9][0-9]")
"""Finds numbers that a plain float may change or overflow; most texts have none."""
_STRING: Final = frozenset({"str", "any", "literal", "enum"})


class Target(Generic[T]):
    """What a user asks for, compiled.

    Attributes:
        source: what was given.
        name: legal everywhere: letters, digits, `_` and `-`, at most 64.
        description: the type's docstring or the schema's own, None where there is none.
        schema: natural JSON Schema 2020-12, by validation alias, self-contained.
        is_exact: must not be read through plain floats: Decimals, keys that are no strings.
        is_any: there is no schema to speak of.
        is_python: made from a Python type; else from a JSON Schema.
        is_one_way: holds an iterator that is read lazily, so values do not come back from it.
        lowerings: what `lower` has made of it, by dialect; lives as long as the target.

    """

    def __init__(
        self,
        source: object,
        schema: JsonObject,
        *,
        name: str,
        adapter: TypeAdapter[T] | None = None,
        check: Callable[[JsonValue], None] | None = None,
        is_python: bool = True,
    ) -> None:
        self.source = source
        self.schema = schema
        self.name = legal_name(name)
        described = schema.get("description")
        self.description = described if isinstance(described, str) else None
        self.is_python = is_python
        self.is_any = not schema.keys() - {"title", "description", "default"}
        self._adapter = adapter
        self._reader: TypeAdapter[T] | None = None if adapter is None else _reader(adapter)
        self._check = check
        self.lowerings: dict[Any, Any] = {}
        kinds = frozenset(_kinds(adapter.core_schema)) if adapter is not None else frozenset[str]()
        self.is_one_way = "generator" in kinds
        self.is_exact = bool(kinds & {"decimal", "keyed"})
        self._has_unsaid = adapter is not None and f'"{UNSAID_FIELDS}"' in json.dumps(schema)

    @property
    def core_schema(self) -> Any:
        """Pydantic's core schema of the type; None for a JSON Schema."""
        return None if self._adapter is None else self._adapter.core_schema

    def validate(self, value: JsonValue, *, strict: bool, context: object = None, text: str | None = None) -> T:
        """The value as the type has it, by JSON's rules; raises `Invalid`, also where a validator trips over the value.

        `text` is the value's JSON, where at hand.

        Strict also takes the one JSON form of a type that has none in Pydantic's strict mode: a form that is written
        again exactly as it was read.
        """
        if self._reader is None:
            return self._validate_schema(value)
        raw = None if text is None or self.is_exact else text.encode(errors="surrogatepass")
        exact = value
        if raw is None or _is_risky(raw):
            try:
                exact = self._exact(value)
                raw = json.dumps(exact).encode()
            except RecursionError as error:
                raise Invalid((Issue((), "recursion_loop", "nested too deep"),)) from error
            except Invalid:
                raise
            except ValueError as error:
                raise Invalid((Issue((), "int_parsing_size", f"holds what JSON cannot say: {error}"),)) from error
        try:
            return self._reader.validate_json(raw, strict=strict or None, context=context)
        except ValidationError as error:
            if strict:
                lax = self._canonical(raw, exact, context)
                if lax is not None:
                    return lax[0]
            raise Invalid(issues_of(error, value)) from error
        except TRIPPED as error:
            raise Invalid((tripped(error),)) from error

    def validate_text(self, text: str | bytes, *, strict: bool, context: object = None) -> T:
        """The same from JSON text, at Pydantic's own speed where no number is at risk; raises `Invalid`."""
        raw = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        if self._reader is None or self.is_exact or _is_risky(raw):
            try:
                value: JsonValue = json.loads(raw, parse_float=exact_float)
            except (ValueError, RecursionError) as error:
                raise Invalid((Issue((), "json_invalid", f"invalid JSON: {error}"),)) from error
            return self.validate(value, strict=strict, context=context)
        try:
            return self._reader.validate_json(raw, strict=strict or None, context=context)
        except ValidationError as error:
            raise Invalid(issues_of(error, _loads(raw))) from error
        except TRIPPED as error:
            raise Invalid((tripped(error),)) from error

    def encode(self, value: T, *, context: object = None) -> JsonValue:
        """Natural JSON that validates back to an equal value; raises `TargetError` where there is none."""
        if self._adapter is None:
            try:
                self._validate_schema(cast("JsonValue", value))
            except Invalid as error:
                raise TargetError(f"{self.name}: {error}") from error
            return cast("JsonValue", value)
        ways: list[Callable[..., JsonValue]] = [self._write]
        ways.append(partial(self._write, omits_unset=True))  # a default that reads as another value
        ways.append(partial(self._write, by_serializers=True))
        first: TargetError | None = None
        for write in ways:
            try:
                return self._there_and_back(value, write, context)
            except TargetError as error:
                first = first or error
        raise first or TargetError(f"{self.name}: {value!r:.80} has no JSON form")

    def _there_and_back(self, value: T, write: Callable[[T], JsonValue], context: object) -> JsonValue:
        """What one way writes, if it reads as an equal value."""
        try:
            written = made = write(value)
            try:
                back = self.validate(made, strict=False, context=context)
            except Invalid as error:  # a default that is no valid input: absence says it
                made = _without(written, error.issues)
                back = self.validate(made, strict=False, context=context)
                if not self._is_same(back, value, written):
                    raise
        except NoForm as error:
            raise TargetError(f"{self.name}: {error}") from error
        except RecursionError as error:
            raise TargetError(f"{self.name}: the value is nested too deep") from error
        except Invalid as error:
            raise TargetError(f"{self.name}: {value!r:.80} is refused on its way back: {error}") from error
        if not self._is_same(back, value, written):
            raise TargetError(f"{self.name}: {value!r:.80} comes back from JSON as {back!r:.80}")
        return made

    def _is_same(self, back: T, value: T, written: JsonValue) -> bool:
        """Whether a value came back; an iterator is compared by what it gives."""
        if self.is_one_way:
            return _same_json(self._write(back), written)
        return alike(back, value)

    def _write(self, value: T, *, omits_unset: bool = False, by_serializers: bool = False) -> JsonValue:
        if self._adapter is None:
            return cast("JsonValue", value)
        config: Any = getattr(self._adapter, "_config", None)
        write = Encoder(self._adapter.core_schema, config, omits_unset=omits_unset, by_serializers=by_serializers)
        made = write(value)
        return _without_unsaid(made, [self.schema], self.schema) if self._has_unsaid else made

    def _validate_schema(self, value: JsonValue) -> T:
        if self._check is not None:
            issues = tuple(_overflows(value, ()))
            if issues:
                raise Invalid(issues)
            self._check(value)
        return cast("T", value)

    def _canonical(self, text: bytes, value: JsonValue, context: object) -> tuple[T] | None:
        """The lax value where it is written as the text has it, in a tuple; None where it is not."""
        if self._reader is None:
            return None
        try:
            lax = self._reader.validate_json(text, strict=None, context=context)
            return (lax,) if _covers(self._write(lax), value) else None
        except (ValidationError, NoForm, *TRIPPED):
            return None

    def _exact(self, value: JsonValue) -> JsonValue:
        """The value with every number as this type reads it without loss; raises `Invalid` on overflow."""
        if not self.is_exact and not holds_numbers(value):
            return value
        issues: list[Issue] = []
        exact = _exactly(value, [self.schema], self.schema, (), issues)
        if issues:
            raise Invalid(tuple(issues))
        return exact


_KEPT: Final = "__extract_targets__"
"""A class carries the targets that it is part of, so that all are collected together."""
_KEPT_EACH: Final = 32
"""Most targets that one class carries; the oldest gives way."""


def compile_target(target: object) -> Target[Any]:
    """The target compiled; raises `TargetError` that says where and why it cannot be."""
    if isinstance(target, Target):
        compiled: Target[Any] = cast("Any", target)
        return compiled
    if isinstance(target, Mapping):
        return compile_schema(cast("Mapping[str, Any]", target))
    try:
        hash(target)
    except TypeError:
        return _compile_type(target)
    owner = _owner(target)
    return _compile_cached(target, repr(target)) if owner is None else _compile_kept(target, owner)


def _owner(target: object) -> type | None:
    """The first model or dataclass that a type is made of."""
    stack: list[object] = [target]
    while stack:
        one = stack.pop()
        if inspect.isclass(one) and (issubclass(one, BaseModel) or is_dataclass(one)) and not get_args(one):
            return one
        stack.extend(reversed(get_args(one)))
    return None


def _compile_kept(target: object, owner: type) -> Target[Any]:
    """By equality and by text, as in `_compile_cached`."""
    kept: dict[Any, Target[Any]] | None = vars(owner).get(_KEPT)
    if kept is None:
        kept = {}
        type.__setattr__(owner, _KEPT, kept)
    key = (target, repr(target))
    if key not in kept:
        compiled = _compile_type(target)
        if len(kept) >= _KEPT_EACH:
            kept.pop(next(iter(kept)), None)
        kept[key] = compiled
    return kept[key]


@lru_cache(maxsize=64)
def _compile_cached(target: object, _shown: str) -> Target[Any]:
    """By equality and by text: unions are equal in any order, which matters here."""
    return _compile_type(target)


def compile_schema(schema: Mapping[str, Any], *, name: str = "", is_python: bool = False) -> Target[JsonValue]:
    """A JSON Schema compiled; `is_python`: part of a type's natural schema, objects are closed unless they say so."""
    try:
        text = json.dumps(schema)
    except (TypeError, ValueError, RecursionError) as error:
        raise TargetError(f"a JSON Schema must be JSON: {error}") from error
    return _compile_schema(text, name, is_python)


@lru_cache(maxsize=64)
def _compile_schema(text: str, name: str, is_python: bool) -> Target[JsonValue]:
    schema: JsonObject = json.loads(text)
    natural, check = lazy(".target.json_schema").prepare(schema)
    title = schema.get("title")
    return Target(
        schema, natural, name=name or (title if isinstance(title, str) else ""), check=check, is_python=is_python
    )


def legal_name(name: str) -> str:
    """A name that every endpoint takes."""
    legal = re.sub(r"[^a-zA-Z0-9_-]+", "_", name).strip("_")[:NAME_CHARS]
    return legal or "Answer"


def _compile_type(target: object) -> Target[Any]:
    adapter: TypeAdapter[Any]
    try:
        given: Any = target
        adapter = cast("Any", given) if isinstance(given, TypeAdapter) else TypeAdapter(given)
        adapter.rebuild(raise_errors=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            schema: JsonObject = adapter.json_schema(by_alias=True, schema_generator=NaturalSchema)
    except (
        PydanticUserError,
        PydanticInvalidForJsonSchema,
        PydanticOmit,
        SchemaError,
        NameError,
        TypeError,
        RecursionError,
    ) as error:
        raise TargetError(f"{target!r:.200} cannot be asked for as JSON: {_reason(error)}{_hint(target)}") from error
    return Target(target, schema, name=_name_of(target, schema), adapter=adapter)


def _reader(adapter: TypeAdapter[Any]) -> Any:
    """What reads a type's JSON: Pydantic as it is, unless it describes what it does not read."""
    core: Any = adapter.core_schema
    made = readable(core)
    if made is core:
        return adapter
    given: Any = getattr(adapter, "_config", None)
    holder: Any = create_model("Config", __config__=given) if given else None
    config: Any = holder.__pydantic_core_schema__["config"] if given else None
    return _built_anew(made, config)


_COMPLETE: Final = "__pydantic_complete__"
_ANEW: Final = Lock()


def _built_anew(core: Any, config: Any) -> Any:
    """A validator of the schema as it is, its models too, whose classes have one already.

    pydantic-core takes that of a class that says it is complete; with Pydantic 2.11 and 2.12 nothing forbids it, so
    the classes say they are not while the validator is built, which means no more than that to anybody else.
    """
    build: Any = SchemaValidator
    try:
        return build(core, config, _use_prebuilt=False)
    except TypeError:
        pass
    with _ANEW:
        named: list[type[Any]] = [node["cls"] for node in _nodes(core) if isinstance(node.get("cls"), type)]
        classes = [one for one in dict.fromkeys(named) if vars(one).get(_COMPLETE) is True]
        for one in classes:
            type.__setattr__(one, _COMPLETE, False)  # the value of an attribute
        try:
            return build(core, config)
        finally:
            for one in classes:
                type.__setattr__(one, _COMPLETE, True)


def _reason(error: Exception) -> str:
    """The first sentence: what Pydantic advises after it does not help here."""
    lines = str(getattr(error, "message", error)).splitlines() or [type(error).__name__]
    return lines[0].partition(". Set `")[0].strip()


def _hint(target: object) -> str:
    """What was meant, where a value stands for its type."""
    if isinstance(target, BaseModel) or (is_dataclass(target) and not inspect.isclass(target)):
        return f"; give the type, {type(target).__name__}, not a value of it"
    return ""


def _name_of(target: object, schema: JsonObject) -> str:
    title = schema.get("title")
    if inspect.isclass(target):
        return target.__name__
    return title if isinstance(title, str) else getattr(target, "__name__", "") or ""


def _kinds(schema: Any) -> Iterator[str]:
    """The types in a core schema; `keyed` for maps whose keys are no strings."""
    for node in _nodes(schema):
        kind = node.get("type")
        if isinstance(kind, str):  # it is a dict in the fields of a model that has one of this name
            yield kind
            keys: Any = node.get("keys_schema")
            if kind in MAPS and keys is not None and keys.get("type") not in _STRING:
                yield "keyed"


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every dict in a core schema, once."""
    stack: list[Any] = [schema]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, dict):
            held = cast("dict[str, Any]", node)
            yield held
            stack += [value for key, value in held.items() if key not in ("metadata", "serialization", "cls")]
        elif isinstance(node, list | tuple):
            stack.extend(cast("list[Any]", node))


def _is_risky(raw: bytes) -> bool:
    """Whether a text may hold a number that a plain float would change."""
    shape = digits_of(raw)
    return (b"0e" in shape or b"0000000000000000" in shape) and _RISKY.search(raw) is not None


# Numbers --------------------------------------------------------------------------------------------------------------


def _exactly(
    value: JsonValue, schemas: list[JsonValue], root: JsonObject, path: Path, issues: list[Issue]
) -> JsonValue:
    if isinstance(value, Number):
        return _exact_number(value, _flat(schemas, root), path, issues)
    if isinstance(value, float):
        is_decimal = any(schema.get("format") == "decimal" for schema in _flat(schemas, root))
        return repr(value) if is_decimal and isfinite(value) else value
    if isinstance(value, int | str) or value is None:
        return value
    here = _flat(schemas, root)
    if isinstance(value, list):
        return [_exactly(one, _items(here, i), root, (*path, i), issues) for i, one in enumerate(value)]
    return {key: _exactly(one, _members(here, key), root, (*path, key), issues) for key, one in value.items()}


def _exact_number(value: Number, schemas: list[JsonObject], path: Path, issues: list[Issue]) -> JsonValue:
    if any(schema.get("format") == "decimal" for schema in schemas):
        return value.literal
    if not isfinite(value):
        issues.append(Issue(path, "finite_number", "the number is too large", value.literal[:80]))
        return 0
    try:
        digits = Decimal(value.literal)
    except InvalidOperation:
        return float(value)
    is_whole = digits == digits.to_integral_value() if abs(digits.adjusted()) < 400 else False
    if is_whole and Decimal(float(value)) == digits:
        return float(value)
    return int(digits) if is_whole else float(value)


def _flat(schemas: list[JsonValue], root: JsonObject) -> list[JsonObject]:
    """The schemas with their references and unions opened."""
    found: list[JsonObject] = []
    stack, seen = list(schemas), set[int]()
    while stack:
        schema = stack.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        found.append(schema)
        ref, defs = schema.get("$ref"), root.get("$defs")
        if isinstance(ref, str):
            stack.append(root if ref == "#" else (defs.get(ref.rpartition("/")[2]) if isinstance(defs, dict) else None))
        for word in ("anyOf", "oneOf", "allOf"):
            members = schema.get(word)
            if isinstance(members, list):
                stack.extend(members)
    return found


def _items(schemas: list[JsonObject], index: int) -> list[JsonValue]:
    found: list[JsonValue] = []
    for schema in schemas:
        first = schema.get("prefixItems")
        if isinstance(first, list) and index < len(first):
            found.append(first[index])
        else:
            found.append(schema.get("items"))
    return found


def _members(schemas: list[JsonObject], key: str) -> list[JsonValue]:
    found: list[JsonValue] = []
    for schema in schemas:
        properties = schema.get("properties")
        named = properties.get(key) if isinstance(properties, dict) else None
        found.append(schema.get("additionalProperties") if named is None else named)
    return found


def _without_unsaid(value: JsonValue, schemas: list[JsonValue], root: JsonObject) -> JsonValue:
    """The value without the fields that are not in the schema, which stand at their defaults."""
    here = _flat(schemas, root)
    if isinstance(value, list):
        return [_without_unsaid(one, _items(here, index), root) for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    listed = (cast("list[str]", schema.get(UNSAID_FIELDS, [])) for schema in here)
    unsaid = {name for names in listed for name in names}
    kept = {key: one for key, one in value.items() if key not in unsaid or any(_members(here, key))}
    return {key: _without_unsaid(one, _members(here, key), root) for key, one in kept.items()}


def _overflows(value: JsonValue, path: Path) -> Iterator[Issue]:
    stack: list[tuple[JsonValue, Path]] = [(value, path)]
    while stack:
        one, place = stack.pop()
        if isinstance(one, Number) and not isfinite(one):
            yield Issue(place, "finite_number", "the number is too large", one.literal[:80])
        elif isinstance(one, float) and not isfinite(one):
            yield Issue(place, "finite_number", "JSON has no such number", str(one))
        elif isinstance(one, dict):
            stack.extend((item, (*place, key)) for key, item in one.items())
        elif isinstance(one, list):
            stack.extend((item, (*place, index)) for index, item in enumerate(one))


# Comparing ------------------------------------------------------------------------------------------------------------


def _without(value: JsonValue, issues: tuple[Issue, ...]) -> JsonValue:
    """A copy without the keys that are refused."""
    made: JsonValue = json.loads(json.dumps(value))
    for issue in issues:
        node = made
        for step in issue.loc[:-1]:
            if isinstance(node, dict) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
        if isinstance(node, dict) and issue.loc:
            node.pop(str(issue.loc[-1]), None)
    return made


def _same_json(one: JsonValue, other: JsonValue) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _covers(written: JsonValue, read: JsonValue) -> bool:
    """Whether every leaf that was read is written again as it was."""
    if isinstance(read, dict):
        return isinstance(written, dict) and all(
            _covers(written[key], value) for key, value in read.items() if key in written
        )
    if isinstance(read, list):
        return isinstance(written, list) and len(written) == len(read) and all(map(_covers, written, read))
    if isinstance(read, float) and isinstance(written, int | float) and not isinstance(written, bool):
        return read == written or read != read  # noqa: PLR0124 # NaN
    return type(written) is type(read) and written == read


def _loads(raw: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value
