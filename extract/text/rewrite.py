"""Text that is broken throughout in simple ways, rewritten in one pass of a pattern and decoded in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .candidate import Candidate, Hints


def rewrite(text: str, start: int, hints: Hints) -> Candidate | None:
    """The value that begins at `start`; None where the damage is not simple."""
    del text, start, hints
    return None
