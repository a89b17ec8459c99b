"""The name of a type that stands around or beside its value: a call of it, a key, a member that says its kind."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from ..text.strict import loads
from ..vocabulary import JsonValue
from .words import fold

CALL_ARGUMENTS: Final = ("arguments", "parameters", "params", "args", "input", "kwargs", "parameter", "argument")
CALL_NAMES: Final = frozenset(
    [
        "name",
        "type",
        "id",
        "function",
        "tool",
        "toolname",
        "functionname",
        "index",
        "recipientname",
        "$kind",
        "kind",
        "callid",
        "toolcallid",
        "action",
    ]
)
CALLED: Final = ("name", "function", "tool", "toolname", "functionname", "recipientname", "action")
KINDS: Final = frozenset(["type", "kind", "class", "model", "object", "typename", "classname", "modelname"])


class Call(NamedTuple):
    """A call as JSON: what is called, the member that holds its arguments, and these."""

    name: str
    key: str
    arguments: dict[str, JsonValue]


def call_of(value: dict[str, JsonValue]) -> Call | None:
    """The call that an object is; None where it is none."""
    folded = {fold(key): key for key in value}
    key = next((folded[name] for name in CALL_ARGUMENTS if name in folded), None)
    name = next((value[folded[one]] for one in CALLED if one in folded), None)
    arguments = None if key is None else _parsed(value[key])
    if key is None or not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return Call(name, key, arguments) if all(one in CALL_NAMES for one in folded if folded[one] != key) else None


def _parsed(value: JsonValue) -> JsonValue:
    """A value, or the one that a text of JSON holds: arguments travel as text."""
    try:
        return loads(value) if isinstance(value, str) and value.lstrip()[:1] == "{" else value
    except ValueError:
        return value


def labelled(value: dict[str, JsonValue], known: AbstractSet[str]) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """Names that may say which type a value is of, each with the value that it says it of; none of them a known member."""
    call = call_of(value)
    if call is not None and call.key not in known:
        yield call.name, call.arguments
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key not in known and isinstance(inner, dict):
            yield key, inner
    kinds = [key for key in value if fold(key) in KINDS and key not in known]
    kind = value[kinds[0]] if len(kinds) == 1 else None
    if isinstance(kind, str):
        yield kind, {key: part for key, part in value.items() if key != kinds[0]}
