"""How each of many inputs ended, and the account of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from ..errors import UsageError
from ..flow.errors import EndpointError, ExtractionError
from ..flow.extraction import Extraction
from ..vocabulary import JsonObject

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Ok(Generic[T]):
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


@dataclass(frozen=True, slots=True, eq=False)
class Bad:
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
        return (
            self.error.kind
            if isinstance(self.error, EndpointError)
            else type(self.error).__name__.removesuffix("Error")
        )


Outcome: TypeAlias = "Ok[T] | Bad"


@dataclass(slots=True)
class Summary:
    """The account of a run; it grows while the run goes on.

    Attributes:
        ok, bad: inputs that gave a value, and that gave none.
        repaired: values with at least one repair.
        attempts: exchanges made or replayed.
        prompt_tokens, completion_tokens: over all attempts, as far as servers said.
        cost: in the currency of the prices; 0 without prices.
        errors: how many inputs failed by each kind of error.
        repairs: how often each repair rule was applied.
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

    @property
    def total(self) -> int:
        """Inputs that have ended."""
        return self.ok + self.bad

    def add(self, outcome: Ok[Any] | Bad) -> None:
        """Count one outcome."""
        account = outcome.extraction if isinstance(outcome, Ok) else outcome.error
        if isinstance(account, Extraction):
            self.ok += 1
            self.repaired += bool(account.repairs)
            self.cost += account.cost or 0.0
            for repair in account.repairs:
                self.repairs[repair.rule] += repair.count
        elif isinstance(outcome, Bad):
            self.bad += 1
            self.errors[outcome.kind] += 1
        if isinstance(account, Extraction | ExtractionError):
            self.attempts += len(account.attempts)
            self.prompt_tokens += account.usage.prompt_tokens or 0
            self.completion_tokens += account.usage.completion_tokens or 0

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
            "errors": dict(self.errors),
            "repairs": dict(self.repairs),
        }
