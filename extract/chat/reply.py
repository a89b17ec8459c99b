"""What came back, as data: facts only, no judgement about the value inside.

Lost        nothing usable arrived: connection refused, dropped before the first byte, deadline
Reply       an HTTP answer, with 0 or more choices, or an error report, or both (an error amid a stream)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..vocabulary import JsonObject

Finish = Literal["stop", "length", "tool", "filter", "error", "unknown"]
"""finish_reason, normalised (`eos` is `stop`, `max_tokens` is `length`, ...); the raw word is kept beside it."""

ErrorKind = Literal[
    "format_unsupported",  # this response_format type is not taken
    "format_required",  # only json_schema is taken: go up, not down
    "tools_unsupported",
    "tool_choice_unsupported",
    "strict_unsupported",
    "schema_invalid",  # this schema is refused; a simpler one may be taken
    "need_json_word",  # json_object wants the word JSON in the messages
    "combination",  # two things that are fine alone; never learned
    "context",  # the prompt does not fit
    "parameter_unknown",  # `.parameter` names it where the server does
    "output_invalid",  # the model's output was refused by the server; `.failed_generation`
    "rate",
    "quota",  # money or a daily limit: waiting does not help
    "overloaded",
    "auth",
    "model",  # no such model
    "bad_request",  # any other 4xx
    "server",  # any other 5xx
    "broken",  # an answer that is no chat completion
]

End = Literal["done", "eof", "dropped", "deadline", "runaway", "stopped"]
"""How the bytes ended: `[DONE]` or a whole body, clean EOF, connection lost amid the body, the total deadline,
endless whitespace or output cut off by the watchdog, or the reader had enough."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One function call of the model; `arguments` is text exactly as assembled, often but not always JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of `n`.

    Attributes:
        index: the server's choice index.
        text: `content` as one string; "" where none came.
        reasoning: thoughts from their own field, never from inside `text`; None where none came.
        refusal: the model's refusal text from its own field.
        tool_calls: in the order of their slots.
        finish: normalised; `length` also where only `native_finish_reason` says so.
        finish_reason: the server's own word, None where none came.
        native_finish_reason: the upstream's own word behind a router.
        message: the assistant message as it would be replayed (keeps unknown fields such as `extra_content`).
    """

    index: int = 0
    text: str = ""
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    finish: Finish = "unknown"
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    message: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None


def field_of(parameter: str | None) -> str:
    """The body field in which a parameter that an error names lies."""
    return (parameter or "").split(".")[0].split("[")[0]


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """A server's error, read from any of its shapes.

    Attributes:
        kind: what to make of it.
        message: the server's own words, at most 500 characters, credentials masked.
        status: HTTP status, or the numeric code of an error inside a 200 stream.
        code: the server's code as text.
        type: the server's error type.
        parameter: the request parameter it complains of.
        failed_generation: the model's text that the server refused (Groq).
        retry_after_s: seconds the server asked to wait.
    """

    kind: ErrorKind
    message: str
    status: int
    code: str | None = None
    type: str | None = None
    parameter: str | None = None
    failed_generation: str | None = None
    retry_after_s: float | None = None

    @property
    def field(self) -> str:
        """The body field in which the parameter lies: `response_format` of `response_format.type`; empty where none is named."""
        return field_of(self.parameter)


@dataclass(frozen=True, slots=True, eq=False)
class Reply:
    """An HTTP answer, assembled.

    Attributes:
        status: HTTP status.
        choices: by index; empty for an error.
        error: what the server complained of, also amid a stream; None where nothing, or where it came behind an answer
            that was said to be finished.
        usage: the last non-null usage, of zeros only where no other came; None where none came.
        model: who says it answered.
        id: the server's id of the completion.
        trace_id: the provider's trace or request id from the headers.
        headers: lower-cased names; never any that carries a credential.
        end: how the bytes ended.
        body: the exact body as text (of a stream: the SSE text), for the journal; may be "" once spent.
        started_s, first_byte_s, ended_s: the driver's monotonic clock, seconds.
        method: the method that this answers, where it is not its request's: a reply from a journal.
    """

    status: int
    choices: tuple[Choice, ...] = ()
    error: ErrorReport | None = None
    usage: Usage | None = None
    model: str | None = None
    id: str | None = None
    trace_id: str | None = None
    headers: Mapping[str, str] | None = None
    end: End = "done"
    body: str = ""
    started_s: float = 0.0
    first_byte_s: float = 0.0
    ended_s: float = 0.0
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No HTTP answer.

    Attributes:
        reason: `connect`, `timeout`, `deadline`, `dropped`, `tls`, `protocol`.
        message: one line, without credentials.
        is_reused: the request failed on a reused connection before any byte came back, so it may be sent again at once.
    """

    reason: Literal["connect", "timeout", "deadline", "dropped", "tls", "protocol"]
    message: str
    is_reused: bool = False
    started_s: float = 0.0
    ended_s: float = 0.0
