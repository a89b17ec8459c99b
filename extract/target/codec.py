"""What a lowered node does with values: natural JSON to the wire and back, at a cost that tells fit.

Cost 0 is a value of exactly the node's shape; unions take the member of least cost. A value that fits nothing stays as
it is: judging it is validation's business.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ..vocabulary import JsonObject, JsonValue, Path, Repair
from .loss import sentences

Way = Literal["decode", "encode"]
WRONG_TYPE: Final = 100
WRONG_VALUE: Final = 40
MISSING: Final = 12
UNKNOWN: Final = 5
LOOSE: Final = 1


@dataclass(frozen=True, slots=True)
class Out:
    """A value turned, what it cost, and what had to be changed, by paths from this node."""

    value: JsonValue
    cost: int = 0
    repairs: tuple[Repair, ...] = ()


@dataclass(slots=True)
class Memo:
    """One walk: which way, and what unions have found already, so that no walk is exponential."""

    way: Way
    table: dict[str, Codec]
    found: dict[tuple[int, int], Out] = field(default_factory=dict[tuple[int, int], Out])


class Codec:
    """One position. The default takes a value as it is if it is of the schema's type."""

    __slots__ = ("schema",)
    is_identity: bool = True

    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """The value turned the memo's way."""
        del memo
        return Out(value, leaf_cost(self.schema, value))

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """Where a wire path lies in the natural value, as far as it can be told without the value."""
        del table
        return path

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """Where a natural path lies on the wire; None where that depends on the value."""
        del table
        return path


def leaf_cost(schema: JsonObject, value: JsonValue) -> int:
    """How badly a single value misses a schema's type and values."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if kind is not None and type_of(value) not in kinds and not (type_of(value) == "integer" and "number" in kinds):
        is_whole = "integer" in kinds and isinstance(value, float) and value.is_integer()
        return LOOSE if is_whole else WRONG_TYPE
    if "const" in schema and not same_json(schema["const"], value):
        return WRONG_VALUE
    values = schema.get("enum")
    if isinstance(values, list) and not any(same_json(one, value) for one in values):
        return WRONG_VALUE
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(low, int | float) and value < low:
            return LOOSE
        if isinstance(high, int | float) and value > high:
            return LOOSE
    if isinstance(value, str) and schema.get("format") == "date" and len(value) != len("2000-01-01"):
        return LOOSE * 2
    return 0


def type_of(value: JsonValue) -> str:
    """The name of a value's JSON type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"


def same_json(one: JsonValue, other: JsonValue) -> bool:
    """JSON equality: `1` is `1.0` and not `true`, however deep it stands."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(member, other[key]) for key, member in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def unboxed(value: JsonValue, key: str, inner: Codec, memo: Memo) -> Out:
    """What is in a box of one key, or the value for itself where that fits better.

    An open object takes further members, and a model may write some; the box has no place for them.
    """
    if not isinstance(value, dict) or key not in value:
        return inner.turn(value, memo)
    held = value[key]
    boxed = inner.turn(held, memo)
    if len(value) == 1:
        return boxed
    natural = inner.turn(value, memo)
    is_telling = isinstance(held, dict | list) and bool(held)
    if natural.cost <= boxed.cost + (0 if is_telling else UNKNOWN * (len(value) - 1)):
        return natural
    dropped = (extra_dropped(one, item) for one, item in value.items() if one != key)
    return Out(boxed.value, boxed.cost + UNKNOWN * (len(value) - 1), (*boxed.repairs, *dropped))


def extra_dropped(key: str, item: JsonValue) -> Repair:
    """The entry for a member that the wire's own object has no place for."""
    return Repair((), "extra_key_dropped", {key: item}, None, "coerced")


class RefCodec(Codec):
    """A reference to a definition."""

    __slots__ = ("name",)

    def __init__(self, name: str, schema: JsonObject) -> None:
        super().__init__(schema)
        self.name = name

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """As the definition does."""
        return memo.table[self.name].turn(value, memo)

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """As the definition does."""
        return table[self.name].user_path(path, table)

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """As the definition does."""
        return table[self.name].wire_path(path, table)


class UnionCodec(Codec):
    """The member of least cost, the first of equals."""

    __slots__ = ("is_identity", "members")

    def __init__(self, schema: JsonObject, members: Sequence[Codec]) -> None:
        super().__init__(schema)
        self.members = tuple(members)
        self.is_identity = all(member.is_identity for member in members)

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """What the best member makes of it."""
        key = (id(self), id(value))
        best = memo.found.get(key)
        if best is not None and isinstance(value, dict | list):
            return best
        for member in self.members:
            out = member.turn(value, memo)
            if best is None or out.cost < best.cost:
                best = out
            if best.cost == 0:
                break
        best = best or Out(value, WRONG_TYPE)
        if isinstance(value, dict | list):
            memo.found[key] = best
        return best

    def _only(self) -> Codec | None:
        deep = [member for member in self.members if member.schema.get("type") not in _SINGLE]
        return deep[0] if len(deep) == 1 else None

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """By the only member that has places inside."""
        only = self._only()
        return path if only is None else only.user_path(path, table)

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """By the only member that has places inside."""
        only = self._only()
        return (path if self.is_identity or not path else None) if only is None else only.wire_path(path, table)


_SINGLE: Final = ("string", "number", "integer", "boolean", "null")


class TextCodec(Codec):
    """Any JSON value, written as JSON text in a string."""

    __slots__ = ()
    is_identity = False

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Text to value and back; a text that is no JSON stays."""
        if memo.way == "encode":
            return Out(json.dumps(value, ensure_ascii=False), LOOSE)
        if not isinstance(value, str):
            return Out(value, LOOSE)
        try:
            return Out(json.loads(value), LOOSE)
        except (ValueError, RecursionError):
            return Out(value, LOOSE * 2)

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """Inside a text there are no places."""
        del table
        return None if path else ()


class InnerTextCodec(Codec):
    """A text that holds JSON of a known schema: the wire has what the text holds."""

    __slots__ = ("inner",)
    is_identity = False

    def __init__(self, schema: JsonObject, inner: Codec) -> None:
        super().__init__(schema)
        self.inner = inner

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """A text to what it holds, and back; a text that holds the right JSON is taken for itself."""
        if memo.way == "encode":
            held = read_text(value)
            return Out(value, WRONG_TYPE) if held is None else self.inner.turn(held[0], memo)
        out = self.inner.turn(value, memo)
        held = read_text(value)
        if out.cost >= WRONG_VALUE and held is not None:
            within = self.inner.turn(held[0], memo)
            if within.cost < out.cost:
                out = Out(within.value, within.cost + LOOSE, within.repairs)
        return Out(json.dumps(out.value, ensure_ascii=False), out.cost, ())

    def as_text(self) -> Codec:
        """The same, as a plain text."""
        said = str(self.schema.get("description", ""))
        return Codec({"type": "string", "description": sentences(said, "JSON text.")})

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """Inside a text there are no places."""
        del path, table
        return ()

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """Inside a text there are no places."""
        del table
        return None if path else ()


def read_text(value: JsonValue) -> tuple[JsonValue] | None:
    """The JSON that a text holds, in a tuple; None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        return (json.loads(value),)
    except (ValueError, RecursionError):
        return None


class ChoiceCodec(Codec):
    """Values that are no single ones, each by a text of its own."""

    __slots__ = ("_texts",)
    is_identity = False

    def __init__(self, schema: JsonObject, values: Sequence[JsonValue]) -> None:
        super().__init__(schema)
        self._texts = {json.dumps(value, ensure_ascii=False): value for value in values}

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """The text of a value, the value of a text."""
        if memo.way == "encode":
            text = json.dumps(value, ensure_ascii=False)
            return Out(text) if text in self._texts else Out(value, WRONG_VALUE)
        if isinstance(value, str) and value in self._texts:
            return Out(self._texts[value])
        return Out(value, WRONG_VALUE)
