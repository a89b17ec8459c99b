"""The few words that every floor speaks: JSON values, paths, repairs and issues.

Nothing here reads, repairs or validates; it only names what the floors hand to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, Self, TypeAlias, get_args

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"
"""Any JSON value as Python holds it. Numbers with a fraction may be `Number`, which keeps digits that a float would lose."""

JsonObject: TypeAlias = "dict[str, JsonValue]"

Path: TypeAlias = tuple[str | int, ...]
"""Where in a value: keys and indices from the root, in the user's own names (wire names are never shown)."""

Trust = Literal["lossless", "coerced", "guessed"]
"""How far a repair can be trusted, most trusted first."""

TRUSTS: Final[tuple[Trust, ...]] = get_args(Trust)

Limit = Literal["off", "lossless", "coerced", "guessed"]
"""How far repairs may go: `off` takes valid JSON of the right type only."""

FOUND_CHARS: Final = 80
"""Longest rendering of a found value in a message."""


class Number(float):
    """A JSON number that remembers how it was written.

    A float in every way, so that nobody has to know; whoever needs all digits (Decimal, integers
    written as `9007199254740993.0`, `1e400`) reads `literal`.

    Attributes:
        literal: the number as it stood in the text, valid JSON.
    """

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> Self:
        """Read the literal; ValueError where it is no number."""
        number = super().__new__(cls, literal)
        number.literal = literal
        return number

    def __reduce__(self) -> tuple[type[Number], tuple[str]]:
        return Number, (self.literal,)


def exact_float(literal: str) -> float:
    """A number with a fraction or an exponent: a plain float where that is written the same again, else a `Number`."""
    number = float(literal)
    return number if repr(number) == literal else Number(literal)


_SHAPE: Final = bytes(48 if chr(code).isdigit() else 101 if code in b"eE" else 32 for code in range(128)) + b" " * 128


def digits_of(raw: bytes) -> bytes:
    """A text with every digit as `0`, every E as `e`, all else as a space: tells at little cost what numbers it may hold."""
    return raw.translate(_SHAPE)


CONTAINERS: Final = frozenset((dict, list))


def holds_numbers(value: JsonValue) -> bool:
    """Whether a `Number` stands anywhere in a value."""
    todo = [value]
    while todo:
        item = todo.pop()
        parts = item.values() if isinstance(item, dict) else item if isinstance(item, list) else (item,)
        kinds = set(map(type, parts))
        if Number in kinds:
            return True
        if not CONTAINERS.isdisjoint(kinds):
            todo += [part for part in parts if type(part) in CONTAINERS]
    return False


@dataclass(frozen=True, slots=True)
class Repair:
    """One difference between what the model wrote and the value that the user gets.

    Attributes:
        path: where in the user's value; `()` for the text as a whole.
        rule: the rule's name, a key of the catalogue.
        before: what stood there (text for syntax rules, a JSON value for value rules), at most 80 characters of a text.
        after: what is there now.
        trust: how far the rule can be trusted.
        count: how often the rule was applied; above 1 only for lossless syntax rules, `path` is then the first place.
    """

    path: Path
    rule: str
    before: JsonValue
    after: JsonValue
    trust: Trust
    count: int = 1

    def under(self, prefix: Path) -> Repair:
        """The same repair, seen from `prefix` further out."""
        return replace(self, path=prefix + self.path)


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with a value.

    Attributes:
        loc: where, in the user's names (Pydantic's `loc`).
        kind: a stable machine word: Pydantic's error type, `json_invalid`, `ambiguous`, `cut`, `repair_limit`, ...
        message: one sentence that says what is wrong, without the place.
        found: rendering of what was found, at most 80 characters; None where nothing was.
    """

    loc: Path
    kind: str
    message: str
    found: str | None = None

    def __str__(self) -> str:
        found = "" if self.found is None else f" (found {self.found})"
        return f"{show_path(self.loc)}: {self.message}{found}"


class Ok:
    """What gave a value, of several that are told one by one: an input of `map`, an item of `records`.

    A base of both verbs' own classes, so that one `isinstance` or `match` tells either.

    Attributes:
        index: its position among them, from 0.
        value: of the user's type.
        repairs: every difference between what the model wrote and the value.
    """

    __slots__ = ()


class Bad:
    """What gave none; it stops no other. A base as `Ok` is.

    Attributes:
        index: its position among them, from 0.
    """

    __slots__ = ()


def show_path(path: Path) -> str:
    """`$.items[3].price` for `("items", 3, "price")`."""
    shown = "$"
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.isidentifier():
            shown += f".{step}"
        else:
            shown += f"[{step!r}]"
    return shown


def show_found(value: object) -> str:
    """A value for a message: its `repr`, cut to 80 characters."""
    shown = repr(value[:FOUND_CHARS]) if isinstance(value, str) else repr(value)
    return shown if len(shown) <= FOUND_CHARS else shown[: FOUND_CHARS - 1] + "…"


def is_within(trust: Trust, limit: Limit) -> bool:
    """Whether a repair of this trust may be applied under this limit."""
    return limit != "off" and TRUSTS.index(trust) <= TRUSTS.index(limit)


def least_trust(repairs: tuple[Repair, ...]) -> Trust | None:
    """The least trusted level among the repairs; None where there are none."""
    if not repairs:
        return None
    return TRUSTS[max(TRUSTS.index(repair.trust) for repair in repairs)]
