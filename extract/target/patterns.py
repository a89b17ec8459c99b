"""Which regular expressions an engine takes, told from their text alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

from .ecma import compiles, pythonic

PatternKind = Literal["ecma", "no_lookaround", "anchored", "none"]
PATTERN_KINDS: Final[tuple[PatternKind, ...]] = get_args(PatternKind)
"""Each kind takes less than the one before."""

_UNESCAPED: Final = r"(?:^|[^\\])(?:\\\\)*"
IRREGULAR: Final = _UNESCAPED + (
    r"(?:\(\?(?:<?[=!]|P|<[A-Za-z_]|[(#>aiLmsux-])"  # lookaround, named and atomic groups, conditions, flags
    r"|[*+?}]\+"  # possessive repeats
    r"|\\(?:[1-9]|k<|[bBAZzGK]|[pP])"  # back-references, word boundaries, Python's anchors, Unicode properties
    r"|\[\[:|&&\[)"  # sets within sets, which only Rust has
)
"""Finds what no finite automaton, or no engine of the field, has; a superset in a class like `[(?=]`."""
CLASS_ESCAPE: Final = _UNESCAPED + r"\\[dDwWsSpPuxc]"
"""Finds escapes that stand for more than their own letter."""
_NAMED_GROUP: Final = re.compile(r"\(\?P?<[A-Za-z_]\w*>")
_WIDE_ESCAPE: Final = re.compile(r"\\[UZ]")
_LAZY: Final = re.compile(r"[*+?}]\?")


def fits_pattern(pattern: str, kind: PatternKind) -> bool:
    """Whether an engine that takes patterns of this kind takes this one.

    `no_lookaround` also refuses back-references, word boundaries and flags: no finite automaton, or no engine of the
    field, has them. `anchored` takes one `^...$` around everything, spelled-out character classes and no lazy repeats.
    """
    return _FITS[kind](pattern)


def spelled(pattern: str, kind: PatternKind) -> str | None:
    r"""The pattern, or one that means the same, in an engine's own words; None where it has none for it."""
    if fits_pattern(pattern, kind):
        return pattern
    nameless = _NAMED_GROUP.sub("(", pythonic(pattern) or pattern)
    for one in (nameless, nameless.replace(r"\d", "[0-9]") if "[" not in nameless else nameless):
        if fits_pattern(one, kind) and not _WIDE_ESCAPE.search(one):
            return one
    return None


def is_anchored(pattern: str) -> bool:
    """Whether the pattern is `^...$` around everything, so that searching and full matching mean the same."""
    inner = _bare(pattern)
    if not (inner.startswith("^") and inner.endswith("$")):
        return False
    inner = inner[1:-1]
    return not re.search(r"[\^$]", inner) and not _splits_at_top(inner)


def _bare(pattern: str) -> str:
    """The pattern with every escape and character class replaced by a letter."""
    return re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", pattern, flags=re.DOTALL)


def _splits_at_top(bare: str) -> bool:
    """Whether a bare pattern has a `|` outside every group."""
    depth = 0
    for char in bare:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            return True
    return False


def _is_regular(pattern: str) -> bool:
    return not re.search(IRREGULAR, pattern) and compiles(pattern)


def _is_simple(pattern: str) -> bool:
    return (
        _is_regular(pattern)
        and is_anchored(pattern)
        and not re.search(CLASS_ESCAPE, pattern)
        and not _LAZY.search(_bare(pattern))
    )


_FITS: Final[Mapping[PatternKind, Callable[[str], bool]]] = MappingProxyType(
    {
        "ecma": lambda _: True,
        "no_lookaround": _is_regular,
        "anchored": _is_simple,
        "none": lambda _: False,
    }
)
