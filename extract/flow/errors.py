"""What can go wrong once something was sent, by whose fault it is. An error is its history; the text is made last.

ExtractionError
  UnreachableError        network: no answer came
  EndpointError           endpoint: an answer that is an error (`.kind`)
  RefusalError            model: it declined, or a filter did
  TruncatedError          model: the answer was cut and could not be completed
  InputTruncatedError     endpoint: it silently cut the prompt
  InvalidOutputError      model: no valid value (`.issues`)
  BudgetSpentError        you: a limit of `Budget` ended it
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from ..chat.reply import End, ErrorKind, Lost, Reply, Usage
from ..vocabulary import Issue, JsonObject, JsonValue, show_found
from .attempt import Attempt, History, total_usage, usage_by_endpoint
from .budget import Price, cost_of

SHOWN_ISSUES = 5
DICT_TEXT_CHARS = 2000


class ExtractionError(Exception):
    """No attempt gave a valid value.

    Attributes:
        attempts: all of them, oldest first; the last one decided. Empty for `parse` and `read`, which send nothing.
        text: the model's last text.
        partial: the best natural JSON so far; None where there is none.
        prices: of the budget, for `cost`; None where none were given.
        job: key of the job in the journal; None without a journal.

    """

    job: str | None = None
    advice: ClassVar[str] = "look at .attempts for what was sent and what came back"

    def __init__(self, attempts: History = (), *, text: str = "", partial: JsonValue = None, **more: Any) -> None:
        super().__init__(attempts)
        self.attempts = attempts
        self.prices: Mapping[str, Price] | None = None
        self.text = text or _last_text(attempts)
        self.partial = partial
        self._more = more

    def __reduce__(self) -> tuple[Any, ...]:
        more = {"text": self.text, "partial": self.partial, **self._more}
        return _rebuild, (type(self), self.attempts, more), {"prices": self.prices}

    @property
    def usage(self) -> Usage:
        """Tokens over all attempts."""
        return total_usage(self.attempts)

    @property
    def usage_by_endpoint(self) -> dict[str, Usage]:
        """Tokens by who was asked (`model at base_url`)."""
        return usage_by_endpoint(self.attempts)

    @property
    def cost(self) -> float | None:
        """What all attempts cost, in the currency of the budget's prices; None where there is no price or no count."""
        return cost_of(self.attempts, self.prices)

    def problem(self) -> str:
        """What was wrong, in one line."""
        return f"{self.attempts[-1]}" if self.attempts else "no valid value"

    def __str__(self) -> str:
        lines = [f"{self.problem()}; {self.advice}"]
        if len(self.attempts) > 1:
            lines += [f"  {number}. {attempt}" for number, attempt in enumerate(self.attempts, start=1)]
        return "\n".join(lines)

    def to_dict(self) -> JsonObject:
        """The error as JSON: bounded in size, without the source."""
        return {
            "error": type(self).__name__,
            "problem": self.problem(),
            "advice": self.advice,
            "attempts": [str(attempt) for attempt in self.attempts[-20:]],
            "text": self.text[:DICT_TEXT_CHARS],
            "total_tokens": self.usage.total_tokens,
        }


class UnreachableError(ExtractionError):
    """No answer came from the endpoint."""

    advice = "check base_url, the network and the timeout"

    def problem(self) -> str:
        """Where, and what happened."""
        last = self.attempts[-1]
        message = last.reply.message if isinstance(last.reply, Lost) else "the connection was lost amid the answer"
        return f"{last.request.url} did not answer: {message}"


class EndpointError(ExtractionError):
    """The endpoint answered with an error."""

    @property
    def kind(self) -> ErrorKind:
        """What kind of error, e.g. `auth`, `quota`, `rate`, `overloaded`, `model`, `context`."""
        error = _last_reply(self.attempts).error
        return "broken" if error is None else error.kind

    @property
    def retry_after_s(self) -> float | None:
        """Seconds that the server asked to wait."""
        error = _last_reply(self.attempts).error
        return None if error is None else error.retry_after_s

    @property
    def request_id(self) -> str | None:
        """The provider's trace id of the last request, for its support."""
        return _last_reply(self.attempts).trace_id

    def problem(self) -> str:
        """Status, kind and the server's words."""
        reply = _last_reply(self.attempts)
        words = "an answer that is no chat completion" if reply.error is None else reply.error.message
        trace = f" [request {reply.trace_id}]" if reply.trace_id else ""
        return f"{self.attempts[-1].request.url} answered {reply.status} ({self.kind}): {words}{trace}"

    @property
    def advice(self) -> str:  # type: ignore[override]  # an instance's advice depends on its kind
        """What to do about this kind."""
        return ADVICE.get(self.kind, "the request may not suit this endpoint; pin another method= or see .attempts")


ADVICE: dict[ErrorKind, str] = {
    "auth": "check the API key and that it belongs to this base_url",
    "quota": "the account has no money or quota left for this; waiting does not help",
    "rate": "slow down, or raise Budget.resends",
    "overloaded": "try again later, or raise Budget.resends",
    "model": "check the model's name, and base_url: the endpoint knows no such model, or has no such path",
    "context": "the source does not fit the model's window; send less text or a smaller max_tokens",
    "server": "the server failed; try again later",
    "broken": "check base_url, and any proxy between: this is no whole chat completion",
}


class RefusalError(ExtractionError):
    """The model declined to answer, or a content filter did."""

    advice = "the source or the instructions were refused; change them or ask another model"

    def problem(self) -> str:
        """The refusal's own words."""
        return f"the model refused: {show_found(self.text)}" if self.text else "a content filter stopped the answer"


class TruncatedError(ExtractionError):
    """The answer was cut before it was complete."""

    def problem(self) -> str:
        """Where it ended, and how."""
        how, _ = CUTS.get(self.end, CUT)
        return f"{how} after {len(self.text)} characters, at {show_found(self.text[-60:])}"

    @property
    def advice(self) -> str:  # type: ignore[override]  # it depends on how the answer ended
        """What to do about an answer that ends so."""
        return f"{CUTS.get(self.end, CUT)[1]}; .partial holds what was closed"

    @property
    def end(self) -> End | None:
        """How the bytes of the answer ended (`dropped`, `deadline`, `runaway`); None where the model's limit cut it."""
        reply = self.attempts[-1].reply if self.attempts else None
        is_limit = isinstance(reply, Reply) and any(choice.finish == "length" for choice in reply.choices)
        return reply.end if isinstance(reply, Reply) and not is_limit and reply.end in CUTS else None


CUT: Final = ("the answer was cut", "raise max_tokens, or switch thinking off")
CUTS: Final[dict[End | None, tuple[str, str]]] = {
    "dropped": ("the connection ended within the answer", "try again, or allow more resends"),
    "deadline": ("the timeout came within the answer", "raise the timeout, or ask for less at once"),
    "runaway": ("the answer went on without end and was stopped", "try another method or another model"),
}
"""What became of an answer, and what to do, by how its bytes ended."""


class InputTruncatedError(ExtractionError):
    """The server read less than what was sent, and did not say so.

    Attributes:
        read_tokens: prompt tokens as the server counted them.
        sent_tokens: the least that the prompt can have had.

    """

    advice = "raise the server's context length (Ollama: OLLAMA_CONTEXT_LENGTH or num_ctx) or send less text"

    def __init__(
        self,
        attempts: History = (),
        *,
        read_tokens: int = 0,
        sent_tokens: int = 0,
        text: str = "",
        partial: JsonValue = None,
    ) -> None:
        super().__init__(attempts, text=text, partial=partial, read_tokens=read_tokens, sent_tokens=sent_tokens)
        self.read_tokens = read_tokens
        self.sent_tokens = sent_tokens

    def problem(self) -> str:
        """How much of the prompt was read."""
        return f"the server read {self.read_tokens} tokens of a prompt that has at least {self.sent_tokens}"


class InvalidOutputError(ExtractionError):
    """The model answered, but nothing in it is a valid value.

    Attributes:
        issues: what is wrong, each with Pydantic's `loc`.

    """

    advice = "see .issues and .text; a clearer description or instruction often helps"

    def __init__(
        self, attempts: History = (), *, issues: tuple[Issue, ...] = (), text: str = "", partial: JsonValue = None
    ) -> None:
        super().__init__(attempts, text=text, partial=partial, issues=issues)
        self.issues = issues

    def problem(self) -> str:
        """The first few issues."""
        shown = "; ".join(str(issue) for issue in self.issues[:SHOWN_ISSUES]) or "nothing in the text fits the target"
        rest = len(self.issues) - SHOWN_ISSUES
        tries = f" after {len(self.attempts)} attempts" if len(self.attempts) > 1 else ""
        return f"no valid value{tries}: {shown}" + (f"; and {rest} more" if rest > 0 else "")

    def to_dict(self) -> JsonObject:
        """The error as JSON, with at most 50 issues."""
        issues: list[JsonValue] = [
            {"loc": list(issue.loc), "kind": issue.kind, "message": issue.message, "found": issue.found}
            for issue in self.issues[:50]
        ]
        return {**super().to_dict(), "issues": issues}


class BudgetSpentError(ExtractionError):
    """A limit of `Budget` ended the extraction.

    Attributes:
        limit: which limit, in words.

    """

    advice = "raise the limit, or take .partial"

    def __init__(self, attempts: History = (), *, limit: str = "", text: str = "", partial: JsonValue = None) -> None:
        super().__init__(attempts, text=text, partial=partial, limit=limit)
        self.limit = limit

    def problem(self) -> str:
        """The limit and where it stands."""
        return f"the budget is spent: {self.limit}"


def _rebuild(kind: type[ExtractionError], attempts: History, more: dict[str, Any]) -> ExtractionError:
    return kind(attempts, **more)


def _last_reply(attempts: History) -> Reply:
    last = attempts[-1].reply
    return Reply(status=0) if isinstance(last, Lost) else last


def _last_text(attempts: tuple[Attempt, ...]) -> str:
    for attempt in reversed(attempts):
        if isinstance(attempt.reply, Reply) and attempt.reply.choices:
            choice = attempt.reply.choices[0]
            return choice.tool_calls[0].arguments if choice.tool_calls else choice.text or choice.refusal or ""
    return ""
