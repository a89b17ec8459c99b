"""Text that is broken throughout in simple ways, rewritten by a few substitutions in C and decoded in C.

The strings of the value are set apart; what stands between them is its skeleton, a short text in which each kind of
damage is one substitution. Whatever could be read in two ways stops the lane, and the scanner decides: it takes only
strings whose closing quote is followed by what must follow a string, so a stray quote never gets through. What it
reads, and what it says of it, is what the scanner would have said.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from ..vocabulary import Path, Repair
from .candidate import Candidate, Hints
from .decode import decode
from .record import repair_of
from .scan import ELIDED, WORDS
from .strings import LATEX_ESCAPE, WINDOWS_PATH

if TYPE_CHECKING:
    from ..vocabulary import JsonValue

FOLLOWS: Final = (
    r"(?=[:}\]]|,[ ]?[\"\w{\[]"
    r"|\s*+(?:[:}\]：｝］]|,\s*+[\"'“{\[}\]\w/-]|，\s*+[\"'“{\[])|[ \t]*+\r?\n\s*+[\"'])"
)
"""What must stand behind a string; what mostly does is looked for first."""
TOKEN: Final = (
    rf"\"[^\"\\]*+(?:\\[\s\S][^\"\\]*+)*+\"{FOLLOWS}"
    rf"|'[^'\\\n]*+(?:\\['\"\\/bfnrt][^'\\\n]*+)*+'{FOLLOWS}"
    rf"|“[^”\"\\\n]*+”{FOLLOWS}"
    r"|//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"
)
"""A string, or a comment."""
PARTS: Final = re.compile(f"({TOKEN})")
TO_BRACKET: Final = re.compile(rf"(?:[\s\w,:.+$，：-]++|{TOKEN})*+([{{}}\[\]｛｝［］])")
OPENING: Final = re.compile(r"[{\[｛［]")
MARK: Final = re.compile(r"[\"{}\[\]:]|[\w$.+-]+")
WIDE: Final = {"，": ",", "：": ":", "｛": "{", "｝": "}", "［": "[", "］": "]"}
WIDE_MARK: Final = re.compile(f"[{''.join(WIDE)}]")
TO_ASCII: Final = str.maketrans(WIDE)
SPELLED: Final = {word: json.dumps(WORDS[word]) for word in ("True", "False", "None", "undefined")}
LITERAL: Final = re.compile(rf"(?:{'|'.join(SPELLED)})(?=\s*+[,}}\]])")
BARE_KEY: Final = re.compile(r"([A-Za-z_$][\w$]*+)(?=\s*+:)")
EXTRA_COMMA: Final = re.compile(r",(?=\s*+[}\],])")
BETWEEN: Final = r"[}\]](?=\s*+[\"{\[])"
LACKS_COMMA: Final = re.compile(BETWEEN)
LACKS_COMMA_AT_LINES: Final = re.compile(BETWEEN + r"|(?:[\"\d]|true|false|null)(?=[ \t]*+\r?\n\s*+\")")
CONTROL: Final = re.compile(r"[\n\t\r]")
HELD_CONTROL: Final = re.compile(r"[\n\t\r][^\0]*")
IN_SINGLE: Final = re.compile(r"\\.|\"")
BAD_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|())')
DOUBTFUL: Final = re.compile(r"\\\\(?:[_*'`\r\n]|x[0-9a-fA-F]{2}|u\{)|[A-Za-z]:\\")
"""Markdown escapes, joined lines and Windows paths, for which the scanner has rules of its own."""


def rewrite(text: str, start: int, hints: Hints) -> Candidate | None:
    """The value that begins at `start`; None where the damage is not simple."""
    last = text.rfind("]" if text[start] in "[［" else "}") + 1
    is_first = (opened := OPENING.search(text)) is not None and opened.start() == start
    if is_first and last > start and (whole := read(text, start, last, hints)) is not None:
        return whole  # for most texts the last bracket is the right one
    end = end_of_value(text, start)
    return None if end is None or (is_first and end == last) else read(text, start, end, hints)


def read(text: str, start: int, end: int, hints: Hints) -> Candidate | None:
    """The value that stands there and nothing else."""
    draft = Draft(text[start:end])
    if "\0" in draft.broken or draft.skeleton.count('"') != len(draft.strings) or not draft.respell():
        return None
    mended = draft.text()
    decoded = decode(mended, 0, hints)
    if not isinstance(decoded, tuple) or decoded[1] != len(mended):
        return None
    value, _, repairs = decoded
    if any(repair.rule == "lone_surrogate" for repair in repairs):
        return None
    return Candidate(value, (*draft.repairs(), *repairs), start, end, text=None if repairs else mended)


def end_of_value(text: str, start: int) -> int | None:
    """Where the bracket at `start` is closed; None where it is not, or something stands before that is neither string nor mark."""
    depth, at = 0, start
    while found := TO_BRACKET.match(text, at):
        at = found.end()
        depth += 1 if found[1] in "{[｛［" else -1
        if depth == 0:
            return at
    return None


def plain_parts(broken: str) -> list[str] | None:
    """What stands between the quotes and in them, in turn, where nothing but double quotes can open a string.

    What follows a string is not looked at: the decoder takes nothing else behind it.
    """
    parts = [] if "\\" in broken else broken.split('"')
    gaps = "".join(parts[::2])
    return None if len(parts) % 2 == 0 or any(mark in gaps for mark in "'“/#") else parts


class Draft:
    """A broken value on its way to JSON: its strings, and the skeleton in which a quote stands for each of them.

    Where it is plain, the strings are without their quotes, which are all double ones.
    """

    def __init__(self, broken: str) -> None:
        parts = plain_parts(broken)
        self.is_plain = parts is not None
        parts = parts or PARTS.split(broken)
        self.strings = parts[1::2]
        self.skeleton = '"'.join(parts[::2])
        self.broken = broken
        self.notes: list[tuple[str, str, JsonValue, JsonValue, int, Path]] = []

    def respell(self) -> bool:
        """Spell everything as JSON does; False where the scanner must decide."""
        if not self.is_plain and ("/" in self.broken or "#" in self.broken) and not self.leave_out_comments():
            return False
        if not self.skeleton.isascii():
            self.mend_wide_marks()
        if "\\" in self.broken and not self.mend_escapes():
            return False
        if not self.is_plain:
            self.mend_quotes()
        self.mend_controls()
        if any(word in self.skeleton for word in SPELLED) and not self.mend_literals():
            return False
        if found := EXTRA_COMMA.search(self.skeleton):
            spelled, count = EXTRA_COMMA.subn("", self.skeleton)
            self.note("extra_comma", found.start(), ",", None, count)
            self.skeleton = spelled
        lacks_comma = LACKS_COMMA_AT_LINES if "\n" in self.skeleton else LACKS_COMMA
        if found := lacks_comma.search(self.skeleton):
            spelled, count = lacks_comma.subn(lambda last: last[0] + ",", self.skeleton)
            self.note("missing_comma", found.end(), None, ",", count)
            self.skeleton = spelled
        if self.skeleton.count('":') != self.skeleton.count(":") and (found := BARE_KEY.search(self.skeleton)):
            parts = BARE_KEY.split(self.skeleton)
            self.note("bare_key", found.start(), found[0], found[0], len(parts) // 2, found[0])
            self.skeleton = "\0".join(parts)
        return True

    def text(self) -> str:
        """The JSON text."""
        gaps = self.skeleton.split('"')
        parts = [""] * (len(gaps) + len(self.strings))
        parts[::2] = gaps
        parts[1::2] = self.strings
        return ('"' if self.is_plain else "").join(parts).replace("\0", '"')

    def repairs(self) -> list[Repair]:
        """What was changed, in order of first appearance; only of a draft that came out as JSON."""
        made: list[tuple[int, Repair]] = []
        for rule, prefix, before, after, count, inside in self.notes:
            path, marks = self.place(prefix)
            made.append((marks, repair_of(path + inside, rule, before, after, count)))
        return [repair for _, repair in sorted(made, key=lambda one: one[0])]

    def note(self, rule: str, at: int, before: str | None, after: JsonValue, count: int, *inside: str) -> None:
        """Keep on record what a substitution did, first at `at` of the skeleton."""
        self.notes.append((rule, self.skeleton[:at], before, after, count, inside))

    def place(self, prefix: str) -> tuple[Path, int]:
        """Where in the value a begin of the skeleton ends, and how many marks it has."""
        steps: list[str | int | None] = []
        seen = 0
        name: str | None = None  # the last string is the name
        marks = MARK.findall(prefix.translate(TO_ASCII))
        for mark in marks:
            if mark in "{[":
                steps.append(None if mark == "{" else 0)
                continue
            if mark == ":":
                steps[-1] = self.inside(seen - 1) if name is None else name
                continue
            if mark in "}]":
                steps.pop()
            elif mark == '"':
                name = None
                seen += 1
            else:
                name = mark
            if steps and (top := steps[-1]) is not None:
                steps[-1] = top + 1 if isinstance(top, int) else None
        return tuple(step for step in steps if step is not None), len(marks)

    def inside(self, index: int) -> str:
        """What a string says."""
        token = self.strings[index]
        if self.is_plain:
            return token
        return str(json.loads(token)) if "\\" in token else token[1:-1]

    def start_of(self, index: int) -> int:
        """Where in the skeleton a string stands."""
        at = -1
        for _ in range(index + 1):
            at = self.skeleton.index('"', at + 1)
        return at

    # --- strings

    def leave_out_comments(self) -> bool:
        """Take out comments, which no substitution may change; False where one says that something is missing."""
        comments = [index for index, token in enumerate(self.strings) if token[0] in "/#"]
        if not comments:
            return True
        if any(ELIDED.match(self.strings[index]) for index in comments):
            return False
        gaps = self.skeleton.split('"')
        strings = self.strings
        self.skeleton, self.strings = '"'.join(gaps[: comments[0] + 1]), strings[: comments[0]]
        self.note("comment", len(self.skeleton), strings[comments[0]], None, len(comments))
        pieces = [self.skeleton]
        for index, following in zip(comments, [*comments[1:], len(strings)], strict=True):
            pieces.append('"'.join(gaps[index + 1 : following + 1]))
            self.strings += strings[index + 1 : following]
        self.skeleton = "".join(pieces)
        return True

    def mend_escapes(self) -> bool:
        """Double each backslash that starts no escape; False where the scanner knows more about it."""
        held = "\0".join(self.strings)
        if LATEX_ESCAPE.search(held):
            return False
        count = sum(1 for found in BAD_ESCAPE.finditer(held) if found[1] is not None)
        if not count:
            return True
        bad = [index for index, token in enumerate(self.strings) if is_bad(token)]
        first = self.strings[bad[0]]
        for index in bad:
            token = self.strings[index]
            if token[0] != '"' or WINDOWS_PATH.match(token, 1):
                return False
            self.strings[index] = BAD_ESCAPE.sub(lambda one: one[0] if one[1] is None else "\\\\", token)
            if DOUBTFUL.search(self.strings[index]):
                return False
        escape = next(found for found in BAD_ESCAPE.finditer(first) if found[1] is not None)
        shown = first[escape.start() : escape.start() + 2]
        self.note("bad_escape", self.start_of(bad[0]), shown, shown, count)
        return True

    def mend_quotes(self) -> None:
        """Put double quotes for all others."""
        if "'" not in self.broken and "“" not in self.broken:
            return
        others = [index for index, token in enumerate(self.strings) if token[0] != '"']
        if not others:
            return
        self.note("quotes", self.start_of(others[0]), self.strings[others[0]][0], '"', len(others))
        for index in others:
            inside = self.strings[index][1:-1]
            if "\\" in inside or '"' in inside:
                inside = IN_SINGLE.sub(lambda one: '\\"' if one[0] == '"' else one[0], inside)
            self.strings[index] = f'"{inside}"'

    def mend_controls(self) -> None:
        """Escape raw line breaks and tabs inside strings."""
        if not any(char in self.broken for char in "\n\t\r"):
            return
        held = "\0".join(self.strings)
        first = CONTROL.search(held)
        if first is None:
            return
        index = held.count("\0", 0, first.start())
        inside = self.strings[index] if self.is_plain else self.strings[index][1:-1]
        self.note("raw_control", self.start_of(index), inside, None, len(HELD_CONTROL.findall(held)))
        for char in set(CONTROL.findall(held)):
            held = held.replace(char, json.dumps(char)[1:-1])
        self.strings = held.split("\0")

    def mend_literals(self) -> bool:
        """Spell literals as JSON does; False where such a word stands elsewhere too."""
        words = LITERAL.findall(self.skeleton)
        if words:
            self.note("literal", self.skeleton.index(words[0]), words[0], WORDS[words[0]], len(words))
        for word in set(words):
            if self.skeleton.count(word) != words.count(word):
                return False
            self.skeleton = self.skeleton.replace(word, SPELLED[word])
        return True

    def mend_wide_marks(self) -> None:
        """Put ASCII punctuation for full-width punctuation."""
        found = WIDE_MARK.search(self.skeleton)
        if found is None:
            return
        count = len(WIDE_MARK.findall(self.skeleton))
        self.skeleton = self.skeleton.translate(TO_ASCII)
        self.note("full_width", found.start() + (found[0] == "："), found[0], WIDE[found[0]], count)


def is_bad(token: str) -> bool:
    """Whether a string holds a backslash that starts no escape."""
    return "\\" in token and any(found[1] is not None for found in BAD_ESCAPE.finditer(token))
