"""A JSON Schema as a target: checked, brought to 2020-12 with every reference to a definition, and validated.

Needs jsonschema; loaded only when a schema is given. Nothing is ever fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from copy import copy, deepcopy
from fractions import Fraction
from functools import cache, partial
from math import isfinite
from typing import Any, Final, cast

from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import validator_for
from referencing import Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from ..errors import TargetError
from ..vocabulary import Issue, JsonObject, JsonValue, Path, show_found, show_path
from .ecma import is_pattern, pythonic
from .invalid import Invalid
from .nodes import DEFINITIONS, LISTS, MAPS, ONE, levels, walk
from .plainly import is_plainly_valid

Check = Callable[[JsonValue], None]
_DROPPED: Final = (
    "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", *DEFINITIONS,
)  # fmt: skip
_UNDATED: Final[tuple[Any, ...]] = (Draft202012Validator, Draft7Validator, Draft4Validator)
"""What a schema that names no draft may be, the newest first."""


def prepare(schema: Mapping[str, Any]) -> tuple[JsonObject, Check]:
    """The schema in our own form, and what raises `Invalid` for a value that it refuses."""
    source = dict(schema)
    kind, source = _dated(source)
    try:
        natural = _Rewriter(source)()
    except RecursionError as error:
        raise TargetError("the schema is nested too deep") from error
    registry = cast("Any", Registry)()
    validator: Any = _lenient(kind)(_python_keys(source), registry=registry, format_checker=_formats(kind))
    is_dynamic = any(isinstance(node, dict) and not _DYNAMIC.isdisjoint(node) for node, _ in levels(source))
    return natural, lambda value: _check(validator, value, remembers=not is_dynamic)


def _dated(source: JsonObject) -> tuple[Any, JsonObject]:
    """The draft that a schema is written in; one that names none is of the newest that it is valid in."""
    drafts = _UNDATED if "$schema" not in source else (cast("Any", validator_for)(source, Draft202012Validator),)
    if is_plainly_valid(source):
        return drafts[0], source
    errors = list[SchemaError]()
    for draft in drafts:
        try:
            draft.check_schema(source, format_checker=_formats(draft))
        except SchemaError as error:
            errors.append(error)
        else:
            return draft, source if draft is drafts[0] else {"$schema": draft.META_SCHEMA["$schema"], **source}
    place = show_path(tuple(errors[0].absolute_path))
    raise TargetError(f"not a valid JSON Schema at {place}: {errors[0].message}") from errors[0]


@cache
def _formats(kind: Any) -> Any:
    """The draft's formats, `regex` by what JSON Schema calls one."""
    made = copy(kind.FORMAT_CHECKER)
    made.checkers = {**made.checkers, "regex": (_is_regex, ())}
    return made


def _is_regex(value: object) -> bool:
    return not isinstance(value, str) or is_pattern(value)


@cache
def _lenient(kind: Any) -> Any:
    """The draft's validator, with patterns by ECMA's grammar and multiples of decimal fractions by their digits."""
    own = {"pattern": _pattern, "multipleOf": _multiple_of, "$ref": partial(_asked_once, kind.VALIDATORS["$ref"])}
    made: Any = cast("Any", validators).extend(kind, own)
    return made


_DYNAMIC: Final = frozenset({"$dynamicRef", "$recursiveRef"})
"""References that lead elsewhere by how they were come to."""
_ANSWERS: ContextVar[dict[tuple[int, int], ValidationError | None]] = ContextVar("answers")
"""What references of a schema said of the parts of one value, by identity: the first error, or that there is none."""
MOST_ANSWERS: Final = 100_000
"""How many are kept for one value."""


def _asked_once(ask: Any, validator: Any, target: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """What a `$ref` says, asked once for each part of a value: twenty definitions of two references each are a million."""
    answers = _ANSWERS.get({})
    key = (id(schema), id(instance))
    if key in answers:
        known = answers[key]
        yield from () if known is None else (_copy(known),)
        return
    errors: list[ValidationError] = list(ask(validator, target, instance, schema))
    if len(answers) < MOST_ANSWERS:
        answers[key] = _copy(errors[0]) if errors else None
    yield from errors


def _copy(error: ValidationError) -> ValidationError:
    """The error by itself: who finds it puts its place before it."""
    made: ValidationError = cast("Any", ValidationError).create_from(error)
    return made


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    said = pythonic(pattern)
    if isinstance(instance, str) and said is not None and not re.search(said, instance):
        yield ValidationError(f"{instance!r:.100} does not match {pattern!r}")


def _multiple_of(_validator: Any, unit: float, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    is_number = isinstance(instance, int | float) and not isinstance(instance, bool)
    if not is_number or (isinstance(instance, float) and not isfinite(instance)):  # an integer may be beyond any float
        return
    if Fraction(repr(instance + 0)) % Fraction(repr(unit)):
        yield ValidationError(f"{instance!r} is not a multiple of {unit!r}")


def _python_keys(source: JsonObject) -> JsonObject:
    """The schema with every pattern for keys as Python takes it; itself where it is so already."""
    keys = {key for node in walk(source) for key in _patterns_for_keys(node.schema)}
    if all(pythonic(key) == key for key in keys):
        return source
    made: JsonObject = deepcopy(source)
    for node in walk(made):
        if isinstance(node.schema, dict) and any(True for _ in _patterns_for_keys(node.schema)):
            named = cast("JsonObject", node.schema["patternProperties"])
            node.schema["patternProperties"] = {pythonic(key) or key: value for key, value in named.items()}
    return made


def _patterns_for_keys(schema: JsonObject | bool) -> Iterator[str]:
    named = schema.get("patternProperties") if isinstance(schema, dict) else None
    yield from named if isinstance(named, dict) else ()


def _check(validator: Any, value: JsonValue, *, remembers: bool) -> None:
    token = _ANSWERS.set({}) if remembers else None
    try:
        issues = tuple(dict.fromkeys(_issue(error) for error in validator.iter_errors(value)))
    except RecursionError as error:
        raise Invalid((Issue((), "recursion", "nested too deep"),)) from error
    finally:
        if token is not None:
            _ANSWERS.reset(token)
    if issues:
        raise Invalid(issues)


def _issue(error: ValidationError) -> Issue:
    deep = list(error.context or ())
    if error.validator in ("anyOf", "oneOf") and deep:
        below = [one for one in deep if len(one.absolute_path) > len(error.absolute_path)]
        best = min(below or deep, key=lambda one: -len(one.absolute_path))
        if below:
            return _issue(best)
    missing = error.validator == "required"
    found = None if missing else show_found(error.instance)
    return Issue(tuple(error.absolute_path), str(error.validator), error.message[:300], found)


class _Rewriter:
    """Copies a schema into 2020-12; whatever a `$ref` names becomes a definition of its own."""

    def __init__(self, source: JsonObject) -> None:
        self._source = source
        default: Specification[Any] = DRAFT202012
        resource: Resource[Any] = Resource.from_contents(source, default_specification=default)
        self._spec: Specification[Any] = cast("Any", resource)._specification  # noqa: SLF001 # no public way to ask
        registry = cast("Any", Registry)()
        self._resolver: Any = registry.resolver_with_root(resource)
        self._is_old = "$schema" in source and "20" not in str(source["$schema"])
        self._names: dict[int, str] = {}
        self._made: dict[str, JsonValue] = {}
        self._later: list[tuple[str, Any]] = []

    def __call__(self) -> JsonObject:
        root = self._node(self._source, self._resolver, ())
        while self._later:
            name, found = self._later.pop()
            self._made[name] = self._node(found.contents, found.resolver, ("$defs", name), is_entered=True)
        made: JsonObject = root if isinstance(root, dict) else {}
        if self._made:
            made["$defs"] = self._made
        return made

    def _node(self, schema: Any, resolver: Any, place: Path, *, is_entered: bool = False) -> JsonValue:
        """The schema in our form; `is_entered`: the resolver stands inside it, past its `$id`."""
        if not isinstance(schema, dict):
            return cast("JsonValue", schema)
        node = cast("dict[str, Any]", schema)
        if (
            place
            and not is_entered
            and ("$id" in node or "id" in node)
            and isinstance(node.get("$id", node.get("id")), str)
        ):
            resolver = resolver.in_subresource(self._spec.create_resource(node))
        made: JsonObject = {}
        is_alone = "$ref" in node and self._is_old
        for key, value in node.items():
            if key in ("$ref", "$dynamicRef", "$recursiveRef"):
                made["$ref"] = self._ref(value, resolver, (*place, key))
            elif key not in _DROPPED and (not is_alone or key in ("title", "description")):
                self._keyword(made, key, value, resolver, (*place, key))
        _modernise(made)
        return made

    def _keyword(self, made: JsonObject, key: str, value: Any, resolver: Any, place: Path) -> None:
        if key in MAPS and isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            made[key] = {name: self._node(member, resolver, (*place, name)) for name, member in members.items()}
        elif key in LISTS and isinstance(value, list):
            listed = enumerate(cast("Any", value))
            made[key] = [self._node(member, resolver, (*place, index)) for index, member in listed]
        elif key in ONE:
            made[key] = self._node(value, resolver, place)
        else:
            made[key] = value

    def _ref(self, target: str, resolver: Any, place: Path) -> str:
        try:
            found = resolver.lookup(target)
        except (Unresolvable, ValueError, LookupError) as error:
            raise TargetError(
                f"{show_path(place)}: {target!r} is not in this schema, and nothing is fetched"
            ) from error
        if found.contents is self._source:
            return "#"
        known = self._names.get(id(found.contents))
        if known is None:
            known = self._name(target)
            self._names[id(found.contents)] = known
            self._made[known] = {}
            self._later.append((known, found))
        return f"#/$defs/{known}"

    def _name(self, target: str) -> str:
        tail = target.rstrip("/#").rpartition("/")[2].lstrip("#") or "Part"
        name = "".join(char if char.isascii() and (char.isalnum() or char in "_-.") else "_" for char in tail)
        unique, number = name, 2
        while unique in self._made:
            unique, number = f"{name}_{number}", number + 1
        return unique


def _modernise(node: JsonObject) -> None:
    """The keywords of draft-07 and older by their names of 2020-12."""
    items = node.get("items")
    if isinstance(items, list):
        node["prefixItems"] = items
        node["items"] = node.pop("additionalItems", True)
        if node["items"] is True:
            del node["items"]
    else:
        node.pop("additionalItems", None)
    needed = node.pop("dependencies", None)
    for key, value in needed.items() if isinstance(needed, dict) else ():
        word = "dependentRequired" if isinstance(value, list) else "dependentSchemas"
        held = node.setdefault(word, {})
        if isinstance(held, dict):
            held[key] = value
    for old, new in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(new), bool) and node.pop(new) and old in node:
            node[new] = node.pop(old)
