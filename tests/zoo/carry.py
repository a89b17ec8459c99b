"""Whether a dialect carries a case: the one judge of the zoo and the corpus, for tests and benchmarks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from extract.errors import TargetError
from extract.target.dialect import Dialect
from extract.target.ecma import compiles, pythonic
from extract.target.invalid import Invalid
from extract.target.judge import violations
from extract.target.lower import Lowered, lower
from extract.target.nodes import walk
from extract.vocabulary import JsonObject, JsonValue

from .case import Case
from .same import same


def problems(case: Case, dialect: Dialect) -> tuple[str, ...]:
    """Everything that is wrong with how this dialect carries this case; empty: carried."""
    lowered = lower(case.target, dialect)
    return (*schema_problems(lowered), *_value_problems(case, lowered))


def schema_problems(lowered: Lowered[Any]) -> Iterator[str]:
    """What an endpoint of this dialect would refuse, or not enforce."""
    dialect = lowered.dialect
    for violation in violations(lowered.schema, dialect)[:3]:
        yield f"violation: {violation}"
    if not re.search(dialect.name_regex, lowered.name):
        yield f"name: {lowered.name!r} does not match {dialect.name_regex}"
    if dialect.strict and not lowered.is_strict:
        yield "not strict"


def _value_problems(case: Case, lowered: Lowered[Any]) -> Iterator[str]:
    for value in case.values:
        shown = repr(value)[:80]
        try:
            wire = as_read(lowered.encode(value))
        except TargetError as error:
            yield f"encode: {shown}: {error}"
            continue
        yield from wire_problems(lowered, wire, shown)
        try:
            back = lowered.target.validate(lowered.decode(wire).value, strict=True)
        except Invalid as error:
            yield f"value: {shown} as {json.dumps(wire)[:120]}: {error}"
            continue
        if not same(back, value):
            yield f"value: {shown} came back as {back!r:.120}"


def wire_problems(lowered: Lowered[Any], wire: JsonValue, shown: str) -> Iterator[str]:
    """Whether the lowered schema can say a value."""
    for error in list(_validator(_plain_patterns(lowered.schema)).iter_errors(wire))[:1]:
        place = "/".join(map(str, error.absolute_path))
        yield f"wire: {shown} is {json.dumps(wire)[:120]}, invalid at {place!r}: {error.message[:120]}"


def _plain_patterns(schema: JsonObject) -> str:
    """The schema's text without the patterns that Python has no engine for (`\\p{Lu}`)."""
    made: JsonObject = json.loads(json.dumps(schema))
    for node in walk(made):
        if isinstance(node.schema, dict):
            if not compiles(str(node.schema.get("pattern", ""))):
                del node.schema["pattern"]
            keys = node.schema.get("patternProperties")
            if isinstance(keys, dict):
                node.schema["patternProperties"] = {str(pythonic(key)): value for key, value in keys.items()}
    return json.dumps(made)


def json_problems(
    schema: JsonObject, valid: list[JsonValue], invalid: list[JsonValue], dialect: Dialect
) -> tuple[str, ...]:
    """The same for a JSON Schema with instances."""
    return tuple(_json_problems(lower(schema, dialect), valid, invalid))


def _json_problems(lowered: Lowered[Any], valid: list[JsonValue], invalid: list[JsonValue]) -> Iterator[str]:
    yield from schema_problems(lowered)
    for value in valid:
        wire = as_read(lowered.encode_json(value))
        yield from wire_problems(lowered, wire, repr(value)[:80])
        back = lowered.decode(wire).value
        if not same(back, value):
            yield f"value: {value!r:.80} as {json.dumps(wire)[:120]} came back as {back!r:.120}"
        elif not _is_taken(lowered, back):
            yield f"value: {value!r:.80} is refused"
    for value in invalid:
        back = lowered.decode(as_read(lowered.encode_json(value))).value
        if _is_taken(lowered, value) or (same(back, value) and _is_taken(lowered, back)):
            yield f"invalid: {value!r:.80} is taken"


def _is_taken(lowered: Lowered[Any], value: JsonValue) -> bool:
    try:
        lowered.target.validate(value, strict=True)
    except Invalid:
        return False
    return True


def as_read(wire: JsonValue) -> JsonValue:
    """The value as a text would bring it."""
    read: JsonValue = json.loads(json.dumps(wire))
    return read


@lru_cache(maxsize=64)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)
