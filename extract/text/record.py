"""Repairs as they are made: one entry per lossless rule with a count, one per change of a value."""

from __future__ import annotations

from ..vocabulary import FOUND_CHARS, JsonValue, Path, Repair
from .rules import TRUST_OF


def clip(value: JsonValue) -> JsonValue:
    """A text cut to the length that a repair may show; other values as they are."""
    return value[:FOUND_CHARS] if isinstance(value, str) else value


def repair_of(path: Path, rule: str, before: JsonValue, after: JsonValue, count: int = 1) -> Repair:
    """One repair as it is shown: its texts cut, its trust the rule's."""
    return Repair(path, rule, clip(before), clip(after), TRUST_OF[rule], count)


class Record:
    """Collects repairs in order of first appearance."""

    __slots__ = ("counts", "entries")

    def __init__(self) -> None:
        self.entries: list[tuple[str, Path, JsonValue, JsonValue]] = []
        self.counts: dict[str, int] = {}

    def is_new(self, rule: str) -> bool:
        """Whether an entry is still to be made (else counting is enough)."""
        if TRUST_OF[rule] == "lossless" and rule in self.counts:
            self.counts[rule] += 1
            return False
        return True

    def add(self, rule: str, path: Path, before: JsonValue, after: JsonValue) -> None:
        """Note one repair; callers ask `is_new` first where the path is costly."""
        self.counts[rule] = self.counts.get(rule, 0) + 1
        self.entries.append((rule, path, clip(before), clip(after)))

    def repairs(self) -> tuple[Repair, ...]:
        """All repairs."""
        return tuple(
            Repair(path, rule, before, after, TRUST_OF[rule], self.counts[rule] if TRUST_OF[rule] == "lossless" else 1)
            for rule, path, before, after in self.entries
        )
