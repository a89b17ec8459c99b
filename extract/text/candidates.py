"""All JSON values that a text may hold, in order of appearance, reasoning left out."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import replace
from functools import lru_cache
from html import unescape
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ..vocabulary import JsonValue, Repair
from . import lines
from .candidate import NO_HINTS, Candidate, Hints, Origin
from .cut import read_cut
from .decode import Decoded, decode
from .last_resort import repair_whole
from .markup import CALL_START, read_call, read_elements
from .reasoning import Span, answer_spans
from .record import repair_of
from .rewrite import rewrite
from .scan import Abandoned, goes_on, scan
from .strict import BEGINNINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

START: Final = re.compile(
    r"(?P<marker>\[/?(?:TOOL_CALLS|TOOL_CALL|ARGS|CALL_ID|INST|TOOL_RESULTS)\])"
    rf"|(?P<xml>{CALL_START})"
    r"|(?P<fence>(?P<ticks>`{3,}|~{3,})[ \t]*[\w+-]{0,20}[^\n`]{0,40}(?:\n|(?=[{\[])))"
    r"|(?P<escaped>[{\[]\s{0,40}(?:[{\[]\s{0,40}){0,4}\\+[\"n])"
    r"|(?P<open>(?<!\\)[{\[｛［【])"
    r"|(?P<call>(?<![\w.])[A-Za-z_][\w.]{0,100}\((?=\s{0,40}(?:\{|[A-Za-z_]\w{0,60}\s{0,5}=[^=]|[\"'][A-Za-z_]\w{0,60}[\"']\s{0,5}:)))"
    r"|(?P<quoted>(?P<mark>[\"'])[A-Za-z_][\w.]{0,100}(?P=mark)?\((?=\s{0,40}(?:\{|[A-Za-z_]\w{0,60}\s{0,5}=[^=])))"
)
MAY_START: Final = re.compile(r"[{\[`(<~｛［【]")
"""A character that every start holds: the parenthesis of a call or its quoted name, else its first one."""
MARKUP_BEFORE: Final = re.compile(
    r"(?:<tool_call>|<\|?tool_calls?(?:_begin)?\|?>|<function(?:_call)?[^<>\n]{0,80}>|\[TOOL_CALLS\][\w.\[\]-]{0,80}|<\|python_tag\|>|<\|message\|>|<｜tool▁(?:sep|call▁begin)｜>[^\n]{0,80}\n?|functools)\s{0,40}(?:```(?:json)?\s{0,9})?\Z"
)
MAX_CANDIDATES: Final = 20_000


def candidates(text: str, hints: Hints = NO_HINTS) -> tuple[Candidate, ...]:
    """All JSON values in a text outside reasoning, in order of appearance.

    Valid JSON gives exactly one, without repairs. Never raises; time is linear in the text.
    """
    first = read_first(text, hints)
    whole = read_whole(text, first)
    if whole is not None:
        return (*whole, *(inner for one in whole for inner in inside_strings(one, hints)))
    if "&" in text and (plain := without_entities(text)) is not None:
        noted = entry("html_entities", "&quot;", '"')
        return tuple(
            replace(
                one,
                repairs=(noted, *one.repairs),
                start=plain.place_of(one.start),
                end=plain.place_of(one.end),
                text=None,
            )
            for one in candidates(plain.text, hints)
        )
    spans = answer_spans(text)
    aside = () if spans == ((0, len(text)),) else (entry("reasoning", None, None),)
    found: list[Candidate] = []
    for span in spans:
        for candidate in in_span(text, span, hints, first if not aside else NO_FIRST):
            found.append(replace(candidate, repairs=aside + candidate.repairs) if aside else candidate)
            if len(found) >= MAX_CANDIDATES:
                break
    if not found or (hints.keys and any(begins_with_member(text[start:end], hints) for start, end in spans)):
        written = [
            replace(candidate, repairs=aside + candidate.repairs)
            for span in spans
            for candidate in from_lines(text, span, hints)
        ]
        found = written if not found else [*found, *(one for one in written if one.origin == "lines")]
    return tuple(found)


ENTITY: Final = r"&(?:quot|QUOT|apos|#0?3[49]|#[xX]2[27]);"
"""HTML's marks for quotes, only those that its standard knows, so that none is left when they are replaced."""
ENTITY_KEY: Final = re.compile(rf"[{{,]\s{{0,400}}{ENTITY}[^&\"'{{}}]{{1,80}}{ENTITY}\s{{0,40}}:")
PLAIN_KEY: Final = re.compile(r"[{,]\s{0,400}[\"'][^\"'{}]{1,80}[\"']\s{0,40}:")


MARK: Final = re.compile(r"(&#?\w{1,32};?)")


class Plain:
    """A text without HTML's marks that knows where each of its characters stood."""

    def __init__(self, marked: str) -> None:
        written = MARK.split(marked)
        read = [unescape(part) if place % 2 else part for place, part in enumerate(written)]
        self.text = "".join(read)
        self._read = [0, *accumulate(map(len, read))]
        self._written = [0, *accumulate(map(len, written))]

    def place_of(self, at: int) -> int:
        """The place in the marked text of the character at `at`; its end for the end."""
        part = bisect_right(self._read, at) - 1
        return self._written[part] + (0 if part % 2 else at - self._read[part])


def without_entities(text: str) -> Plain | None:
    """A text whose members are quoted by HTML's marks, without these; None where it is no such text."""
    if ENTITY_KEY.search(text) is None or PLAIN_KEY.search(text) is not None:
        return None
    return Plain(text)


def entry(rule: str, before: JsonValue, after: JsonValue) -> Repair:
    """A repair of the text as a whole."""
    return repair_of((), rule, before, after)


First = tuple[int, Decoded | json.JSONDecodeError | None]
"""Where a text begins, and what a strict decoder says of what stands there."""


def read_first(text: str, hints: Hints) -> First:
    """What a strict decoder says of the beginning of a text."""
    start = len(text) - len(text.lstrip(" \t\r\n\ufeff"))
    return start, (decode(text, start, hints) if text[start : start + 1] in BEGINNINGS else None)


def read_whole(text: str, first: First) -> tuple[Candidate, ...] | None:
    """The text as one valid JSON value, space around it allowed."""
    start, decoded = first
    if start == len(text):
        return ()
    if not isinstance(decoded, tuple):
        return None
    value, end, repairs = decoded
    if text[end:].strip():
        return None
    return (Candidate(value, repairs, start, end, text=None if repairs else text[start:end]),)


def inside_strings(candidate: Candidate, hints: Hints) -> tuple[Candidate, ...]:
    """Values inside a text that is one JSON string, or a list of strings that are calls."""
    value = candidate.value
    if (
        isinstance(value, list)
        and 0 < len(value) <= 50
        and all(isinstance(item, str) and "(" in item for item in value)
    ):
        calls = [called for item in value if isinstance(item, str) for called in candidates(item, hints)]
        found = [called.value for called in calls]
        if len(found) != len(value):
            return ()
        repairs = (
            entry("double_encoded", str(value[0]), None),
            *(repair for called in calls for repair in called.repairs),
        )
        return (replace(candidate, value=found, repairs=repairs),)
    if not isinstance(value, str) or not re.search(r"[{\[(]", value):
        return ()
    inner = candidates(value, hints)
    return tuple(
        replace(
            one, repairs=(entry("double_encoded", value, None), *one.repairs), start=candidate.start, end=candidate.end
        )
        for one in inner
    )


NO_FIRST: Final[First] = (-1, None)


def in_span(text: str, span: Span, hints: Hints, first: First) -> Iterator[Candidate]:
    """The values in one part of a text; what is known of its beginning is not found out again."""
    start, limit = span
    is_end = limit == len(text)
    part = text if (start, limit) == (0, len(text)) else text[:limit]
    at = start
    fence_end = -1
    fence_ends: dict[str, int] = {}
    filled = (limit - len(part[start:].lstrip()), len(part.rstrip()))
    while at < limit and (found := find_start(part, at)):
        if found["marker"]:
            at = found.end()
            continue
        if found["fence"]:
            if fence_ends.get(found["ticks"], -1) < found.end():
                fence_ends[found["ticks"]] = find_fence_end(part, found)
            fence_end = fence_ends[found["ticks"]]
            at = found.end()
            continue
        at, candidate = begin(part, found, hints, fence_end, first, is_end=is_end)
        if candidate is not None:
            yield dress(part, candidate, filled, is_fenced=found.start() < fence_end)


def find_start(text: str, at: int) -> re.Match[str] | None:
    """The first start mark behind a place; prose before it is passed over quickly."""
    near = MAY_START.search(text, at)
    if near is None:
        return None
    return START.search(text, at if near[0] == "(" else near.start())


def find_fence_end(text: str, opened: re.Match[str]) -> int:
    """Where the fence that was opened closes; the end of the text where it does not."""
    ticks = opened["ticks"]
    at = opened.end()
    while (at := text.find(ticks, at)) >= 0:
        line = text.rfind("\n", max(0, at - 80), at) + 1
        before = text[line:at].strip() if line else "x"
        after = text[at + len(ticks) : at + len(ticks) + 2].lstrip("`~ \t\r")
        if (not before and after[:1] in ("", "\n") and not goes_on_as_value(text, at)) or text[at - 1] in "}])":
            return max(line - 1, opened.end()) if not before and line else at
        at += len(ticks)
    return len(text) + 1


UNCLOSED: Final = re.compile(
    r"[`~]{3,}[ \t\r]*\n[\s\S]{0,4000}?[\"'][ \t]*,?\s{0,40}(?:\n\s{0,40}[\"'][^\"'\n]{1,80}[\"']\s{0,9}:|\}\s{0,9}\n[`~]{3})"
)


def goes_on_as_value(text: str, at: int) -> bool:
    """Whether a fence stands inside a string of the value: the value before it has not ended and goes on behind."""
    last = text[max(0, at - 200) : at].rstrip()[-1:]
    if last in "}])\"'0123456789" or not last:
        return False
    found = UNCLOSED.match(text, at)
    return found is not None and text.count("```", at + 3, found.end()) <= 2


def begin(
    text: str, found: re.Match[str], hints: Hints, fence_end: int, first: First, *, is_end: bool
) -> tuple[int, Candidate | None]:
    """Read what begins at a start mark: where to go on, and what was read."""
    start = found.start()
    if found["xml"]:
        return read_call(text, found)
    if found["escaped"]:
        return escaped(text, start, hints)
    error = None
    if found["open"] and text[start] in "{[":
        decoded = first[1] if start == first[0] else decode(text, start, hints)
        if isinstance(decoded, json.JSONDecodeError):
            error = decoded
        elif decoded is not None:
            value, end, repairs = decoded
            if is_noise(value, text, start, end):
                return end, None
            if goes_on(value, text, end, hints):
                return tolerant(text, start, hints, fence_end, None, is_end=is_end, failed_at=start)
            intact = None if repairs else text[start:end]
            return end, Candidate(value, repairs, start, end, origin="prose", text=intact)
    return tolerant(text, start, hints, fence_end, error, is_end=is_end)


def is_noise(value: JsonValue, text: str, start: int, end: int) -> bool:
    """Whether a valid value amid prose is a mark of it: `[1]`, `[x](...)`, `arr[0]`, `{}` of a text."""
    if start == 0 and end == len(text):
        return False
    if isinstance(value, list) and text[end : end + 1] == "(":
        return True
    if start == 0 or not (text[start - 1].isalnum() or text[start - 1] in "_$^"):
        return False
    return value == {} or (
        isinstance(value, list) and len(value) <= 1 and not any(isinstance(item, dict) for item in value)
    )


def tolerant(
    text: str,
    start: int,
    hints: Hints,
    fence_end: int,
    error: json.JSONDecodeError | None,
    *,
    is_end: bool,
    failed_at: int = -1,
) -> tuple[int, Candidate | None]:
    """Read broken text: cut, broken in simple ways throughout, or anyhow."""
    is_fenced = start < fence_end <= len(text)
    part = text[:fence_end] if is_fenced else text
    if is_end and not is_fenced and error is not None and (cut := read_cut(text, start, hints, error)) is not None:
        return len(text), cut
    if (rewritten := rewrite(part, start, hints)) is not None and not goes_on(
        rewritten.value, part, rewritten.end, hints
    ):
        return max(rewritten.end, start + 1), replace(rewritten, origin="prose")
    at_start = not text[:start].strip() if start < 200 else False
    try:
        scanned = scan(
            part,
            start,
            hints,
            is_end=is_end and not is_fenced,
            is_strictly=not (is_fenced or at_start),
            failed_at=failed_at if error is None else error.pos,
        )
    except Abandoned as stop:
        return max(start + 1, stop.resume if stop.resume >= len(part) else start + 1), None
    if (
        scanned.repairs
        and any(repair.rule in ("dropped_text", "missing_value") for repair in scanned.repairs)
        and not scanned.is_cut
    ):
        other = repair_whole(part, start)
        if other is not None and is_fuller(other.value, scanned.value):
            return len(part), other
    repairs = scanned.repairs or (entry("other_space", None, None),)  # else it would be valid JSON
    return max(scanned.end, start + 1), Candidate(
        scanned.value, repairs, start, scanned.end, scanned.is_cut, scanned.open_path, "prose"
    )


def is_fuller(other: JsonValue, value: JsonValue) -> bool:
    """Whether another reading has all members of this one and more."""
    if isinstance(other, dict) and isinstance(value, dict):
        return len(other) > len(value) and all(key in other and other[key] == member for key, member in value.items())
    return False


def escaped(text: str, start: int, hints: Hints) -> tuple[int, Candidate | None]:
    """JSON whose quotes are all escaped, without quotes around it."""
    plain = re.sub(r'\\(["\\n])', lambda found: "\n" if found[1] == "n" else found[1], text[start:])
    if not isinstance(decoded := decode(plain, 0, hints), tuple):
        try:
            scanned = scan(plain, 0, hints)
        except Abandoned:
            return len(text), None
        return len(text), Candidate(
            scanned.value,
            (entry("escaped_text", text[start:], None), *scanned.repairs),
            start,
            len(text),
            scanned.is_cut,
            scanned.open_path,
            "prose",
        )
    value, end, repairs = decoded
    used = start + len(plain[:end].replace("\\", "\\\\").replace('"', '\\"'))
    return min(len(text), used), Candidate(
        value, (entry("escaped_text", text[start:], None), *repairs), start, min(len(text), used), origin="prose"
    )


BEFORE_FENCE: Final = re.compile(r"`{3,}[^\n]*\n?|~{3,}[^\n]*\n?")


def dress(text: str, candidate: Candidate, filled: Span, *, is_fenced: bool) -> Candidate:
    """Say where a value was found, and what around it was ignored; `filled` is the part without space around it."""
    before = text[max(filled[0], candidate.start - 300) : candidate.start]
    after = text[candidate.end : min(filled[1], candidate.end + 300)]
    origin: Origin = candidate.origin
    extra: list[Repair] = []
    if ("<" in before or "[" in before or "functools" in before) and MARKUP_BEFORE.search(before):
        origin = "markup"
        extra.append(entry("markup", before.strip()[-40:], None))
    elif is_fenced:
        origin = "fence"
        extra.append(entry("fence", "```", None))
    elif origin != "markup" and not before.strip() and not after.strip():
        origin = "whole"
    if origin == "prose" or (is_fenced and (BEFORE_FENCE.sub("", before).strip() or after.strip("`~ \n\r\t"))):
        extra.append(entry("prose", (before.strip() or after.strip())[:80], None))
    return Candidate(
        candidate.value,
        (*extra, *candidate.repairs),
        candidate.start,
        candidate.end,
        candidate.is_cut,
        candidate.open_path,
        origin,
        candidate.text,
    )


def from_lines(text: str, span: Span, hints: Hints) -> Iterator[Candidate]:
    """Answers without a bracket: quoted or encoded texts, lines of keys and values, lists of items."""
    start, end = span
    part = text[start:end]
    stripped = part.strip()
    decoded = decode(stripped, 0, hints) if stripped else None
    if isinstance(decoded, tuple) and not stripped[decoded[1] :].strip():
        yield Candidate(decoded[0], decoded[2], start, end)
        return
    alone = alone_on_a_line(part, hints)
    if alone is not None:
        yield replace(alone, start=start + alone.start, end=start + alone.end)
        return
    written = without_marks(part, span, hints)
    if written is not None:
        yield written


HEADLESS: Final = re.compile(
    r"\s*(?:[`~]{3,}\w{0,20}\s*\n)?\s*(?:\[\[?[\w. -]{1,60}\]\]?[ \t]*\n\s*)?"
    r"(?:[\"'“「](?P<quoted>[^\"'“”」\n]{1,80})[\"'”」]|(?P<bare>[^\W\d][\w$ -]{0,60}?))\s{0,9}(?:[:：=]|=>)(?!//)"
)


def without_marks(part: str, span: Span, hints: Hints) -> Candidate | None:
    """An answer without brackets: members in a row, elements, lines by their indentation, a table."""
    start, end = span
    if (listed := in_parentheses(part, hints)) is not None:
        return replace(listed, start=start, end=end)
    if (members := headless(part, hints)) is not None:
        return replace(members, start=start, end=end)
    value = read_elements(part, hints)
    if value is not None:
        return Candidate(value, (entry("elements", part.strip(), None),), start, end, origin="lines")
    found = lines.outline(part, hints)
    if found is None:
        return None
    repairs = [entry("lines", part.strip(), None)]
    if found.aside:
        repairs.append(entry("prose", found.aside, None))
    if found.dropped:
        repairs.append(entry("dropped_text", found.dropped, None))
    return Candidate(found.value, tuple(repairs), start, end, origin="lines")


def in_parentheses(part: str, hints: Hints) -> Candidate | None:
    """A Python tuple alone."""
    bare = part.strip().strip("`").strip()
    if not bare.startswith(("(", "（")) or not bare.endswith((")", "）")) or "array" not in hints.kinds:
        return None
    try:
        scanned = scan(bare, 0, hints, is_end=False)
    except Abandoned:
        return None
    if scanned.end != len(bare) or not isinstance(scanned.value, (list, dict)):
        return None
    return Candidate(scanned.value, scanned.repairs, 0, 0)


def begins_with_member(part: str, hints: Hints) -> bool:
    """Whether a text begins with a known member, no brace before it."""
    found = HEADLESS.match(part)
    return found is not None and lines.fold(found["quoted"] or found["bare"]) in folded(hints.keys)


@lru_cache(maxsize=64)
def folded(names: frozenset[str]) -> frozenset[str]:
    """Names without case and separators."""
    return frozenset(map(lines.fold, names))


def headless(part: str, hints: Hints) -> Candidate | None:
    """Members of an object without the braces around them: `"a": 1, "b": 2`; bare names only where two known ones stand in one line."""
    if hints.kinds and "object" not in hints.kinds:
        return None
    found = HEADLESS.match(part)
    if found is None or (hints.keys and lines.fold(found["quoted"] or found["bare"]) not in folded(hints.keys)):
        return None
    if found["quoted"] is None and not shares_line(part, found, hints):
        return None
    begin = found.start("bare") if found["quoted"] is None else found.start("quoted") - 1
    body = part[begin:].rstrip().rstrip("`~").rstrip()
    if " | " in body:
        body = PIPED.sub(
            lambda found: ", " + found[1] if lines.fold(found[2]) in folded(hints.keys) else found[0], body
        )
    if body.endswith(("}", "｝")) and body.count("{") + body.count("｛") < body.count("}") + body.count("｝"):
        body = body[:-1].rstrip()
    try:
        scanned = scan("{" + body + "}", 0, hints)
    except Abandoned:
        return None
    if scanned.is_cut or scanned.end != len(body) + 2 or not isinstance(scanned.value, dict) or not scanned.value:
        return None
    return Candidate(scanned.value, (entry("missing_braces", body, None), *scanned.repairs), 0, 0, origin="lines")


PIPED: Final = re.compile(r"\s{1,9}\|\s{1,9}([\"'*]{0,3}([^\W\d][\w -]{0,60}?)[\"'*]{0,3}\s{0,9}[:：=])")


def shares_line(part: str, found: re.Match[str], hints: Hints) -> bool:
    """Whether a second known name stands in the line of the first."""
    line = part[found.end() :].split("\n", 1)[0]
    names = re.findall(r"[,;，；|\s]\s{0,9}[\"']?([^\W\d][\w$-]{0,60})[\"']?\s{0,9}[:：=]", line)
    known = folded(hints.keys)
    return any(lines.fold(name) in known for name in names)


SCALAR_LINE: Final = re.compile(
    r"^[ \t]*(?P<ticks>`{0,3})(?P<value>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|\"(?:[^\"\\\n]|\\.)*\")(?P=ticks)[ \t]*$",
    re.MULTILINE,
)


def alone_on_a_line(part: str, hints: Hints) -> Candidate | None:
    """The one JSON scalar that has a line of its own, in a fence or in prose, where a scalar is wanted."""
    kinds = hints.kinds | (frozenset({"number"}) if "integer" in hints.kinds else frozenset[str]())
    found = [match for match in SCALAR_LINE.finditer(part) if kind_of(match["value"]) in kinds]
    if len(found) != 1 or not isinstance(value := decode(found[0]["value"], 0, hints), tuple):
        return None
    if value[1] != len(found[0]["value"]):  # 0042
        return None
    is_fenced = "```" in part
    around = entry("fence", "```", None) if is_fenced else entry("prose", part.strip()[:80], None)
    start, end = found[0].span("value")
    return Candidate(value[0], (around,), start, end, origin="fence" if is_fenced else "prose")


def kind_of(scalar: str) -> str:
    """The JSON type of a scalar as it is written."""
    if scalar[0] == '"':
        return "string"
    if scalar in ("true", "false"):
        return "boolean"
    return "null" if scalar == "null" else "number"
