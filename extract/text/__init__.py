"""From text to JSON values. Sees no schema, only Hints."""

from .candidate import Candidate, Hints, NothingFound
from .candidates import candidates
from .mend import repair
from .reasoning import split_reasoning
from .rules import RULES, Rule
from .strict import dumps, loads

__all__ = [
    "RULES",
    "Candidate",
    "Hints",
    "NothingFound",
    "Rule",
    "candidates",
    "dumps",
    "loads",
    "repair",
    "split_reasoning",
]
