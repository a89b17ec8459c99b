"""Malformed JSON text in, JSON text out."""

from __future__ import annotations

from .candidate import Candidate, Hints, NothingFound
from .candidates import candidates
from .strict import dumps


def repair(text: str) -> str:
    """Valid JSON text for a malformed one; valid text comes back as it is, but for the space around it.

    Of several values the largest is taken, the last of equals.

    Raises:
        NothingFound: no JSON value could be read.

    """
    found = candidates(text, Hints(exact=True))
    if not found:
        raise NothingFound("the text holds no JSON value")
    if not found[0].repairs and found[0].origin == "whole":
        return text.strip().lstrip("\ufeff")
    return dumps(max(reversed(found), key=size).value)


def size(candidate: Candidate) -> int:
    """How much of the text a value covers."""
    return candidate.end - candidate.start
