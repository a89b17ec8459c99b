"""What an answer says before it is fitted to what was asked, and what is taken of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..target.compile import compile_target
from ..target.lower import Lowered, lower
from ..vocabulary import Issue, JsonObject, JsonValue, Repair, show_found
from .part import Merged
from .reading import Reading, examine


@dataclass(frozen=True, slots=True)
class Said:
    """The JSON of an answer before it was fitted to the part.

    Attributes:
        value: in natural form, as the part's schema has it.
        whole: in natural form, as the schema of the whole has it.
        text: what was written.
        repairs: of its syntax.
        is_one: whether it is one value; else it could not be told from others beside it.

    """

    value: JsonValue
    whole: JsonValue
    text: str = ""
    repairs: tuple[Repair, ...] = ()
    is_one: bool = True


def said_in(text: str, part: Lowered[Any], whole: Lowered[Any]) -> Said:
    """The JSON of a text, whatever its shape."""
    read = examine(lower(compile_target(Any), "plain"), text, repair="coerced")
    if not isinstance(read, Reading):
        return Said(None, None, text, is_one=False)
    return Said(part.decode(read.json).value, whole.decode(read.json).value, text, read.repairs)


def taken(value: JsonValue, said: Said, entries: tuple[Repair, ...]) -> Merged:
    """What was taken from an answer of another shape."""
    return Merged(value, (*said.repairs, *entries))


def refused(problem: str, found: JsonValue, base: JsonValue) -> Merged:
    """Nothing is taken of an answer, and the issue says why."""
    return Merged(base, issues=(Issue((), "nothing", f"the answer {problem}", show_found(found)),))


def names_of(schema: JsonObject) -> frozenset[str]:
    """The members that an object schema names."""
    known = schema.get("properties")
    return frozenset(known) if isinstance(known, dict) else frozenset()
