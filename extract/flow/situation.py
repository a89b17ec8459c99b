"""Where an extraction stands: a fold over its history. `next_step.py` turns it into what to do.

Three budgets are counted here, all from the history: resends (trouble on the way), steps down (the endpoint does not take
the form) and asks (the content is wrong).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic, TypeVar

from ..chat.message import Message, assistant, tool_result, user
from ..chat.method import METHODS, MethodName
from ..chat.prompt import correction
from ..chat.reply import Choice, ErrorKind, ErrorReport
from ..target.lower import lower
from ..vocabulary import JsonValue, Repair
from .attempt import Attempt, History
from .judge import Accepted, Gone, Outcome, Refused, Rejected, Silent, Wrong, judge
from .part import Part, part_for, tail_for
from .plan import Link, Plan, Way, part_target
from .reading import Reading, examine

T = TypeVar("T")
LONGEST_WAIT_S = 120.0
"""A server that asks for more is not waited for (openai-python 3.54 `_base_client.py`, read 2026-11-23)."""
MAX_GROWTH = 8
"""How often `max_tokens` may be doubled after answers that were cut: up to 8 times the first limit."""
ESSENTIAL = frozenset({"model", "messages"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation(Generic[T]):
    """Where an extraction stands.

    Attributes:
        way: how the next request is made.
        asks: answers of this endpoint whose content was judged.
        resends: troubles in a row since the last answer.
        steps_down: changes of the method.
        outcome: what the last attempt means; None before the first.
        part: what the next request asks for instead of the whole.
        base: natural JSON that a part is merged into.
        repairs: what was repaired in `base`.
        turns: what the next request says after the source.
        wait_s: shortest wait before the next request; None: at once.
        is_over: nothing more is to be done.
    """

    way: Way
    history: History = ()
    asks: int = 0
    resends: int = 0
    steps_down: int = 0
    outcome: Outcome[T] | None = None
    part: Part | None = None
    part_failures: int = 0
    base: JsonValue = None
    repairs: tuple[Repair, ...] = ()
    turns: tuple[Message, ...] = ()
    wait_s: float | None = None
    is_over: bool = False


def start(plan: Plan[T]) -> Situation[T]:
    """The situation before anything was sent."""
    way = plan.chain[0].way
    return Situation(way=way if plan.missing == "strict" else replace(way, way_out=True))


def fold(plan: Plan[T], history: History) -> Situation[T]:
    """The situation after a history."""
    situation = start(plan)
    for attempt in history:
        situation = advance(plan, situation, attempt)
    return situation


def advance(plan: Plan[T], before: Situation[T], attempt: Attempt) -> Situation[T]:
    """The situation after one more attempt."""
    outcome = meaning(plan, before, attempt)
    after = replace(before, history=(*before.history, attempt), outcome=outcome, wait_s=None)
    match outcome:
        case Accepted():
            return replace(after, is_over=True)
        case Gone():
            return _after_gone(plan, after, outcome)
        case Rejected(error=error):
            return REACTIONS[error.kind](plan, replace(after, wait_s=None), error)
        case Refused():
            return give_up(plan, after)
        case Silent():
            return _after_silence(plan, replace(after, resends=0, asks=after.asks + 1), outcome)
        case Wrong():
            return _after_wrong(plan, replace(after, resends=0, asks=after.asks + 1), outcome)


def meaning(plan: Plan[T], before: Situation[T], attempt: Attempt) -> Outcome[T]:
    """What the attempt means for the whole value: the answer to a part is merged first."""
    if before.part is None:
        lowered = lower(plan.target, plan.dialect(before.way))
        return judge(attempt, lowered, repair=plan.repair, context=plan.context)
    part = before.part
    found = judge(attempt, lower(part_target(part), plan.dialect(before.way)), repair=plan.repair, context=None)
    if not isinstance(found, Accepted):
        return found
    merged = part.merge(before.base, found.reading.json)
    moved = tuple(replace(repair, path=part.repair_path(before.base, repair.path)) for repair in found.reading.repairs)
    return _whole(plan, found.choice, merged, (*before.repairs, *moved))


def _whole(plan: Plan[T], choice: Choice, merged: JsonValue, repairs: tuple[Repair, ...]) -> Accepted[T] | Wrong:
    text = json.dumps(merged, ensure_ascii=False)
    read = examine(lower(plan.target, "plain"), text, repair=plan.repair, context=plan.context)
    if isinstance(read, Reading):
        return Accepted(replace(read, repairs=(*repairs, *read.repairs)), choice)
    return Wrong(read, choice, text, is_cut=False, is_merged=True)


# --- trouble on the way


def _after_gone(plan: Plan[T], after: Situation[T], gone: Gone) -> Situation[T]:
    if gone.is_deadline:
        return replace(after, is_over=True)
    if gone.is_reused and after.resends == 0:
        return replace(after, resends=1)
    return resend(plan, after, 0.0)


def resend(plan: Plan[T], after: Situation[T], wait_s: float) -> Situation[T]:
    """The same request again after a wait, while the budget lasts."""
    if after.resends >= plan.budget.resends or wait_s > LONGEST_WAIT_S:
        return give_up(plan, after)
    return replace(after, resends=after.resends + 1, wait_s=wait_s)


def give_up(plan: Plan[T], after: Situation[T]) -> Situation[T]:
    """On to the next endpoint of the chain, or over."""
    following = after.way.endpoint + 1
    if following >= len(plan.chain):
        return replace(after, is_over=True)
    way = replace(plan.chain[following].way, way_out=after.way.way_out)
    return replace(after, way=way, asks=0, resends=0, part=None, part_failures=0, base=None, repairs=(), turns=())


# --- the endpoint does not take the form

Reaction = Callable[[Plan[T], Situation[T], ErrorReport], Situation[T]]


def step(plan: Plan[T], after: Situation[T], way: Way | None) -> Situation[T]:
    """On with another way, while the budget lasts; None: there is no other."""
    if way is None or after.steps_down >= plan.budget.steps_down:
        return give_up(plan, after)
    return replace(
        after, way=way, resends=0, steps_down=after.steps_down + 1, part=None, turns=(), base=None, repairs=()
    )


def next_method(link: Link, way: Way, refused: frozenset[MethodName]) -> Way | None:
    """The strongest method that was not refused; None where all were."""
    gone = way.refused | refused | {way.method}
    for name in link.methods:
        if name not in gone:
            return replace(way, method=name, refused=gone, force=None, narrow=False)
    return None


def _link(plan: Plan[T], after: Situation[T]) -> Link:
    return plan.chain[after.way.endpoint]


def _refuse_family(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    """The whole family of the method is not taken here."""
    family = METHODS[after.way.method].family
    same = frozenset(method.name for method in METHODS.values() if method.family == family)
    return step(plan, after, next_method(_link(plan, after), after.way, same))


def _want_schema(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    """Only json_schema is taken: up, not down."""
    refused = after.way.refused | {after.way.method}
    up = [name for name in _link(plan, after).methods if METHODS[name].family == "json_schema" and name not in refused]
    way = (
        replace(after.way, method=up[0], refused=refused) if up else next_method(_link(plan, after), after.way, refused)
    )
    return step(plan, after, way)


def _loosen(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    """Strict is not taken: the same carrier without it, if there is one, else the next method."""
    method = METHODS[after.way.method]
    loose = [other.name for other in METHODS.values() if other.family == method.family and not other.strict]
    if method.strict and loose and loose[0] not in after.way.refused and len(_link(plan, after).methods) > 1:
        return step(
            plan, after, replace(after.way, method=loose[0], refused=after.way.refused | {method.name}, narrow=False)
        )
    return step(plan, after, next_method(_link(plan, after), after.way, frozenset()))


def _simplify(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    """The schema is refused: first in the form that every endpoint takes, then without strict."""
    if not after.way.narrow and METHODS[after.way.method].carrier != "prompt":
        return step(plan, after, replace(after.way, narrow=True))
    return _loosen(plan, after, error)


def _unforce(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    """A forced call is refused: without thinking, else by another word, else only asked for."""
    row = _link(plan, after).endpoint
    if row.thinking_off and not after.way.thinking_off:
        return step(plan, after, replace(after.way, thinking_off=True))
    order = ("named", "required", "auto")
    at = order.index(force) if (force := after.way.force or row.tool_choice) in order else 0
    if at + 1 < len(order):
        return step(plan, after, replace(after.way, force=order[at + 1]))
    return _refuse_family(plan, after, error)


def _drop(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    """A body field is unknown there: the request without it, or by another method where the field is the method."""
    name = (error.parameter or "").split(".")[0].split("[")[0]
    if name in ("response_format", "tools"):
        return _refuse_family(plan, after, error)
    if name == "strict":
        return _loosen(plan, after, error)
    if name == "tool_choice":
        return _unforce(plan, after, error)
    body = after.history[-1].request.body
    if name in ESSENTIAL or name not in body:
        return _other_method(plan, after, error)
    return step(plan, after, replace(after.way, dropped=after.way.dropped | {name}))


def _other_method(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    """The request is refused without a reason that is understood: the next method, nothing is learned from it."""
    return step(plan, after, next_method(_link(plan, after), after.way, frozenset()))


def _say_json(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    return step(plan, after, None if after.way.json_word else replace(after.way, json_word=True))


def _wait_for_rate(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    floor = _link(plan, after).endpoint.min_rate_delay_s
    return resend(plan, after, max(error.retry_after_s or 0.0, floor))


def _wait(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    return resend(plan, after, error.retry_after_s or 0.0)


def _server_failed(plan: Plan[T], after: Situation[T], error: ErrorReport) -> Situation[T]:
    """Some servers answer 500 to a form that they do not take: resend once, then try another method."""
    if after.resends == 0:
        return resend(plan, after, error.retry_after_s or 0.0)
    way = next_method(_link(plan, after), after.way, frozenset())
    return resend(plan, after, error.retry_after_s or 0.0) if way is None else step(plan, after, way)


def _once_more(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    return give_up(plan, after) if after.resends else resend(plan, after, 0.0)


def _ask_anew(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    """The server itself refused the model's output and does not show it."""
    asked = replace(after, asks=after.asks + 1)
    return give_up(plan, asked) if asked.asks >= plan.budget.attempts else replace(asked, wait_s=None)


def _stop(plan: Plan[T], after: Situation[T], _error: ErrorReport) -> Situation[T]:
    return give_up(plan, after)


REACTIONS: Mapping[ErrorKind, Reaction[object]] = MappingProxyType(
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
        "server": _server_failed,
        "broken": _once_more,
    }
)
"""What to do about each kind of error; a test proves that no kind is missing."""


# --- the content is wrong


def _after_silence(plan: Plan[T], after: Situation[T], silent: Silent) -> Situation[T]:
    """No text: thinking has eaten the budget, or the method does not work here."""
    if after.asks >= plan.budget.attempts:
        return give_up(plan, after)
    row = _link(plan, after).endpoint
    if silent.is_cut and row.thinking_off and not after.way.thinking_off:
        return replace(after, way=replace(after.way, thinking_off=True))
    if silent.is_cut:
        return _with_room(plan, after)
    if after.asks == 1:
        return after
    return step(plan, after, next_method(_link(plan, after), after.way, frozenset()) or after.way)


def _with_room(plan: Plan[T], after: Situation[T]) -> Situation[T]:
    """The same again with twice the tokens, up to a bound."""
    first = _first_limit(plan, after)
    limit = (after.way.max_tokens or first) * 2
    if limit > first * MAX_GROWTH:
        return give_up(plan, after)
    return replace(after, way=replace(after.way, max_tokens=limit))


def _first_limit(plan: Plan[T], after: Situation[T]) -> int:
    given = plan.sampling.get("max_tokens")
    return given if isinstance(given, int) else _link(plan, after).endpoint.max_tokens


def _after_wrong(plan: Plan[T], after: Situation[T], wrong: Wrong) -> Situation[T]:
    """Ask again, for as little as possible."""
    if wrong.is_cut:
        return _after_cut(plan, after, wrong)
    if after.asks >= plan.budget.attempts or _is_unstated(after, wrong):
        return give_up(plan, after)
    if after.part is not None and wrong.unread.json is not None and after.part_failures:
        return _ask_whole(plan, after, wrong)
    if after.part is not None and not wrong.is_merged:
        return replace(after, part_failures=after.part_failures + 1)
    part = (
        part_for(plan.target.schema, wrong.unread.json, wrong.unread.issues) if wrong.unread.kind == "invalid" else None
    )
    if part is None:
        return _ask_whole(plan, after, wrong)
    way = replace(after.way, way_out=after.way.way_out or bool(part.optional))
    turns: tuple[Message, ...] = (user(part.words),)
    return replace(
        after, way=way, part=part, part_failures=0, base=wrong.unread.json, repairs=wrong.unread.repairs, turns=turns
    )


def _is_unstated(after: Situation[T], wrong: Wrong) -> bool:
    """Whether only values are missing for which a way out was already offered."""
    return (
        after.way.way_out
        and bool(wrong.unread.issues)
        and all(issue.kind == "missing" for issue in wrong.unread.issues)
    )


def _ask_whole(plan: Plan[T], after: Situation[T], wrong: Wrong) -> Situation[T]:
    missing = any(issue.kind == "missing" for issue in wrong.unread.issues)
    way = replace(after.way, way_out=after.way.way_out or missing)
    return replace(
        after, way=way, part=None, part_failures=0, base=None, repairs=(), turns=correction_turns(after, wrong)
    )


def correction_turns(after: Situation[T], wrong: Wrong) -> tuple[Message, ...]:
    """The last answer and what is wrong with it: as a tool result where it was a call, else as a user turn."""
    words = correction(wrong.unread.issues)
    calls = wrong.choice.tool_calls
    message = wrong.choice.message
    if (
        calls
        and message is not None
        and all(_is_json(call.arguments) for call in calls)
        and all(call.id for call in calls)
    ):
        return (message, *(tool_result(call.id, words) for call in calls))
    return (assistant(wrong.text), user(words)) if wrong.text.strip() else (user(words),)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _after_cut(plan: Plan[T], after: Situation[T], wrong: Wrong) -> Situation[T]:
    """Keep what is closed and ask for the rest; without progress, the whole with more room."""
    unread = wrong.unread
    part = tail_for(plan.target.schema, unread.json, unread.open_path or ()) if unread.json is not None else None
    if part is not None and after.part is None:
        turns: tuple[Message, ...] = (user(part.words),)
        return replace(
            after, asks=max(0, after.asks - 1), part=part, base=unread.json, repairs=_kept(unread.repairs), turns=turns
        )
    if after.part is not None and unread.json not in (None, {}, []):
        return _further(plan, after, wrong)
    if after.asks >= plan.budget.attempts:
        return give_up(plan, after)
    return _with_room(plan, replace(after, part=None, base=None, repairs=(), turns=()))


def _further(plan: Plan[T], after: Situation[T], wrong: Wrong) -> Situation[T]:
    """The rest was cut too: it is merged as far as it goes, and the rest of the rest is asked for."""
    assert after.part is not None  # noqa: S101 - the caller looked
    merged = after.part.merge(after.base, wrong.unread.json)
    if merged == after.base:
        return give_up(plan, after) if after.asks >= plan.budget.attempts else _with_room(plan, after)
    part = tail_for(plan.target.schema, merged, after.part.open_path)
    if part is None:
        return give_up(plan, after)
    turns: tuple[Message, ...] = (user(part.words),)
    return replace(after, asks=max(0, after.asks - 1), part=part, base=merged, turns=turns)


def _kept(repairs: tuple[Repair, ...]) -> tuple[Repair, ...]:
    """The repairs of the closed part: what closed the cut text is undone, since the rest is asked for."""
    return tuple(repair for repair in repairs if not repair.rule.startswith("cut_"))
