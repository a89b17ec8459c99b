"""What to do about each kind of error that an endpoint reports: one row per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

from ..chat.message import user
from ..chat.method import METHODS
from ..chat.prompt import correction
from ..chat.reply import ErrorKind, ErrorReport, Reply
from ..vocabulary import Issue
from .plan import Plan
from .situation import Situation, family, give_up, link_of, next_method, resend, step_down

T = TypeVar("T")
ESSENTIAL: Final = frozenset({"model", "messages"})
SHOWN_CHARS: Final = 200
"""How much of a server's words is shown to the model."""
Force = Literal["named", "required", "any", "auto"]
WEAKER: Final[Mapping[Force, Force | None]] = MappingProxyType(
    {"named": "required", "any": "required", "required": "auto", "auto": None}
)
"""The next weaker way to ask for a tool call."""

Reaction = Callable[[Plan[Any], Situation[Any], ErrorReport], Situation[Any]]


def react(plan: Plan[T], now: Situation[T], error: ErrorReport) -> Situation[T]:
    """How to go on after an error."""
    return REACTIONS[error.kind](plan, now, error)


def _refuse_family(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    """The whole family of the method is not taken here."""
    return step_down(plan, now, next_method(link_of(plan, now), now.way, family(now.method)))


def _want_schema(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """Only json_schema is taken: up, not down, even where the row does not list it."""
    gone = now.way.refused | family(now.method)
    listed = [name for name in link_of(plan, now).methods if METHODS[name].family == "json_schema"]
    up = next((name for name in (*listed, "json_schema_strict", "json_schema") if name not in gone), None)
    if up is None or now.method.family == "json_schema":
        return _refuse_family(plan, now, error)
    return step_down(plan, now, replace(now.way, method=up, refused=gone, force=None, narrow=False))


def _loosen(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    """Strict is not taken: the same carrier without it if there is one, else the next method."""
    link, method = link_of(plan, now), now.method
    loose = [other.name for other in METHODS.values() if other.family == method.family and not other.strict]
    is_pinned = len(link.methods) == 1
    if method.strict and loose and loose[0] not in now.way.refused and not is_pinned:
        gone = now.way.refused | {method.name}
        return step_down(plan, now, replace(now.way, method=loose[0], refused=gone, narrow=False))
    return step_down(plan, now, next_method(link, now.way))


def _simplify(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """The schema is refused: first in the form that every endpoint takes, then without strict."""
    if not now.way.narrow and now.method.carrier != "prompt":
        return step_down(plan, now, replace(now.way, narrow=True))
    return _loosen(plan, now, error)


def _unforce(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """A forced call is refused: without thinking, else by another word, else only asked for."""
    row = link_of(plan, now).endpoint
    if row.thinking_off and not now.way.thinking_off:
        return step_down(plan, now, replace(now.way, thinking_off=True))
    force = now.way.force or row.tool_choice
    weaker = WEAKER[force]
    if weaker is None:
        return _refuse_family(plan, now, error)
    return step_down(plan, now, replace(now.way, force=weaker))


def names_strict(parameter: str) -> bool:
    """Whether an unknown body field is the word strict, wherever it stands: `tools[0].function.strict`."""
    return parameter.rsplit(".", maxsplit=1)[-1] == "strict"


def _drop(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """A body field is unknown there: the request without it, or by another method where the field is the method."""
    name = error.field
    match name:
        case _ if names_strict(error.parameter or ""):
            return _loosen(plan, now, error)
        case "response_format" | "tools":
            return _refuse_family(plan, now, error)
        case "tool_choice":
            return _unforce(plan, now, error)
        case _ if name in ESSENTIAL or name not in now.history[-1].request.body:
            return _other_method(plan, now, error)
        case _:
            return step_down(plan, now, replace(now.way, dropped=now.way.dropped | {name}))


def _other_method(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    """The request is refused for no stated reason: the next method."""
    return step_down(plan, now, next_method(link_of(plan, now), now.way))


def _say_json(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    return step_down(plan, now, None if now.way.json_word else replace(now.way, json_word=True))


def _wait_for_rate(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    floor_s = link_of(plan, now).endpoint.min_rate_delay_s
    return resend(plan, now, max(error.retry_after_s or 0.0, floor_s))


def _wait(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    return resend(plan, now, error.retry_after_s or 0.0)


def _other_form(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """Some servers answer 500 to a form that they do not take: once more as it is, then each other form once.

    llama-cpp-python 0.3.36 does so for every `json_schema`, llama.cpp for a grammar that its model left.
    """
    if now.resends == 0 and now.steps_down == 0:
        return resend(plan, now, error.retry_after_s or 0.0)
    way = next_method(link_of(plan, now), now.way, family(now.method))
    return _wait(plan, now, error) if way is None else step_down(plan, now, way)


def _once_more(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    return give_up(plan, now) if now.resends else resend(plan, now, 0.0)


def _ask_anew(plan: Plan[Any], now: Situation[Any], error: ErrorReport) -> Situation[Any]:
    """The server itself refused the model's output and does not show it: this counts as an answer.

    Where it does so twice, the same request would meet the same end: another method, else the server's words beside it.
    """
    asked = replace(now, asks=now.asks + 1, resends=0)
    if asked.asks >= plan.budget.attempts:
        return give_up(plan, asked)
    if not _is_repeated(now):
        return asked
    way = next_method(link_of(plan, now), now.way)
    if way is not None:
        return step_down(plan, asked, way)
    words = Issue((), "output_invalid", f"the server could not read it: {error.message[:SHOWN_CHARS]}")
    return replace(asked, turns=(user(correction((words,), whole=now.part is None)),))


def _is_repeated(now: Situation[Any]) -> bool:
    """Whether the attempt before the last one ended in the same kind of error, by the same method."""
    last, before = now.history[-1], now.history[-2] if len(now.history) > 1 else None
    if before is None or before.method != last.method:
        return False
    ends = [one.reply.error.kind for one in (before, last) if isinstance(one.reply, Reply) and one.reply.error]
    return len(ends) == 2 and ends[0] == ends[1]


def _stop(plan: Plan[Any], now: Situation[Any], _error: ErrorReport) -> Situation[Any]:
    return give_up(plan, now)


REACTIONS: Final[Mapping[ErrorKind, Reaction]] = MappingProxyType(
    {
        "format_unsupported": _refuse_family,
        "format_required": _want_schema,
        "tools_unsupported": _refuse_family,
        "tool_choice_unsupported": _unforce,
        "strict_unsupported": _loosen,
        "schema_invalid": _simplify,
        "need_json_word": _say_json,
        "combination": _other_method,
        "context": _stop,
        "parameter_unknown": _drop,
        "output_invalid": _ask_anew,
        "rate": _wait_for_rate,
        "quota": _stop,
        "overloaded": _wait,
        "auth": _stop,
        "model": _stop,
        "bad_request": _other_method,
        "server": _other_form,
        "broken": _once_more,
    }
)
"""A test proves that no kind is missing."""
