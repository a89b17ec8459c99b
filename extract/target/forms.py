"""What literals, members of enums and keys of maps look like in JSON: one place for schema, writing and reading."""

from __future__ import annotations

import enum
import json
from math import isfinite, isnan
from typing import Any, Final, cast

from pydantic_core import PydanticSerializationError, to_jsonable_python

from ..errors import TargetError
from ..vocabulary import JsonValue

_PLAIN: Final = frozenset({str, bool, int, type(None)})


def json_form(value: object) -> JsonValue:
    """A literal or a member of an enum as Pydantic writes it; a member whose value JSON cannot say, by its name.

    Raises `TargetError` for a literal that has neither.
    """
    raw: Any = value.value if isinstance(value, enum.Enum) else value
    if type(raw) in _PLAIN:
        return cast("JsonValue", raw)
    try:
        return _named(to_jsonable_python(raw))
    except (PydanticSerializationError, ValueError) as error:
        if isinstance(value, enum.Enum):
            return value.name
        raise TargetError(f"the literal {value!r:.80} has no JSON form") from error


def number_name(value: float) -> str:
    """The name of what is no number in JSON, as Pydantic reads it."""
    return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _named(value: JsonValue) -> JsonValue:
    """The value with what is no number in JSON by its name."""
    if isinstance(value, float) and not isfinite(value):
        return number_name(value)
    if isinstance(value, list):
        return [_named(one) for one in value]
    return {key: _named(one) for key, one in value.items()} if isinstance(value, dict) else value


def key_text(key: object) -> str:
    """A JSON value as the text of an object's key; what has parts as JSON text."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, list | dict):
        return json.dumps(key, ensure_ascii=False)
    return key if isinstance(key, str) else str(key)
