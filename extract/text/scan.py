"""The tolerant scanner: from broken JSON text to a value, in one pass, without recursion.

Intact parts are read by the decoder in C: a container that lies behind the place where that decoder
failed last is handed to it whole. Only what is broken is walked token by token.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from textwrap import dedent
from typing import TYPE_CHECKING, Final

from ..vocabulary import JsonValue, Number, Path, Repair, exact_float
from .ends import CLOSERS, COMMA_MARKS, MARKS, OPENERS, QUOTE_PATTERNS, TRIPLE, Around, Place, find_end
from .record import Record
from .strict import PLAUSIBLE, Repeated, decoder, is_same
from .strings import SURE_LATEX, WINDOWS_PATH, unescape

if TYPE_CHECKING:
    from .candidate import Hints

MAX_DEPTH: Final = 200
"""Deepest nesting that is read; pydantic-core stops at the same depth."""

DOUBTFUL: Final = re.compile(
    r"[\"'`]\s{0,9}(?:[,，]{1,2}\s{0,9}[\"'`“]?\w|[:=]\s{0,9}[\"'`\w\[{]|[}\])]{1,9}\s{0,9}[,\[])"
)
"""Stray quotes with marks of structure around them, so that the string may hold what were members."""
BARE_QUOTES: Final = {quote: re.compile(rf"(?<!\\){quote}") for quote in "\"'`"}
CLOSED: Final = re.compile(r"\s*+[\]}]|\s++(?:[\[{]|[\"'`](?=\w))")
CLOSED_WORD: Final = re.compile(r"\w[\"'`]\s++[\"'`]")
ASIDE: Final = re.compile(
    r"(?P<quote>[\"'])(?P<rest>\s{0,9},?\s{0,9}(?:\([^()\n]{0,80}\)|\.\w{1,40}\([^()\n]{0,80}\)|(?:--|;)[^\n]{0,80}|(?:```\w{0,20}\s{0,9}){1,3}))\Z"
)
"""A note or a method call between the closing quote and the comma."""
DROPPED: Final = re.compile(r"[,\n}\])，]")
RESUMED: Final = re.compile(r",\s*+(?:\"[^\"\n]*+\"|'[^'\n]*+'|[A-Za-z_]\w*+)\s*+:")
GAP: Final = re.compile(rf"[\s{MARKS}]*")
ELIDED: Final = re.compile(
    r"(?://|/\*|#|<!--)\s{0,9}(?:\.{2,}|…|(?:and )?(?:so on|more|others?|the rest|remaining|additional|etc|continue[ds]?"
    r"|repeat|similar|add more|further)\b"
    r"|[^\n]{0,60}(?:\bomitted|\.\.\.|…)|省略|其他|weitere|usw)",
    re.IGNORECASE,
)
"""A comment that says that something was left out."""
COMMENT: Final = re.compile(r"//[^\n]*|/\*[\s\S]*?(?:\*/|\Z)|#[^\n]*|<!--[\s\S]*?(?:-->|\Z)")
FAST_STRING: Final = re.compile(r'"([^"\\\x00-\x1f]*+)"(?=\s*+[}\]:]|\s*+,\s*+["{\[}\]\d-]|\s*+\Z)')
FAST_KEY: Final = re.compile(r'"([^"\\\x00-\x1f]*+)"\s*+:\s*+')
SLOW_KEY: Final = re.compile(
    r"(?:['‘“「`]([^'’”」`\\\n]{1,80})['’”」`]\s*+(?:[:：]|=>)|\"([^\"\\\n]{1,80})\"\s*+(?:：|=>))\s*+"
)
ESCAPED_KEY: Final = re.compile(
    r"(\"[^\"\\\n]{0,80}(?:\\[\"\\/bfnrt][^\"\\\n]{0,80}){1,8}\")\s*+:(?=\s{0,9}(?:[\"'{\[\d-]|true|false|null))"
)
"""A key with escapes inside a list."""
NUMBER: Final = re.compile(
    r"-?(?:0|[1-9]\d*+)(\.\d++)?+([eE][+-]?\d++)?+(?=\s*+[,\]};)，｝］]|[ \t]*+\n|\s*+(?://|#|/\*)|\s*+\Z|\s++[\"'\w]+\s*+:)"
)
LOOSE_NUMBER: Final = re.compile(
    r"([+-]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|(?:\d[\d_]*+(?:\.[\d_]*+)?+|\.\d[\d_]*+)(?:[eE][+-]?\d++)?+)([nLlfF]?)(?=\s*+[,\]};)，｝］]|[ \t]*+\n|\s*+(?://|#|/\*)|\s*+\Z)"
)
JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
LAST_WORD: Final = re.compile(r"[\w.+-]*\s*\Z")
LAST_CLOSERS: Final = re.compile(r"(?<=\S)\s{0,400}[}\])]{1,60}\s*\Z")
HALF_ESCAPE: Final = re.compile(r"\\u[0-9a-fA-F]{0,3}\Z")
COLON: Final = re.compile(r"\s*+[:：]\s*+")
SELECTED: Final = re.compile(r"\[[\"'\w]{1,60}\]|\.\w{1,40}(?![\w(])")
"""A part of what a call gives: `["a"]`, `.text`."""
PARTIAL_NUMBER: Final = re.compile(r"[-+]?[\d_.]*(?:[eE][-+]?\d*)?\s*\Z")
THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})++(?:\.\d+)?(?=\s*+(?:[}\n]|,\s*+[\"'\n}]))")
WORD: Final = re.compile(
    r"[A-Za-z_]\w*+(?=\s*+[,\]}:;)，｝］]|[ \t]*+\n|\s*+(?://|#|/\*)|\s*+\Z|\s++[\"']?\w+[\"']?\s*+:)"
)
WORDS: Final[dict[str, JsonValue]] = {
    "true": True,
    "false": False,
    "null": None,
    "True": True,
    "False": False,
    "None": None,
    "TRUE": True,
    "FALSE": False,
    "NULL": None,
    "Null": None,
    "undefined": None,
    "nil": None,
    "none": None,
}
NOT_NUMBERS: Final = re.compile(r"[+-]?(?:NaN|nan|Infinity|inf)\b")
KEYWORDS: Final = ("true", "false", "null", "True", "False", "None")
BARE_KEY: Final = re.compile(
    r"([^\s\"'`“”,:{}\[\]()=：，][^\"'`“”,:{}\[\]()=\n：，]{0,100}?)[\"']?\s*+(=>|:=|[:=：])\s*+"
)
DOUBLED_KEY_END: Final = re.compile(r"[\"']\s{0,9}[:：]")
SPACED_NUMBERS: Final = re.compile(r"-?\d++(?:\.\d++)?(?:[ \t]++-?\d++(?:\.\d++)?)++(?=\s*+[\],])")
"""Numbers in a list without commas between them."""
SYMBOL_KEY: Final = re.compile(r"(?::([A-Za-z_]\w{0,60})|\[[\"']([^\"'\n\[\]]{1,80})[\"']\])\s*+(=>|=(?!=))\s*+")
"""A key as Ruby or Lua writes it."""
HIDDEN: Final = re.compile(r"[\"']\s{0,9},\s{0,40}[\"']?([^\W\d][\w$-]{0,60})[\"']?\s{0,9}:")
OPEN_KEY: Final = re.compile(r"[\"'“]([^\W\d][\w$-]{0,60})\s{0,9}[:：]\s{0,9}(?=[\"'\d\[{“-]|(?:true|false|null)\b)")
DECIMAL_COMMA: Final = re.compile(r"[-+]?\d+,\d{1,9}(?=\s*+(?:[}\n]|,\s*+[\"'\n}]))")
BULLET: Final = re.compile(r"[-*•]\s+(?=\S)")
ADDED: Final = re.compile(r"\s*+\+\s*+(?=[\"'])")
BARE_ITEMS: Final = re.compile(r"(?:-?\d[\d.]{0,30}|[Tt]rue|[Ff]alse|None|null)\s{0,9}(?:,|\})")
"""The first item of a Python set; a word may as well be a JavaScript shorthand."""
HALVED: Final = re.compile(r"\d,\d+\s{0,9}\Z")
"""Digits on both sides of a comma: two items, or one number."""
STRAY_COLON: Final = re.compile(r"(?:[:：=]>?\s*+){1,4}(?=[\"'\w\[{“-])")
ARROW: Final = re.compile(r"\s*+(=>|:=|[:：=]|->)\s*+")
CALL: Final = re.compile(r"(?:new\s+|await\s+)?([A-Za-z_$][\w$]*+(?:(?:\.|::)[\w$]+)*+)\(")
QUOTED_CALL: Final = re.compile(r"([\"'`])([A-Za-z_][\w.]*+)(\1?)\((?=\s*+(?:[A-Za-z_]\w*+\s*+=(?!=)|\{))")
NAMED_CALL: Final = re.compile(r"(\")([A-Za-z_][\w.]{0,100})(\")\((?=\s{0,40}(?:[A-Za-z_]\w{0,60}\s{0,9}=(?!=)|\{))")
KEYWORD_ARGUMENT: Final = re.compile(r"[\"']?([A-Za-z_]\w*+)[\"']?\s*+(?:=(?!=)|:)\s*+")
END_IN_OBJECT: Final = re.compile(
    r"[,，;][\s]{0,200}(?:[\"'“]?[\w$][\w$ .-]{0,60}[\"'”]?\s{0,40}(?:[:：]|=>|=(?!=))|[}\])]|\Z)|[}｝]|\n\s{0,200}(?:[\"'“]?[\w$-]{1,60}[\"'”]?\s{0,40}[:：](?!//)|[}\])]|```)|\s(?=//|#)"  # noqa: E501 - one pattern
)
END_IN_LIST: Final = re.compile(r"[,，、،\]］】\n]|\s(?=//|#)|\}(?=\s{0,200}[\]}]|\s{0,200}\Z)")
END_IN_CALL: Final = re.compile(r"[,)\n]")
PAIR: Final = {"{": "}", "[": "]", "(": ")", "｛": "}", "［": "]", "（": ")", "【": "]"}
CLOSE: Final = {"}": "}", "]": "]", ")": ")", "｝": "}", "］": "]", "）": ")", "】": "]"}
CONVERTERS: Final = frozenset(
    [
        "dict",
        "list",
        "tuple",
        "set",
        "frozenset",
        "OrderedDict",
        "defaultdict",
        "str",
        "int",
        "float",
        "bool",
        "Decimal",
        "Fraction",
        "UUID",
        "ObjectId",
        "ISODate",
        "Date",
        "String",
        "Number",
        "Boolean",
        "BigInt",
        "Map",
        "Set",
        "Array",
        "Object",
        "NumberInt",
        "NumberLong",
        "NumberDecimal",
        "stringify",
        "JSON.stringify",
        "JSON.parse",
        "json.loads",
        "json.dumps",
        "Array.from",
    ]
)


ARRAYS: Final = re.compile(
    r"(?:(?:np|numpy|torch|jnp|tf)\.)?(?:array|asarray|tensor|(?:float|int|uint)\d{1,3}_?|str_|bool_)|(?:collections\.)?(?:deque|defaultdict|Counter|OrderedDict)"
    r"|(?:pathlib\.)?(?:Pure)?(?:Posix|Windows)?Path|SecretStr|(?:Any|Any?Http|Multi)?Url|HttpUrl|uuid\.UUID|decimal\.Decimal|fractions\.Fraction|bson\.ObjectId"
)
"""Calls of which one argument is the value, whatever stands beside it."""
MOMENTS: Final = re.compile(r"(?:datetime\.|dt\.)?(date|datetime|time)")


def written_moment(name: str, frame: Frame) -> str | None:
    """A date or time that Python shows as a call, as ISO 8601; None where the call is another one."""
    found = MOMENTS.fullmatch(name)
    parts = [
        item for item in frame.items if isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= 999_999
    ]
    zone = frame.members.get("tzinfo", "")
    if found is None or not parts or len(parts) < len(frame.items) or not frame.members.keys() <= {"tzinfo"}:
        return None
    if zone and zone not in ("datetime.timezone.utc", "timezone.utc", "TzInfo(UTC)", "UTC"):
        return None
    kind = found[1]
    day, clock = (parts[:3], parts[3:]) if kind != "time" else ([], parts)
    if (
        len(day) not in (0, 3)
        or (kind == "date") == bool(clock)
        or len(clock) > 4
        or (kind == "time" and len(clock) < 2)
    ):
        return None
    if kind == "datetime":
        clock = [*clock, 0, 0][: max(2, len(clock))]
    written = ":".join(f"{part:02}" for part in (*clock[:3], *([0] if len(clock) == 2 else [])))
    fraction = f".{clock[3]:06}" if len(clock) == 4 else ""
    date = f"{day[0]:04}-{day[1]:02}-{day[2]:02}" if day else ""
    if kind == "date":
        return date
    return f"{date}T{written}{fraction}{'Z' if zone else ''}" if date else f"{written}{fraction}"


class Abandoned(ValueError):  # noqa: N818 - an outcome, named for what happened
    """What stands here is no value after all; reading may go on at `resume`."""

    def __init__(self, resume: int) -> None:
        super().__init__(resume)
        self.resume = resume


@dataclass(frozen=True, slots=True)
class Scanned:
    """A value as it was read."""

    value: JsonValue
    end: int
    repairs: tuple[Repair, ...]
    is_cut: bool
    open_path: Path | None


@lru_cache(maxsize=2)
def key_places(text: str, keys: frozenset[str]) -> tuple[tuple[str, int], ...]:
    """Where each known key is written last as a member; kept, since each value in a text asks for it."""
    names = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    pattern = re.compile(rf"[\"'](?P<key>{names})[\"']\s{{0,40}}:")
    places: dict[str, int] = {}
    for found in pattern.finditer(text):
        before = text[max(0, found.start() - 200) : found.start()]
        bare = before.rstrip()
        if bare.endswith(",") or "\n" in before[len(bare) :]:
            places[found["key"]] = found.start()
    return tuple(places.items())


ESCAPE_MARKS: Final = re.compile(r"(<escape>|<\|\"\|>)((?:[^<]|<(?!escape>|\|\"\|>))*+)\1")
"""How FunctionGemma and Gemma 4 quote texts (ai.google.dev, formatting and best practices, read 2026-11-25)."""
SUBSCRIPT: Final = re.compile(r"[\w)\]]\[[^\]\n]{0,80}\]|\$\{")


def is_open(word: str) -> bool:
    """Whether a bracket that an expression opened is still to be closed."""
    return len(word) < 400 and (
        (re.search(r"\w\[", word) is not None and word.count("[") > word.count("]"))
        or (re.search(r"\w\(", word) is not None and word.count("(") > word.count(")"))
    )


def ends_within(raw: str, quote: str) -> bool:
    """Whether the first stray quote of a string stands before a bracket or another quote, so that the string may end there.

    A blank in quotes is none of it: `split(" ")`.
    """
    if quote not in BARE_QUOTES or (stray := BARE_QUOTES[quote].search(raw)) is None:
        return False
    return CLOSED.match(raw, stray.end()) is not None or CLOSED_WORD.match(raw, max(0, stray.start() - 1)) is not None


def bare_name(written: str) -> str:
    """A key without quotes, without a comment in it."""
    name = written.split("/*", 1)[0] if "*/" in written else written
    return name.strip().replace("\\_", "_")


GOES_ON: Final = re.compile(r"\s{0,200},\s{0,200}[\"'](?P<key>[^\"'\n]{1,80})[\"']\s{0,40}:")


def goes_on(value: JsonValue, text: str, end: int, hints: Hints) -> bool:
    """Whether a brace closed an object too soon: a known member that it lacks follows."""
    if not hints.keys or not isinstance(value, dict):
        return False
    found = GOES_ON.match(text, end)
    return found is not None and found["key"] in hints.keys and found["key"] not in value


class Frame:
    """One container that is still open."""

    __slots__ = ("close", "commas", "items", "key", "kind", "members", "name", "quoted", "start")

    def __init__(self, kind: str, close: str, name: str = "", quoted: str = "", start: int = 0) -> None:
        self.kind = kind  # "{" object, "[" list, "(" call
        self.close = close
        self.members: dict[str, JsonValue] = {}
        self.items: list[JsonValue] = []
        self.key: str | None = None
        self.name = name
        self.quoted = quoted
        self.start = start  # of a call
        self.commas = 0


class Scanner:
    """Reads one value from `text` at `start`.

    Args:
        text: read to its end.
        start: where a value is thought to begin.
        is_end: whether the end of `text` may be a cut (else something closed stands behind it).
        is_strictly: give up early where the beginning does not look like JSON (text between prose).

    """

    def __init__(self, text: str, hints: Hints, *, is_end: bool = True, is_strictly: bool = False) -> None:
        self.text = text
        self.size = len(text)
        self.hints = hints
        self.is_end = is_end
        self.is_strictly = is_strictly
        self.record = Record()
        self.stack: list[Frame] = []
        self.repeated: list[Repeated] = []
        self.raw_decode = decoder(self.repeated, exact=hints.exact).raw_decode
        self.failed_at = -1
        self.is_latex = False
        self.root: JsonValue = None
        self.done = False
        self.cut: Path | None = None
        self.open_ends = 0
        self.failures = 0
        self.waits = 0
        self.behind_comma = -1

    # places and notes

    def path(self) -> Path:
        """Where the value that is being read belongs."""
        steps: list[str | int] = []
        for frame in self.stack:
            if frame.kind == "{" or frame.key is not None:
                if frame.key is not None:
                    steps.append(frame.key)
            else:
                steps.append(len(frame.items))
        return tuple(steps)

    def note(self, rule: str, before: JsonValue, after: JsonValue) -> None:
        """Record a repair at the current place."""
        if self.record.is_new(rule):
            self.record.add(rule, self.path(), before, after)

    def around(self) -> Around:
        """What is open around the string that is being read."""
        stack = self.stack
        if not stack:
            return Around("")
        last = -1
        if self.hints.keys and stack[0].kind == "{":
            top = stack[0]
            last = max(
                (
                    place
                    for key, place in key_places(self.text, self.hints.keys)
                    if key not in top.members and key != top.key
                ),
                default=-1,
            )
        return Around("".join(frame.close for frame in reversed(stack)), last, stack[-1].members)  # type: ignore[arg-type]

    # gaps

    def skip(self, at: int) -> int:
        """The next position that is neither space nor comment."""
        text = self.text
        while True:
            found = GAP.match(text, at)
            if found and found.end() > at:
                if found[0].strip(" \t\r\n"):
                    self.note("other_space", found[0], " ")
                at = found.end()
            if at < self.size and text[at] in "/#<" and (comment := COMMENT.match(text, at)):
                at = self.pass_comment(comment)
                continue
            return at

    def pass_comment(self, comment: re.Match[str]) -> int:
        """Where reading goes on behind a comment; the closers of the whole at its very end are none of it."""
        self.note("comment", comment[0], None)
        if (
            ELIDED.match(comment[0])
            and self.stack
            and (self.stack[-1].kind == "[" or comment[0][2:].lstrip()[:1] in ".…")
        ):
            self.record.add("elided", self.path(), comment[0], None)
        if comment.end() == self.size and self.stack and comment[0][0] in "/#" and not comment[0].endswith("*/"):
            body = comment[0].rstrip(" \t\r}])")
            tail = re.sub(r"\s", "", comment[0][len(body) :])
            if tail and tail == "".join(frame.close for frame in reversed(self.stack)):
                return comment.start() + len(body)
        return comment.end()

    # the walk

    def scan(self, start: int) -> Scanned:
        """The value that begins at `start`.

        Raises:
            Abandoned: nothing here is worth reading.

        """
        at = self.value(start)
        while not self.done:
            at = self.skip(at)
            if at >= self.size:
                at = self.finish()
                break
            frame = self.stack[-1]
            at = self.in_object(frame, at) if frame.kind == "{" else self.in_list(frame, at)
        return Scanned(self.root, at, self.all_repairs(), self.cut is not None, self.cut)

    def all_repairs(self) -> tuple[Repair, ...]:
        """Repairs of the walk and of the parts that were decoded whole."""
        for key, before, after in self.repeated:
            self.record.add("duplicate_key", (key,), before, after)
        return self.record.repairs()

    def in_object(self, frame: Frame, at: int) -> int:
        """Read what comes next between the members of an object."""
        text = self.text
        char = text[at]
        if char in "},，;；、،؛":
            if char == "}":
                if len(self.stack) == 1 and goes_on(frame.members, text, at + 1, self.hints):
                    self.note("stray_bracket", "}", None)
                    return at + 1
                return self.close(at + 1)
            return self.comma(at, bool(frame.members))
        if char in CLOSE:
            return self.mismatch(frame, at)
        if found := FAST_KEY.match(text, at):
            if self.stack and frame.members and self.had_no_comma(at):
                self.note("missing_comma", None, ",")
            frame.key = found[1]
            return self.value(found.end())
        return self.loose_member(frame, at)

    def had_no_comma(self, at: int) -> bool:
        """Whether no comma stands between the member before and `at`."""
        if at == self.behind_comma:
            return False
        return not self.before(at).endswith((*COMMA_MARKS, "{"))

    def before(self, at: int) -> str:
        """What stands just before `at`, without the blanks between."""
        return self.text[max(0, at - 400) : at].rstrip().rstrip(MARKS).rstrip()

    def loose_member(self, frame: Frame, at: int) -> int:
        """Read a member whose key is not proper JSON."""
        text = self.text
        char = text[at]
        if frame.members and self.had_no_comma(at) and (char in OPENERS or char.isalnum() or char == "_"):
            self.note("missing_comma", None, ",")
        if char in OPENERS:
            frame.key = None
            if open_key := OPEN_KEY.match(text, at):
                frame.key = open_key[1]
                self.note("bare_key", open_key[0], frame.key)
                return self.value(open_key.end())
            key, after, is_quoted = self.string(at, "key")
            if not is_quoted:
                return self.size
            colon = ARROW.match(text, self.skip(after))
            if colon:
                frame.key = key.replace("\\_", "_")
                if colon[1] != ":":
                    self.note("full_width" if colon[1] == "：" else "missing_colon", colon[1], ":")
                return self.value(colon.end())
            return self.keyless(frame, key, at, self.skip(after))
        if symbol := SYMBOL_KEY.match(text, at):
            frame.key = symbol[1] or symbol[2]
            self.note("bare_key", symbol[0], frame.key)
            self.note("missing_colon", symbol[3], ":")
            return self.value(symbol.end())
        if found := BARE_KEY.match(text, at):
            frame.key = bare_name(found[1])
            self.note("bare_key", found[1], frame.key)
            if found[2] != ":":
                self.note("full_width" if found[2] == "：" else "missing_colon", found[2], ":")
            return self.value(found.end())
        if not frame.members and (char in "{[｛［(" or BARE_ITEMS.match(text, at)):
            self.check_start(at)
            return self.as_list(frame, at)
        if char in "{｛" and len(self.stack) > 1:
            self.note("missing_bracket", None, "}")
            return self.close(at)
        return self.drop(at)

    def as_list(self, frame: Frame, at: int) -> int:
        """Read on with a list where braces stood around items."""
        frame.kind = "["
        self.note("wrong_bracket", "{", "[")
        return at

    def keyless(self, frame: Frame, key: str, at: int, after: int) -> int:
        """A string where a member was due, and no colon behind it."""
        text = self.text
        self.check_start(at)
        if after >= self.size:
            if self.is_end:
                self.cut = self.path()
            return after
        if text[after] in ",}]" and not frame.members:
            frame.kind = "["
            self.note("wrong_bracket", "{", "[")
            frame.items.append(key)
            return after
        if text[after] in "\"'{[“‘" or text[after].isdigit() or text.startswith(KEYWORDS, after):
            frame.key = key
            self.note("missing_colon", None, ":")
            return self.value(after)
        self.note("dropped_text", text[at:after], None)
        return after if after > at else at + 1

    def check_start(self, at: int) -> None:
        """Give up a reading amid prose that did not begin like JSON."""
        if self.is_strictly and len(self.stack) == 1:
            frame = self.stack[0]
            if not frame.members and not frame.items:
                raise Abandoned(at)

    def drop(self, at: int) -> int:
        """Leave out text that fits nowhere, up to the next comma, bracket or line."""
        self.check_start(at)
        found = DROPPED.search(self.text, at + 1)
        end = found.start() if found else self.size
        self.record.add("dropped_text", self.path(), self.text[at:end], None)
        return end

    def comma(self, at: int, is_due: bool) -> int:
        """Pass one comma; more of them, or one before a closer, are noted."""
        text = self.text
        self.stack[-1].commas += 1
        if text[at] in ";；" and self.stack[-1].kind == "[" and HALVED.search(text, max(0, at - 40), at):
            self.record.add("split_number", self.path(), text[max(0, at - 20) : at], None)
        if text[at] != ",":
            self.note("full_width" if text[at] in "，；、،؛" else "extra_comma", text[at], ",")
        after = self.skip(at + 1)
        if not is_due or (after < self.size and text[after] in ",，}])｝］"):
            self.note("extra_comma", ",", None)
        self.behind_comma = after
        return after

    def in_list(self, frame: Frame, at: int) -> int:
        """Read what comes next between the items of a list or call."""
        text = self.text
        char = text[at]
        if char in COMMA_MARKS:
            return self.comma(at, bool(frame.items or frame.members))
        if char in CLOSE:
            if CLOSE[char] == frame.close:
                return self.close(at + 1)
            return self.mismatch(frame, at)
        if text.startswith(("...", "…"), at):
            return self.drop(at)
        if frame.kind == "(":
            frame.key = None
            if found := KEYWORD_ARGUMENT.match(text, at):
                frame.key = found[1]
                return self.value(found.end())
            return self.value(at)
        if frame.items and self.lacks_comma(at):
            self.note("missing_comma", None, ",")
        if char in "\"'‘“「`":
            if found := FAST_KEY.match(text, at) or SLOW_KEY.match(text, at):
                return self.member_in_list(frame, found[1] if found[1] is not None else found[2], found.end(), at)
            if escaped := ESCAPED_KEY.match(text, at):
                return self.member_in_list(frame, self.unescape(escaped[1][1:-1], '"'), escaped.end(), at)
        return self.value(at)

    def lacks_comma(self, at: int) -> bool:
        """Whether no comma stands before an item."""
        if at == self.behind_comma:
            return False
        before = self.before(at)
        return bool(before) and before[-1] not in f"{COMMA_MARKS}[({{/" and "//" not in before.rsplit("\n", 1)[-1]

    def member_in_list(self, frame: Frame, key: str, after: int, at: int) -> int:
        """A key and a colon inside a list."""
        if not frame.items:
            frame.kind = "{"
            frame.key = key
            self.note("wrong_bracket", "[", "{")
            return self.value(after)
        if len(self.stack) > 1 and self.stack[-2].kind == "{":
            self.note("missing_bracket", None, "]")
            return self.close(at)
        inner = Frame("{", "}")
        self.stack.append(inner)
        self.note("missing_bracket", None, "{")
        inner.key = key
        return self.value(after)

    def mismatch(self, frame: Frame, at: int) -> int:
        """A closer of another kind than the container that is open."""
        text = self.text
        char = CLOSE[text[at]]
        if char == frame.close:
            if text[at] != char:
                self.note("full_width", text[at], char)
            return self.close(at + 1)
        if any(outer.close == char for outer in self.stack[:-1]):
            rest = self.skip(at + 1)
            if len(self.stack) == 2 and frame.kind == "[" and char == "}" and RESUMED.match(text, rest):
                self.note("wrong_bracket", text[at], "]")
                return self.close(at + 1)
            if len(self.stack) > 1 and frame.kind == "{" and char == "]" and rest < self.size and self.resumes(rest):
                self.note("stray_bracket", text[at], None)
                return at + 1
            self.note("missing_bracket", None, frame.close)
            return self.close(at)
        rest = self.skip(at + 1)
        if rest < self.size and (self.resumes(rest) or text[rest] == frame.close):
            self.note("stray_bracket", text[at], None)
            return at + 1
        self.note("wrong_bracket", text[at], frame.close)
        return self.close(at + 1)

    def resumes(self, at: int) -> bool:
        """Whether members of an object go on at `at`, so that the bracket before it is stray."""
        found = RESUMED.match(self.text, at)
        return found is not None and self.stack[-1].kind == "{"

    # values

    def value(self, at: int) -> int:
        """Read one value; a container is opened, not read to its end."""
        text = self.text
        at = self.skip(at)
        if at < self.size and text[at] in ":=：" and self.stack and (stray := STRAY_COLON.match(text, at)):
            self.note("missing_colon", stray[0], ":")
            at = self.skip(stray.end())
        if at >= self.size:
            if not self.stack:
                raise Abandoned(self.size)
            return at
        char = text[at]
        if char == '"':
            if (found := FAST_STRING.match(text, at)) and found.end() < self.size and self.is_plainly_closed(found):
                return self.put(found[1], found.end())
            if (called := NAMED_CALL.match(text, at)) is not None:
                return self.quoted_call(called)
            return self.string_value(at)
        if char in "{[" and at > self.failed_at and self.may_decode() and PLAUSIBLE.match(text, at):
            try:
                value, end = self.raw_decode(text, at)
            except json.JSONDecodeError as error:
                self.failed_at = max(error.pos, at)
                self.failures += 1
                self.waits = min(1 << min(self.failures, 7), 64)
            except (ValueError, RecursionError):
                self.failed_at = self.size
            else:
                self.failures = 0
                return self.put(value, end)
        if char in PAIR:
            return self.open(char, at)
        if (
            char in "-0123456789"
            and self.stack
            and self.stack[-1].kind == "{"
            and (found := THOUSANDS.match(text, at) or DECIMAL_COMMA.match(text, at))
        ):
            self.note("bare_string", found[0], found[0])
            return self.put(found[0], found.end())
        if (
            char in "-0123456789"
            and (found := NUMBER.match(text, at))
            and (found.end() < self.size or not self.is_end or not self.stack)
        ):
            return self.put(self.number(found[0], has_fraction=bool(found[1] or found[2])), found.end())
        if char in OPENERS:
            if (called := QUOTED_CALL.match(text, at)) is not None:
                return self.quoted_call(called)
            return self.string_value(at)
        if char in CLOSE or char in ",，;":
            return self.no_value(at)
        return self.bare(at)

    def quoted_call(self, called: re.Match[str]) -> int:
        """Open a call whose name, or all of it, stands in quotes."""
        self.note("call", called[0], called[2])
        self.push(Frame("(", ")", called[2], called[1] if not called[3] else "", called.start()))
        return called.end()

    def may_decode(self) -> bool:
        """Whether the decoder is worth a try: each failure costs it a count of all lines before, so it must pause after some."""
        if self.waits > 0:
            self.waits -= 1
            return False
        return True

    def is_plainly_closed(self, found: re.Match[str]) -> bool:
        """Whether a fast match is no string with unescaped quotes."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            return True
        place: Place = "object" if frame.kind == "{" else "list" if frame.kind == "[" else "call"
        end = find_end(self.text, found.start() + 1, '"', place, self.hints, self.around())
        return end is not None and end.after == found.end()

    def no_value(self, at: int) -> int:
        """A closer or comma where a value was due."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            raise Abandoned(at + 1)
        if frame.key is not None:
            self.record.add("missing_value", self.path(), None, None)
            frame.key = None
        return at

    def open(self, char: str, at: int) -> int:
        """Open a container."""
        kind = "{" if char in "{｛" else "["
        frame = Frame(kind, PAIR[char])
        if char not in "{[":
            self.note("wrong_bracket" if char == "(" else "full_width", char, kind)
        self.push(frame)
        return at + 1

    def push(self, frame: Frame) -> None:
        """Go one level down."""
        if len(self.stack) >= MAX_DEPTH:
            raise Abandoned(self.size)
        self.stack.append(frame)

    def string_value(self, at: int) -> int:
        """Read a string and what is added to it."""
        frame = self.stack[-1] if self.stack else None
        place: Place = (
            "root" if frame is None else "object" if frame.kind == "{" else "list" if frame.kind == "[" else "call"
        )
        value, after, _ = self.string(at, place)
        while (plus := ADDED.match(self.text, after)) is not None:
            more, after, _ = self.string(plus.end(), place)
            self.note("joined_strings", value, value + more)
            value += more
        if frame is not None and frame.kind == "[" and (colon := COLON.match(self.text, after)) is not None:
            if not frame.items:
                frame.kind = "{"
                frame.key = value
                self.note("wrong_bracket", "[", "{")
                return self.value(colon.end())
            if len(self.stack) > 1 and self.stack[-2].kind == "{":
                self.note("missing_bracket", None, "]")
                return self.close(at)
        return self.put(value, after)

    def string(self, at: int, place: Place) -> tuple[str, int, bool]:
        """The string that opens at `at`, where reading goes on, and whether it was closed."""
        text = self.text
        quote = text[at]
        if text.startswith(quote * 3, at) and quote in TRIPLE and (found := TRIPLE[quote].match(text, at + 3)):
            self.note("quotes", quote * 3, '"')
            return self.unescape(self.block(found[1], quote), quote), found.end(), True
        if quote != '"':
            self.note("quotes", quote, '"')
        start = at + 1
        is_doubled = text.startswith(quote * 2, at) and text[at + 2 : at + 3].isalnum()
        if is_doubled:
            start += 1
            self.note("inner_quotes", quote * 2, quote)
        end = find_end(text, start, quote, place, self.hints, self.around()) if self.open_ends < 32 else None
        if end is None and place == "key" and (nearest := QUOTE_PATTERNS[quote].match(text, start)) is not None:
            return self.unescape(text[start : nearest.end() - 1], quote), nearest.end(), True
        if end is None:
            return self.endless(start, quote, place)
        if is_doubled and place == "key" and DOUBLED_KEY_END.match(text, end.after):
            end = end._replace(after=end.after + 1)
        raw = text[start : end.inside]
        if quote == "`" and "${" in raw:
            self.record.add("code", self.path(), raw, raw)
        if end.is_missing:
            is_sure = "\n" in text[end.inside : end.after]
            return self.unclosed(raw.rstrip(), quote, is_sure=is_sure), end.after, True
        if (
            is_doubled and raw.count(quote) % 2 and not raw.endswith(quote)
        ):  # ""yes" she said": the second one is the word's
            raw = quote + raw
        if end.has_inner and raw.endswith(quote) and raw.count(quote) % 2:
            if is_doubled:
                self.note("inner_quotes", quote * 2, quote)
                raw = raw[:-1]
            elif raw[-2:-1].isalpha():
                self.record.add("stray_quote", self.path(), raw[-40:], raw[-40:-1])
                raw = raw[:-1]
            else:  # a mark for inches, or a stray quote
                self.record.add("doubtful_end", self.path(), raw[:40], raw[-40:])
        elif self.hides_member(raw, place) or (
            end.has_inner and ((not self.hints.keys and DOUBTFUL.search(raw)) or ends_within(raw, quote))
        ):
            self.record.add("doubtful_end", self.path(), raw[:40], raw[-40:])
        elif end.has_inner:
            self.note("inner_quotes", raw, None)
        return self.unescape(raw, quote), end.after, True

    def hides_member(self, raw: str, place: Place) -> bool:
        """Whether a string seems to hold a known member that the object around it lacks, so that it may have ended before."""
        if place != "object" or not self.hints.keys or ":" not in raw:
            return False
        seen = self.stack[-1].members
        return any(
            found[1] in self.hints.keys and found[1] not in seen and found[1] != self.stack[-1].key
            for found in HIDDEN.finditer(raw)
        )

    def block(self, raw: str, quote: str) -> str:
        """A text between triple marks: the lines of the marks and the common indentation are no part of it."""
        head, mark, rest = raw.partition("\n")
        if not mark or (head.strip() and not (quote == "`" and re.fullmatch(r"[\w+#.-]{1,20}\s*", head))):
            return raw
        body = dedent(rest)
        body = body[: body.rfind("\n")] if "\n" in body and not body[body.rfind("\n") :].strip() else body.rstrip(" \t")
        self.record.add("text_block", self.path(), raw, body)
        return body

    def unclosed(self, raw: str, quote: str, *, is_sure: bool) -> str:
        """The inside of a string whose closing quote is missing, escaped or further in: what follows shows where it ends."""
        if raw.endswith("\\" + quote):  # C:\": the backslash was meant as one
            rule = "path_escape" if WINDOWS_PATH.match(raw) else "missing_quote" if is_sure else "doubtful_end"
            self.record.add(rule, self.path(), raw[-40:], raw[-40:-1])
            if rule == "path_escape" or "\\" not in raw[:-2]:
                return raw[:-1]
            return self.unescape(raw[:-2], quote) + "\\"
        if (aside := ASIDE.search(raw)) is not None and aside["quote"] == quote and raw.count(quote) == 1:
            self.record.add("dropped_text", self.path(), aside["rest"], None)
            return self.unescape(raw[: aside.start()], quote)
        self.record.add(
            "doubtful_end" if quote in raw and not is_sure else "missing_quote", self.path(), raw[-40:], None
        )
        return self.unescape(raw, quote)

    def unescape(self, raw: str, quote: str) -> str:
        """The inside of a string without its escapes."""
        if "\\" in raw and not self.is_latex:
            self.is_latex = SURE_LATEX.search(raw) is not None
        path = self.path() if "\\" in raw or "\n" in raw or "\t" in raw else ()
        return unescape(raw, quote, path, self.record, is_latex=self.is_latex)

    def endless(self, start: int, quote: str, place: Place) -> tuple[str, int, bool]:
        """A string without an end: closed before the next known key, at its line, or cut with the text."""
        text = self.text
        self.open_ends += 1
        if place == "object" and self.hints.keys and self.open_ends <= 16:
            names = "|".join(re.escape(key) for key in sorted(self.hints.keys, key=len, reverse=True))
            found = re.compile(
                rf"[\"']?,?[ \t]{{0,40}}\n[ \t]{{0,200}}+[\"'*]{{0,3}}(?:{names})[\"'*]{{0,3}}\s{{0,40}}:"
            ).search(text, start)
            if found is not None:
                raw = text[start : found.start()].rstrip()
                self.record.add("missing_quote", self.path(), raw[-40:], None)
                return (
                    self.unescape(raw.removesuffix(","), quote),
                    found.start() + (1 if text[found.start()] in "\"'" else 0),
                    True,
                )
        tail = LAST_CLOSERS.search(text, max(start, self.size - 600))
        if place != "key" and tail is not None and self.open_ends <= 16:
            raw = text[start : tail.start()]
            self.record.add("missing_end", self.path(), raw[-40:], None)
            raw = raw.rstrip()
            if raw.endswith(tuple(CLOSERS[quote])):
                raw = raw[:-1]
            return self.unescape(raw, quote), tail.start(), True
        raw = text[start:]
        if place == "key":
            return "", self.size, False
        raw = raw[:-1] if raw.endswith("\\") and not raw.endswith("\\\\") else raw
        raw = HALF_ESCAPE.sub("", raw)
        self.record.add("cut_string" if self.is_end else "missing_end", self.path(), raw[-40:], None)
        if self.is_end:
            self.cut = self.path()
        return self.unescape(raw, quote), self.size, True

    def number(self, literal: str, *, has_fraction: bool) -> JsonValue:
        """A number from valid JSON digits."""
        if not has_fraction and len(literal) < 4000:
            return int(literal)
        value = float(literal)
        if self.hints.exact:
            return exact_float(literal)
        return Number(literal) if value in (float("inf"), float("-inf")) else value

    def bare(self, at: int) -> int:
        """A value without quotes: a word, a number as people write it, a call, or text."""
        text = self.text
        frame = self.stack[-1] if self.stack else None
        if not self.is_end or frame is None or not self.ends_text(at):
            if found := WORD.match(text, at):
                word = found[0]
                if word in WORDS:
                    if word not in ("true", "false", "null"):
                        self.note("literal", word, WORDS[word])
                    return self.put(WORDS[word], found.end())
            if found := LOOSE_NUMBER.match(text, at):
                return self.put(self.loose_number(found), found.end())
        elif self.cut_bare(at):
            return self.size
        if found := NOT_NUMBERS.match(text, at):
            self.record.add("not_a_number", self.path(), found[0], found[0])
            return self.put(found[0], found.end())
        if found := CALL.match(text, at):
            return self.call(found)
        if found := ESCAPE_MARKS.match(text, at):
            self.note("quotes", found[1], '"')
            return self.put(found[2], found.end())
        if text[at] in "uUrRbBfF" and text[at + 1 : at + 2] in ("'", '"') and at + 1 < self.size:
            self.note("quotes", text[at : at + 2], '"')
            return self.string_value(at + 1)
        if frame is None:
            raise Abandoned(at + 1)
        return self.bare_text(frame, at)

    def ends_text(self, at: int) -> bool:
        """Whether the bare value at `at` runs to the end of the text, so that it may be cut."""
        return self.size - at < 400 and LAST_WORD.match(self.text, at) is not None

    def cut_bare(self, at: int) -> bool:
        """A bare value at the very end: kept if it is a number, left out if it may be a literal; never trusted."""
        word = self.text[at:].strip()
        self.cut = self.path()
        frame = self.stack[-1]
        if any(name.startswith(word) for name in WORDS):
            self.record.add("cut_literal", self.cut, word, None)
            frame.key = None
            return True
        if found := JSON_NUMBER.fullmatch(word):
            value = self.number(word, has_fraction=bool(found[1] or found[2]))
            self.record.add("cut_number", self.cut, word, value)
        elif PARTIAL_NUMBER.fullmatch(word):
            self.record.add("cut_number", self.cut, word, None)
            frame.key = None
            return True
        else:
            self.record.add("cut_string", self.cut, word, word)
            value = word
        self.put(value, self.size)
        return True

    def loose_number(self, found: re.Match[str]) -> JsonValue:
        """A number with a plus, underscores, a bare point or another base."""
        digits = found[2].replace("_", "").lower()
        sign = "-" if found[1] == "-" else ""
        if digits[:2] in ("0x", "0o", "0b"):
            value: JsonValue = int(sign + digits, 0)
        elif re.fullmatch(r"\d+", digits) and len(digits) > 1 and digits[0] == "0":
            value = found[0]  # leading zeros: a code, not a number
            frame = self.stack[-1] if self.stack else None
            if (
                frame is not None
                and frame.kind == "["
                and HALVED.search(self.text, max(0, found.start() - 20), found.end())
            ):
                self.record.add("split_number", self.path(), self.text[max(0, found.start() - 20) : found.end()], None)
                return value
            self.note("bare_string", found[0], value)
            return value
        elif digits.count(".") > 1 or not re.search(r"\d", digits):
            value = found[0]
            self.note("bare_string", found[0], value)
            return value
        else:
            whole, _, rest = digits.partition(".")
            mantissa, e, power = rest.partition("e") if rest else ("", "", "")
            literal = (
                sign
                + (re.sub(r"^0+(?=\d)", "", whole) or "0")
                + (f".{mantissa or 0}" if "." in digits else "")
                + (e + power if e else "")
            )
            value = self.number(literal, has_fraction=not literal.lstrip("-").isdigit())
        self.note("number", found[0], value)
        return value

    def call(self, found: re.Match[str]) -> int:
        """Open a call."""
        self.push(Frame("(", ")", found[1], "", found.start()))
        return found.end()

    def bare_text(self, frame: Frame, at: int) -> int:
        """Text without quotes, up to what can only follow a value."""
        text = self.text
        if frame.kind != "{" and self.is_strictly and len(self.stack) == 1 and not frame.items and not frame.members:
            raise Abandoned(at)
        if found := THOUSANDS.match(text, at) or (DECIMAL_COMMA.match(text, at) if frame.kind == "{" else None):
            self.note("bare_string", found[0], found[0])
            return self.put(found[0], found.end())
        if frame.kind == "[" and (spaced := SPACED_NUMBERS.match(text, at)):
            parts = spaced[0].split()
            self.note("missing_comma", spaced[0], None)
            if any(len(part) == 3 for part in parts[1:]):  # 12 345 may be one number
                self.record.add("split_number", self.path(), spaced[0], None)
            for part in parts:
                self.put(self.number(part, has_fraction="." in part), at)
            return spaced.end()
        if frame.kind == "[" and (bullet := BULLET.match(text, at)):
            self.note("extra_comma", bullet[0], None)
            return self.value(bullet.end())
        ends = END_IN_OBJECT if frame.kind == "{" else END_IN_LIST if frame.kind == "[" else END_IN_CALL
        found_end = ends.search(text, at)
        for _ in range(8):  # items[0] and f(a, b) go on behind their brackets
            if found_end is None or text[found_end.start()] not in "],)" or not is_open(text[at : found_end.start()]):
                break
            found_end = ends.search(text, found_end.end())
        end = found_end.start() if found_end else self.size
        word = text[at:end].strip()
        if not word:
            return self.drop(at)
        if found_end is None and self.is_end:
            self.cut = self.path()
            self.record.add("cut_string", self.cut, word, word)
        else:
            if word[-1] in "\"'" and word.count(word[-1]) == 1:
                word = word[:-1]
            self.note("bare_string", word, word)
            if SUBSCRIPT.search(word):
                self.record.add("code", self.path(), word, word)
        if word in WORDS:
            return self.put(WORDS[word], end)
        return self.put(word, end)

    # closing

    def put(self, value: JsonValue, after: int) -> int:
        """Place a finished value in the container that is open."""
        if not self.stack:
            self.root = value
            self.done = True
            return after
        frame = self.stack[-1]
        if frame.key is not None:
            key = frame.key
            if key in frame.members and not is_same(frame.members[key], value):
                self.record.add("duplicate_key", self.path(), frame.members[key], value)
            frame.members[key] = value
            frame.key = None
        else:
            frame.items.append(value)
        return after

    def close(self, after: int) -> int:
        """Close the innermost container."""
        frame = self.stack.pop()
        if frame.kind == "[" and frame.close == ")" and self.stack and frame.items and not frame.commas:
            return self.put(self.in_parentheses(frame), after)
        if frame.kind == "(":
            value = self.call_value(frame, after)
            if frame.quoted and self.text.startswith(frame.quoted, after):
                after += 1
            if (index := SELECTED.match(self.text, after)) is not None:
                self.note("dropped_text", index[0], None)
                after = index.end()
            return self.put(value, after)
        return self.put(frame.members if frame.kind == "{" else frame.items, after)

    def in_parentheses(self, frame: Frame) -> JsonValue:
        """What stands in parentheses without a comma: the one value, or the parts of one text."""
        texts = [item for item in frame.items if isinstance(item, str)]
        if len(frame.items) == 1:
            return frame.items[0]
        if len(texts) < len(frame.items):
            return frame.items
        self.note("joined_strings", texts[0], None)
        return "".join(texts)

    def call_value(self, frame: Frame, after: int) -> JsonValue:
        """What a call stands for: its arguments, with its name where it is an answer of its own."""
        is_answer = all(outer.kind == "[" for outer in self.stack)
        name = frame.name
        only = frame.items[0] if len(frame.items) == 1 and not frame.members else None
        if (moment := written_moment(name, frame)) is not None:
            self.note("constructor", name, moment)
            return moment
        if ARRAYS.fullmatch(name) and frame.items:
            self.note("constructor", name, None)
            return frame.items[-1] if name.endswith("defaultdict") else frame.items[0]
        if name in CONVERTERS and (len(frame.items) == 1 or frame.members or not frame.items):
            self.note("constructor", name, None)
            if frame.members or not frame.items:
                empty: JsonValue = dict(frame.members) if frame.members or name in ("dict", "OrderedDict") else []
                return empty
            return only
        if not is_answer and not frame.members and frame.items and not isinstance(only, dict):
            written = self.text[frame.start : after].strip()
            shown = written if written.endswith((")", "）")) else written + ")"
            self.note("bare_string", shown, shown)
            return shown
        arguments: JsonValue = frame.members
        if not frame.members and frame.items:
            arguments = only if isinstance(only, dict) else frame.items
        elif isinstance(only_object := frame.items[0] if len(frame.items) == 1 else None, dict) and not (
            only_object.keys() & frame.members.keys()
        ):
            self.record.add("arguments_merged", self.path(), None, None)
            arguments = {**only_object, **frame.members}
        elif frame.items:
            self.record.add("dropped_text", self.path(), repr(frame.items), None)
        if not is_answer:
            self.note("constructor", name, None)
            return arguments
        self.note("call", name, None)
        return {"name": name, "arguments": arguments}

    def finish(self) -> int:
        """Close what is open at the end of the text."""
        if self.is_strictly and len(self.stack) == 1 and not self.stack[0].members and not self.stack[0].items:
            self.check_start(self.size)
        if self.is_end and self.cut is None:
            self.cut = self.path()
        while self.stack:
            frame = self.stack[-1]
            key, frame.key = frame.key, None
            rule = "cut_container" if self.is_end else "missing_bracket"
            if not self.is_end and key is not None:
                self.record.add("missing_value", (*self.path(), key), None, None)
            place = self.path()
            if frame.kind in {"[", "("}:
                place = place[:-1]
            if rule == "cut_container" or self.record.is_new(rule):
                self.record.add(rule, place, None, frame.close)
            self.close(self.size)
        return self.size


def scan(
    text: str, start: int, hints: Hints, *, is_end: bool = True, is_strictly: bool = False, failed_at: int = -1
) -> Scanned:
    """The value that begins at `start` of a broken text, which a strict decoder cannot read beyond `failed_at`.

    Raises:
        Abandoned: no value begins here, or one nested deeper than `MAX_DEPTH`.

    """
    scanner = Scanner(text, hints, is_end=is_end, is_strictly=is_strictly)
    scanner.failed_at = failed_at
    return scanner.scan(start)
