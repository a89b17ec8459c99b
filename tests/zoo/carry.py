"""Whether a dialect carries a case: the one judge of the zoo, for tests and benchmarks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from extract.target.lower import lower
from jsonschema import Draft202012Validator

from extract.target.judge import violations

from .same import same

if TYPE_CHECKING:
    from extract.target.lower import Lowered

    from extract.target.dialect import Dialect
    from extract.vocabulary import JsonObject, JsonValue

    from .case import Case


def problems(case: Case, dialect: Dialect) -> tuple[str, ...]:
    """Everything that is wrong with how this dialect carries this case; empty: carried."""
    lowered = lower(case.target, dialect)
    return (*_schema_problems(lowered, dialect), *_value_problems(case, lowered))


def _schema_problems(lowered: Lowered[object], dialect: Dialect) -> Iterator[str]:
    for violation in violations(lowered.schema, dialect)[:3]:
        yield f"violation: {violation}"
    if not re.search(dialect.name_regex, lowered.name):
        yield f"name: {lowered.name!r} does not match {dialect.name_regex}"
    if dialect.strict and not lowered.is_strict:
        yield "not strict"


def _value_problems(case: Case, lowered: Lowered[object]) -> Iterator[str]:
    accepts = validator(lowered.schema)
    for value in case.values:
        shown = repr(value)[:80]
        wire = lowered.encode(value)
        for error in list(accepts.iter_errors(_as_read(wire)))[:1]:
            place = "/".join(map(str, error.absolute_path))
            yield f"wire: {shown} is {json.dumps(wire)[:120]}, invalid at {place!r}: {error.message[:120]}"
        back = lowered.target.validate(lowered.decode(_as_read(wire)).value, strict=True)
        if not same(back, value):
            yield f"value: {shown} came back as {back!r:.120}"


def _as_read(wire: JsonValue) -> JsonValue:
    """The value as a text would bring it."""
    read: JsonValue = json.loads(json.dumps(wire))
    return read


def validator(schema: JsonObject) -> Draft202012Validator:
    """A validator that checks formats too, and reads the definitions key of every dialect."""
    if "$def" in schema:
        schema = {**schema}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def meta_validator(name: str) -> Draft202012Validator:
    """The validator of a dialect's meta-schema."""
    from extract.target.dialects import DIALECTS
    from extract.target.meta_schema import meta_schema

    return Draft202012Validator(meta_schema(DIALECTS[name]))
