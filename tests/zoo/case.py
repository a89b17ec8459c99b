"""What a case of the zoo is: a type, and values that must come back as themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One Python type with example values.

    Attributes:
        group: what is special about it.
        name: unique in the zoo, `group.short_name`.
        target: what a user would pass.
        values: values of the type, which go out and come back equal.
    """

    group: str
    name: str
    target: object
    values: tuple[object, ...]


class Group:
    """Collects the cases of one group: `group("short_name", target, value, ...)`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._cases: list[Case] = []

    def __call__(self, name: str, target: object, *values: object) -> None:
        """Add a case."""
        self._cases.append(Case(self.name, f"{self.name}.{name}", target, values))

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases)
