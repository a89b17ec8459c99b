"""What fitting one value gave: the value, what was changed in it and below it, and what is still wrong.

Outcomes form a tree that shares its branches, so that alternatives are weighed without copying; paths are written out
once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ..vocabulary import FOUND_CHARS, TRUSTS, Issue, JsonValue, Path, Repair, Trust, show_found

Cost: TypeAlias = tuple[int, int, int, int]
"""Issues, rank of the least trusted repair (0: none), members left over, repairs; smaller is better."""


@dataclass(frozen=True, slots=True)
class Note:
    """One repair, without its place."""

    rule: str
    before: JsonValue
    after: JsonValue
    trust: Trust


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, without its place; `step` where it concerns a member that is absent."""

    kind: str
    message: str
    found: str | None = None
    step: str | None = None


class Outcome:
    """A fitted value with its notes; `below` are the outcomes of its members, each with the step that leads there in the new value."""

    __slots__ = ("below", "cost", "faults", "notes", "value")

    def __init__(
        self,
        value: JsonValue,
        *,
        notes: tuple[Note, ...] = (),
        faults: tuple[Fault, ...] = (),
        below: tuple[tuple[str | int | None, Outcome], ...] = (),
        left_over: int = 0,
    ) -> None:
        self.value = value
        self.notes = notes
        self.faults = faults
        self.below = below
        self.cost = _cost(notes, faults, below, left_over)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong any more."""
        return self.cost[0] == 0

    @property
    def is_untouched(self) -> bool:
        """Whether the value fits as it came."""
        return self.cost[0] == 0 and self.cost[3] == 0

    def noted(self, *notes: Note) -> Outcome:
        """The same, reached through further repairs at this very place."""
        return Outcome(self.value, notes=notes, below=((None, self),))


def _cost(
    notes: tuple[Note, ...],
    faults: tuple[Fault, ...],
    below: tuple[tuple[str | int | None, Outcome], ...],
    left_over: int,
) -> Cost:
    issues, rank, repairs = len(faults), 0, len(notes)
    for note in notes:
        rank = max(rank, TRUSTS.index(note.trust) + 1)
    for _, outcome in below:
        cost = outcome.cost
        issues += cost[0]
        rank = max(rank, cost[1])
        left_over += cost[2]
        repairs += cost[3]
    return issues, rank, left_over, repairs


def flatten(outcome: Outcome) -> tuple[tuple[Repair, ...], tuple[Issue, ...]]:
    """All repairs and issues with their paths, outermost first, in the order of the value."""
    repairs: list[Repair] = []
    issues: list[Issue] = []
    stack: list[tuple[Path, Outcome]] = [((), outcome)]
    while stack:
        path, here = stack.pop()
        repairs += [Repair(path, note.rule, shown(note.before), shown(note.after), note.trust) for note in here.notes]
        for fault in here.faults:
            loc = path if fault.step is None else (*path, fault.step)
            issues.append(Issue(loc, fault.kind, fault.message, fault.found))
        for step, below in reversed(here.below):
            if below.notes or below.faults or below.cost[0] or below.cost[3]:
                stack.append((path if step is None else (*path, step), below))
    return tuple(repairs), tuple(issues)


def shown(value: JsonValue) -> JsonValue:
    """A value for the record: long texts are cut, scalars and containers stand as they are."""
    if isinstance(value, str) and len(value) > FOUND_CHARS:
        return value[: FOUND_CHARS - 1] + "…"
    return value


def fault(kind: str, message: str, value: JsonValue) -> Outcome:
    """A value that nothing can be done about."""
    return Outcome(value, faults=(Fault(kind, message, show_found(value)),))


def best(outcomes: list[Outcome]) -> Outcome:
    """The cheapest outcome; of equals the first."""
    return min(outcomes, key=lambda outcome: outcome.cost)
