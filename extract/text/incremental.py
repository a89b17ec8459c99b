"""JSON that arrives in pieces: what begins, grows and ends with each piece, at a cost proportional to the text.

Numbers and literals are told only when what follows shows that they are complete; strings may grow. Reasoning and
fences before the value are passed over. It reads JSON as written by a grammar; raw control characters in strings,
commas before a closing bracket and Python's literals are taken too. At any other fault the candidate is abandoned
(`is_broken`), and the whole text is for `candidates`. Nothing is built here: that is the sinks' part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from ..vocabulary import JsonValue
from .reasoning import CLOSING, MARK_CHARS, OPENING, closing_of, opens_at
from .strict import finite

GAP: Final = r"[ \t\r\n]*+"
INSIDE: Final = r'(?:[^"\\]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+'
WORD: Final = (
    rf"(?:-?(?:0|[1-9]\d{{0,999}}+)(?:\.\d{{1,999}}+)?(?:[eE][+-]?\d{{1,99}}+)?|true|false|null)(?={GAP}[,}}\]])"
)
"""A number or a literal that is complete; longer numbers are looked at one by one."""
VALUE: Final = rf'(?:"({INSIDE})"|({WORD}))?'
MEMBER: Final = rf'"([^"\\]*+)"{GAP}:{GAP}{VALUE}'
"""A key, and its value if that came whole and has no members of its own."""
FIRST_MEMBER: Final = re.compile(GAP + MEMBER)
NEXT_MEMBER: Final = re.compile(rf"{GAP},{GAP}(?:{MEMBER})?")
FIRST_ITEM: Final = re.compile(GAP + VALUE)
NEXT_ITEM: Final = re.compile(rf"{GAP},{GAP}{VALUE}")
SPACE: Final = re.compile(GAP)
CHUNK: Final = re.compile(INSIDE)
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
ATOM: Final = re.compile(r"[-+.\w]+")
OPEN_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
LITERALS: Final[dict[str, JsonValue]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
}  # fmt: skip
UNESCAPE: Final = json.JSONDecoder(strict=False).decode
MAX_DEPTH: Final = 200
MAX_ATOM: Final = 4000
"""Digits of a number that Python reads in time; longer ones are for the whole text."""
MAX_KEY: Final = 4000
"""Characters of a key up to which its end is waited for; an object with longer ones is for the whole text too."""
ESCAPE_CHARS: Final = len("\\ud83d")

Step: TypeAlias = str | int
Holder: TypeAlias = "dict[str, JsonValue] | list[JsonValue]"


class Growing(Protocol):
    """What is told of a text that comes bit by bit."""

    def grow(self, text: str, /) -> None:
        """The text there grows."""
        ...

    def close(self, value: JsonValue, /) -> None:
        """The text is complete."""
        ...


class Sink(Protocol):
    """What is told of one object or list, in this order: `begin`, its members, `close`."""

    def begin(self, value: JsonValue, /) -> None:
        """It begins: empty, to be filled by whoever needs it."""
        ...

    def text(self, step: Step, /) -> Growing:
        """A member that is a text begins to come bit by bit."""
        ...

    def leaf(self, step: Step, value: JsonValue, /) -> None:
        """A member came whole that has none of its own."""
        ...

    def child(self, step: Step, /) -> Sink:
        """The position of a member that is an object or a list."""
        ...

    def close(self, value: JsonValue, /) -> None:
        """It is complete; `value` is the one that began."""
        ...


class Scanner:
    """Reads one JSON value out of text that arrives in pieces of any length.

    Args:
        starts: the brackets with which the value may begin.
        root: gives the sink of the value when it begins.

    Attributes:
        is_done: the value is complete.
        is_broken: a fault was met; nothing more will come from here.
        rest: what came behind the complete value.
        start: finds the brackets.

    """

    def __init__(self, starts: str, root: Callable[[], Sink]) -> None:
        self.is_done = False
        self.is_broken = False
        self.rest = ""
        self.start = re.compile(rf"(?<!\\)[{re.escape(starts)}]")
        self._root = root
        self._pending = ""
        self._sinks: list[Sink] = []
        self._holders: list[Holder] = []
        self._keys: list[set[str] | None] = []
        self._steps: list[Step] = []
        self._closing = CLOSING
        self._text: Growing | None = None
        self._pieces: list[str] = []
        self._read: Callable[[str, int], int] = self._seek

    def feed(self, piece: str) -> None:
        """Take the next piece."""
        if self.is_broken:
            return
        if self._text is not None and not self._pending and '"' not in piece and "\\" not in piece:
            self._pieces.append(piece)  # the most common piece of a long text
            self._text.grow(piece)
            return
        text = self._pending + piece
        self._pending = ""
        at, end = 0, len(text)
        while at < end and not self.is_broken:
            at = self._read(text, at)
            if at < 0:  # more is needed to go on from there
                self._pending = text[~at:]
                break

    def _fail(self, at: int) -> int:
        """Abandon the candidate."""
        self.is_broken = True
        self._text = None
        return at

    # Each of these reads on from a place in the text, and gives the place that it reached; `~place` where it needs more.

    # --- before and after the value

    def _seek(self, text: str, at: int) -> int:
        """Look for the begin of the value, outside reasoning."""
        start, opened = self.start.search(text, at), OPENING.search(text, at)
        if opened is not None and (start is None or opened.start() <= start.start()):
            self._closing = closing_of(opened)
            self._read = self._reasoning
            return opened.end()
        if start is None or opens_at(text, start.start()):
            return wait(text, at)
        return self._open(start.start(), start[0])

    def _reasoning(self, text: str, at: int) -> int:
        """Pass over what is thought aloud."""
        closed = self._closing.search(text, at)
        if closed is None:
            return wait(text, at)
        self._read = self._seek
        return closed.end()

    def _after_all(self, text: str, at: int) -> int:
        """Collect what comes behind the value."""
        self.rest += text[at:]
        return len(text)

    # --- members

    def _key(self, text: str, at: int) -> int:
        """The first member of an object, or the one behind a comma; or the end of the object."""
        found = FIRST_MEMBER.match(text, at)
        return self._open_key(text, at) if found is None else self._members(found, text)

    def _members(self, found: re.Match[str], text: str) -> int:
        """A member and those behind it, as far as they came whole; the key of the next one."""
        keys, leaf = self._keys[-1], self._sinks[-1].leaf
        assert keys is not None  # noqa: S101 - only objects come here
        while True:
            key, said, word = found.groups()
            at = found.end()
            if key is None:  # no more than the comma
                self._read = self._key
                return at if at == len(text) else self._open_key(text, at)
            if said is not None:
                value: JsonValue = _text_of(said) if "\\" in said else said
            elif word is not None:
                value = _value_of(word)
            else:
                return self._named(key, text, at)
            if key in keys:
                return self._fail(at)
            keys.add(key)
            leaf(key, value)
            following = NEXT_MEMBER.match(text, at)
            if following is None:
                self._read = self._after
                return at
            found = following

    def _named(self, key: str, text: str, at: int) -> int:
        """Go on behind a key and its colon."""
        keys = self._keys[-1]
        if keys is None or key in keys:
            return self._fail(at)
        keys.add(key)
        self._steps[-1] = key
        self._read = self._value
        return at if at == len(text) else self._begin(text, at, text[at])

    def _open_key(self, text: str, at: int) -> int:
        """A key of which only the begin came, or one with escapes; or the end of the object."""
        at = _after_space(text, at)
        if at == len(text):
            return at
        char = text[at]
        if char == "}":
            return self._leave(at)
        if char != '"':
            return self._fail(at)
        found = CHUNK.match(text, at + 1)
        after = at + 1 if found is None else found.end()
        if after < len(text) and text[after] == '"':
            colon = _after_space(text, after + 1)
            if colon < len(text):
                is_named = text[colon] == ":"
                return (
                    self._named(_text_of(text[at + 1 : after]), text, _after_space(text, colon + 1))
                    if is_named
                    else self._fail(colon)
                )
        elif after < len(text) and not _is_open_escape(text, after):
            return self._fail(after)
        return ~at if len(text) - at < MAX_KEY else self._fail(at)

    def _item(self, text: str, at: int) -> int:
        """The first item of a list, or the one behind a comma; or the end of the list."""
        found = FIRST_ITEM.match(text, at)
        return at if found is None else self._items(found, text)

    def _items(self, found: re.Match[str], text: str) -> int:
        """An item and those behind it, as far as they came whole; the begin of the next one."""
        leaf, steps = self._sinks[-1].leaf, self._steps
        while True:
            said, word = found.groups()
            at = found.end()
            if said is not None:
                leaf(steps[-1], _text_of(said) if "\\" in said else said)
            elif word is not None:
                leaf(steps[-1], _value_of(word))
            else:
                self._read = self._item
                if at == len(text):
                    return at
                char = text[at]
                return self._leave(at) if char == "]" else self._begin(text, at, char)
            following = NEXT_ITEM.match(text, at)
            if following is None:
                self._read = self._after
                return at
            steps[-1] += 1  # type: ignore[operator]  # the step into a list is a number
            found = following

    # --- values

    def _value(self, text: str, at: int) -> int:
        """Begin a value behind its colon."""
        at = _after_space(text, at)
        return at if at == len(text) else self._begin(text, at, text[at])

    def _begin(self, text: str, at: int, char: str) -> int:
        """Begin a value that is no end."""
        if char == '"':
            found = CHUNK.match(text, at + 1)
            if found is not None and (end := found.end()) < len(text) and text[end] == '"':
                self._sinks[-1].leaf(self._steps[-1], _text_of(found[0]))
                self._read = self._after
                return end + 1
            self._text = self._sinks[-1].text(self._steps[-1])
            self._pieces = []
            self._read = self._string
            return at + 1 if at + 1 == len(text) else self._string(text, at + 1, found)
        if char == "{" or char == "[":  # noqa: PLR1714 - the quickest way
            return self._open(at, char)
        atom = ATOM.match(text, at)
        if atom is None:
            return self._fail(at)
        if atom.end() == len(text):
            return ~at if len(text) - at < MAX_ATOM else self._fail(at)
        word = atom[0]
        if word not in LITERALS and (len(word) >= MAX_ATOM or not NUMBER.fullmatch(word)):
            return self._fail(at)
        self._sinks[-1].leaf(self._steps[-1], _value_of(word))
        self._read = self._after
        return atom.end()

    def _open(self, at: int, char: str) -> int:
        """Open a container."""
        if len(self._sinks) >= MAX_DEPTH:
            return self._fail(at)
        is_object = char == "{"
        holder: Holder = {} if is_object else []
        sink = self._sinks[-1].child(self._steps[-1]) if self._sinks else self._root()
        sink.begin(holder)
        self._sinks.append(sink)
        self._holders.append(holder)
        self._keys.append(set() if is_object else None)
        self._steps.append("" if is_object else 0)
        self._read = self._key if is_object else self._item
        return at + 1

    def _string(self, text: str, at: int, found: re.Match[str] | None = None) -> int:
        """Read on inside a text; `found` is what matches there, where that is known."""
        open_text = self._text
        assert open_text is not None  # noqa: S101 - it began
        found = found or CHUNK.match(text, at)
        end = at if found is None else found.end()
        is_last = end == len(text) or (text[end] == "\\" and _is_open_escape(text, end))
        if end > at:
            said = _text_of(text[at:end])
            if is_last and "\ud800" <= said[-1] <= "\udbff" and text.startswith("\\u", end - ESCAPE_CHARS):
                end -= ESCAPE_CHARS  # half a character, whose other half may follow
                said = said[:-1]
            if said:
                self._pieces.append(said)
                open_text.grow(said)
        if is_last:
            return ~end if end < len(text) else end
        if text[end] != '"':
            return self._fail(end)
        open_text.close("".join(self._pieces))
        self._text = None
        self._read = self._after
        return end + 1 if end + 1 == len(text) else self._after(text, end + 1)

    # --- punctuation

    def _after(self, text: str, at: int) -> int:
        """What stands behind a member."""
        is_object = self._keys[-1] is not None
        found = (NEXT_MEMBER if is_object else NEXT_ITEM).match(text, at)
        if found is None:
            at = _after_space(text, at)
            if at == len(text):
                return at
            return self._leave(at) if text[at] == ("}" if is_object else "]") else self._fail(at)
        if is_object:
            return self._members(found, text)
        self._steps[-1] += 1  # type: ignore[operator]  # the step into a list is a number
        return self._items(found, text)

    def _leave(self, at: int) -> int:
        """Close a container."""
        self._keys.pop()
        self._steps.pop()
        self._sinks.pop().close(self._holders.pop())
        if self._sinks:
            self._read = self._after
        else:
            self.is_done = True
            self._read = self._after_all
        return at + 1


def _text_of(inside: str) -> str:
    """The text that the inside of a string stands for."""
    return str(UNESCAPE(f'"{inside}"')) if "\\" in inside else inside


def _value_of(word: str) -> JsonValue:
    """The value of a number or a literal."""
    if word in LITERALS:
        return LITERALS[word]
    return int(word) if word.isdigit() or word.removeprefix("-").isdigit() else finite(word)


def _is_open_escape(text: str, at: int) -> bool:
    """Whether a text ends within an escape."""
    return len(text) - at < ESCAPE_CHARS and OPEN_ESCAPE.fullmatch(text, at) is not None


def wait(text: str, at: int) -> int:
    """Keep only as much as a mark of thoughts may still need."""
    return ~max(at, len(text) - MARK_CHARS)


def _after_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return at if found is None else found.end()
