"""What an attempt means: the facts of a reply, read against what was asked.

Accepted    a value of the user's type
Wrong       an answer that is no valid value, with what is wrong
Silent      an answer without text: the budget went to thinking, or nothing came
Refused     the model or a filter declined
Rejected    the endpoint answered with an error
CutPrompt   the server read less of the prompt than was sent, and did not say so
Gone        no whole answer came
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..chat.endpoint import Endpoint
from ..chat.method import METHODS
from ..chat.reply import Choice, ErrorReport, Lost, Reply
from ..target.lower import Lowered
from ..vocabulary import JsonValue, Limit, Path
from .agree import Agreement
from .attempt import Attempt, Verdict
from .prompt_size import unread_tokens
from .reading import Reading, Unread, examine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T]):
    """A value of the user's type, and the choice that holds it.

    Attributes:
        text: the text that was read.
        missing: paths that the model left null for want of a statement; only where a way out was offered.
        verdicts: what the user's checks said of it.
        agreement: how far several answers agree with it; None where one was enough.

    """

    reading: Reading[T]
    choice: Choice
    text: str
    missing: tuple[Path, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that is no valid value.

    Attributes:
        unread: what is wrong with it, and what could be read.
        choice: the answer.
        text: the text that was read.
        is_cut: whether the answer ended before it was complete.
        is_merged: whether it is the whole value after a part was merged into it.

    """

    unread: Unread
    choice: Choice
    text: str
    is_cut: bool
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class Silent:
    """An answer without any text.

    Attributes:
        is_cut: the token limit was reached, so thinking has eaten the budget.

    """

    choice: Choice
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """The model or a content filter declined."""

    words: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The endpoint answered with an error."""

    error: ErrorReport


@dataclass(frozen=True, slots=True)
class Gone:
    """No whole answer came; `is_reused` as in `Lost`."""

    message: str
    is_reused: bool = False
    is_deadline: bool = False


@dataclass(frozen=True, slots=True)
class CutPrompt:
    """The server read less of the prompt than was sent.

    Attributes:
        read_tokens: as the server counted them.
        sent_tokens: the least that the prompt can have.

    """

    read_tokens: int
    sent_tokens: int


Outcome = Accepted[T] | Wrong | Silent | Refused | Rejected | CutPrompt | Gone


def judge(
    attempt: Attempt, lowered: Lowered[T], row: Endpoint, *, repair: Limit, context: object
) -> Accepted[T] | Wrong | Silent | Refused | Rejected | CutPrompt | Gone:
    """What an attempt means for a value of this target."""
    reply = attempt.reply
    if isinstance(reply, Lost):
        return Gone(reply.message, reply.is_reused, reply.reason == "deadline")
    if reply.error is not None and reply.error.failed_generation:
        reply = _salvaged(reply, reply.error.failed_generation)
    elif reply.error is not None:
        return Rejected(reply.error)
    cut = unread_tokens(attempt.request, reply.usage, row)
    if cut is not None:
        return CutPrompt(*cut)
    outcomes: list[Wrong | Silent | Refused] = []
    for choice in reply.choices:
        found = judge_choice(attempt, reply, choice, lowered, repair=repair, context=context)
        if isinstance(found, Accepted):
            return found
        outcomes.append(found)
    return _telling(outcomes) if outcomes else Gone("the answer holds no choices")


def accepted_choices(
    attempt: Attempt, lowered: Lowered[T], *, repair: Limit, context: object
) -> tuple[Accepted[T], ...]:
    """All choices of a reply that hold a value of this target."""
    reply = attempt.reply
    if isinstance(reply, Lost):
        return ()
    found = (judge_choice(attempt, reply, choice, lowered, repair=repair, context=context) for choice in reply.choices)
    return tuple(one for one in found if isinstance(one, Accepted))


def judge_choice(
    attempt: Attempt, reply: Reply, choice: Choice, lowered: Lowered[T], *, repair: Limit, context: object
) -> Accepted[T] | Wrong | Silent | Refused:
    """What one choice means."""
    # Without a finish_reason only a complete value counts as whole: servers send `[DONE]` after an abort too.
    is_cut = choice.finish in ("length", "unknown") or reply.end in ("dropped", "deadline", "runaway")
    name = attempt.request.tool_name
    names: frozenset[str] = frozenset() if name is None else frozenset({name})
    wrong: list[Wrong] = []
    for text in texts_of(choice, attempt.method):
        read = examine(lowered, text, repair=repair, context=context, cut=is_cut, names=names)
        if isinstance(read, Reading):
            return Accepted(read, choice, text)
        wrong.append(Wrong(read, choice, text, is_cut or read.is_cut))
    if choice.refusal or choice.finish == "filter":
        return Refused(choice.refusal or "")
    return _telling(wrong) if wrong else Silent(choice, is_cut)


def texts_of(choice: Choice, method: str) -> Iterator[str]:
    """The texts in which the value may stand, the most likely place first."""
    calls = [call.arguments for call in choice.tool_calls if call.arguments.strip()]
    content = [choice.text] if choice.text.strip() else []
    yield from (calls + content) if METHODS[method].answer_in == "tool" or calls else content


def _telling(outcomes: list[Wrong] | list[Wrong | Silent | Refused]) -> Wrong:
    """The outcome that tells most: the one with most of a value, else the first."""
    return max(outcomes, key=lambda outcome: isinstance(outcome, Wrong) and outcome.unread.json is not None)  # type: ignore[return-value]


def _salvaged(reply: Reply, text: str) -> Reply:
    """A reply whose only choice is the text that the server itself refused as invalid."""
    return Reply(
        status=reply.status,
        choices=(Choice(text=text, finish="stop"),),
        usage=reply.usage,
        model=reply.model,
        id=reply.id,
        trace_id=reply.trace_id,
    )


def json_of(outcome: Outcome[Any] | None) -> JsonValue:
    """The best natural JSON that an outcome holds; None where it holds none."""
    match outcome:
        case Accepted(reading=reading):
            return reading.json
        case Wrong(unread=unread):
            return unread.json
        case _:
            return None
