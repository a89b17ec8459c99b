"""Where a string ends whose quotes cannot be relied on.

A quote ends a string when what follows it can only follow a string. Each look ahead is bounded, so that
a text of nothing but quotes is read in linear time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from .candidate import Hints

Place = Literal["key", "object", "list", "call", "root"]

OPENERS: Final = "\"'`“”„‘’「『«＂〝‟"
CLOSERS: Final = {
    '"': '"”',
    "'": "'",
    "`": "`",
    "“": '”“"',
    "”": '”"',
    "„": '“”"',
    "‟": '”"',
    "‘": "’'",
    "’": "’'",
    "「": "」",
    "『": "』",
    "«": "»",
    "＂": "＂",
    "〝": "〞〟",
}
QUOTE_PATTERNS: Final = {
    quote: re.compile(
        rf"[^\\{re.escape(closers[:1] if quote == chr(34) else closers)}]*+(?:\\[\s\S][^\\{re.escape(closers[:1] if quote == chr(34) else closers)}]*+)*+[{re.escape(closers[:1] if quote == chr(34) else closers)}]"  # noqa: E501 - one pattern
    )
    for quote, closers in CLOSERS.items()
}
TRIPLE: Final = {
    quote: re.compile(rf"((?:[^\\]|\\[\s\S])*?){quote * 3}(?=\s*(?:[,:}}\])]|\Z|[\r\n]))") for quote in "\"'`"
}

MARKS: Final = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Characters without a width: blanks and marks of direction."""
COMMA_MARKS: Final = ",，;；、،؛"
"""What parts members and items, in the scripts that have a mark of their own."""
SPACE: Final = rf"[\s{MARKS}]{{0,400}}"
QUOTED_KEY: Final = (
    r"(?P<k%d>\"(?:[^\"\\\n]|\\_){0,80}\"|'(?:[^'\\\n]|\\_){0,80}'|“[^”\n]{0,80}[”“\"]|”[^”\n]{0,80}”|`[^`\n]{0,80}`|「[^」\n]{0,80}」|『[^』\n]{0,80}』"
    r"|«[^»\n]{0,80}»|„[^“”\n]{0,80}[“”]|‘[^’\n]{0,80}’|＂[^＂\n]{0,80}＂|\[[\"'][^\"'\n]{1,80}[\"']\]|:[A-Za-z_]\w{0,60}(?=\s{0,9}=>))\s{0,40}(?:[:：=]|->)"
)
BARE_KEY: Final = r"(?P<b%d>[^\W\d][\w$.-]{0,60})[\"'”]?\s{0,40}(?:[:：]|=(?!=))"
COMMAS: Final = rf"(?:[{COMMA_MARKS}]\s{{0,9}}){{1,4}}"
AFTER_IN_OBJECT: Final = re.compile(
    rf"{SPACE}(?:{COMMAS}{SPACE}(?:{QUOTED_KEY % 1}|{BARE_KEY % 1}|(?P<tail>[}}\])]|[\"'“]?[\w $.-]{{0,80}}[\"'”]?\s{{0,40}}\Z|//(?=[^\n]{{0,400}}\n)|/\*|<!--|(?<=\s)\#(?=\s)|\.\.\.))"  # noqa: E501 - one pattern
    rf"|(?P<close>[}}｝])|(?P<other>[\])])|(?P<end>\Z)|(?P<comment>//(?=[^\n]{{0,400}}\n)|/\*|(?<=\s)\#(?=\s))|(?P<plus>\+{SPACE}[\"'])|(?P<doubt>{QUOTED_KEY % 2})"  # noqa: E501 - one pattern
    rf"|(?P<line>\n{SPACE}{BARE_KEY % 3}))"
)
NEWLINE_KEY: Final = re.compile(rf"[ \t\r]{{0,200}}\n{SPACE}(?:{QUOTED_KEY % 1}|{BARE_KEY % 1})")
AFTER_IN_LIST: Final = re.compile(
    rf"{SPACE}(?:{COMMAS}{SPACE}(?:(?P<value>[\"'“„«『‘「`{{\[(\-\d（［｛]|(?:true|false|null|None|True|False)\b)|(?P<word>\w[\w .-]{{0,60}}[,\]])|(?P<tail>[\]}})]|\Z|//(?=[^\n]{{0,400}}\n)|/\*|(?<=\s)\#(?=\s)|\.\.\.))"  # noqa: E501 - one pattern
    rf"|(?P<close>[\]］】])|(?P<other>[}})])|(?P<end>\Z)|(?P<comment>//(?=[^\n]{{0,400}}\n)|/\*|(?<=\s)\#(?=\s))|(?P<plus>\+{SPACE}[\"'])|(?P<doubt>\n{SPACE}[\"'{{\[]|[ \t]{{1,20}}[\"'][^\s,\]}}]))"  # noqa: E501 - one pattern
)
AFTER_IN_CALL: Final = re.compile(
    rf"{SPACE}(?:[,，]{SPACE}(?:(?P<key>[A-Za-z_]\w{{0,60}}\s{{0,9}}[=:])|(?P<value>[\"'\[{{(\d-]|\w)|\))|(?P<close>[)）])|(?P<end>\Z)|(?P<plus>\+{SPACE}[\"']))"
)
AFTER_KEY: Final = re.compile(
    rf"{SPACE}(?:[:：=]|(?P<set>[,}}\]])|(?P<end>\Z)|(?P<value>[\"'{{\[\d-]|(?:true|false|null|True|False|None)\b))"
)
AFTER_CLOSE: Final = re.compile(
    r"[}｝\]］)）】](?P<chain>[\s}\])｝］）】]{0,400})(?P<next>\Z|[,，;،](?=\s{0,200}(?:[\"'{\[(}\]\w/#“,`「„«]|\Z))|`|<|//|#|(?=(?:[{\[]\s{0,9})?[\"'][\w $.-]{1,60}[\"']\s{0,9}[:：]))?"  # noqa: E501 - one pattern
)
KEY_OPENING: Final = re.compile(rf"(?:\"[^\"\\\n]{{1,80}}\"|'[^'\\\n]{{1,80}}'){SPACE}[:：]")
EMBEDDED: Final = re.compile(r"\s{0,80}[{\[]\s{0,80}(?:[\"'{\[]|-?\d|\w{1,60}\s?:)")


class Around(NamedTuple):
    """What is open around a string.

    Attributes:
        closers: the brackets that are due, innermost first.
        last_key: where the last known key that the outermost object still lacks is written; -1 where none.
        seen: keys that the innermost object has.

    """

    closers: str
    last_key: int = -1
    seen: frozenset[str] | dict[str, object] = frozenset()


class End(NamedTuple):
    """Where a string ends: its inside up to `inside`, reading goes on at `after`."""

    inside: int
    after: int
    has_inner: bool
    is_missing: bool


def find_end(text: str, start: int, quote: str, place: Place, hints: Hints, around: Around) -> End | None:
    """The end of the string whose inside begins at `start`; None where the text ends first."""
    pattern = QUOTE_PATTERNS[quote]
    at = start
    inner = 0
    embedded = EMBEDDED.match(text, start) is not None and place != "key"
    balance = 0
    counted = start
    while found := pattern.match(text, at):
        after = found.end()
        at = after
        if embedded:
            piece = text[counted:after]
            balance += piece.count("{") + piece.count("[") - piece.count("}") - piece.count("]")
            counted = after
        if (not embedded or balance == 0) and ends_here(text, after, place, hints, around, has_inner=inner > 0):
            return End(after - 1, after, inner > 0, is_missing=False)
        if (
            (not embedded or balance == 0)
            and place != "key"
            and (member := opens_key(text, start, after - 1, hints, around)) is not None
        ):
            return End(member[0], member[1], inner > 0, is_missing=True)
        inner += 1
    if embedded:
        return find_end_flat(text, start, quote, place, hints, around)
    return None


def find_end_flat(text: str, start: int, quote: str, place: Place, hints: Hints, around: Around) -> End | None:
    """As `find_end`, for a string that looked like JSON inside a string but never balanced."""
    pattern = QUOTE_PATTERNS[quote]
    at, inner = start, 0
    while found := pattern.match(text, at):
        at = found.end()
        if ends_here(text, at, place, hints, around, has_inner=inner > 0):
            return End(at - 1, at, inner > 0, is_missing=False)
        inner += 1
    return None


LINE_KEY: Final = re.compile(
    r"[\"',]{0,2}[ \t]{0,40}\n[ \t]{0,80}(?P<at>[*_`]{0,2}(?P<key>[A-Za-z_][\w -]{0,60})[*_`]{0,2}\s{0,9}[:=][*_`]{0,2}\s{0,20})\Z"
)


def opens_key(text: str, start: int, at: int, hints: Hints, around: Around) -> tuple[int, int] | None:
    """Where the string must have ended, and where reading goes on, if the quote at `at` belongs to the next member."""
    base = max(start, at - 400)
    window = text[base:at]
    found = KEY_OPENING.match(text, at)
    if found is None:
        line = (
            LINE_KEY.search(window, max(0, len(window) - 170))
            if hints.keys and window.rstrip()[-1:] in (":", "=", "*", "_", "`")
            else None
        )
        if line is None or line["key"] not in hints.keys or line["key"] in around.seen:
            return None
        return base + line.start(), base + line.start("at")
    key = found[0].rstrip(" \t\r\n:：")[1:-1]
    if hints.keys and (key not in hints.keys or key in around.seen):
        return None
    before = window.rstrip()
    if "\n" not in window[len(before) :] and not (before.endswith(",") and hints.keys):
        return None
    end = base + len(before)
    return (end - 1 if before.endswith(",") else end), at


def ends_here(text: str, after: int, place: Place, hints: Hints, around: Around, *, has_inner: bool) -> bool:
    """Whether a quote that stands just before `after` ends its string."""
    if place == "key":
        found = AFTER_KEY.match(text, after)
        return found is not None
    if place == "object":
        return ends_in_object(text, after, hints, around, has_inner=has_inner)
    if place == "list":
        return ends_in_list(text, after, hints, around, has_inner=has_inner)
    if place == "call":
        return AFTER_IN_CALL.match(text, after) is not None
    return not has_inner or not text[after : after + 1].isalnum()


def is_key(found: re.Match[str], names: tuple[str, ...], hints: Hints, *, has_inner: bool) -> bool:
    """Whether a key that follows is one to believe."""
    for name in names:
        key = found[name]
        if key is not None:
            bare = key.strip("\"'“”`「」『』«»„‘’＂[]:").replace("\\_", "_")
            if hints.keys:
                return bare in hints.keys or (not has_inner and not name.startswith("b"))
            return not name.startswith("b") or not has_inner or "\n" in found[0]
    return False


def ends_in_object(text: str, after: int, hints: Hints, around: Around, *, has_inner: bool) -> bool:
    """The same for the value of a member."""
    found = AFTER_IN_OBJECT.match(text, after)
    if found is None:
        return names_member(text, after, hints, around)
    if found["close"] or found["other"]:
        return closes_well(text, found.end() - 1, around, has_inner=has_inner)
    if found["doubt"] is not None:
        return is_key(found, ("k2",), hints, has_inner=has_inner) or (
            NEWLINE_KEY.match(text, after) is not None and not hints.keys
        )
    if found["line"] is not None:
        return found["b3"] in hints.keys or not hints.keys
    if found["k1"] or found["b1"]:
        return is_key(found, ("k1", "b1"), hints, has_inner=has_inner)
    if found["tail"] is not None and found["tail"] in ("}", "]", ")"):
        return closes_well(text, found.end() - 1, around, has_inner=has_inner)
    return True


NEXT_NAME: Final = re.compile(
    rf"{SPACE}(?:{COMMAS})?(?:[\"'“](?P<key>[^\"'”\n]{{1,80}})[\"'”]\s{{1,40}}[\"'“\d\[{{tfnTFN-]|[\"'“]?(?P<bare>[^\W\d][\w$-]{{0,60}})\s{{0,9}}(?:[:：]|=(?!=)))"
)


def names_member(text: str, after: int, hints: Hints, around: Around) -> bool:
    """Whether the next known member follows, its colon missing."""
    found = NEXT_NAME.match(text, after) if hints.keys else None
    name = None if found is None else found["key"] or found["bare"]
    return name in hints.keys and name not in around.seen


def ends_in_list(text: str, after: int, hints: Hints, around: Around, *, has_inner: bool) -> bool:  # noqa: ARG001 - same shape as its siblings
    """The same for an item."""
    found = AFTER_IN_LIST.match(text, after)
    if found is None:
        return False
    if found["close"] or found["other"]:
        return closes_well(text, found.end() - 1, around, has_inner=has_inner)
    if found["word"] is not None:
        return not has_inner
    return True


def closes_well(text: str, at: int, around: Around, *, has_inner: bool) -> bool:
    """Whether the bracket at `at` closes a value and is not part of a string."""
    found = AFTER_CLOSE.match(text, at)
    if found is None:
        return False
    chain = found[0][: found.end("chain") - at].translate(ASCII_CLOSERS)
    brackets = re.sub(r"\s", "", chain)
    due = around.closers
    if (
        due
        and brackets[0] != due[0]
        and not (brackets[0] in due and (found["next"] is not None or "\n" in chain or not has_inner))
    ):
        return not has_inner and around.last_key < at and brackets[0] not in due and found["next"] is not None
    if has_inner and len(brackets) >= len(due) and around.last_key > at:
        return False
    if found["next"] is not None or "\n" in chain:
        return True
    if not has_inner and due.startswith(brackets) and (len(brackets) >= 2 or REOPENS.match(text, found.end("chain"))):
        return True
    return len(brackets) >= len(due) and (not has_inner or len(brackets) >= 2)


REOPENS: Final = re.compile(r"[\[{\"']")
"""How the next item begins, the comma before it missing."""
ASCII_CLOSERS: Final = str.maketrans("｝］）】", "}])]")
