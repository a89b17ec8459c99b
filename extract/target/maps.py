"""Maps as lists of entries and back, or as they are; and any JSON value as a union without open objects."""

from __future__ import annotations

from typing import TypeGuard

from ..vocabulary import JsonObject, JsonValue, Path, Repair, Trust
from .codec import LOOSE, UNKNOWN, WRONG_TYPE, WRONG_VALUE, Codec, Memo, Out, extra_dropped, leaf_cost
from .forms import key_text

KEY = "key"
VALUE = "value"
ENTRIES = "entries"


class MapCodec(Codec):
    """Values of one kind by key.

    Attributes:
        value: codec of the values.
        is_entries: whether the wire has a list of entries.
        key: schema of the keys.

    """

    __slots__ = ("is_entries", "is_identity", "key", "value")

    def __init__(self, schema: JsonObject, value: Codec, *, is_entries: bool, key: JsonObject) -> None:
        super().__init__(schema)
        self.value = value
        self.is_entries = is_entries
        self.key = key
        self.is_identity = not is_entries and value.is_identity

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Entries to an object and back; a plain object is taken for itself."""
        if isinstance(value, dict):
            out = self._object(value, memo)
            if not self.is_entries:
                return out
            if memo.way == "decode":
                return Out(out.value, out.cost + LOOSE, out.repairs)
            pairs = out.value if isinstance(out.value, dict) else {}
            return Out([{KEY: key, VALUE: item} for key, item in pairs.items()], out.cost, out.repairs)
        if isinstance(value, list) and self.is_entries and memo.way == "decode" and all(map(_holds_entry, value)):
            return from_entries(value, self.value, self.key, memo)
        return Out(value, WRONG_TYPE)

    def _object(self, value: JsonObject, memo: Memo) -> Out:
        made: JsonObject = {}
        cost = 0
        repairs: list[Repair] = []
        for key, item in value.items():
            out = self.value.turn(item, memo)
            made[key] = out.value
            cost += out.cost + min(leaf_cost(self.key, key), WRONG_VALUE)
            repairs.extend(repair.under((key,)) for repair in out.repairs)
        return Out(made, cost, tuple(repairs))

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """An entry's key cannot be told without the value; its index stands for it."""
        if not self.is_entries:
            return path[:1] + self.value.user_path(path[1:], table)
        return path[:1] + (self.value.user_path(path[2:], table) if path[1:2] == (VALUE,) else ())

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """None inside entries: which one it is depends on the value."""
        if self.is_entries:
            return None if path else ()
        below = self.value.wire_path(path[1:], table)
        return None if below is None else path[:1] + below


def is_entry(value: JsonValue) -> TypeGuard[JsonObject]:
    """Whether a value is one entry: a single value as key, and a value."""
    return _holds_entry(value) and len(value) == 2


def _holds_entry(value: JsonValue) -> TypeGuard[JsonObject]:
    """The same, whatever else stands in it: an open object takes further members."""
    return isinstance(value, dict) and VALUE in value and isinstance(value.get(KEY), str | int | float)


def from_entries(value: list[JsonValue], codec: Codec, keys: JsonObject, memo: Memo) -> Out:
    """An object of the entries. Of a repeated key the last value stays, with a repair."""
    made: JsonObject = {}
    cost = 0
    repairs: list[Repair] = []
    for entry in value:
        if isinstance(entry, dict):
            key = key_text(entry[KEY])
            out = codec.turn(entry[VALUE], memo)
            if key in made:
                trust: Trust = "lossless" if made[key] == out.value else "guessed"
                repairs.append(Repair((key,), "repeated_key", made[key], out.value, trust))
            made[key] = out.value
            cost += out.cost + min(leaf_cost(keys, key), WRONG_VALUE) + UNKNOWN * (len(entry) - 2)
            repairs.extend(repair.under((key,)) for repair in out.repairs)
            dropped = (extra_dropped(one, item) for one, item in entry.items() if one not in (KEY, VALUE))
            repairs.extend(repair.under((key,)) for repair in dropped)
    return Out(made, cost, tuple(repairs))


class AnyCodec(Codec):
    """Any JSON value, its objects as `{"entries": [...]}`."""

    __slots__ = ()
    is_identity = False

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Every object within, at any depth."""
        if isinstance(value, list):
            outs = [self.turn(item, memo) for item in value]
            repairs = tuple(repair.under((index,)) for index, out in enumerate(outs) for repair in out.repairs)
            return Out([out.value for out in outs], 0, repairs)
        if not isinstance(value, dict):
            return Out(value)
        if memo.way == "encode":
            return Out({ENTRIES: [{KEY: key, VALUE: self.turn(item, memo).value} for key, item in value.items()]})
        inner = value.get(ENTRIES)
        if value.keys() == {ENTRIES} and isinstance(inner, list) and all(map(is_entry, inner)):
            return from_entries(inner, self, {}, memo)
        parts = {key: self.turn(item, memo) for key, item in value.items()}
        repairs = tuple(repair.under((key,)) for key, out in parts.items() for repair in out.repairs)
        return Out({key: out.value for key, out in parts.items()}, LOOSE, repairs)
