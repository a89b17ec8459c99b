"""JSON that arrives in pieces: a live partial value and the paths that are closed, at a cost proportional to the text.

Numbers and literals appear only when what follows shows that they are complete; strings may grow. Reasoning and
fences before the value are passed over. It reads JSON as written by a grammar, raw control characters in strings
allowed; at the first other fault the candidate is abandoned (`is_broken`), and the whole text is for `candidates`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final, Literal

from ..vocabulary import JsonValue, Path
from .strict import finite

SPACE: Final = re.compile(r"[ \t\r\n]*")
PLAIN: Final = re.compile(r'[^"\\]+')
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
ATOM: Final = re.compile(r"[-+.\w]+")
ESCAPED: Final = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
LITERALS: Final[dict[str, JsonValue]] = {"true": True, "false": False, "null": None}
OPENING: Final = re.compile(r"<(think|thinking|reasoning|thought)>", re.IGNORECASE)
CLOSING: Final = re.compile(r"</(think|thinking|reasoning|thought)>", re.IGNORECASE)
START: Final = re.compile(r"(?<!\\)[{\[]")
TAG_CHARS: Final = 16
MAX_DEPTH: Final = 200

State = Literal["before", "reasoning", "value", "first", "key", "colon", "string", "after", "done", "broken"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the live value.

    Attributes:
        path: where.
        kind: `set` puts a value (a container when it begins, empty), `append` lengthens a string, `close` says that the value is final.
        value: what was set or appended; the final value for `close` (containers are the live ones, not copies).

    """

    path: Path
    kind: Literal["set", "append", "close"]
    value: JsonValue


class IncrementalParser:
    """Reads one JSON value out of text that arrives in pieces of any length.

    Attributes:
        epoch: rises when a candidate was abandoned for one further on.
        is_done: the value is complete.
        is_broken: a fault was met; nothing more will come from here.

    """

    def __init__(self) -> None:
        self.epoch = 0
        self.state: State = "before"
        self.pending = ""
        self.root: JsonValue = None
        self.containers: list[dict[str, JsonValue] | list[JsonValue]] = []
        self.steps: list[str | int] = []
        self.pieces: list[str] = []
        self.shown = 0
        self.in_key = False
        self.changes: list[Change] = []

    @property
    def is_done(self) -> bool:
        """Whether the value is complete."""
        return self.state == "done"

    @property
    def is_broken(self) -> bool:
        """Whether a fault was met."""
        return self.state == "broken"

    @property
    def partial(self) -> JsonValue:
        """The live value so far: the same object all along, never a copy; an open string is brought up to date."""
        if self.state == "string" and not self.in_key and self.containers:
            self.place("".join(self.pieces))
        return self.root

    def feed(self, piece: str) -> tuple[Change, ...]:
        """Take the next piece; gives what changed."""
        self.changes = []
        text = self.pending + piece
        self.pending = ""
        at = 0
        while at < len(text) and self.state not in ("done", "broken"):
            reached = self.step(text, at)
            if reached < 0:  # more is needed to go on from `at`
                self.pending = text[at:]
                break
            at = reached
        self.flush()
        return tuple(self.changes)

    def step(self, text: str, at: int) -> int:
        """Read one token; where to go on, or -1 if it is not complete."""
        if self.state in ("before", "reasoning"):
            return self.seek(text, at)
        if self.state == "string":
            return self.in_string(text, at)
        found = SPACE.match(text, at)
        at = found.end() if found else at
        if at >= len(text):
            return at
        char = text[at]
        if self.state == "value" or (
            self.state == "first" and not (isinstance(self.containers[-1], dict) or char == "]")
        ):
            return self.begin(text, at, char)
        if self.state == "colon":
            return self.turn("value", at + 1) if char == ":" else self.fail(at)
        if self.state in ("first", "key") and isinstance(self.containers[-1], dict) and char == '"':
            self.in_key, self.pieces = True, []
            return self.turn("string", at + 1)
        if self.state in ("first", "after") and char in "}]":
            return self.leave(char, at)
        if self.state == "after" and char == ",":
            return self.next_member(at)
        return self.fail(at)

    def seek(self, text: str, at: int) -> int:
        """Look for the begin of the value, outside reasoning."""
        if self.state == "reasoning":
            closed = CLOSING.search(text, at)
            if closed is None:
                return self.wait(text, at)
            return self.turn("before", closed.end())
        start, opened = START.search(text, at), OPENING.search(text, at)
        if opened is not None and (start is None or opened.start() < start.start()):
            return self.turn("reasoning", opened.end())
        if start is None:
            return self.wait(text, at)
        return self.begin(text, start.start(), text[start.start()])

    def wait(self, text: str, at: int) -> int:
        """Keep only as much as a tag may still need."""
        keep = max(at, len(text) - TAG_CHARS)
        return keep if keep > at else -1

    def turn(self, state: State, at: int) -> int:
        """Go to another state."""
        self.state = state
        return at

    def fail(self, at: int) -> int:
        """Abandon the candidate."""
        self.state = "broken"
        self.epoch += 1
        return at

    def path(self) -> Path:
        """Where the value that is being read belongs."""
        return tuple(self.steps)

    def place(self, value: JsonValue) -> None:
        """Put a value at the current place."""
        if not self.containers:
            self.root = value
            return
        holder, step = self.containers[-1], self.steps[-1]
        if isinstance(holder, dict) and isinstance(step, str):
            holder[step] = value
        elif isinstance(holder, list) and isinstance(step, int):
            if step == len(holder):
                holder.append(value)
            else:
                holder[step] = value

    def begin(self, text: str, at: int, char: str) -> int:
        """Begin a value."""
        if char in "{[":
            if len(self.containers) >= MAX_DEPTH:
                return self.fail(at)
            holder: dict[str, JsonValue] | list[JsonValue] = {} if char == "{" else []
            self.place(holder)
            self.changes.append(Change(self.path(), "set", {} if char == "{" else []))
            self.containers.append(holder)
            self.steps.append("" if char == "{" else 0)
            return self.turn("first", at + 1)
        if char == '"':
            self.in_key, self.pieces, self.shown = False, [], 0
            self.place("")
            self.changes.append(Change(self.path(), "set", ""))
            return self.turn("string", at + 1)
        atom = ATOM.match(text, at)
        if atom is None:
            return self.fail(at)
        if atom.end() == len(text):
            return -1
        return self.atom(atom[0], at, atom.end())

    def atom(self, word: str, at: int, after: int) -> int:
        """Place a number or a literal that is complete."""
        if word in LITERALS:
            value = LITERALS[word]
        elif NUMBER.fullmatch(word) and len(word) < 4000:
            value = int(word) if word.lstrip("-").isdigit() else finite(word)
        else:
            return self.fail(at)
        self.place(value)
        self.changes.append(Change(self.path(), "set", value))
        return self.end_value(value, after)

    def in_string(self, text: str, at: int) -> int:
        """Read on inside a string."""
        plain = PLAIN.match(text, at)
        if plain is not None:
            self.pieces.append(plain[0])
            return plain.end()
        if text[at] == '"':
            return self.end_string(at + 1)
        escaped = ESCAPED.match(text, at)
        if escaped is None:
            return -1 if len(text) - at < 6 and re.fullmatch(r"\\(?:u[0-9a-fA-F]{0,3})?", text[at:]) else self.fail(at)
        code = escaped[0]
        if code[1] == "u" and 0xD800 <= ord_of(code) < 0xDC00:
            low = ESCAPED.match(text, escaped.end())
            if low is None and len(text) - escaped.end() < 6:
                return -1
            if low is not None and low[0][1] == "u" and 0xDC00 <= ord_of(low[0]) < 0xE000:
                code, escaped = code + low[0], low
        self.pieces.append(str(json.loads(f'"{code}"')))
        return escaped.end()

    def end_string(self, after: int) -> int:
        """Finish a key or a string value."""
        whole = "".join(self.pieces)
        if self.in_key:
            holder = self.containers[-1]
            if whole in holder:
                return self.fail(after)
            self.steps[-1] = whole
            return self.turn("colon", after)
        self.flush()
        self.place(whole)
        return self.end_value(whole, after)

    def flush(self) -> None:
        """Tell what an open string has grown by since it was last told."""
        if self.state == "string" and not self.in_key and self.shown < len(self.pieces):
            self.changes.append(Change(self.path(), "append", "".join(self.pieces[self.shown :])))
            self.shown = len(self.pieces)

    def end_value(self, value: JsonValue, after: int) -> int:
        """A value is final."""
        self.changes.append(Change(self.path(), "close", value))
        return self.turn("after" if self.containers else "done", after)

    def leave(self, char: str, at: int) -> int:
        """Close a container."""
        holder = self.containers[-1]
        if (char == "}") != isinstance(holder, dict):
            return self.fail(at)
        self.containers.pop()
        self.steps.pop()
        return self.end_value(holder, at + 1)

    def next_member(self, at: int) -> int:
        """Go on behind a comma."""
        step = self.steps[-1]
        if isinstance(step, int):
            self.steps[-1] = step + 1
            return self.turn("value", at + 1)
        return self.turn("key", at + 1)


def ord_of(escape: str) -> int:
    """The code unit of an escape with four hexadecimal digits."""
    return int(escape.removeprefix("\\u"), 16)
