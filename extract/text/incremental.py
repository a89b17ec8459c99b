"""JSON that arrives in pieces: what changes with each piece, at a cost proportional to the text.

Numbers and literals appear only when what follows shows that they are complete; strings may grow. Reasoning and
fences before the value are passed over. It reads JSON as written by a grammar; raw control characters in strings,
commas before a closing bracket and Python's literals are taken too. At any other fault the candidate is abandoned
(`is_broken`), and the whole text is for `candidates`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from ..vocabulary import JsonValue, Path
from .strict import finite

SPACES: Final = " \t\r\n"
SPACE: Final = re.compile(r"[ \t\r\n]*")
PLAIN: Final = re.compile(r'[^"\\]+')
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
ATOM: Final = re.compile(r"[-+.\w]+")
ESCAPED: Final = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
OPEN_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?")
LITERALS: Final[dict[str, JsonValue]] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None,
}  # fmt: skip
OPENING: Final = re.compile(r"<(think|thinking|reasoning|thought)>", re.IGNORECASE)
CLOSING: Final = re.compile(r"</(think|thinking|reasoning|thought)>", re.IGNORECASE)
TAG_CHARS: Final = 16
MAX_DEPTH: Final = 200
MAX_ATOM: Final = 4000
"""Digits of a number that Python reads in time; longer ones are for the whole text."""

Kind = Literal["set", "append", "close"]


class Change(NamedTuple):
    """One change of a value that grows.

    Attributes:
        path: where.
        kind: `set` puts a value (a container when it begins, empty), `append` lengthens a string, `close` says that the value is complete.
        value: what was set or appended; the complete value for `close` (a container is the live one, not a copy).

    """

    path: Path
    kind: Kind
    value: JsonValue


class IncrementalParser:
    """Reads one JSON value out of text that arrives in pieces of any length.

    Args:
        starts: the brackets with which the value may begin.

    Attributes:
        is_done: the value is complete.
        is_broken: a fault was met; nothing more will come from here.
        rest: what came behind the complete value.

    """

    def __init__(self, starts: str = "{[") -> None:
        self.is_done = False
        self.is_broken = False
        self.rest = ""
        self.pending = ""
        self.root: JsonValue = None
        self.containers: list[dict[str, JsonValue] | list[JsonValue]] = []
        self.steps: list[str | int] = []
        self.pieces: list[str] = []
        self.shown = 0
        self.is_key = self.is_growing = False
        self.changes: list[Change] = []
        self.start = re.compile(rf"(?<!\\)[{re.escape(starts)}]")
        self.read: Callable[[str, int], int] = self.seek

    @property
    def partial(self) -> JsonValue:
        """The live value so far: the same object all along, never a copy; an open string is brought up to date."""
        if self.read == self.string and not self.is_key and self.containers:
            self.place("".join(self.pieces), is_new=False)
        return self.root

    def feed(self, piece: str) -> list[Change]:
        """Take the next piece; gives what changed."""
        self.changes = []
        if self.is_broken:
            return self.changes
        text = self.pending + piece
        self.pending = ""
        at, end = 0, len(text)
        while at < end and not self.is_broken:
            reached = self.read(text, at)
            if reached < 0:  # more is needed to go on from `at`
                self.pending = text[at:]
                break
            at = reached
        if self.shown < len(self.pieces):
            self.flush()
        return self.changes

    def lengthen(self, piece: str) -> bool:
        """Take a piece that does no more than lengthen the open string value; False where it may do more."""
        if not self.is_growing or self.pending or '"' in piece or "\\" in piece:
            return False
        self.pieces.append(piece)
        self.shown = len(self.pieces)
        return True

    def flush(self) -> None:
        """Tell what an open string has grown by since it was last told."""
        if not self.is_key:
            self.changes.append(Change(tuple(self.steps), "append", "".join(self.pieces[self.shown :])))
            self.shown = len(self.pieces)

    def fail(self, at: int) -> int:
        """Abandon the candidate."""
        self.is_broken = True
        self.is_growing = False
        return at

    # --- before and after the value

    def seek(self, text: str, at: int) -> int:
        """Look for the begin of the value, outside reasoning."""
        start, opened = self.start.search(text, at), OPENING.search(text, at)
        if opened is not None and (start is None or opened.start() < start.start()):
            self.read = self.reasoning
            return opened.end()
        if start is None:
            return wait(text, at)
        return self.begin(text, start.start(), start[0])

    def reasoning(self, text: str, at: int) -> int:
        """Pass over what is thought aloud."""
        closed = CLOSING.search(text, at)
        if closed is None:
            return wait(text, at)
        self.read = self.seek
        return closed.end()

    def after_all(self, text: str, at: int) -> int:
        """Collect what comes behind the value."""
        self.rest += text[at:]
        return len(text)

    # --- values

    def place(self, value: JsonValue, *, is_new: bool) -> None:
        """Put a value at the current place."""
        if not self.containers:
            self.root = value
            return
        holder, step = self.containers[-1], self.steps[-1]
        if isinstance(holder, dict):
            holder[step] = value  # type: ignore[index]  # the step into an object is a name
        elif is_new:
            holder.append(value)
        else:
            holder[-1] = value

    def value(self, text: str, at: int) -> int:
        """Begin a value."""
        char = text[at]
        if char in SPACES:
            return _after_space(text, at)
        return self.begin(text, at, char)

    def item(self, text: str, at: int) -> int:
        """Begin an item of a list, or end the list."""
        char = text[at]
        if char in SPACES:
            return _after_space(text, at)
        return self.leave(at) if char == "]" else self.begin(text, at, char)

    def begin(self, text: str, at: int, char: str) -> int:
        """Begin a value that is no end."""
        if char == '"':
            self.is_key, self.is_growing, self.pieces, self.shown = False, True, [], 0
            self.place("", is_new=True)
            self.changes.append(Change(tuple(self.steps), "set", ""))
            self.read = self.string
            return at + 1
        if char == "{" or char == "[":  # noqa: PLR1714 - the quickest way
            if len(self.containers) >= MAX_DEPTH:
                return self.fail(at)
            is_object = char == "{"
            holder: dict[str, JsonValue] | list[JsonValue] = {} if is_object else []
            self.place(holder, is_new=True)
            self.changes.append(Change(tuple(self.steps), "set", {} if is_object else []))
            self.containers.append(holder)
            self.steps.append("" if is_object else 0)
            self.read = self.key if is_object else self.item
            return at + 1
        atom = ATOM.match(text, at)
        if atom is None:
            return self.fail(at)
        if atom.end() == len(text):
            return -1 if len(text) - at < MAX_ATOM else self.fail(at)
        return self.atom(atom[0], at, atom.end())

    def atom(self, word: str, at: int, after: int) -> int:
        """Place a number or a literal that is complete."""
        if word in LITERALS:
            value = LITERALS[word]
        elif len(word) < MAX_ATOM and NUMBER.fullmatch(word):
            value = int(word) if word.lstrip("-").isdigit() else finite(word)
        else:
            return self.fail(at)
        self.place(value, is_new=True)
        self.changes.append(Change(tuple(self.steps), "set", value))
        return self.end_value(value, after)

    def string(self, text: str, at: int) -> int:
        """Read on inside a string."""
        plain = PLAIN.match(text, at)
        if plain is not None:
            self.pieces.append(plain[0])
            return plain.end()
        if text[at] == '"':
            return self.end_string(at + 1)
        escaped = ESCAPED.match(text, at)
        if escaped is None:
            return -1 if len(text) - at < 6 and OPEN_ESCAPE.fullmatch(text, at) else self.fail(at)
        code = escaped[0]
        if code[1] == "u" and 0xD800 <= _ord_of(code) < 0xDC00:
            low = ESCAPED.match(text, escaped.end())
            if low is None and len(text) - escaped.end() < 6:
                return -1
            if low is not None and low[0][1] == "u" and 0xDC00 <= _ord_of(low[0]) < 0xE000:
                code, escaped = code + low[0], low
        self.pieces.append(str(json.loads(f'"{code}"')))
        return escaped.end()

    def end_string(self, after: int) -> int:
        """Finish a key or a string value."""
        if not self.is_key and self.shown < len(self.pieces):
            self.flush()
        whole = "".join(self.pieces)
        self.pieces, self.shown = [], 0
        self.is_growing = False
        if self.is_key:
            self.is_key = False
            if whole in self.containers[-1]:
                return self.fail(after)
            self.steps[-1] = whole
            self.read = self.colon
            return after
        self.place(whole, is_new=False)
        return self.end_value(whole, after)

    def end_value(self, value: JsonValue, after: int) -> int:
        """A value is complete."""
        self.changes.append(Change(tuple(self.steps), "close", value))
        if self.containers:
            self.read = self.after
        else:
            self.is_done = True
            self.read = self.after_all
        return after

    # --- punctuation

    def key(self, text: str, at: int) -> int:
        """A key, or the end of the object."""
        char = text[at]
        if char == '"':
            self.is_key = True
            self.read = self.string
            return at + 1
        if char in SPACES:
            return _after_space(text, at)
        return self.leave(at) if char == "}" else self.fail(at)

    def colon(self, text: str, at: int) -> int:
        """What stands between a key and its value."""
        char = text[at]
        if char == ":":
            self.read = self.value
            return at + 1
        return _after_space(text, at) if char in SPACES else self.fail(at)

    def after(self, text: str, at: int) -> int:
        """What stands behind a member."""
        char = text[at]
        holder = self.containers[-1]
        if char == ",":
            step = self.steps[-1]
            if isinstance(step, int):
                self.steps[-1] = step + 1
                self.read = self.item
            else:
                self.read = self.key
            return at + 1
        if char in SPACES:
            return _after_space(text, at)
        return self.leave(at) if char == ("}" if isinstance(holder, dict) else "]") else self.fail(at)

    def leave(self, at: int) -> int:
        """Close a container."""
        holder = self.containers.pop()
        self.steps.pop()
        return self.end_value(holder, at + 1)


def wait(text: str, at: int) -> int:
    """Keep only as much as a tag may still need."""
    keep = max(at, len(text) - TAG_CHARS)
    return keep if keep > at else -1


def _after_space(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    return found.end() if found else at


def _ord_of(escape: str) -> int:
    """The code unit of an escape with four hexadecimal digits."""
    return int(escape.removeprefix("\\u"), 16)
