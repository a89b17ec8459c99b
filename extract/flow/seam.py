"""A text that goes on inside the JSON of the one before it, and the place where the two meet."""

from __future__ import annotations

import re
from typing import Final

from ..text.reasoning import split_reasoning
from ..text.strict import loads
from ..vocabulary import JsonValue, Path, Repair, show_found
from .part import Rest
from .place import look_for
from .said import Said, names_of

GOES_ON: Final = re.compile(
    r"""\s*(?:
        [,:\]}]                              # what stands between values, or closes them
        | [^{}\[\]]*"\s*[,:]\s*[\[{"\d\-tfn]  # the end of a string, then the next value
        | [^{}\[\]"]*[\]}]                    # the end of a number or a word, then the end of what held it
    )""",
    re.VERBOSE,
)
"""How a text begins that goes on inside a JSON value."""
SEAM_CHARS: Final = 400
LEAST_SEAM_CHARS: Final = 8
"""How much of the end of a cut text is looked for at the beginning of the next; less may be chance."""
OPENING: Final = re.compile(r"[\[{]")
MARK: Final = re.compile(r'[\[\]{}]|"(?:[^"\\]|\\.)*+"?', re.DOTALL)
FENCE: Final = re.compile(r"```\w*")


def goes_on(part: Rest, said: Said) -> bool:
    """Whether a text goes on inside the JSON of another, or ends something that it has not begun."""
    text = _bare(said.text)
    if GOES_ON.match(text):
        return True
    after = text[_end_of_root(text) :].lstrip()
    is_closed_twice = (
        after[:1] == "}" and isinstance(said.value, dict) and bool(said.value.keys() & names_of(part.schema))
    )
    return after[:1] in (",", ":", "]", "}") and not is_closed_twice


def joined(part: Rest, said: Said) -> tuple[JsonValue, tuple[Repair, ...]] | None:
    """The whole value that the cut text and the one that goes on with it are, and what is in doubt of it; None: they are none.

    A value across the seam is in doubt where the second text could as well begin behind a character that nobody wrote.
    """
    text = _bare(said.text)
    most = min(len(text), len(part.cut), SEAM_CHARS)
    length = next((size for size in range(most, LEAST_SEAM_CHARS - 1, -1) if part.cut.endswith(text[:size])), 0)
    whole = _strict(part.cut + text[length:])
    if not part.cut or whole is None:
        return None
    entries = [Repair((), "text_continued", show_found(said.text), None, "coerced")]
    other = None if length else _strict(f"{part.cut}9{text}")
    if other is not None and (path := _difference(whole, other)):
        entries.append(Repair(path, "text_continued", show_found(look_for(whole, path)), None, "guessed"))
    return whole, tuple(entries)


def _bare(text: str) -> str:
    """A text without thoughts and without the fence around it."""
    text = split_reasoning(text)[0].strip()
    opened = FENCE.match(text)
    return text if opened is None else text[opened.end() :].removesuffix("```").strip()


def _end_of_root(text: str) -> int:
    """Where the first object or list of a text ends; the end of the text where it does not."""
    opened = OPENING.search(text)
    depth, at = 0, len(text) if opened is None else opened.start()
    while at < len(text):
        found = MARK.search(text, at)
        if found is None:
            break
        at = found.end()
        if found[0] in ("{", "["):
            depth += 1
        elif found[0] in ("}", "]"):
            depth -= 1
            if depth == 0:
                return at
    return len(text)


def _strict(text: str) -> JsonValue:
    try:
        return loads(text)
    except ValueError:
        return None


def _difference(one: JsonValue, other: JsonValue) -> Path:
    """Where two values first differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [key for key in one if key not in other or one[key] != other[key]]
        return () if not keys else (keys[0], *(_difference(one[keys[0]], other[keys[0]]) if keys[0] in other else ()))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        at = next((at for at in range(len(one)) if one[at] != other[at]), None)
        return () if at is None else (at, *_difference(one[at], other[at]))
    return ()
