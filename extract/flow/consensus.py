"""Several JSON values for one question, laid over each other: the value that most of them say, and how many say it.

Objects are compared key by key, list items by likeness (the order does not count for finding partners), texts without
regard to case, width and blanks. Nothing is invented: every part of the consensus stands in one of the values.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from ..text.strict import dumps
from ..vocabulary import JsonObject, JsonValue, Path

LIKE: Final = 0.5
"""Items that are at least so much alike are taken for the same."""
MOST_PAIRS: Final = 40_000
"""Most pairs of items that are compared one by one; above it their order tells which belong together."""


@dataclass(frozen=True, slots=True)
class Outvoted:
    """A value that lost.

    Attributes:
        path: where it would stand.
        value: what was said.
        share: how many of the values say it, from 0 to 1.

    """

    path: Path
    value: JsonValue
    share: float


@dataclass(frozen=True, slots=True)
class Consensus:
    """What most say.

    Attributes:
        value: the value.
        scores: for each leaf (scalar, empty list or empty object) the share of the values that say it, from 0 to 1.
        outvoted: what lost, in the order of the value.

    """

    value: JsonValue
    scores: dict[Path, float]
    outvoted: tuple[Outvoted, ...]


def consensus(values: Sequence[JsonValue], *, pivot: int | None = None) -> Consensus:
    """The consensus of one or more values.

    Args:
        values: what was said; earlier ones win ties.
        pivot: take this value as it is, and only count who agrees with it; None: take what most say.

    """
    count = _Count(len(values), pivot)
    found = count.of(tuple(enumerate(values)), ())
    return Consensus(found, count.scores, tuple(count.outvoted))


def most_agreed(values: Sequence[JsonValue]) -> int:
    """The index of the value with which the others agree most."""
    scores = [consensus(values, pivot=index).scores for index in range(len(values))]
    return max(range(len(values)), key=lambda index: (sum(scores[index].values()) / (len(scores[index]) or 1), -index))


Held = tuple[tuple[int, JsonValue], ...]
"""What stands at one place: the number of the sample, and what it says there."""
_ABSENT: Final[JsonValue] = cast("JsonValue", object())


@dataclass(slots=True)
class _Count:
    """One counting."""

    samples: int
    pivot: int | None
    scores: dict[Path, float] = field(default_factory=dict[Path, float])
    outvoted: list[Outvoted] = field(default_factory=list[Outvoted])

    def of(self, held: Held, path: Path) -> JsonValue:
        """The winner among what stands at a place."""
        kinds: defaultdict[str, list[tuple[int, JsonValue]]] = defaultdict(list)
        for number, value in held:
            kinds[_kind(value)].append((number, value))
        kind = self._most(kinds)
        for other, lost in kinds.items():
            if other != kind:
                self._lose(path, lost)
        taken = tuple(kinds[kind])
        if kind == "object":
            return self._object(cast("tuple[tuple[int, JsonObject], ...]", taken), path)
        if kind == "list":
            return self._list(cast("tuple[tuple[int, list[JsonValue]], ...]", taken), path)
        return self._scalar(taken, path)

    def _most(self, groups: dict[str, list[tuple[int, JsonValue]]]) -> str:
        """The key of the group with most votes, or of the pivot's; the earliest of equal ones."""
        if self.pivot is not None:
            for key, members in groups.items():
                if any(number == self.pivot for number, _ in members):
                    return key
        return max(groups, key=lambda key: (len(groups[key]), -groups[key][0][0]))

    def _lose(self, path: Path, lost: Sequence[tuple[int, JsonValue]]) -> None:
        groups: defaultdict[str, list[JsonValue]] = defaultdict(list)
        for _, value in lost:
            groups[dumps(value)].append(value)
        self.outvoted += [Outvoted(path, same[0], len(same) / self.samples) for same in groups.values()]

    def _is_kept(self, held: Held, among: Sequence[int]) -> bool:
        """Whether a member stays: more than half have it; at half the first decides."""
        if self.pivot is not None:
            return any(number == self.pivot for number, _ in held)
        return 2 * len(held) > len(among) or (2 * len(held) == len(among) and held[0][0] == among[0])

    def _scalar(self, held: Held, path: Path) -> JsonValue:
        groups: defaultdict[str, list[tuple[int, JsonValue]]] = defaultdict(list)
        for number, value in held:
            groups[_same(value)].append((number, value))
        best = self._most(groups)
        for key, lost in groups.items():
            if key != best:
                self._lose(path, lost)
        self.scores[path] = len(groups[best]) / self.samples
        if self.pivot is not None:
            return next(value for number, value in groups[best] if number == self.pivot)
        spellings: defaultdict[str, list[JsonValue]] = defaultdict(list)
        for _, value in groups[best]:
            spellings[dumps(value)].append(value)
        return max(spellings.values(), key=len)[0]

    def _object(self, held: tuple[tuple[int, JsonObject], ...], path: Path) -> JsonValue:
        among = [number for number, _ in held]
        keys: dict[str, list[tuple[int, JsonValue]]] = {}
        for number, value in held:
            for key, member in value.items():
                keys.setdefault(key, []).append((number, member))
        made: JsonObject = {}
        for key, members in keys.items():
            if self._is_kept(tuple(members), among):
                made[key] = self.of(tuple(members), (*path, key))
            else:
                self._lose((*path, key), members)
        if not made:
            self.scores[path] = len(held) / self.samples
        return made

    def _list(self, held: tuple[tuple[int, list[JsonValue]], ...], path: Path) -> JsonValue:
        among = [number for number, _ in held]
        first = among.index(self.pivot) if self.pivot in among else None
        columns = aligned([value for _, value in held], first)
        made: list[JsonValue] = []
        for column in columns:
            members = tuple((among[row], value) for row, value in sorted(column.items()))
            if self._is_kept(members, among):
                made.append(self.of(members, (*path, len(made))))
            else:
                self._lose((*path, len(made)), members)
        if not made:
            self.scores[path] = len(held) / self.samples
        return made


def _kind(value: JsonValue) -> str:
    return "object" if isinstance(value, dict) else "list" if isinstance(value, list) else "scalar"


def _same(value: JsonValue) -> str:
    """A text that is equal for values that say the same."""
    if isinstance(value, str):
        return "s" + " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    if isinstance(value, bool) or value is None:
        return str(value)
    return (
        f"n{float(value)!r}" if isinstance(value, float) and not value.is_integer() else f"n{int(cast('int', value))}"
    )


# --- list items that belong together


def aligned(rows: Sequence[list[JsonValue]], first: int | None = None) -> list[dict[int, JsonValue]]:
    """The items of several lists in columns: each holds at most one item of each list, by the list's number.

    The order is that of list number `first`, or of the first list of middle length; an item that it lacks stands after
    its own predecessor.
    """
    if first is None:
        middle = sorted(map(len, rows))[len(rows) // 2]
        first = next(row for row, items in enumerate(rows) if len(items) == middle)
    columns: list[dict[int, JsonValue]] = [{first: item} for item in rows[first]]
    for row in range(len(rows)):
        if row != first:
            columns = _laid(columns, rows[row], row)
    return columns


def _laid(columns: list[dict[int, JsonValue]], items: list[JsonValue], row: int) -> list[dict[int, JsonValue]]:
    """The columns with the items of one more list."""
    seen = [next(iter(column.values())) for column in columns]
    partner = _partners(seen, items)
    laid = [dict(column) for column in columns]
    after: defaultdict[int, list[dict[int, JsonValue]]] = defaultdict(list)
    last = -1
    for index, item in enumerate(items):
        if index in partner:
            last = partner[index]
            laid[last][row] = item
        else:
            after[last].append({row: item})
    result = list(after[-1])
    for index, column in enumerate(laid):
        result += [column, *after[index]]
    return result


def _partners(seen: list[JsonValue], items: list[JsonValue]) -> dict[int, int]:
    """By index of an item the index of the column that it belongs to: equal ones first, then like ones, then by place."""
    free: defaultdict[str, list[int]] = defaultdict(list)
    for index in range(len(seen) - 1, -1, -1):
        free[dumps(seen[index])].append(index)
    partner = {index: free[key].pop() for index, item in enumerate(items) if free.get(key := dumps(item))}
    left = [index for indices in free.values() for index in indices]
    left.sort()
    lone = [index for index in range(len(items)) if index not in partner]
    if len(left) * len(lone) <= MOST_PAIRS:
        likeness = sorted(_likenesses(seen, left, items, lone))
        taken: set[int] = set()
        for _, _, column, index in likeness:
            if column not in taken and index not in partner:
                taken.add(column)
                partner[index] = column
        left = [column for column in left if column not in taken]
        lone = [index for index in lone if index not in partner]
    partner.update(_by_place(seen, left, items, lone, partner))
    return partner


def _likenesses(
    seen: list[JsonValue], left: list[int], items: list[JsonValue], lone: list[int]
) -> Iterator[tuple[float, int, int, int]]:
    for column in left:
        for index in lone:
            found = likeness(seen[column], items[index])
            if found >= LIKE:
                yield -found, abs(column - index), column, index


def _by_place(
    seen: list[JsonValue], left: list[int], items: list[JsonValue], lone: list[int], partner: dict[int, int]
) -> dict[int, int]:
    """Objects that stand between the same two partners in both lists, equally many of them, belong together."""
    columns: defaultdict[int, list[int]] = defaultdict(list)
    taken = sorted(partner.values())
    place = 0
    for column in left:
        while place < len(taken) and taken[place] < column:
            place += 1
        columns[taken[place - 1] if place else -1].append(column)
    gaps: defaultdict[int, list[int]] = defaultdict(list)
    before, waiting = -1, set(lone)
    for index in range(len(items)):
        if index in waiting:
            gaps[before].append(index)
        elif index in partner:
            before = partner[index]
    found: dict[int, int] = {}
    for key, indices in gaps.items():
        there = columns.get(key, [])
        if len(there) == len(indices):
            pairs = zip(indices, there, strict=True)
            found |= {i: c for i, c in pairs if isinstance(items[i], dict) and isinstance(seen[c], dict)}
    return found


def likeness(left: JsonValue, right: JsonValue) -> float:
    """From 0 (nothing in common) to 1 (the same); texts tell more than numbers."""
    if isinstance(left, dict) and isinstance(right, dict):
        total = weight = 0.0
        for key in left.keys() | right.keys():
            one, other = left.get(key, _ABSENT), right.get(key, _ABSENT)
            share = 2.0 if isinstance(one, str) or isinstance(other, str) else 1.0
            weight += share
            total += share * (0.0 if one is _ABSENT or other is _ABSENT else likeness(one, other))
        return total / weight if weight else 1.0
    if isinstance(left, list) and isinstance(right, list):
        longest = max(len(left), len(right))
        alike = sum(likeness(one, other) for one, other in zip(left, right, strict=False))
        return alike / longest if longest else 1.0
    if _kind(left) != "scalar" or _kind(right) != "scalar":
        return 0.0
    one, other = _same(left), _same(right)
    if one == other:
        return 1.0
    if not (isinstance(left, str) and isinstance(right, str)):
        return 0.0
    words, others = set(one[1:].split()), set(other[1:].split())
    return len(words & others) / len(words | others) if words | others else 0.0
