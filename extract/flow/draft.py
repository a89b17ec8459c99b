"""The value so far while an answer arrives, in the user's shape: what stands there, and which paths are closed.

A path is closed when what stands there is complete and valid by its own type. Closed paths keep their value: where one
has to be taken back, the epoch rises. Nothing here reads text; `live.py` says what begins, grows and ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar, cast

from pydantic_core import to_json

from ..target.codec import same_json
from ..target.shape import ANYTHING, Shape
from ..vocabulary import JsonObject, JsonValue, Path
from .place import has, look, look_for

T = TypeVar("T")
Step: TypeAlias = str | int
Trie: TypeAlias = "dict[Step, Trie | bool]"
"""The closed paths: True stands for a closed value with all that is in it."""
AT_ONCE: Final = 4096
"""Characters up to which a growing text is renewed with every piece."""


class Change(NamedTuple):
    """One change of a value that grows.

    Attributes:
        path: where.
        kind: `set` puts a value (a container when it begins, empty), `append` lengthens a string, `close` says that the value is complete.
        value: what was set or appended; the complete value for `close` (a container is the live one, not a copy).

    """

    path: Path
    kind: Literal["set", "append", "close"]
    value: JsonValue


class Closed(AbstractSet[Path]):
    """The closed paths, live: a set of tuples of keys and indices, `()` for the whole value."""

    __slots__ = ("_view",)

    def __init__(self, view: View) -> None:
        self._view = view

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, tuple):
            return False
        here: Trie | bool = self._view.trie
        steps = cast("Path", path)
        for step in steps:
            if here is True:
                return has(self._view.root, steps)
            here = here.get(step, False) if isinstance(here, dict) else False
        return here is True

    def __iter__(self) -> Iterator[Path]:
        return _paths((), self._view.trie, self._view.root)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Closed({list(self)!r})"


def _paths(path: Path, trie: Trie | bool, value: JsonValue) -> Iterator[Path]:
    if trie is True:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for step, member in members:
            yield from _paths((*path, step), True, member)
        yield path
    elif isinstance(trie, dict):
        for step, inner in trie.items():
            yield from _paths((*path, step), inner, look_for(value, (step,)))


class Draft(Generic[T]):
    """The value as far as it has arrived.

    Attributes:
        partial: plain JSON in the user's names, live: the same object in every draft of an epoch, never a copy. None
            before anything came. A text of more than 4,096 characters is renewed each time it has grown by a
            sixteenth; `changes` has every piece.
        closed: the paths whose value is complete and valid by its own type; live too.
        changes: what is new since the last draft, in order: `set` (containers begin empty), `append`, `close`.
        epoch: rises when a candidate or an attempt was abandoned; within an epoch closed paths keep their value, but
            for those that are asked again.
        is_final: whether this is the validated value.

    """

    __slots__ = ("_changes", "_value", "closed", "epoch", "is_final", "partial")

    # One is made for every delta, so that its making counts: a frozen dataclass takes twice as long.
    def __init__(
        self,
        partial: JsonValue,
        closed: Closed,
        changes: list[Noted],
        epoch: int,
        *,
        is_final: bool = False,
        value: T | None = None,
    ) -> None:
        self.partial = partial
        self.closed = closed
        self._changes: list[Noted] | tuple[Change, ...] = changes
        self.epoch = epoch
        self.is_final = is_final
        self._value = value

    def __repr__(self) -> str:
        return f"Draft({self.partial!r:.200}, epoch={self.epoch}, is_final={self.is_final})"

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is new since the last draft; written out when it is asked for."""
        if isinstance(self._changes, list):
            self._changes = tuple(change for noted in self._changes for change in _told(*noted))
        return self._changes

    @property
    def value(self) -> T:
        """The value of the user's type; only the final draft has it.

        Raises:
            AttributeError: the draft is not final.

        """
        if not self.is_final:
            raise AttributeError("only the final draft has a value; .partial is the plain JSON so far")
        return cast("T", self._value)


Note: TypeAlias = Literal["begin", "leaf", "text", "append", "open_text", "close", "set"]
Noted: TypeAlias = "tuple[Note, Path, Step | None, JsonValue]"
"""A change in short: what, the path of the holder, the step from there (None: no step), the value."""


def _told(note: Note, path: Path, step: Step | None, value: JsonValue) -> Iterator[Change]:
    """The changes that a note stands for."""
    if step is not None:
        path = (*path, step)
    match note:
        case "begin":
            yield Change(path, "set", {} if isinstance(value, dict) else [])
        case "leaf":
            yield Change(path, "set", value)
            yield Change(path, "close", value)
        case "text" | "open_text":
            yield Change(path, "set", "")
            if value:
                yield Change(path, "append", value)
            if note == "text":
                yield Change(path, "close", value)
        case "append":
            yield Change(path, "append", value)
        case "set":
            yield Change(path, "set", value)
        case "close":
            yield Change(path, "close", value)


class Node:
    """An object or a list of the value so far.

    Attributes:
        up: what holds it, under `step`.
        holder: the live object or list.
        is_good: whether everything in it so far is closed.
        closed: the closed paths below.

    """

    __slots__ = ("closed", "holder", "is_good", "path", "shape", "step", "up")

    def __init__(
        self, up: Node | None, step: Step, path: Path, shape: Shape, holder: JsonObject | list[JsonValue]
    ) -> None:
        self.up, self.step, self.path, self.shape, self.holder = up, step, path, shape, holder
        self.is_good = True
        self.closed: Trie = {}

    def slot(self, step: Step) -> tuple[Node, Step]:
        """Where a member belongs."""
        return self, step

    def joint(self, step: Step, shape: Shape) -> Node | None:
        """What stands for a member that has no place of its own; None where it has one."""
        del step, shape
        return None


class Text:
    """A text of the value so far that grows."""

    __slots__ = ("_note", "_pieces", "_shape", "_shown", "_step", "_up", "_view", "_waiting", "_whole")

    def __init__(self, view: View, up: Node, step: Step, shape: Shape) -> None:
        self._view, self._up, self._step, self._shape = view, up, step, shape
        self._note: tuple[Path, Step | None] = ((), None) if up is view.top else (up.path, step)
        self._whole, self._shown = "", 0
        self._pieces: list[str] = []
        self._waiting = 0

    def grow(self, text: str) -> None:
        """Lengthen it; a long one is renewed in its place only now and then, so that the cost stays linear."""
        self._view.changes.append(("append", *self._note, text))
        if self._shown < AT_ONCE:
            self._whole += text
        else:
            self._pieces.append(text)
            self._waiting += len(text)
            if self._waiting * 16 < self._shown:
                return
            self._whole = "".join((self._whole, *self._pieces))
            self._pieces, self._waiting = [], 0
        self._shown = len(self._whole)
        self._up.holder[self._step] = self._whole  # type: ignore[index]  # the step is of the holder's kind

    def close(self, value: JsonValue) -> None:
        """The text is complete."""
        up = self._up
        up.holder[self._step] = value  # type: ignore[index]  # the same
        if str in self._shape.plain or self._shape.is_valid(value, self._view.context):
            up.closed[self._step] = True
            self._view.changes.append(("close", *self._note, value))
        else:
            up.is_good = False


class View:
    """The value so far. `top` holds the root under the step "".

    Attributes:
        changes: what is new since they were last taken.
        epoch: as in `Draft`.

    """

    def __init__(self, context: object = None) -> None:
        self.context = context
        self.epoch = 0
        self.changes: list[Noted] = []
        self.top = Node(None, "", (), ANYTHING, {})
        self.closed = Closed(self)
        self._lost: list[tuple[Trie | bool, JsonValue]] = []

    @property
    def root(self) -> JsonValue:
        """The value so far; None before anything came."""
        return cast("JsonObject", self.top.holder).get("")

    @property
    def trie(self) -> Trie | bool:
        """The closed paths."""
        return self.top.closed.get("", {})

    @property
    def is_begun(self) -> bool:
        """Whether anything was shown."""
        return bool(self.top.holder)

    def draft(self) -> Draft[Any]:
        """The draft for what is new."""
        changes, self.changes = self.changes, []
        return Draft(self.top.holder.get(""), self.closed, changes, self.epoch)  # type: ignore[union-attr]  # the top is an object

    # --- what arrives

    def _note(self, note: Note, up: Node, step: Step, value: JsonValue) -> None:
        self.changes.append((note, (), None, value) if up is self.top else (note, up.path, step, value))

    def _put(self, up: Node, step: Step, value: JsonValue) -> bool:
        """Put a value in its place; False where the list has a gap before it."""
        holder = up.holder
        if isinstance(holder, dict):
            holder[step] = value  # type: ignore[index]  # the step into an object is a name
        elif step == len(holder):
            holder.append(value)
        elif isinstance(step, int) and step < len(holder):
            holder[step] = value
        else:
            up.is_good = False
            return False
        return True

    def begin(self, up: Node, step: Step, shape: Shape, holder: JsonObject | list[JsonValue]) -> Node | None:
        """An object or a list begins, empty; None where it has no place."""
        joint = up.joint(step, shape)
        if joint is not None:
            return joint
        up, step = up.slot(step)
        if not self._put(up, step, holder):
            return None
        path = () if up is self.top else (*up.path, step)
        node = Node(up, step, path, shape, holder)
        up.closed[step] = node.closed
        self.changes.append(("begin", path, None, holder))
        return node

    def end(self, node: Node) -> None:
        """An object or a list is complete."""
        if node.up is None:
            return
        if node.is_good and node.shape.is_complete(node.holder, self.context):
            node.up.closed[node.step] = True
            self.changes.append(("close", node.path, None, node.holder))
        else:
            node.up.is_good = False

    def put(self, note: Literal["leaf", "text"], up: Node, step: Step, value: JsonValue) -> bool:
        """Show a valid value that came whole, the quickest way; False where another must be taken."""
        holder = up.holder
        if type(up) is not Node:
            return False
        if type(holder) is dict:
            holder[step] = value  # type: ignore[index]  # the step into an object is a name
        elif step == len(holder):
            holder.append(value)  # type: ignore[union-attr]  # it is a list
        else:
            return False
        up.closed[step] = True
        self.changes.append((note, up.path, step, value))
        return True

    def leaf(self, up: Node, step: Step, shape: Shape, value: JsonValue) -> None:
        """A single value is complete; one that is not valid here is not shown."""
        up, step = up.slot(step)
        if type(value) not in shape.plain and not shape.is_valid(value, self.context):
            up.is_good = False
        elif self._put(up, step, value):
            up.closed[step] = True
            self._note("leaf", up, step, value)

    def text(self, up: Node, step: Step, shape: Shape, value: str) -> None:
        """A text that may be shown while it grows came whole."""
        up, step = up.slot(step)
        if not self._put(up, step, value):
            return
        if str in shape.plain or shape.is_valid(value, self.context):
            up.closed[step] = True
            self._note("text", up, step, value)
        else:
            up.closed.pop(step, None)
            up.is_good = False
            self._note("open_text", up, step, value)

    def begin_text(self, up: Node, step: Step, shape: Shape) -> Text | None:
        """A text that may be shown while it grows begins; None where it has no place."""
        up, step = up.slot(step)
        if not self._put(up, step, ""):
            return None
        up.closed.pop(step, None)
        self._note("open_text", up, step, "")
        return Text(self, up, step, shape)

    def whole(self, up: Node, step: Step, shape: Shape, value: JsonValue) -> None:
        """A value of any kind is complete at once."""
        if not isinstance(value, dict | list):
            self.leaf(up, step, shape, value)
            return
        node = self.begin(up, step, shape, type(value)())
        if node is None:
            return
        for inner, member in value.items() if isinstance(value, dict) else enumerate(value):
            below = shape.child(inner)
            if below is None:
                node.is_good = False
            else:
                self.whole(node, inner, below, member)
        self.end(node)

    # --- what is taken back

    def node_at(self, path: Path) -> Node | None:
        """The object or list at a path, open again for further members; None where there is none."""
        here = self.top
        for step in ("", *path):
            member = look_for(here.holder, (step,))
            if not isinstance(member, dict | list):
                return None
            inner = Node(here, step, (*here.path, step) if here is not self.top else (), ANYTHING, member)
            held = here.closed.get(step, {})
            inner.closed = held if isinstance(held, dict) else _opened(member)
            inner.is_good = False
            here.closed[step] = inner.closed
            here = inner
        return here

    def abandon(self) -> None:
        """Nothing that was shown counts any more."""
        if self.is_begun:
            self.epoch += 1
            self._lost = []
            self.top.holder, self.top.closed = {}, {}
            self.changes.append(("set", (), None, None))

    def rebase(self, base: JsonValue, asked: tuple[Path, ...]) -> None:
        """Go on from a base, some paths of which are asked again; what closed and stands otherwise in it raises the epoch.

        What closed and is not in it at all was behind a cut: it comes again, and is compared in the end.
        """
        old, trie = self.root, self.trie
        kept = _without(trie, old, asked)
        lost = _missing(kept, old, base)
        if lost:
            self._lost.append((lost, old))
            kept = _cleared(kept, lost, old)
        if not _is_true(kept, old, base):
            self.epoch += 1
            kept = {}
        if old != base:
            self.changes.append(("set", (), None, _copied(base)))
        self._hold(_copied(base), kept)

    def settle(self, value: JsonValue) -> None:
        """The final value; what closed and differs from it raises the epoch."""
        is_same = self.is_begun and _is_same(self.root, value)
        closed = self._lost if is_same else [(self.trie, self.root), *self._lost]
        if not all(_is_true(trie, old, value) for trie, old in closed):
            self.epoch += 1
        if not is_same:
            self.changes.append(("set", (), None, value))
        if self.trie is not True:
            self.changes.append(("close", (), None, value))
        self._hold(value, closed=True)

    def _hold(self, value: JsonValue, closed: Trie | bool) -> None:
        self.top.holder = {"": value}
        self.top.closed = {"": closed}


def _is_same(old: JsonValue, new: JsonValue) -> bool:
    """Whether two values are the same JSON: quickly where they are written alike."""
    try:
        return to_json(old, inf_nan_mode="constants") == to_json(new, inf_nan_mode="constants") or same_json(old, new)
    except ValueError:  # half a character, or what JSON cannot say
        return same_json(old, new)


def _opened(value: JsonValue) -> Trie:
    """The closed members of a closed value."""
    steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return dict.fromkeys(steps, True)


def _without(trie: Trie | bool, value: JsonValue, asked: tuple[Path, ...]) -> Trie | bool:
    """The closed paths but for those that are asked again, and what holds them."""
    if not asked:
        return trie
    if () in asked or trie is False:
        return {}
    inner = _opened(value) if trie is True else trie
    return {
        step: _without(below, look_for(value, (step,)), tuple(path[1:] for path in asked if path[0] == step))
        for step, below in inner.items()
    }


def _missing(trie: Trie | bool, old: JsonValue, new: JsonValue) -> Trie:
    """The closed paths of the old value that the new one does not have."""
    inner = _opened(old) if trie is True else trie
    if not isinstance(inner, dict) or not isinstance(new, dict | list) or (trie is True and old == new):
        return {}
    lost: Trie = {}
    for step, below in inner.items():
        try:
            member = look(new, (step,))
        except LookupError:
            lost[step] = below
            continue
        if found := _missing(below, look_for(old, (step,)), member):
            lost[step] = found
    return lost


def _cleared(trie: Trie | bool, lost: Trie, old: JsonValue) -> Trie:
    """The closed paths without those that are lost and what holds them."""
    inner = _opened(old) if trie is True else trie
    kept: Trie = {}
    for step, below in inner.items() if isinstance(inner, dict) else ():
        gone = lost.get(step)
        if gone is None:
            kept[step] = below
        elif isinstance(gone, dict):
            kept[step] = _cleared(below, gone, look_for(old, (step,)))
    return kept


def _is_true(trie: Trie | bool, old: JsonValue, new: JsonValue) -> bool:
    """Whether everything that closed in the old value stands in the new one."""
    if trie is True:
        return same_json(old, new)
    if trie is False or not trie:
        return True
    for step, below in trie.items():
        if below is not False and below != {}:
            try:
                inner = look(new, (step,))
            except LookupError:
                return False
            if not _is_true(below, look_for(old, (step,)), inner):
                return False
    return True


def _copied(value: JsonValue) -> JsonValue:
    """A copy that may be lengthened."""
    if isinstance(value, dict):
        return {key: _copied(member) for key, member in value.items()}
    return [_copied(member) for member in value] if isinstance(value, list) else value
