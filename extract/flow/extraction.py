"""The result of an extraction: the value, and everything else read off the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ..chat.method import METHODS
from ..chat.reply import Choice, Reply, Usage
from ..vocabulary import JsonValue, Path, Repair
from .agree import Agreement
from .attempt import Attempt, History, Verdict, total_usage, usage_by_endpoint
from .budget import Price, cost_of
from .edit import Change
from .reading import Reading

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extraction(Generic[T]):
    """A typed value, and how it came about.

    Attributes:
        value: of the user's type.
        attempts: everything that was sent and came back, oldest first; the last one completed the value.
        reading: how the value was read.
        missing: paths that the model said are not stated; None stands there.
        choice: the answer that the value was read from.
        agreement: how far several answers agree with the value; None where only one was asked for.
        changes: where a record was updated, what has changed; empty where nothing has.
        checks: what the checks said of the value, in the order of the checks; those that failed are not fatal.
        prices: per model name, as given in the budget.
        job: key of the job in the journal, 32 hex digits; None without a journal.

    """

    value: T
    attempts: History
    reading: Reading[T]
    missing: tuple[Path, ...] = ()
    choice: Choice = field(default_factory=Choice)
    agreement: Agreement | None = None
    changes: tuple[Change, ...] = ()
    checks: tuple[Verdict, ...] = ()
    prices: Mapping[str, Price] | None = None
    job: str | None = None

    @property
    def json(self) -> JsonValue:
        """The JSON behind the value, in the user's names."""
        return self.reading.json

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """Each difference between what the model wrote and the value."""
        return self.reading.repairs

    @property
    def last(self) -> Attempt:
        """The attempt that completed the value."""
        return self.attempts[-1]

    @property
    def usage(self) -> Usage:
        """Tokens over all attempts."""
        return total_usage(self.attempts)

    @property
    def usage_by_endpoint(self) -> dict[str, Usage]:
        """Tokens by who was asked (`model at base_url`), those of checks that asked a model too."""
        return usage_by_endpoint(self.attempts)

    @property
    def cost(self) -> float | None:
        """What all attempts cost, in the currency of the price table; None where there is no price or no count."""
        return cost_of(self.attempts, self.prices)

    @property
    def finish_reason(self) -> str | None:
        """The server's own word for why the last answer ended."""
        return self.choice.finish_reason

    @property
    def answered_by(self) -> str:
        """Who answered: the model in the server's words, and the endpoint."""
        reply = self.last.reply
        said = reply.model if isinstance(reply, Reply) else None
        model = said or str(self.last.request.body.get("model"))
        return f"{model} at {self.last.request.url.removesuffix('/chat/completions')}"

    @property
    def method(self) -> str:
        """How the schema was sent in the last request, a key of `METHODS`."""
        return self.last.method

    @property
    def text(self) -> str:
        """The model's last answer as it was written."""
        calls = [call.arguments for call in self.choice.tool_calls]
        return (
            self.choice.text
            if not calls or (METHODS[self.method].answer_in == "content" and self.choice.text)
            else calls[0]
        )

    @property
    def reasoning(self) -> str | None:
        """The model's thoughts, where they came in a field of their own."""
        return self.choice.reasoning
