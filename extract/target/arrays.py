"""Lists, sets and tuples: item by item; a tuple as an object where a dialect has no `prefixItems`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from ..vocabulary import JsonObject, JsonValue, Path, Repair
from .codec import LOOSE, MISSING, UNKNOWN, WRONG_TYPE, Codec, Memo, Out, extra_dropped


class ListCodec(Codec):
    """Items of one kind; of a set, equal ones only once."""

    __slots__ = ("is_identity", "is_set", "item")

    def __init__(self, schema: JsonObject, item: Codec, *, is_set: bool = False) -> None:
        super().__init__(schema)
        self.item = item
        self.is_set = is_set
        self.is_identity = item.is_identity and not is_set

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Item by item."""
        if not isinstance(value, list):
            return Out(value, WRONG_TYPE)
        return _unique(turn_items(value, [self.item] * len(value), memo), is_set=self.is_set and memo.way == "decode")

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """An index stays."""
        return path[:1] + self.item.user_path(path[1:], table)

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """An index stays."""
        below = self.item.wire_path(path[1:], table)
        return None if below is None else path[:1] + below


def turn_items(value: list[JsonValue], codecs: Sequence[Codec], memo: Memo) -> Out:
    """Each item by its own codec."""
    outs = [codec.turn(item, memo) for codec, item in zip(codecs, value, strict=True)]
    repairs = tuple(repair.under((index,)) for index, out in enumerate(outs) for repair in out.repairs)
    return Out([out.value for out in outs], sum(out.cost for out in outs), repairs)


def _after(repair: Repair, places: int) -> Repair:
    """A repair of a further item, by its index in the whole tuple."""
    index, *below = repair.path
    return replace(repair, path=(index + places, *below)) if isinstance(index, int) else repair


def _unique(out: Out, *, is_set: bool) -> Out:
    if not is_set or not isinstance(out.value, list):
        return out
    kept: dict[str, JsonValue] = {}
    repairs: list[Repair] = []
    for index, item in enumerate(out.value):
        key = json.dumps(item, sort_keys=True)
        if key in kept:
            repairs.append(Repair((index,), "repeated_item", item, None, "lossless"))
        else:
            kept[key] = item
    return Out(list(kept.values()), out.cost, (*out.repairs, *repairs)) if repairs else out


class TupleCodec(Codec):
    """Items by place: `prefixItems` as they are, or an object with one key for each place and one for the rest.

    Attributes:
        keys: wire names of the places; None where the wire has `prefixItems`.
        needed: how many places must be filled.
        omits: whether a place that is not filled is left out; else a marker says it.
        rest: codec of further items and its wire name, None where there are none.

    """

    __slots__ = ("is_identity", "items", "keys", "needed", "omits", "rest")

    def __init__(
        self,
        schema: JsonObject,
        items: Sequence[Codec],
        *,
        keys: Sequence[str] | None,
        needed: int,
        rest: tuple[str, Codec] | None,
        omits: bool = False,
    ) -> None:
        super().__init__(schema)
        self.items = tuple(items)
        self.keys = None if keys is None else tuple(keys)
        self.needed = needed
        self.omits = omits
        self.rest = rest
        self.is_identity = keys is None and all(item.is_identity for item in items)
        if rest is not None and not rest[1].is_identity:
            self.is_identity = False

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """A list to an object and back; a list is taken for itself."""
        if isinstance(value, dict) and self.keys is not None and memo.way == "decode":
            return self._from_object(value, memo)
        if not isinstance(value, list):
            return Out(value, WRONG_TYPE)
        out = turn_items(value, [self._codec(index) for index in range(len(value))], memo)
        missing = max(0, self.needed - len(value))
        extra = 0 if self.rest else max(0, len(value) - len(self.items))
        cost = out.cost + missing * MISSING + extra * MISSING
        if self.keys is None or memo.way == "decode":
            return Out(out.value, cost + (LOOSE if self.keys is not None else 0), out.repairs)
        return Out(self._to_object(out.value if isinstance(out.value, list) else []), cost, out.repairs)

    def _codec(self, index: int) -> Codec:
        if index < len(self.items):
            return self.items[index]
        return self.rest[1] if self.rest else Codec({})

    def _to_object(self, items: list[JsonValue]) -> JsonValue:
        keys = self.keys or ()
        made: JsonObject = dict(zip(keys, items, strict=False))
        if len(items) < len(keys) and not self.omits:
            made |= {key: {"absent": True} for key in keys[len(items) :]}
        if self.rest is not None:
            made[self.rest[0]] = items[len(keys) :]
        return made

    def _from_object(self, value: JsonObject, memo: Memo) -> Out:
        items: list[JsonValue] = []
        repairs: list[Repair] = []
        cost = 0
        keys = self.keys or ()
        for index, (key, codec) in enumerate(zip(keys, self.items, strict=True)):
            if self._is_empty(value, index, key):
                cost += MISSING if index < self.needed else 0
                break
            out = codec.turn(value[key], memo)
            cost += out.cost
            items.append(out.value)
            repairs.extend(repair.under((index,)) for repair in out.repairs)
        known = {*keys, *([self.rest[0]] if self.rest else [])}
        if cost >= MISSING and not known & value.keys():
            return Out(value, WRONG_TYPE)
        beyond = [key for index, key in enumerate(keys) if index > len(items) and not self._is_empty(value, index, key)]
        more = value.get(self.rest[0]) if self.rest else None
        if self.rest and isinstance(more, list) and len(items) == len(keys):
            out = turn_items(more, [self.rest[1]] * len(more), memo)
            items += out.value if isinstance(out.value, list) else []
            cost += out.cost
            repairs.extend(_after(repair, len(keys)) for repair in out.repairs)
        elif self.rest and more:
            beyond.append(self.rest[0])
        repairs.extend(Repair((), "place_after_gap", {key: value[key]}, None, "guessed") for key in beyond)
        dropped = [extra_dropped(one, item) for one, item in value.items() if one not in known]
        cost += UNKNOWN * (len(dropped) + len(beyond))
        repairs += dropped
        return Out(items, cost, tuple(repairs))

    def _is_empty(self, value: JsonObject, index: int, key: str) -> bool:
        """Whether nothing stands at a place: its key is left out, or the marker says so."""
        return key not in value or (index >= self.needed and not self.omits and value[key] == {"absent": True})

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """A wire key is an index; the list of further items is the tuple itself."""
        if not path:
            return ()
        step, below = path[0], path[1:]
        if isinstance(step, str) and self.keys is not None and step in self.keys:
            step = self.keys.index(step)
        elif self.keys is not None and self.rest is not None and step == self.rest[0]:
            if not below or not isinstance(below[0], int):
                return ()
            step, below = len(self.items) + below[0], below[1:]
        return (step, *self._codec(step).user_path(below, table)) if isinstance(step, int) else path

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """An index is a wire key, or a place in the list of further items."""
        if not path:
            return ()
        index = path[0]
        if not isinstance(index, int) or (index >= len(self.items) and self.rest is None):
            return None
        below = self._codec(index).wire_path(path[1:], table)
        if below is None:
            return None
        if self.keys is None:
            return (index, *below)
        if index < len(self.keys):
            return (self.keys[index], *below)
        return None if self.rest is None else (self.rest[0], index - len(self.keys), *below)
