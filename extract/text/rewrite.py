"""Text that is broken throughout in simple ways, rewritten in one pass of a pattern and decoded in C.

Whatever could be read in two ways stops the pass, and the scanner decides. The pass takes only strings whose closing
quote is followed by what must follow a string, so a stray quote never gets through.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from ..vocabulary import Path, Repair, exact_float
from .candidate import Candidate, Hints
from .record import clip
from .rules import TRUST_OF
from .scan import ELIDED
from .strict import Repeated, decoder, finite, pairs_hook, refuse_constant
from .strings import LATEX_ESCAPE

if TYPE_CHECKING:
    from ..vocabulary import JsonValue

GOOD: Final = r'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'
STRING: Final = r'"[^"\\]*+(?:\\[\s\S][^"\\]*+)*+"'
TOKEN: Final = re.compile(
    rf"(?P<intact>(?:[\s{{\[:]++|[}}\]](?!\s*+[\"'{{\[])|,(?!\s*+[}}\],])|-?\d[\d.eE+-]*+(?=\s*+[,}}\]])|(?:true|false|null)(?=\s*+[,}}\]])"
    rf"|{GOOD}(?=\s*+[:}}\]]|\s*+,\s*+[\"'{{\[}}\]\w/-]))++)"
    rf"|(?P<bad_escape>{STRING})(?=\s*+[:}}\]]|\s*+,\s*+[\"'{{\[}}\]\w/-])"
    r"|'(?P<quotes>[^'\\\n]*+(?:\\['\"\\/bfnrt][^'\\\n]*+)*+)'(?=\s*+[:}\]]|\s*+,\s*+[\"'{\[}\]\w/-])"
    r"|(?P<literal>True|False|None|undefined)(?=\s*+[,}\]])"
    r"|(?P<bare_key>[A-Za-z_$][\w$]*+)(?=\s*+:)"
    r"|(?P<extra_comma>,)(?=\s*+[}\],])"
    rf"|(?P<missing_comma>(?:{STRING}|-?\d[\d.eE+-]*+|true|false|null)(?=[ \t]*+\r?\n\s*+[\"'])|[}}\]](?=\s*+[\"'{{\[]))"
    r"|(?P<comment>//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)"
    r"|(?P<curly>“[^”\"\\\n]*+”)(?=\s*+[:}\],，：｝］])"
    r"|(?P<full_width>[，：｛｝［］])"
    r"|(?P<stop>[\s\S])"
)
WIDE: Final = {"，": ",", "：": ":", "｛": "{", "｝": "}", "［": "[", "］": "]"}
PYTHON: Final = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
STEP: Final = re.compile(rf"(?P<string>{STRING})|(?P<mark>[{{}}\[\],:])")
DOUBTFUL: Final = re.compile(r"\\\\(?:[_*'`]|x[0-9a-fA-F]{2}|u\{)|[A-Za-z]:\\|\"\\\\[\w.-]{1,60}\\")
"""Markdown escapes and Windows paths, for which the scanner has rules of its own."""
IN_SINGLE: Final = re.compile(r"\\.|\"")
BAD: Final = re.compile(r'\\(["\\/bfnrt]|u[0-9a-fA-F]{4})?')
MAX_PATH_CHARS: Final = 20_000


def rewrite(text: str, start: int, hints: Hints) -> Candidate | None:
    """The value that begins at `start`; None where the damage is not simple."""
    if text[start] not in "{[｛［":
        return None
    parts, sources, firsts, counts = respell(text, start)
    mended = "".join(parts)
    if "\\" in mended and (LATEX_ESCAPE.search(mended) or ("bad_escape" in counts and DOUBTFUL.search(mended))):
        return None
    repeated: list[Repeated] = []
    raw: int | None = None
    try:
        value, used = decoder(repeated, exact=hints.exact).raw_decode(mended)
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Invalid control"):
            return None
        raw = error.pos
        repeated.clear()
        try:
            value, used = lax_decoder(repeated, exact=hints.exact).raw_decode(mended)
        except (ValueError, RecursionError):
            return None
    except (ValueError, RecursionError):
        return None
    ends = list(accumulate(map(len, parts)))
    index = min(bisect_right(ends, used - 1), len(parts) - 1)
    end = sources[index] + used - (ends[index - 1] if index else 0)
    return Candidate(value, describe(mended, used, ends, firsts, counts, repeated, raw), start, end)


def respell(text: str, start: int) -> tuple[list[str], list[int], dict[str, tuple[int, str, str]], dict[str, int]]:
    """Proper JSON spelling of what follows, piece by piece, up to what no rule knows."""
    parts: list[str] = []
    sources: list[int] = []
    firsts: dict[str, tuple[int, str, str]] = {}
    counts: dict[str, int] = {}
    for found in TOKEN.finditer(text, start):
        if found["stop"] is not None:
            break
        rule = found.lastgroup
        piece = found[0]
        if rule == "comment" and ELIDED.match(piece):
            break
        if rule != "intact" and rule is not None:
            new = spell(rule, found)
            rule = "quotes" if rule == "curly" else rule
            if rule in counts:
                counts[rule] += 1
            else:
                counts[rule] = 1
                firsts[rule] = (len(parts), piece, new)
            piece = new
        parts.append(piece)
        sources.append(found.start())
    return parts, sources, firsts, counts


def spell(rule: str, found: re.Match[str]) -> str:
    """One token as JSON spells it."""
    written = found[0]
    match rule:
        case "quotes":
            inside = found["quotes"]
            if "\\" in inside:
                inside = IN_SINGLE.sub(
                    lambda one: "'" if one[0] == "\\'" else '\\"' if one[0] == '"' else one[0], inside
                )
            elif '"' in inside:
                inside = inside.replace('"', '\\"')
            return '"' + inside + '"'
        case "bad_escape":
            return BAD.sub(lambda one: one[0] if one[1] else "\\\\", written)
        case "curly":
            return '"' + written[1:-1] + '"'
        case "literal":
            return PYTHON[written]
        case "bare_key":
            return '"' + written + '"'
        case "missing_comma":
            return written + ","
        case "full_width":
            return WIDE[written]
        case _:  # commas and comments that are left out
            return ""


def describe(
    mended: str,
    used: int,
    ends: list[int],
    firsts: dict[str, tuple[int, str, str]],
    counts: dict[str, int],
    repeated: list[Repeated],
    raw: int | None,
) -> tuple[Repair, ...]:
    """The repairs that were made up to the end of the value."""
    repairs: list[Repair] = []
    for rule, (index, before, after) in firsts.items():
        offset = ends[index] - len(after)
        if offset < used:
            repairs.append(
                Repair(path_at(mended, offset), rule, clip(before), clip(after) or None, TRUST_OF[rule], counts[rule])
            )
    if raw is not None:
        repairs.append(Repair(path_at(mended, raw), "raw_control", None, None, TRUST_OF["raw_control"]))
    repairs.extend(
        Repair((key,), "duplicate_key", clip(old), clip(new), TRUST_OF["duplicate_key"]) for key, old, new in repeated
    )
    return tuple(repairs)


def lax_decoder(repeated: list[Repeated], *, exact: bool) -> json.JSONDecoder:
    """As `decoder`, but raw control characters in strings are kept."""
    return json.JSONDecoder(
        object_pairs_hook=pairs_hook(repeated),
        parse_float=exact_float if exact else finite,
        parse_constant=refuse_constant,
        strict=False,
    )


def path_at(mended: str, offset: int) -> Path:
    """Where in the value the character at `offset` stands; only near the beginning, else the root."""
    if offset > MAX_PATH_CHARS:
        return ()
    steps: list[str | int] = []
    last: JsonValue = None
    for found in STEP.finditer(mended, 0, offset):
        mark = found["mark"]
        if mark is None:
            last = found["string"]
        elif mark in "{[":
            steps.append("" if mark == "{" else 0)
        elif mark in "}]":
            steps[-1:] = []
        elif mark == ":" and steps and isinstance(last, str):
            steps[-1] = last[1:-1]
        elif mark == "," and steps and isinstance(steps[-1], int):
            steps[-1] += 1
    return tuple(step for step in steps if step != "")
