"""Malformed JSON text in, JSON text out."""

from __future__ import annotations

from ..errors import UsageError
from ..vocabulary import show_found
from .candidate import Candidate, Hints, NothingFound
from .candidates import candidates
from .strict import dumps


def repair(text: str) -> str:
    """Valid JSON text for a malformed one; valid text comes back as it is, but for the space around it.

    Of several values the largest is taken, the last of equals.

    Raises:
        ValueError: no JSON value could be read.
        UsageError: `text` is no str.

    """
    check_text(text)
    found = candidates(text, Hints(exact=True))
    if not found:
        what = f"{show_found(text)} holds" if text.strip() else "the text is empty: it holds"
        raise NothingFound(f"{what} no JSON value; `parse(target, text)` also reads what is written without JSON")
    if not found[0].repairs and found[0].origin == "whole":
        return text.strip().lstrip("\ufeff")
    largest = max(reversed(found), key=size)
    return dumps(largest.value) if largest.text is None else largest.text


def check_text(text: object) -> None:
    """Raise a UsageError for anything but a str."""
    if not isinstance(text, str):
        hint = "; decode it with .decode()" if isinstance(text, bytes | bytearray) else ""
        raise UsageError(f"the text is {show_found(text)}; it must be a str{hint}")


def size(candidate: Candidate) -> int:
    """How much of the text a value covers."""
    return candidate.end - candidate.start
