"""Answers written as lines with no bracket at all: `key: value`, `- item`, by indentation as in YAML, or a Markdown table."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..vocabulary import JsonValue, Number
from .scan import NUMBER, WORDS

if TYPE_CHECKING:
    from .candidate import Hints

MEMBER: Final = re.compile(
    r"(?:export[ \t]+(?=\w+=))?(?:\*\*|__|`)?(?P<quote>[\"']?)(?P<key>[^\W\d][\w $./-]{0,60}?)(?P=quote)(?:\*\*|__|`)?\s{0,4}(?:[:：]|=>?|->|→)(?!//)(?:\*\*|__)?(?:[ \t]+|(?<=[：*_=])|$|(?=[\"'\d\[{]))(?P<rest>.*)"  # noqa: E501 - one pattern
)
ITEM: Final = re.compile(r"(?P<mark>(?:[-*•–]|\d{1,4}[.)])(?:[ \t]+|$))(?P<rest>.*)")
RULE: Final = re.compile(r"[ \t]*(?:`{3,}[\w+-]*|~{3,}[\w+-]*|-{3,}|\*{3,}|={3,}|\.{3})[ \t]*\Z")
BLOCK: Final = re.compile(r"[|>][+-]?\Z")
DIVIDER: Final = re.compile(
    r"[ \t]*(?=[^\n]{0,400}\|)\|?(?:[ \t]*:?-{1,100}:?[ \t]*\|)*+(?:[ \t]*:?-{1,100}:?[ \t]*)?\Z"
)
SECTION: Final = re.compile(r"\[(?P<many>\[)?[ \t]*(?P<name>[\w. \"'-]{1,80}?)[ \t]*\]\]?\Z")
HEADING: Final = re.compile(
    r"#{1,6}[ \t]+(?:\d{1,3}[.)][ \t]+)?[*_]{0,2}(?P<key>[^\W\d][\w $./-]{0,60}?)[*_]{0,2}[ \t]*:?\Z"
)
CONFIG: Final = re.compile(r"[ \t]*[`~]{3,}[ \t]*(?:ya?ml|toml|ini|properties)\b", re.IGNORECASE)
NOTE: Final = re.compile(r"(?<=\S)[ \t]+#[ \t].*\Z")
SEPARATED: Final = re.compile(r"[ \t]*[`~]{3,}[ \t]*(?:csv|tsv)\b", re.IGNORECASE)
MAX_LINES: Final = 5000
MAX_LEVELS: Final = 24


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not empty.

    Attributes:
        indent: blanks before it; for what follows an item's mark, where it begins.
        text: what stands there.
        is_apart: whether an empty line stands before it.

    """

    indent: int
    text: str
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """What lines stand for.

    Attributes:
        value: an object or a list.
        dropped: text between members that belongs to none.
        aside: prose before the first and after the last.

    """

    value: JsonValue
    dropped: str = ""
    aside: str = ""


class Unlike(ValueError):  # noqa: N818 - an outcome, named for what happened
    """The lines are no outline after all."""


def scalar(written: str) -> JsonValue:
    """A value as it stands on a line: quotes taken away, numbers and literals read."""
    bare = written.strip().rstrip(",").strip()
    if len(bare) >= 2 and bare[0] == bare[-1] and bare[0] in "\"'`" and bare[0] not in bare[1:-1].replace("''", ""):
        return bare[1:-1].replace("''", "'") if bare[0] == "'" else bare[1:-1]
    if bare in WORDS:
        return WORDS[bare]
    if (found := NUMBER.fullmatch(bare)) and len(bare) < 4000:
        return Number(bare) if found[1] or found[2] else int(bare)
    return bare


def outline(text: str, hints: Hints) -> Outline | None:
    """The object or list that lines stand for; None where the text is no such thing."""
    if hints.kinds and not hints.kinds & {"object", "array"}:
        return None
    lines = split(text)
    if lines is None:
        return None
    try:
        if any(DIVIDER.match(line.text) for line in lines):
            return table(lines)
        if (rows := separated(text, lines, hints)) is not None:
            return rows
        reader = Reader(lines, hints)
        return reader.sections() if any(SECTION.match(line.text) for line in lines) else reader.whole()
    except Unlike:
        return None


def split(text: str) -> list[Line] | None:
    """The lines that hold something; None where there are none, or too many."""
    lines: list[Line] = []
    is_apart = False
    rows = text.split("\n", MAX_LINES + 1)
    if len(rows) > MAX_LINES:
        return None
    is_config = False
    for row in rows:
        is_config = is_config or CONFIG.match(row) is not None
        bare = row.strip()
        if is_config:
            bare = "" if bare.startswith("#") else NOTE.sub("", bare)
        if not bare:
            is_apart = True
        elif not RULE.match(row):
            lines.append(Line(len(row) - len(row.lstrip()), bare, is_apart))
            is_apart = False
    return lines or None


def table(lines: list[Line]) -> Outline | None:
    """The rows of a Markdown table, each an object by the names in its head."""
    at = next(place for place, line in enumerate(lines) if DIVIDER.match(line.text))
    head = cells_of(lines[at - 1].text) if at else None
    if head is None:
        return None
    names = [bare(cell) for cell in head]
    rows: list[JsonValue] = []
    after = at + 1
    for line in lines[at + 1 :]:
        cells = cells_of(line.text)
        if cells is None:
            break
        if len(cells) != len(names):
            return None
        rows.append({name: scalar(cell) for name, cell in zip(names, cells, strict=True)})
        after += 1
    if not rows or any(DIVIDER.match(line.text) for line in lines[after:]) or len(set(names)) != len(names):
        return None
    aside = "\n".join(line.text for line in lines[: at - 1] + lines[after:])
    return Outline(rows, aside=aside)


def cells_of(row: str) -> list[str] | None:
    """The cells of a table's row, with or without marks at both ends; None for another line."""
    if "|" not in row:
        return None
    return row.strip().removeprefix("|").removesuffix("|").split("|")


def separated(text: str, lines: list[Line], hints: Hints) -> Outline | None:
    """Rows of values between commas, semicolons or tabs under a row of known names; None where the text is no such thing."""
    known = frozenset(fold(name) for name in hints.keys)
    for mark in ("\t", ",", ";"):
        names = [bare(cell).strip("\"'") for cell in lines[0].text.split(mark)]
        if len(names) < 2 or len(set(names)) < len(names) or not all(fold(name) in known for name in names):
            continue
        if len(lines) < 2 or (mark == "," and not SEPARATED.match(text.lstrip()) and len(names) < len(hints.keys) / 2):
            return None
        rows = list(csv.reader((line.text for line in lines[1:]), delimiter=mark, skipinitialspace=True))
        if any(len(row) != len(names) for row in rows):
            return None
        return Outline([{name: scalar(cell) for name, cell in zip(names, row, strict=True)} for row in rows])
    return None


def bare(cell: str) -> str:
    """A name without the marks of emphasis."""
    return cell.strip().strip("*_`").strip()


class Reader:
    """Reads lines by their indentation."""

    def __init__(self, lines: list[Line], hints: Hints) -> None:
        self.hints = hints
        self.known = frozenset(fold(name) for name in hints.keys)
        self.lines = [self.without_heading(line) for line in lines]
        self.dropped: list[str] = []
        self.members = 0

    def whole(self) -> Outline | None:
        """All lines; prose before the first member and behind the last is left out where the names are known."""
        lines = self.lines
        begin = next((at for at, line in enumerate(lines) if self.starts(line)), len(lines))
        if begin + 1 < len(lines) and not self.known and lines[begin].text.endswith((":", "：")):
            begin += ITEM.match(lines[begin + 1].text) is not None  # a lead-in: "The steps are:"
        if begin == len(lines) or (begin and not self.known and not ITEM.match(lines[begin].text)):
            return None
        value, end = self.block(begin, lines[begin].indent, 0)
        rest = lines[end:]
        if any(self.starts(line) for line in rest) or (rest and not rest[0].is_apart and not isinstance(value, list)):
            return None
        if isinstance(value, dict) and rest and not self.known:
            return None
        if self.members < (1 if self.known else 2):
            return None
        aside = "\n".join(line.text for line in lines[:begin] + rest)
        return Outline(value, "\n".join(self.dropped), aside)

    def without_heading(self, line: Line) -> Line:
        """A heading that is a known name, as the beginning of a member."""
        found = HEADING.match(line.text) if line.text.startswith("#") else None
        if found is None or fold(found["key"]) not in self.known:
            return line
        return Line(line.indent, found["key"] + ":", line.is_apart)

    def sections(self) -> Outline | None:
        """Members under `[name]` lines, as in TOML and INI files; one unknown name around all is left out."""
        if not self.known:
            return None
        lines = self.lines
        starts = [at for at, line in enumerate(lines) if SECTION.match(line.text)]
        value: dict[str, JsonValue] = {}
        if starts[0] > 0:
            self.lines = lines[: starts[0]]
            if (head := self.whole()) is None or not isinstance(head.value, dict) or head.aside or head.dropped:
                return None
            value = head.value
        for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            found = SECTION.match(lines[at].text)
            self.lines = lines[at + 1 : end]
            members: JsonValue = {}
            if self.lines:
                members, last = self.object(0, self.lines[0].indent, 1)
                if last < len(self.lines):
                    return None
            if found is None:
                return None
            names = [part.strip(" \"'") for part in found["name"].split(".")]
            if len(starts) == 1 and not value and fold(names[-1]) not in self.known:
                return Outline(members)
            holder = value
            for name in names[:-1]:
                inner = holder.setdefault(name, {})
                inner = inner[-1] if isinstance(inner, list) and inner else inner
                if not isinstance(inner, dict):
                    return None
                holder = inner
            if found["many"]:
                listed = holder.setdefault(names[-1], [])
                if not isinstance(listed, list):
                    return None
                listed.append(members)
            elif names[-1] in holder:
                return None
            else:
                holder[names[-1]] = members
        return Outline(value) if any(fold(name) in self.known for name in value) else None

    def starts(self, line: Line) -> bool:
        """Whether a line begins a member or an item of the whole."""
        found = ITEM.match(line.text)
        if found is not None and found["rest"]:
            return self.may_list() or self.key(found["rest"], is_inside=False) is not None
        return self.key(line.text, is_inside=False) is not None

    def may_list(self) -> bool:
        """Whether a list may be the answer."""
        return not self.hints.kinds or "array" in self.hints.kinds

    def key(self, text: str, *, is_inside: bool) -> re.Match[str] | None:
        """The member that begins with a text; below a member any name will do, else only a known one."""
        found = MEMBER.match(text)
        if found is None or (self.known and not is_inside and fold(found["key"]) not in self.known):
            return None
        return found

    def block(self, at: int, indent: int, level: int) -> tuple[JsonValue, int]:
        """The object or list that begins at a line, and where reading goes on."""
        if level > MAX_LEVELS:
            raise Unlike
        line = self.lines[at]
        item = ITEM.match(line.text)
        if item is None:
            return self.object(at, indent, level)
        if self.is_list_of_members(at, indent):
            return self.object(at, indent, level, has_marks=True)
        return self.list(at, indent, level)

    def is_list_of_members(self, at: int, indent: int) -> bool:
        """Whether items are the members of one object: `- name: A`, `- age: 1`, each name once, nothing below."""
        names: list[str] = []
        for line in self.lines[at:]:
            if line.indent < indent:
                break
            item = ITEM.match(line.text)
            found = None if item is None or line.indent > indent else self.key(item["rest"], is_inside=False)
            if found is None:
                if line.indent > indent and names and item is None and MEMBER.match(line.text):
                    return False
                if line.indent > indent or line.is_apart:
                    continue
                return False
            names.append(fold(found["key"]))
        return len(names) == len(set(names)) and (len(names) > 1 or "array" not in self.hints.kinds)

    def object(self, at: int, indent: int, level: int, *, has_marks: bool = False) -> tuple[JsonValue, int]:
        """Members at one indentation; a first name that comes again begins the next object of a list."""
        records: list[dict[str, JsonValue]] = [{}]
        lines = self.lines
        while at < len(lines) and lines[at].indent >= indent:
            line = lines[at]
            item = ITEM.match(line.text) if has_marks else None
            found = self.key(item["rest"] if item else line.text, is_inside=level > 0)
            if found is None or line.indent > indent:
                if line.is_apart and not any(self.starts(later) for later in lines[at:]):
                    break
                if level > 0 or not records[-1]:
                    break
                self.dropped.append(line.text)
                at += 1
                continue
            name = found["key"].strip()
            if name in records[-1]:
                if level > 0 or name != next(iter(records[0])):
                    raise Unlike
                records.append({})
            self.members += 1
            rest = found["rest"].strip()
            if rest[:1] not in "\"'" and (noted := NOTE.search(rest)) is not None:
                self.dropped.append(noted[0].strip())
                rest = rest[: noted.start()]
            records[-1][name], at = self.member(rest, at + 1, indent, level)
        if len(records) > 1:
            return [*records], at
        return records[0], at

    def member(self, rest: str, at: int, indent: int, level: int) -> tuple[JsonValue, int]:
        """The value of a member: on its line, on the lines below, or in the block below."""
        lines = self.lines
        if BLOCK.match(rest):
            end = at
            while end < len(lines) and lines[end].indent > indent:
                end += 1
            mark = "\n" if rest[0] == "|" else " "
            return mark.join(line.text for line in lines[at:end]), end
        if not rest and at < len(lines):
            below = lines[at]
            is_item = ITEM.match(below.text) is not None
            if (below.indent > indent and (is_item or MEMBER.match(below.text))) or (
                below.indent == indent and is_item and self.key(below.text[1:].strip(), is_inside=False) is None
            ):
                return self.block(at, below.indent, level + 1)
        parts = [rest] if rest else []
        while at < len(lines) and self.goes_on(lines[at], indent, level, is_empty=not parts):
            parts.append(lines[at].text)
            at += 1
        if not parts:
            return None, at
        return (scalar(parts[0]) if len(parts) == 1 else "\n".join(parts)), at

    def goes_on(self, line: Line, indent: int, level: int, *, is_empty: bool) -> bool:
        """Whether a line is more of the text before it."""
        if line.is_apart and not (is_empty or line.indent > indent):
            return False
        if line.indent > indent:
            return True
        item = ITEM.match(line.text)
        told = self.key(item["rest"] if item else line.text, is_inside=level > 0)
        return told is None and (line.indent == indent and item is None)

    def list(self, at: int, indent: int, level: int) -> tuple[JsonValue, int]:
        """Items at one indentation."""
        items: list[JsonValue] = []
        lines = self.lines
        while at < len(lines) and lines[at].indent == indent and (item := ITEM.match(lines[at].text)):
            self.members += 1
            inner = indent + len(item["mark"])
            found = self.key(item["rest"], is_inside=False) or (
                MEMBER.match(item["rest"])
                if at + 1 < len(lines) and lines[at + 1].indent == inner and MEMBER.match(lines[at + 1].text)
                else None
            )
            if found is not None and not item["rest"].startswith(("{", "[", '"')):
                self.lines[at] = Line(inner, item["rest"])
                value, at = self.object(at, inner, level + 1)
                items.append(value)
                continue
            parts = [item["rest"]] if item["rest"] else []
            at += 1
            while at < len(lines) and lines[at].indent > indent and not lines[at].is_apart:
                if ITEM.match(lines[at].text):
                    raise Unlike
                parts.append(lines[at].text)
                at += 1
            items.append(scalar(parts[0]) if len(parts) == 1 else "\n".join(parts))
        return items, at


def fold(name: str) -> str:
    """A name without case and separators."""
    return re.sub(r"[\W_]", "", name).casefold()
