"""Objects with known keys: names that a dialect forbids, keys that may be absent, and what is beyond the known ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..vocabulary import JsonObject, JsonValue, Path, Repair
from .codec import LOOSE, MISSING, UNKNOWN, WRONG_TYPE, Codec, Memo, Out, unboxed
from .maps import MapCodec

Presence = Literal["required", "omit", "null", "marker", "list", "filled"]
"""How absence is said: not at all, by leaving the key out, by null, by `{"absent": true}`, by an empty list, by the
default, which means the same."""
_WRITTEN: Final = ("null", "marker", "list")
"""Where the wire has the key although it may be absent."""
MARKER: Final[JsonObject] = {"absent": True}
MARKER_SCHEMA: Final[JsonObject] = {
    "type": "object",
    "properties": {"absent": {"type": "boolean", "enum": [True]}},
    "required": ["absent"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Property:
    """One key of a record: the user's name, the wire's name, the codec of the value, how absence is said."""

    name: str
    wire: str
    codec: Codec
    presence: Presence
    default: JsonValue = None


class RecordCodec(Codec):
    """An object key by key.

    Attributes:
        properties: the known keys in order.
        extras: wire name and codec of a list of further entries; "" as name where they stand beside the known keys.
        tag: a key that only the wire has, with its value.

    """

    __slots__ = ("_by_name", "_by_wire", "extras", "is_identity", "properties", "tag")

    def __init__(
        self,
        schema: JsonObject,
        properties: Sequence[Property],
        extras: tuple[str, Codec] | None,
        tag: tuple[str, JsonValue] | None = None,
    ) -> None:
        super().__init__(schema)
        self.properties = tuple(properties)
        self.extras = extras
        self.tag = tag
        self._by_wire = {one.wire: one for one in properties}
        self._by_name = {one.name: one for one in properties}
        self.is_identity = (
            tag is None
            and (extras is None or (not extras[0] and extras[1].is_identity))
            and all(
                one.codec.is_identity and one.presence in ("required", "omit", "filled") and one.name == one.wire
                for one in properties
            )
        )

    def property_at(self, wire: str) -> Property | None:
        """The known key that a key of the wire stands for; the user's own names are taken too."""
        return self._by_wire.get(wire) or self._by_name.get(wire)

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Key by key, in the value's order on the way back."""
        if not isinstance(value, dict):
            return Out(value, WRONG_TYPE)
        return self._decode(value, memo) if memo.way == "decode" else self._encode(value, memo)

    def _decode(self, value: JsonObject, memo: Memo) -> Out:
        made: JsonObject = {}
        more: JsonObject = {}
        repairs: list[Repair] = []
        cost = 0
        for wire, item in value.items():
            one = self.property_at(wire)
            if self.tag is not None and wire == self.tag[0]:
                cost += 0 if item == self.tag[1] else UNKNOWN
            elif one is None:
                out = self._extra(wire, item, memo)
                cost += out.cost
                repairs += out.repairs
                if isinstance(out.value, dict):
                    more |= out.value
            elif not _is_absent(one.presence, item):
                inner = item[0] if one.presence == "list" and isinstance(item, list) and len(item) == 1 else item
                out = one.codec.turn(inner, memo)
                made[one.name] = out.value
                cost += out.cost
                repairs.extend(repair.under((one.name,)) for repair in out.repairs)
        cost += MISSING * sum(one.presence == "required" and one.name not in made for one in self.properties)
        cost += LOOSE * sum(one.presence in _WRITTEN and one.wire not in value for one in self.properties)
        return Out(
            {**more, **made} if not made else made | {k: v for k, v in more.items() if k not in made},
            cost,
            tuple(repairs),
        )

    def _extra(self, wire: str, item: JsonValue, memo: Memo) -> Out:
        """A key that is not known: the list of extras, one extra, or a stray key, as an object of what it holds."""
        if self.extras is None:
            return Out({wire: item}, UNKNOWN)
        name, codec = self.extras
        if name and wire == name:
            out = codec.turn(item, memo)
            if isinstance(out.value, dict):
                return out
            return Out({} if item is None else {wire: item}, UNKNOWN)
        inner = codec.value if isinstance(codec, MapCodec) else codec
        out = inner.turn(item, memo)
        cost = out.cost + (UNKNOWN if name else 1)
        return Out({wire: out.value}, cost, tuple(repair.under((wire,)) for repair in out.repairs))

    def _encode(self, value: JsonObject, memo: Memo) -> Out:
        made: JsonObject = {} if self.tag is None else {self.tag[0]: self.tag[1]}
        cost = 0
        for one in self.properties:
            if one.name in value or one.presence == "filled":
                out = one.codec.turn(value.get(one.name, one.default), memo)
                made[one.wire] = [out.value] if one.presence == "list" else out.value
                cost += out.cost
            elif one.presence == "required":
                cost += MISSING
            elif one.presence != "omit":
                made[one.wire] = _absence(one.presence)
        more = {key: item for key, item in value.items() if key not in self._by_name}
        if self.extras is None:
            made |= {key: item for key, item in more.items() if key not in made}
            return Out(made, cost + UNKNOWN * len(more))
        name, codec = self.extras
        out = codec.turn(more, memo)
        if name:
            made[name] = out.value
        elif isinstance(out.value, dict):
            made |= out.value
        return Out(made, cost + out.cost + len(more))

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """Wire names to the user's."""
        if not path:
            return ()
        one = self._by_wire.get(str(path[0]))
        if one is None:
            return path
        rest = path[2:] if one.presence == "list" else path[1:]
        return (one.name, *one.codec.user_path(rest, table))

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """The user's names to the wire's."""
        if not path:
            return ()
        one = self._by_name.get(str(path[0]))
        if one is None:
            return None
        below = one.codec.wire_path(path[1:], table)
        if below is None:
            return None
        return (one.wire, 0, *below) if one.presence == "list" else (one.wire, *below)


def _absence(presence: Presence) -> JsonValue:
    return [] if presence == "list" else dict(MARKER) if presence == "marker" else None


def _is_absent(presence: Presence, item: JsonValue) -> bool:
    match presence:
        case "null":
            return item is None
        case "marker":
            return item == MARKER
        case "list":
            return item == []
        case "required" | "omit" | "filled":
            return False


class EnvelopeCodec(Codec):
    """A root that is no object, as the one property of one."""

    __slots__ = ("inner",)
    is_identity = False
    name: Final = "value"

    def __init__(self, schema: JsonObject, inner: Codec) -> None:
        super().__init__(schema)
        self.inner = inner

    def turn(self, value: JsonValue, memo: Memo) -> Out:
        """Wrap and unwrap; what is not wrapped, or fits better as it is, is taken for itself."""
        if memo.way == "encode":
            out = self.inner.turn(value, memo)
            return Out({self.name: out.value}, out.cost, out.repairs)
        return unboxed(value, self.name, self.inner, memo)

    def user_path(self, path: Path, table: dict[str, Codec]) -> Path:
        """Without the envelope's own key."""
        return self.inner.user_path(path[1:] if path[:1] == (self.name,) else path, table)

    def wire_path(self, path: Path, table: dict[str, Codec]) -> Path | None:
        """With the envelope's own key."""
        below = self.inner.wire_path(path, table)
        return None if below is None else (self.name, *below)
