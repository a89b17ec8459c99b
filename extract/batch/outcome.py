"""How each of many inputs ended, and the account of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from .. import vocabulary
from ..chat.reply import Reply
from ..errors import UsageError
from ..flow.attempt import History, total_usage
from ..flow.errors import EndpointError, ExtractionError
from ..flow.extraction import Extraction
from ..vocabulary import JsonObject, JsonValue, Path, Repair

T = TypeVar("T")
DROPPING = frozenset({"repeated_items", "repeated_member", "dropped_text", "null_removed", "missing_value"})
"""Repair rules that take something out."""
TEXT_CHARS = 4000
MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Ok(vocabulary.Ok, Generic[T]):
    """One input that gave a value.

    Attributes:
        index: position in the input, from 0.
        key: the caller's name for it; the index where no `key=` was given.
        source: the input as it was given.
        extraction: the value and its account.
    """

    index: int
    key: object
    source: Any
    extraction: Extraction[T]

    @property
    def value(self) -> T:
        """The value of the user's type."""
        return self.extraction.value

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """Every difference between what the model wrote and the value."""
        return self.extraction.repairs


@dataclass(frozen=True, slots=True, eq=False)
class Bad(vocabulary.Bad):
    """One input that gave none; it never ends the run.

    Attributes:
        index, key, source: as in `Ok`.
        error: why, with every attempt.
    """

    index: int
    key: object
    source: Any
    error: ExtractionError | UsageError

    @property
    def kind(self) -> str:
        """A short word for the error, for counting: the endpoint's kind, or the error's name."""
        return kind_of(self.error)


def kind_of(error: ExtractionError | UsageError) -> str:
    """A short word for an error: the endpoint's kind, or the error's name."""
    if isinstance(error, EndpointError | EarlierFailureError):
        return error.kind
    return type(error).__name__.removesuffix("Error")


class EarlierFailureError(ExtractionError):
    """An earlier run was told that this cannot be had, and it is not asked again.

    Attributes:
        account: what was known of the failure then, see `account_of`.
    """

    advice = "ask it again with `extract retry`"

    def __init__(self, attempts: History = (), *, account: JsonObject | None = None, **more: Any) -> None:
        super().__init__(attempts, account=account, **more)
        self.account = account or {}

    @property
    def kind(self) -> str:
        """The kind of the failure then."""
        return str(self.account.get("kind"))

    def problem(self) -> str:
        """What was wrong then."""
        return str(self.account.get("problem"))

    def to_dict(self) -> JsonObject:
        """The error as JSON."""
        return dict(self.account)


PASSING: frozenset[str] = frozenset({"auth", "quota", "model", "rate", "overloaded", "server", "broken"})
"""Kinds of endpoint errors that say nothing about the row: another day it may be answered."""
EVERYWHERE: frozenset[str] = frozenset({"auth", "quota", "model", "rate", "overloaded", "Unreachable"})
"""Kinds of errors that the next row would meet as well."""


def is_for_good(error: ExtractionError) -> bool:
    """Whether the endpoint refused this very request, so that asking again would only repeat it.

    What a model answered is no such failure: the answer is in the journal and is judged anew each time.
    """
    return isinstance(error, EndpointError) and error.kind not in PASSING


def account_of(error: ExtractionError | UsageError) -> JsonObject:
    """How a row failed, as JSON: the same today and when it is replayed from a journal.

    Keys: `kind`, `problem`, `advice`, `text`, `partial`, `answers` (those that were paid for), `prompt_tokens`,
    `completion_tokens`, `attempts` (each in a line).
    """
    if isinstance(error, EarlierFailureError):
        return error.to_dict()
    attempts = error.attempts if isinstance(error, ExtractionError) else ()
    usage = total_usage(attempts)
    return {
        "kind": kind_of(error),
        "problem": error.problem() if isinstance(error, ExtractionError) else str(error),
        "advice": error.advice if isinstance(error, ExtractionError) else "",
        "text": error.text[:TEXT_CHARS] if isinstance(error, ExtractionError) else "",
        "partial": error.partial if isinstance(error, ExtractionError) else None,
        "answers": answers(attempts),
        "prompt_tokens": usage.prompt_tokens or 0,
        "completion_tokens": usage.completion_tokens or 0,
        "attempts": [str(attempt) for attempt in attempts[-MOST_ATTEMPTS:]],
    }


def answers(attempts: History) -> int:
    """How many of the attempts were answered, and so paid for."""
    return sum(isinstance(attempt.reply, Reply) and attempt.reply.error is None for attempt in attempts)


Outcome: TypeAlias = "Ok[T] | Bad"


@dataclass(slots=True)
class Summary:
    """The account of a run; it grows while the run goes on.

    Attributes:
        ok, bad: inputs that gave a value, and that gave none.
        repaired: values with at least one repair.
        attempts: answers that were paid for, now or earlier; refused and lost requests are none.
        prompt_tokens, completion_tokens: over all attempts, as far as servers said.
        cost: in the currency of the prices; 0 without prices.
        errors: how many inputs failed by each kind of error.
        repairs: how often each repair rule was applied.
        guessed: values with at least one repair that is a guess.
        items, items_repaired, items_dropped: items of all lists in the values, those changed by a repair, and those lost.
        pending: inputs that were not asked because the run was stopped.
    """

    ok: int = 0
    bad: int = 0
    repaired: int = 0
    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    errors: Counter[str] = field(default_factory=Counter[str])
    repairs: Counter[str] = field(default_factory=Counter[str])
    guessed: int = 0
    items: int = 0
    items_repaired: int = 0
    items_dropped: int = 0
    pending: int = 0

    @property
    def total(self) -> int:
        """Inputs that have ended."""
        return self.ok + self.bad

    def add(self, outcome: Ok[Any] | Bad, *, kind: str | None = None) -> None:
        """Count one outcome; `kind` says of a failure what it is called instead of its own word."""
        if isinstance(outcome, Ok):
            account = outcome.extraction
            self.ok += 1
            if account.repairs:
                self.repaired += 1
                self._count_repairs(account.repairs)
            self.items += items_of(account.json)
            self.cost += account.cost or 0.0
            self._spend(account.attempts)
            return
        self.bad += 1
        self.errors[kind or outcome.kind] += 1
        if isinstance(outcome.error, EarlierFailureError):
            held = outcome.error.account
            self.attempts += _whole(held.get("answers"))
            self.prompt_tokens += _whole(held.get("prompt_tokens"))
            self.completion_tokens += _whole(held.get("completion_tokens"))
        elif isinstance(outcome.error, ExtractionError):
            self._spend(outcome.error.attempts)

    def _count_repairs(self, repairs: tuple[Repair, ...]) -> None:
        changed: set[Path] = set()
        for repair in repairs:
            self.repairs[repair.rule] += repair.count
            at = next((place for place, step in enumerate(repair.path) if isinstance(step, int)), None)
            if repair.after is None and repair.rule in DROPPING:
                self.items_dropped += repair.count
            elif at is not None:
                changed.add(repair.path[: at + 1])
        self.items_repaired += len(changed)
        self.guessed += any(repair.trust == "guessed" for repair in repairs)

    def _spend(self, attempts: History) -> None:
        self.attempts += answers(attempts)
        for attempt in attempts:
            usage = attempt.usage
            self.prompt_tokens += usage.prompt_tokens or 0
            self.completion_tokens += usage.completion_tokens or 0

    def to_dict(self) -> JsonObject:
        """The account as JSON."""
        return {
            "total": self.total,
            "ok": self.ok,
            "bad": self.bad,
            "repaired": self.repaired,
            "attempts": self.attempts,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost": self.cost,
            "guessed": self.guessed,
            "items": self.items,
            "items_repaired": self.items_repaired,
            "items_dropped": self.items_dropped,
            "pending": self.pending,
            "errors": dict(self.errors),
            "repairs": dict(self.repairs),
        }


def items_of(value: JsonValue) -> int:
    """How many items all lists in a value have."""
    if isinstance(value, dict):
        return sum(items_of(part) for part in value.values())
    if isinstance(value, list):
        return len(value) + sum(items_of(part) for part in value if isinstance(part, dict | list))
    return 0


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
