"""From the pieces of an answer to the value so far: wire positions are turned into the user's as they arrive.

One `Place` per position of the wire knows what becomes of what stands there, by the codec of the lowered schema. What
cannot be told before it is complete (a union of several objects, a value inside a text, a set) is held back until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import Any, Final, Literal, TypeVar

from ..chat.assemble import Delta
from ..chat.method import METHODS
from ..chat.reply import Lost, Reply
from ..fit.fitting import fitter
from ..target.arrays import ListCodec, TupleCodec
from ..target.codec import Codec, Memo, RefCodec, UnionCodec
from ..target.forms import key_text
from ..target.lower import Lowered
from ..target.maps import KEY, VALUE, MapCodec
from ..target.records import MARKER, EnvelopeCodec, Property, RecordCodec
from ..target.shape import ANYTHING, Shape, shape_of
from ..text.incremental import Growing, Scanner
from ..text.reasoning import CLOSING, MARK_CHARS
from ..vocabulary import JsonObject, JsonValue, Path
from .draft import Draft, Node, Step, Text, View
from .edit import Edit, Part
from .extraction import Extraction
from .judge import texts_of
from .part import Correction, Rest
from .place import look_for
from .plan import Plan
from .situation import Situation

T = TypeVar("T")
Strings = Literal["growing", "whole"]
"""Whether a text is shown while it grows, or only when it is complete."""
OBJECT_TYPES: Final = ("object", "array")
AS_ITSELF: Final = frozenset({"required", "omit", "filled", "null"})
"""Presences of a property whose value stands on the wire as it is, null saying at most that it is absent."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all places of one answer share."""

    view: View
    table: dict[str, Codec]
    is_growing: bool

    def decoded(self, codec: Codec, value: JsonValue) -> JsonValue:
        """The natural form of a complete wire value."""
        return codec.turn(value, Memo("decode", self.table)).value


class Place:
    """A position that is of no account."""

    __slots__ = ()

    def begin(self, value: JsonValue) -> None:
        """A value begins: an empty object, list or text, or a single value."""

    def grow(self, text: str) -> None:
        """The text there grows."""

    def child(self, step: Step) -> Place:
        """The position of a member."""
        del step
        return NOWHERE

    def close(self, value: JsonValue) -> None:
        """The value is complete: a container is the one that began."""

    def text(self, step: Step) -> Growing:
        """A member that is a text begins to come bit by bit."""
        place = self.child(step)
        place.begin("")
        return place

    def leaf(self, step: Step, value: JsonValue) -> None:
        """A member came whole that has none of its own."""
        place = self.child(step)
        if isinstance(value, str):
            place.begin("")
            place.grow(value)
        else:
            place.begin(value)
        place.close(value)


NOWHERE: Final = Place()


class Plain(Place):
    """A position whose value has the same form on the wire and for the user; members likewise."""

    __slots__ = ("_ground", "_node", "_shape", "_step", "_text", "_up")

    def __init__(self, ground: Ground, up: Node, step: Step, shape: Shape) -> None:
        self._ground, self._up, self._step, self._shape = ground, up, step, shape
        self._node: Node | None = None
        self._text: Text | None = None

    def begin(self, value: JsonValue) -> None:
        """Open an object or a list; show a text only where it may grow."""
        if isinstance(value, dict | list):
            self._open(value)
        elif isinstance(value, str) and self._shape.grows and self._ground.is_growing:
            self._text = self._ground.view.begin_text(self._up, self._step, self._shape)

    def _open(self, holder: dict[str, JsonValue] | list[JsonValue]) -> None:
        self._node = self._ground.view.begin(self._up, self._step, self._shape, holder)

    def grow(self, text: str) -> None:
        """Show what was added."""
        if self._text is not None and text:
            self._text.grow(text)

    def leaf(self, step: Step, value: JsonValue) -> None:
        """Show a member that came whole."""
        node, shape, ground = self._node, self._shape, self._ground
        if node is not None:
            note = (shape.known_notes.get(step) or shape.notes(step)).get(type(value))
            if note is None or not ground.view.put(note if ground.is_growing else "leaf", node, step, value):
                self._show(node, step, shape.child(step), value)

    def text(self, step: Step) -> Growing:
        """Show a text as it grows, where it may."""
        return self._text_of(self._node, step, self._below(step))

    def _text_of(self, node: Node | None, step: Step, shape: Shape | None) -> Growing:
        if node is None or shape is None:
            return NOWHERE
        if shape.grows and self._ground.is_growing:
            return self._ground.view.begin_text(node, step, shape) or NOWHERE
        return Plain(self._ground, node, step, shape)

    def _show(self, node: Node, step: Step, shape: Shape | None, value: JsonValue) -> None:
        """Show a single value of the same form on the wire and for the user, where the type knows its place."""
        if shape is None:
            node.is_good = False
        elif isinstance(value, str) and shape.grows and self._ground.is_growing:
            self._ground.view.text(node, step, shape, value)
        else:
            self._ground.view.leaf(node, step, shape, value)

    def child(self, step: Step) -> Place:
        """A member of the same form."""
        inner = self._below(step)
        return NOWHERE if inner is None or self._node is None else Plain(self._ground, self._node, step, inner)

    def _below(self, step: Step) -> Shape | None:
        """The shape of a member; None where the type knows none, so that it is not shown."""
        inner = self._shape.child(step)
        if inner is None and self._node is not None:
            self._node.is_good = False
        return inner

    def close(self, value: JsonValue) -> None:
        """The value is complete."""
        view = self._ground.view
        if self._node is not None:
            view.end(self._node)
        elif self._text is not None:
            self._text.close(value)
        elif not isinstance(value, dict | list):
            view.leaf(self._up, self._step, self._shape, value)


class Kept(Place):
    """A container that nothing is shown of; its members are put into it."""

    __slots__ = ("_holder",)

    def __init__(self, holder: JsonObject | list[JsonValue]) -> None:
        self._holder = holder

    def leaf(self, step: Step, value: JsonValue) -> None:
        """A member."""
        if isinstance(self._holder, dict):
            self._holder[str(step)] = value
        else:
            self._holder.append(value)

    def child(self, step: Step) -> Place:
        """A member that comes bit by bit."""
        return KeptMember(self, step)


class Filled(Place):
    """A position of which nothing is shown before it is complete; a container there is filled as it comes."""

    __slots__ = ("_within",)

    def __init__(self) -> None:
        self._within: Place = NOWHERE

    def begin(self, value: JsonValue) -> None:
        """A container has members."""
        if isinstance(value, dict | list):
            self._within = Kept(value)

    def leaf(self, step: Step, value: JsonValue) -> None:
        """A member of it."""
        self._within.leaf(step, value)

    def child(self, step: Step) -> Place:
        """A member of it."""
        return self._within.child(step)


class KeptMember(Filled):
    """A member of such a container."""

    __slots__ = ("_step", "_up")

    def __init__(self, up: Kept, step: Step) -> None:
        super().__init__()
        self._up, self._step = up, step

    def close(self, value: JsonValue) -> None:
        """Put it in its place."""
        self._up.leaf(self._step, value)


class Held(Filled):
    """A position whose value is shown when it is complete."""

    __slots__ = ("_absent", "_codec", "_ground", "_shape", "_step", "_up")

    def __init__(
        self,
        ground: Ground,
        codec: Codec,
        up: Node,
        step: Step,
        shape: Shape,
        *,
        absent: JsonValue | EllipsisType = ...,
    ) -> None:
        super().__init__()
        self._ground, self._codec, self._up, self._step, self._shape = ground, codec, up, step, shape
        self._absent = absent

    def close(self, value: JsonValue) -> None:
        """Decode it and show it."""
        if value != self._absent:
            natural = self._ground.decoded(self._codec, value)
            self._ground.view.whole(self._up, self._step, self._shape, natural)


class Nullable(Place):
    """A property that says by null that it is absent."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Place) -> None:
        self._inner = inner

    def begin(self, value: JsonValue) -> None:
        """As the property."""
        if value is not None:
            self._inner.begin(value)

    def grow(self, text: str) -> None:
        """As the property."""
        self._inner.grow(text)

    def child(self, step: Step) -> Place:
        """As the property."""
        return self._inner.child(step)

    def close(self, value: JsonValue) -> None:
        """As the property; null says nothing."""
        if value is not None:
            self._inner.close(value)


class Boxes(Place):
    """A property that stands in a list of none or one."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Place) -> None:
        self._inner = inner

    def child(self, step: Step) -> Place:
        """The property itself."""
        return self._inner if step == 0 else NOWHERE


class Coded(Plain):
    """An object or a list whose members have codecs of their own."""

    __slots__ = ()

    def leaf(self, step: Step, value: JsonValue) -> None:
        """By the codec of its place."""
        Place.leaf(self, step, value)

    def text(self, step: Step) -> Growing:
        """By the codec of its place."""
        return Place.text(self, step)


class RecordPlace(Coded):
    """An object by a record's codec."""

    __slots__ = ("_codec",)

    def __init__(self, ground: Ground, codec: RecordCodec, up: Node, step: Step, shape: Shape) -> None:
        super().__init__(ground, up, step, shape)
        self._codec = codec

    def leaf(self, step: Step, value: JsonValue) -> None:
        """A property under the user's name; what needs no codec is shown at once."""
        node, known = self._node, self._as_itself(step)
        if node is None or known is None:
            Place.leaf(self, step, value)
        elif value is not None or known.presence != "null":
            self._show(node, known.name, self._shape.child(known.name) or ANYTHING, value)

    def text(self, step: Step) -> Growing:
        """The same for a text."""
        known = self._as_itself(step)
        if known is None:
            return Place.text(self, step)
        return self._text_of(self._node, known.name, self._shape.child(known.name) or ANYTHING)

    def _as_itself(self, step: Step) -> Property | None:
        """The property of a key, where its value stands on the wire as it is."""
        known = self._codec.property_at(str(step))
        return known if known is not None and known.presence in AS_ITSELF and type(known.codec) is Codec else None

    def child(self, step: Step) -> Place:
        """A property under the user's name."""
        node, codec, wire = self._node, self._codec, str(step)
        if node is None or (codec.tag is not None and wire == codec.tag[0]):
            return NOWHERE
        known = codec.property_at(wire)
        if known is not None:
            return self._property(node, known)
        if codec.extras is None:
            inner = self._below(step)
            return NOWHERE if inner is None else Plain(self._ground, node, step, inner)
        name, extras = codec.extras
        value = extras.value if isinstance(extras, MapCodec) else extras
        if name and wire == name and not isinstance(extras, MapCodec):
            return NOWHERE  # a text that holds them is opened when it is whole
        if name and wire == name:
            return Entries(self._ground, value, node)
        return place_for(self._ground, value, node, step, self._shape.child(step) or ANYTHING)

    def _property(self, node: Node, known: Property) -> Place:
        shape = self._shape.child(known.name) or ANYTHING
        inner = place_for(self._ground, known.codec, node, known.name, shape)
        presence = known.presence
        match presence:
            case "null":
                return Nullable(inner)
            case "list":
                return Boxes(inner)
            case "marker":
                return Held(self._ground, known.codec, node, known.name, shape, absent=dict(MARKER))
            case "required" | "omit" | "filled":
                return inner


class ListPlace(Coded):
    """A list by the codec of its items."""

    __slots__ = ("_item",)

    def __init__(self, ground: Ground, item: Codec, up: Node, step: Step, shape: Shape) -> None:
        super().__init__(ground, up, step, shape)
        self._item = item

    def child(self, step: Step) -> Place:
        """An item."""
        inner = self._below(step)
        if inner is None or self._node is None:
            return NOWHERE
        return place_for(self._ground, self._item, self._node, step, inner)


class MapPlace(Coded):
    """A map: a list of entries on the wire, or an object."""

    __slots__ = ("_entries", "_value")

    def __init__(self, ground: Ground, codec: MapCodec, up: Node, step: Step, shape: Shape) -> None:
        super().__init__(ground, up, step, shape)
        self._value = codec.value
        self._entries: Entries | None = None

    def begin(self, value: JsonValue) -> None:
        """An object for the user either way."""
        if isinstance(value, dict | list):
            self._open({})  # not the one that began: that may be a list
            if isinstance(value, list) and self._node is not None:
                self._entries = Entries(self._ground, self._value, self._node)

    def child(self, step: Step) -> Place:
        """An entry, or a member."""
        if self._node is None:
            return NOWHERE
        if self._entries is not None:
            return self._entries.child(step)
        return place_for(self._ground, self._value, self._node, step, self._shape.child(step) or ANYTHING)


class Entries(Place):
    """A list of entries whose members go into an object."""

    __slots__ = ("ground", "node", "value")

    def __init__(self, ground: Ground, value: Codec, node: Node) -> None:
        self.ground, self.value, self.node = ground, value, node

    def child(self, step: Step) -> Place:
        """An entry."""
        del step
        return Entry(self)


class Entry(Place):
    """One key and its value; the key comes first."""

    __slots__ = ("_is_told", "_of", "key")

    def __init__(self, of: Entries) -> None:
        self._of = of
        self._is_told = False
        self.key: str | None = None

    def child(self, step: Step) -> Place:
        """The key, then the value under it; a key that comes twice, or late, is for the whole to settle."""
        if step == KEY:
            return Key(self)
        node, key = self._of.node, self.key
        if step != VALUE or key is None or key in node.holder:
            node.is_good = False
            return NOWHERE
        self._is_told = True
        return place_for(self._of.ground, self._of.value, node, key, node.shape.child(key) or ANYTHING)

    def close(self, value: JsonValue) -> None:
        """An entry without key or value leaves the map open."""
        del value
        if not self._is_told:
            self._of.node.is_good = False


class Key(Place):
    """The key of an entry."""

    __slots__ = ("_entry",)

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def close(self, value: JsonValue) -> None:
        """The key is known."""
        if isinstance(value, str | int | float):
            self._entry.key = key_text(value)


class TuplePlace(Coded):
    """A tuple: an object with a key for each place on the wire, or a list."""

    __slots__ = ("_codec", "_is_list")

    def __init__(self, ground: Ground, codec: TupleCodec, up: Node, step: Step, shape: Shape) -> None:
        super().__init__(ground, up, step, shape)
        self._codec = codec
        self._is_list = False

    def begin(self, value: JsonValue) -> None:
        """A list for the user either way."""
        if isinstance(value, dict | list):
            self._is_list = isinstance(value, list)
            self._open([])

    def child(self, step: Step) -> Place:
        """An item by its place."""
        node, codec = self._node, self._codec
        if node is None:
            return NOWHERE
        if isinstance(step, int):
            return self._item(node, step)
        keys = codec.keys or ()
        if step in keys:
            return self._item(node, keys.index(step))
        if codec.rest is not None and step == codec.rest[0]:
            return Further(self, node)
        node.is_good = False
        return NOWHERE

    def _item(self, node: Node, index: int) -> Place:
        codec = self._codec
        inner = self._below(index)
        one = codec.items[index] if index < len(codec.items) else codec.rest[1] if codec.rest else None
        if inner is None or one is None:
            return NOWHERE
        if not self._is_list and codec.needed <= index < len(codec.items):
            return Held(self._ground, one, node, index, inner, absent=dict(MARKER))
        return place_for(self._ground, one, node, index, inner)

    def further(self, node: Node, index: int) -> Place:
        """An item behind the places."""
        return self._item(node, len(self._codec.items) + index)


class Further(Place):
    """The list of a tuple's further items."""

    __slots__ = ("_node", "_of")

    def __init__(self, of: TuplePlace, node: Node) -> None:
        self._of, self._node = of, node

    def child(self, step: Step) -> Place:
        """One of them."""
        return self._of.further(self._node, step) if isinstance(step, int) else NOWHERE


class Chosen(Place):
    """A position that takes its kind from how its value begins: a member of a union, a root in or out of its envelope."""

    __slots__ = ("_codec", "_ground", "_inner", "_shape", "_step", "_up")

    def __init__(self, ground: Ground, codec: Codec, up: Node, step: Step, shape: Shape) -> None:
        self._ground, self._codec, self._up, self._step, self._shape = ground, codec, up, step, shape
        self._inner: Place = NOWHERE

    def begin(self, value: JsonValue) -> None:
        """Choose by the first bracket."""
        self._inner = self._choose(value)
        self._inner.begin(value)

    def _choose(self, value: JsonValue) -> Place:
        members = self._members()
        if isinstance(value, dict | list):
            kind = "object" if isinstance(value, dict) else "array"
            deep = [one for one in members if one.schema.get("type") == kind]
            if len(deep) == 1 and all(one.schema.get("type") is not None for one in members):
                return place_for(self._ground, deep[0], self._up, self._step, self._shape)
        elif all(type(one) is Codec or one.schema.get("type") in OBJECT_TYPES for one in members):
            return Plain(self._ground, self._up, self._step, self._shape)
        return Held(self._ground, self._codec, self._up, self._step, self._shape)

    def _members(self) -> list[Codec]:
        codec = self._codec
        members = codec.members if isinstance(codec, UnionCodec) else (codec,)
        return [resolved(one, self._ground.table) for one in members]

    def grow(self, text: str) -> None:
        """As chosen."""
        self._inner.grow(text)

    def child(self, step: Step) -> Place:
        """As chosen."""
        return self._inner.child(step)

    def close(self, value: JsonValue) -> None:
        """As chosen."""
        self._inner.close(value)


class Envelope(Chosen):
    """A root in its envelope; what stands there without one is taken for itself."""

    __slots__ = ("_is_empty",)

    def begin(self, value: JsonValue) -> None:
        """Wait for the first key of an object."""
        self._is_empty = isinstance(value, dict)
        if not self._is_empty:
            self._inner = self._bare()
            self._inner.begin(value)

    def _bare(self) -> Place:
        inner = self._codec.inner if isinstance(self._codec, EnvelopeCodec) else self._codec
        return place_for(self._ground, inner, self._up, self._step, self._shape)

    def child(self, step: Step) -> Place:
        """The value itself, or a member of a root without envelope."""
        if self._is_empty:
            self._is_empty = False
            if step == EnvelopeCodec.name:
                return self._bare()
            self._inner = self._bare()
            self._inner.begin({})
        return self._inner.child(step)


def resolved(codec: Codec, table: dict[str, Codec]) -> Codec:
    """The codec that references lead to."""
    while isinstance(codec, RefCodec):
        codec = table[codec.name]
    return codec


def place_for(ground: Ground, codec: Codec, up: Node, step: Step, shape: Shape) -> Place:
    """The place of a wire position."""
    codec = resolved(codec, ground.table)
    match codec:
        case RecordCodec():
            return RecordPlace(ground, codec, up, step, shape)
        case ListCodec() if not codec.is_set:
            return ListPlace(ground, codec.item, up, step, shape)
        case MapCodec():
            return MapPlace(ground, codec, up, step, shape)
        case TupleCodec():
            return TuplePlace(ground, codec, up, step, shape)
        case EnvelopeCodec():
            return Envelope(ground, codec, up, step, shape)
        case UnionCodec():
            return Chosen(ground, codec, up, step, shape)
        case _ if type(codec) is Codec:
            return Plain(ground, up, step, shape)
        case _:
            return Held(ground, codec, up, step, shape)


# --- a part of the whole


class Joint(Node):
    """A position of a part's answer that is no position of the whole: its members have places of their own."""

    __slots__ = ("_base", "_part", "_view", "part_path")

    def __init__(self, view: View, part: Part, base: JsonValue, path: Path, shape: Shape) -> None:
        super().__init__(None, "", (), shape, {})
        self._view, self._part, self._base, self.part_path = view, part, base, path

    def slot(self, step: Step) -> tuple[Node, Step]:
        """The member's place in the whole."""
        path = self._part.path_in_whole(self._base, (*self.part_path, step))
        up = self._view.node_at(path[:-1]) if path else None
        return (self, step) if up is None else (up, path[-1])

    def joint(self, step: Step, shape: Shape) -> Node | None:
        """For a member that lengthens what is there; None where it is a position of the whole."""
        path = (*self.part_path, step)
        if not isinstance(self._part, Rest):
            return None
        for inner in (0, "\0"):  # of a list, of an object
            whole = self._part.path_in_whole(self._base, (*path, inner))[:-1]
            if whole == self._part.open_path[: len(whole)] and isinstance(look_for(self._base, whole), dict | list):
                return Joint(self._view, self._part, self._base, path, shape)
        return None


class PartTop(Joint):
    """What holds the root of a part's answer, which is a joint."""

    __slots__ = ()

    def joint(self, step: Step, shape: Shape) -> Node | None:
        """The root."""
        del step
        return Joint(self._view, self._part, self._base, (), shape)


# --- one extraction, live


class Feed:
    """One text of the answer on its way into the view."""

    __slots__ = ("_live", "_rest", "_scanner")

    def __init__(self, live: Live) -> None:
        self._live = live
        self._rest = ""
        self._restart("")

    def _restart(self, text: str) -> None:
        self._scanner = Scanner(self._live.starts, self._live.root)
        self.take(text)

    def take(self, text: str) -> None:
        """The text grows."""
        scanner = self._scanner
        if not scanner.is_broken and not scanner.is_done:
            scanner.feed(text)
            if not scanner.is_broken and not scanner.is_done:
                return
            text = scanner.rest if scanner.is_done else ""
        self._after(text)

    def _after(self, text: str) -> None:
        """Behind a candidate: it may have been thought aloud only, or a better one follows."""
        self._rest += text
        closing = CLOSING.search(self._rest)
        if closing is not None:
            behind = self._rest[closing.end() :]
        else:
            start = self._scanner.start.search(self._rest)
            is_kept = self._scanner.is_broken or self._live.is_settled
            if is_kept or start is None:
                self._rest = self._rest[-MARK_CHARS:]
                return
            behind = self._rest[start.start() :]
        self._rest = ""
        self._live.begin_anew()
        self._restart(behind)


class Live:
    """An extraction as it arrives: `begin` for each request, `take` for each delta, `end` for each situation.

    Attributes:
        view: the value so far.
        starts: the brackets with which an answer may begin.

    """

    def __init__(self, plan: Plan[Any], strings: Strings = "growing") -> None:
        self._plan = plan
        self._strings: Strings = strings
        self.view = View(plan.context)
        self.starts = "{["
        self._part: Part | None = None
        self._base: JsonValue = None
        self._lowered: Lowered[Any] | None = None
        self._feeds: dict[str, Feed] = {}
        self._is_silent = True

    def begin(self, now: Situation[Any]) -> None:
        """A request goes out."""
        self._part, self._base = now.part, now.base
        self._lowered = self._plan.lowered(now.way, now.part)
        self._feeds = {}
        self._is_silent = True
        if now.part is not None and not self.view.is_begun:
            self.view.rebase(now.base, ())
        kinds = fitter(self._lowered.target.schema).kinds
        self.starts = "{[" if not kinds or "array" in kinds else "{"

    def root(self) -> Place:
        """The place of the answer's root."""
        lowered = self._lowered
        assert lowered is not None  # noqa: S101 - `begin` came first
        shape = shape_of(self._plan.target if self._part is None else lowered.target)
        ground = Ground(self.view, lowered.table, self._strings == "growing")
        up: Node = self.view.top
        if self._part is not None:
            up = PartTop(self.view, self._part, self._base, (), shape)
        if lowered.is_identity:
            return Plain(ground, up, "", shape)
        return place_for(ground, lowered.codec, up, "", shape)

    @property
    def is_settled(self) -> bool:
        """Whether a complete answer is kept, whatever text follows."""
        return self._part is not None or self.view.trie is True

    def begin_anew(self) -> None:
        """What the answer said so far does not count."""
        self.view.abandon()
        if self._part is not None:
            self.view.rebase(self._base, ())

    def take(self, delta: Delta) -> Draft[Any] | None:
        """What a delta changes; None where nothing can be shown."""
        choice, channel, text, slot = delta
        if choice or slot or channel not in ("content", "tool"):
            return None
        self._is_silent = False
        feed = self._feeds.get(channel)
        if feed is None:
            if "tool" in self._feeds:  # text beside a call
                return None
            if self._feeds:
                self.begin_anew()
            feed = self._feeds[channel] = Feed(self)
        elif channel == "content" and "tool" in self._feeds:
            return None
        feed.take(text)
        return self.view.draft() if self.view.changes else None

    def complete(self, reply: Reply | Lost, method: str) -> Draft[Any] | None:
        """What an answer that did not come as a stream shows."""
        if not self._is_silent or isinstance(reply, Lost) or not reply.choices:
            return None
        text = next(texts_of(reply.choices[0], method), "")
        channel: Literal["content", "tool"] = METHODS[method].answer_in
        return self.take(Delta(0, channel, text)) if text else None

    def end(self, now: Situation[Any]) -> Draft[Any] | None:
        """What the judgement of an attempt changes: a part is asked again, or everything."""
        if now.is_over or now.due:
            return None
        if now.part is None:
            self.view.abandon()
        else:
            self.view.rebase(now.base, _asked(now.part))
        return self.view.draft() if self.view.changes else None

    def final(self, extraction: Extraction[T]) -> Draft[T]:
        """The last draft."""
        self.view.settle(extraction.json)
        changes, self.view.changes = self.view.changes, []
        return Draft(self.view.root, self.view.closed, changes, self.view.epoch, is_final=True, value=extraction.value)


def _asked(part: Part) -> tuple[Path, ...]:
    """The paths that a part asks for again."""
    match part:
        case Correction(places=places):
            return tuple(path for _, path in places)
        case Rest():
            return ()
        case Edit():
            return ((),)
