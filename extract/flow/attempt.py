"""One exchange with an endpoint, as facts. What it means is recomputed from it, never stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..chat.reply import Lost, Reply, Usage
from ..chat.request import Request
from ..vocabulary import Path


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check said of one value.

    Attributes:
        name: of the check.
        path: where the value stands.
        problem: what is wrong; None where it passed.
        is_fatal: whether the check's failures are errors.
        key: tells equal values of the same check.
        attempts: what the check itself asked a model, in their order.

    """

    name: str
    path: Path
    problem: str | None = None
    is_fatal: bool = True
    key: str = ""
    attempts: tuple[Attempt, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


@dataclass(frozen=True, slots=True, eq=False)
class Attempt:
    """What was asked, and what came back.

    Attributes:
        request: what was asked.
        reply: what came back.
        verdicts: what the user's checks said of the value that it completed; None where they were not run.

    """

    request: Request
    reply: Reply | Lost
    verdicts: tuple[Verdict, ...] | None = None

    @property
    def usage(self) -> Usage:
        """Tokens as the server counted them; all None where it did not say."""
        if isinstance(self.reply, Lost) or self.reply.usage is None:
            return Usage()
        return self.reply.usage

    @property
    def method(self) -> str:
        """The method that was answered: the request's, or that under which a journal had the reply."""
        kept = None if isinstance(self.reply, Lost) else self.reply.method
        return kept or self.request.method

    def __str__(self) -> str:
        reply = self.reply
        if isinstance(reply, Lost):
            return f"{self.method}: no answer, {reply.message}"
        if reply.error is not None:
            return f"{self.method}: status {reply.error.status}, {reply.error.kind}: {reply.error.message}"
        finish = reply.choices[0].finish_reason if reply.choices else None
        return f"{self.method}: status {reply.status}, finish_reason {finish}"


History = tuple[Attempt, ...]


def everything_sent(history: History) -> Iterator[Attempt]:
    """All attempts, those of the checks among them."""
    for attempt in history:
        yield attempt
        for verdict in attempt.verdicts or ():
            yield from everything_sent(verdict.attempts)


def total_usage(history: History) -> Usage:
    """Tokens over all attempts, those of the checks among them; a count is None only where no server said it."""
    history = tuple(everything_sent(history))
    return Usage(
        prompt_tokens=_total(attempt.usage.prompt_tokens for attempt in history),
        completion_tokens=_total(attempt.usage.completion_tokens for attempt in history),
        total_tokens=_total(attempt.usage.total_tokens for attempt in history),
        reasoning_tokens=_total(attempt.usage.reasoning_tokens for attempt in history),
        cached_tokens=_total(attempt.usage.cached_tokens for attempt in history),
    )


def sum_of(one: Usage, other: Usage) -> Usage:
    """Two counts together."""
    return Usage(
        prompt_tokens=_total((one.prompt_tokens, other.prompt_tokens)),
        completion_tokens=_total((one.completion_tokens, other.completion_tokens)),
        total_tokens=_total((one.total_tokens, other.total_tokens)),
        reasoning_tokens=_total((one.reasoning_tokens, other.reasoning_tokens)),
        cached_tokens=_total((one.cached_tokens, other.cached_tokens)),
    )


def usage_by_endpoint(history: History) -> dict[str, Usage]:
    """Tokens by who was asked, `model at base_url`, in the order in which they were first asked; those of checks too."""
    asked: dict[str, list[Attempt]] = {}
    for attempt in everything_sent(history):
        asked.setdefault(asked_of(attempt.request), []).append(replace(attempt, verdicts=None))
    return {name: total_usage(tuple(attempts)) for name, attempts in asked.items()}


def asked_of(request: Request) -> str:
    """Who is asked by a request: the model and the base URL."""
    return f"{request.body.get('model')} at {request.url.removesuffix('/chat/completions')}"


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
