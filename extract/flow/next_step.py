"""What to do next, given everything that has happened. Pure: time and jitter are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from ..chat.request import Request
from ..vocabulary import JsonValue
from .attempt import History
from .budget import overspent
from .check import Due
from .errors import (
    BudgetSpentError,
    EndpointError,
    ExtractionError,
    InputTruncatedError,
    InvalidOutputError,
    RefusalError,
    TruncatedError,
    UnreachableError,
)
from .fold import fold
from .judge import Accepted, CutPrompt, Gone, Refused, Rejected, Silent, Wrong, json_of
from .plan import Plan
from .situation import Situation

T = TypeVar("T")
FIRST_WAIT_S = 0.5
LAST_WAIT_S = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Send:
    """Send these requests after a wait; their replies join the history in this order."""

    requests: tuple[Request, ...]
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Inspect:
    """Run these tests; `fold.inspected` takes what they said."""

    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Done(Generic[T]):
    """A value of the user's type."""

    accepted: Accepted[T]
    situation: Situation[T]


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """Nothing more to try."""

    error: ExtractionError


def next_step(plan: Plan[T], history: History, *, now_s: float, jitter: float) -> Send | Inspect | Done[T] | Failed:
    """Decide what to do.

    Args:
        plan: what is wanted.
        history: every attempt so far, oldest first.
        now_s: seconds since the extraction began.
        jitter: a random number from 0 to 1, for the waits.

    """
    return decide(plan, fold(plan, history), now_s=now_s, jitter=jitter)


def decide(plan: Plan[T], situation: Situation[T], *, now_s: float, jitter: float) -> Send | Inspect | Done[T] | Failed:
    """What a situation calls for."""
    if situation.due:
        return Inspect(situation.due)
    if situation.is_over and isinstance(situation.outcome, Accepted):
        return Done(situation.outcome, situation)
    if situation.is_over:
        return Failed(_priced(plan, error_for(situation)))
    delay_s = wait_s(situation, jitter)
    limit = _limit(plan, situation, now_s + delay_s)
    if limit is not None and situation.history:
        return Failed(_priced(plan, BudgetSpentError(situation.history, limit=limit, partial=best(situation))))
    return Send(
        (plan.request(situation.way, part=situation.part, turns=situation.turns, samples=len(situation.samples)),),
        delay_s,
    )


def _priced(plan: Plan[T], error: ExtractionError) -> ExtractionError:
    error.prices = plan.budget.prices
    return error


def wait_s(situation: Situation[T], jitter: float) -> float:
    """Seconds to wait: what the server asked for, at least the backoff of the troubles so far."""
    if situation.wait_s is None:
        return 0.0
    backoff = min(FIRST_WAIT_S * 2.0 ** max(0, situation.resends - 1), LAST_WAIT_S) * (0.75 + jitter / 2)
    return max(situation.wait_s, backoff)


def _limit(plan: Plan[T], situation: Situation[T], then_s: float) -> str | None:
    seconds = plan.budget.seconds
    if seconds is not None and then_s >= seconds:
        return f"{seconds:g} s are over"
    return overspent(plan.budget, situation.history)


def best(situation: Situation[T]) -> JsonValue:
    """The best natural JSON so far."""
    found = json_of(situation.outcome)
    return situation.base if found is None or (situation.part is not None and situation.base is not None) else found


def error_for(situation: Situation[T]) -> ExtractionError:
    """The error that a situation ends in."""
    history, partial = situation.history, best(situation)
    match situation.outcome:
        case Rejected():
            return EndpointError(history, partial=partial)
        case Refused(words=words):
            return RefusalError(history, text=words, partial=partial)
        case Wrong(is_cut=True) as wrong:
            return TruncatedError(history, text=wrong.text, partial=partial)
        case Silent(is_cut=True):
            return TruncatedError(history, partial=partial)
        case Wrong() as wrong:
            return InvalidOutputError(history, issues=wrong.unread.issues, text=wrong.text, partial=partial)
        case Silent():
            return InvalidOutputError(history, partial=partial)
        case CutPrompt(read_tokens=read, sent_tokens=sent):
            return InputTruncatedError(history, partial=partial, read_tokens=read, sent_tokens=sent)
        case Gone() | Accepted() | None:
            return UnreachableError(history, partial=partial)
