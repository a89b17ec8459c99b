"""The part of a text that a value of a list's item was read from, found by what stands beside it in the item.

Pure search for exact words and numbers: no likeness, no model. Where it is not plain where an item stands, there is no
excerpt and the whole text is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from ..text.strict import dumps
from ..vocabulary import JsonValue, Path
from .place import look_for

LEAST_CHARS: Final = 2_000
"""A shorter text is always read as a whole."""
MOST_PLACES: Final = 20
MOST_ANCHORS: Final = 8
MOST_HITS: Final = 40
"""A word that stands more often tells nothing."""
REACH: Final = 300
"""Characters within which the words of one item stand."""
MARGIN: Final = 80
"""Characters around them that are shown too, to the ends of their lines, where an item is not one line."""
HEAD: Final = 20
"""Characters of the beginning that are shown too, to the end of their line: titles and units stand there."""
GAP: Final = "\n[...]\n"


def excerpt_of(text: str, base: JsonValue, paths: Sequence[Path]) -> str:
    """The lines of a text in which the items that hold the places stand, and its beginning; empty where that is not plain."""
    if len(text) < LEAST_CHARS or len(paths) > MOST_PLACES:
        return ""
    spans = [(0, _line_end(text, HEAD))]
    for path in paths:
        found = _span(text, base, path)
        if found is None:
            return ""
        spans.append(found)
    kept: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if kept and begin <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((begin, end))
    shown = GAP.join(text[begin:end].strip("\n") for begin, end in kept)
    return shown if len(shown) * 2 < len(text) else ""


def _span(text: str, base: JsonValue, path: Path) -> tuple[int, int] | None:
    """Where the item that holds a place stands; None where that is not plain."""
    depth = max((at for at, step in enumerate(path[:-1]) if isinstance(step, int)), default=None)
    if depth is None:
        return None
    item, inner = look_for(base, path[: depth + 1]), path[depth + 1 :]
    hits: list[tuple[int, int]] = []
    anchors = list(dict.fromkeys(word for at, word in _words(item) if at != inner))[:MOST_ANCHORS]
    for number, word in enumerate(anchors):
        hits += [(at, number) for at in _places(text, word)]
    hits.sort()
    best: list[tuple[int, int]] = []
    most = 0
    for first in range(len(hits)):
        last = first
        while last + 1 < len(hits) and hits[last + 1][0] - hits[first][0] <= REACH:
            last += 1
        many = len({number for _, number in hits[first : last + 1]})
        if many > most:
            best, most = [], many
        if many == most:
            best.append((hits[first][0], hits[last][0]))
    is_plain = most > 1 or (most == 1 and len(hits) == 1)
    if not is_plain or any(other[0] > one[1] for one, other in pairwise(best)):
        return None
    begin, end = best[0][0], max(end for _, end in best)
    margin = 0 if most > 1 and "\n" not in text[begin:end] else MARGIN
    return _line_begin(text, begin - margin), _line_end(text, end + margin)


def _words(value: JsonValue, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """What of a value may stand in a text as it is."""
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _words(inner, (*at, step))
    elif isinstance(value, str) and len(value) > 2:
        yield at, value
    elif isinstance(value, int | float) and not isinstance(value, bool) and len(dumps(value)) > 1:
        yield at, dumps(value).removesuffix(".0")


def _places(text: str, word: str) -> list[int]:
    """Where a word stands by itself; nowhere where that is too often to tell anything."""
    found: list[int] = []
    at = text.find(word)
    while at >= 0 and len(found) <= MOST_HITS:
        around = text[at - 1 : at] + text[at + len(word) : at + len(word) + 1]
        if not any(char.isalnum() for char in around):
            found.append(at)
        at = text.find(word, at + len(word))
    return found if len(found) <= MOST_HITS else []


def _line_begin(text: str, at: int) -> int:
    return max(0, text.rfind("\n", 0, max(0, at)) + 1, at - REACH)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return min(len(text), at + REACH if end < 0 else end, at + REACH)
