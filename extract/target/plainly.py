"""A quick look at a JSON Schema: whether every keyword plainly holds what any draft lets it hold.

The validator of a meta-schema needs a second for a schema of a few thousand nodes; most schemas are seen to be right in a
hundredth of that. Where this is in doubt it says no, and the meta-schema decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, cast

from .ecma import compiles

_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})


def is_plainly_valid(schema: object) -> bool:
    """Whether a schema is right beyond doubt; False: ask the meta-schema."""
    if isinstance(schema, dict) and re.search("draft-0[34]", str(cast("dict[str, object]", schema).get("$schema", ""))):
        return False  # exclusive bounds were flags then
    stack: list[object] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, bool):
            continue
        if not isinstance(node, dict):
            return False
        for key, value in cast("dict[str, object]", node).items():
            check = _CHECKS.get(key)
            if check is not None and not check(value):
                return False
            if key in _ONE:
                stack.append(value)
            elif key in _LISTS:
                stack.extend(cast("list[object]", value))
            elif key in _MAPS:
                stack.extend(cast("dict[str, object]", value).values())
            elif check is None and key in _DOUBTFUL:
                return False
    return True


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_filled(value: object) -> bool:
    return isinstance(value, list) and len(cast("list[object]", value)) > 0


def _is_map(value: object) -> bool:
    return isinstance(value, dict)


def _is_patterns(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_pattern, cast("dict[str, object]", value)))


def _is_names(value: object) -> bool:
    if not isinstance(value, list):
        return False
    names = cast("list[object]", value)
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names) > 0


def _is_type(value: object) -> bool:
    if isinstance(value, str):
        return value in _TYPES
    return _is_names(value) and _TYPES.issuperset(cast("list[str]", value))


def _is_pattern(value: object) -> bool:
    return isinstance(value, str) and compiles(value)


def _is_enum(value: object) -> bool:
    """Filled, and of texts and numbers that are not repeated; else the meta-schema decides."""
    if not isinstance(value, list) or not value:
        return False
    values = cast("list[object]", value)
    if not all(one is None or isinstance(one, str | int | float) for one in values):
        return False
    return len({(isinstance(one, bool), one) for one in values}) == len(values)


_ONE: Final = frozenset(
    {
        "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "contains", "propertyNames", "not", "if",
        "then", "else", "contentSchema", "items", "additionalItems",
    }
)  # fmt: skip
_LISTS: Final = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
_MAPS: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_DOUBTFUL: Final = frozenset(
    {
        "dependencies", "dependentRequired", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor",
        "$vocabulary",
    }
)  # fmt: skip
"""What drafts see differently, or what is too rare to be worth a look."""
_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"), _is_count
        ),
        **dict.fromkeys(("minContains", "maxContains"), _is_count),
        **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
        **dict.fromkeys(("title", "description", "$comment", "format", "$ref", "$id", "id", "$anchor"), _is_text),
        **dict.fromkeys(("contentEncoding", "contentMediaType", "$schema"), _is_text),
        **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly", "deprecated"), _is_flag),
        **dict.fromkeys(_LISTS, _is_filled),
        **dict.fromkeys(("properties", "$defs", "definitions", "dependentSchemas"), _is_map),
        "multipleOf": lambda value: _is_number(value) and cast("float", value) > 0,
        "patternProperties": _is_patterns,
        "pattern": _is_pattern,
        "required": _is_names,
        "type": _is_type,
        "enum": _is_enum,
        "examples": _is_list,
    }
)
