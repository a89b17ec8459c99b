"""What the readers of text hand on: hints in, candidates out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..vocabulary import JsonValue, Path, Repair

Origin = Literal["whole", "fence", "prose", "markup", "lines"]


class NothingFound(ValueError):  # noqa: N818 - an outcome, named for what happened
    """The text holds no JSON value that could be read."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known about the wanted value; empty sets mean that nothing is known.

    Attributes:
        keys: names of object members at any depth; they decide where a string with stray quotes ends.
        kinds: JSON types that the root may have (`object`, `array`, ...).
        names: names of wrappers or tools that may stand around the value.
        exact: numbers with a fraction or an exponent keep their digits: as `Number` where a float is written otherwise.

    """

    keys: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One JSON value that the text may hold.

    Attributes:
        value: the value.
        repairs: what had to be changed to read it, in order of first appearance.
        start, end: its characters in the text.
        is_cut: the text ended inside it.
        open_path: the innermost position that was still open at the cut; what stands there is not trustworthy.
        origin: where it was found.
        text: valid JSON text of the value, where it was read from such.

    """

    value: JsonValue
    repairs: tuple[Repair, ...]
    start: int
    end: int
    is_cut: bool = False
    open_path: Path | None = None
    origin: Origin = "whole"
    text: str | None = None


NO_HINTS = Hints()
