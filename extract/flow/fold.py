"""From a history to the situation: each attempt is judged, and the judgement says how to go on. Nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeVar

from ..chat.method import METHODS
from ..chat.reply import Choice, Lost, Reply
from ..target.lower import Lowered, lower
from ..text.strict import dumps
from ..vocabulary import JsonObject, JsonValue, Repair
from .agree import agreement_of, issues_of_dispute
from .attempt import Attempt, History, Verdict
from .check import due, issues_of
from .consensus import consensus, most_agreed
from .judge import (
    Accepted,
    CutPrompt,
    Gone,
    Outcome,
    Refused,
    Rejected,
    Silent,
    Wrong,
    accepted_choices,
    judge,
)
from .part import Rest, correction_for, is_complete
from .plan import Plan, Way
from .reactions import react
from .reading import Reading, Unread, doubts, examine
from .reask import after_silence, after_wrong
from .said import Said, said_in
from .situation import Situation, give_up, resend, whole
from .told import merged
from .way_out import stripped

T = TypeVar("T")
ENOUGH: Final = 2
"""Fewest valid answers that can be compared."""


def start(plan: Plan[T]) -> Situation[T]:
    """The situation before anything was sent."""
    way = plan.chain[0].way
    begun = way if plan.missing == "strict" else replace(way, way_out=True)
    return Situation(way=begun, part=plan.part, base=plan.base)


def fold(plan: Plan[T], history: History) -> Situation[T]:
    """The situation after a history."""
    situation = start(plan)
    for attempt in history:
        if attempt.verdicts is None:
            situation = advance(plan, situation, attempt)
        else:
            situation = inspected(plan, advance(plan, situation, replace(attempt, verdicts=None)), attempt.verdicts)
    return situation


def advance(plan: Plan[T], before: Situation[T], attempt: Attempt) -> Situation[T]:
    """The situation after one more attempt."""
    now = _advanced(plan, before, attempt)
    # Some valid answers are there, and no more can be had: they are compared as they are.
    is_failed = now.is_over and not isinstance(now.outcome, Accepted)
    if is_failed and now.phase != "settled" and len(now.samples) >= ENOUGH:
        return settle(plan, now)
    return now


def _advanced(plan: Plan[T], before: Situation[T], attempt: Attempt) -> Situation[T]:
    return after(plan, before, attempt, meaning(plan, before, attempt))


def after(plan: Plan[T], before: Situation[T], attempt: Attempt, outcome: Outcome[T]) -> Situation[T]:
    """The situation after an attempt that means this."""
    now = replace(before, history=(*before.history, attempt), outcome=outcome, wait_s=None)
    match outcome:
        case Accepted():
            return _after_accepted(plan, now, outcome)
        case Gone():
            return _after_gone(plan, now, outcome)
        case Rejected(error=error):
            return react(plan, now, error)
        case Refused() | CutPrompt():
            return give_up(plan, now)
        case Silent():
            return after_silence(plan, replace(now, resends=0, asks=now.asks + 1), outcome)
        case Wrong():
            asked = replace(now, resends=0, asks=now.asks + 1)
            return after_wrong(plan, asked, outcome if now.part is None else _of_whole(plan, now, outcome))


def _after_accepted(plan: Plan[T], now: Situation[T], accepted: Accepted[T]) -> Situation[T]:
    """A value of the type: the user's checks have their say before it is taken."""
    if plan.agree is not None and now.phase == "sampling":
        return _with_sample(plan, now, accepted)
    if plan.agree is not None and accepted.agreement is None:
        answers = [sample.reading.json for sample in now.samples]
        agreement = agreement_of(answers, accepted.reading.json, plan.agree.least)
        accepted = replace(accepted, agreement=agreement)
        now = replace(now, outcome=accepted, phase="settled")
    if not plan.checks:
        return replace(now, is_over=True)
    reading = accepted.reading
    tests, _ = due(plan.checks, reading.value, reading.json, _known(now))
    return replace(now, due=tests) if tests else inspected(plan, now, ())


def _with_sample(plan: Plan[T], now: Situation[T], accepted: Accepted[T]) -> Situation[T]:
    """One more valid answer of several; every choice of a reply to the whole question is one."""
    found: tuple[Accepted[T], ...] = (accepted,)
    if now.part is None and not now.way.way_out:
        attempt = now.history[-1]
        lowered = lower(plan.target, plan.dialect(_answered(now.way, attempt)))
        found = accepted_choices(attempt, lowered, repair=plan.repair, context=plan.context) or found
    wanted = plan.agree.samples if plan.agree is not None else 1
    samples = (*now.samples, *found)[:wanted]
    if len(samples) < wanted:
        return replace(whole(plan, now), samples=samples, asks=0, resends=0)
    return settle(plan, replace(now, samples=samples))


def settle(plan: Plan[T], now: Situation[T]) -> Situation[T]:
    """Compare the samples: take what they agree on, ask again for what they dispute, or fail, as the policy says."""
    agree = plan.agree
    if agree is None:
        return now
    answers = [sample.reading.json for sample in now.samples]
    first = now.samples[0]
    found = consensus(answers)
    # Each sample's repairs are on record; what was mended alike in several is one entry.
    entries = (repair for sample in now.samples for repair in sample.reading.repairs)
    repairs = {(repair.path, repair.rule, dumps(repair.before)): repair for repair in entries}
    outcome = _examined(plan, first.choice, found.value, tuple(repairs.values()))
    if not isinstance(outcome, Accepted):  # parts of several valid answers need not be valid together
        outcome = now.samples[most_agreed(answers)]
    missing = tuple(dict.fromkeys(path for sample in now.samples for path in sample.missing))
    value = outcome.reading.json
    agreement = agreement_of(answers, value, agree.least)
    outcome = replace(outcome, missing=missing, agreement=agreement)
    issues = tuple(issues_of_dispute(agreement, agreement.disputed))
    is_asked = now.phase == "disputing"
    now = replace(whole(plan, now), outcome=outcome, phase="settled", is_over=False, asks=0, resends=0)
    if issues and agree.disputed == "error":
        unread = Unread(issues, value, outcome.reading.repairs)
        wrong = Wrong(unread, first.choice, dumps(value), is_cut=False, is_merged=True)
        return replace(now, outcome=wrong, is_over=True)
    part = correction_for(plan.target.schema, value, issues) if issues and agree.disputed == "ask" else None
    if part is None or is_asked:
        return _after_accepted(plan, now, outcome)
    return replace(now, phase="disputing", part=part, base=value, repairs=outcome.reading.repairs)


def _known(now: Situation[T]) -> dict[str, str | None]:
    """What the checks have said of values before, by key."""
    said = (verdict for attempt in now.history for verdict in attempt.verdicts or ())
    return {verdict.key: verdict.problem for verdict in said}


def inspected(plan: Plan[T], now: Situation[T], verdicts: tuple[Verdict, ...]) -> Situation[T]:
    """The situation after the due tests were run: the value is taken, or asked for again where a fatal one failed."""
    accepted = now.outcome
    if not isinstance(accepted, Accepted):
        return now
    history = (*now.history[:-1], replace(now.history[-1], verdicts=verdicts))
    now = replace(now, history=history, due=())
    reading = accepted.reading
    _, every = due(plan.checks, reading.value, reading.json, _known(now))
    issues = issues_of(every, reading.json)
    if not issues:
        return replace(now, outcome=replace(accepted, verdicts=every), is_over=True)
    unread = Unread(issues, reading.json, reading.repairs)
    wrong = Wrong(unread, accepted.choice, dumps(reading.json), is_cut=False, is_merged=True)
    return after_wrong(plan, replace(now, outcome=wrong, resends=0, asks=now.asks + 1), wrong)


def _after_gone(plan: Plan[T], now: Situation[T], gone: Gone) -> Situation[T]:
    if gone.is_deadline:
        return give_up(plan, now)
    # A server may close a kept connection just as it is used again; that says nothing about its health.
    if gone.is_reused and now.resends == 0:
        return resend(plan, now, 0.0) if plan.budget.resends == 0 else replace(now, resends=1)
    return resend(plan, now, 0.0)


def meaning(plan: Plan[T], before: Situation[T], attempt: Attempt) -> Outcome[T]:
    """What the attempt means for the whole value: a part is merged first, a way out that was taken is seen."""
    part, row = before.part, plan.chain[attempt.request.endpoint].endpoint
    if before.way.prefix:
        attempt = replace(attempt, reply=_joined(before.way.prefix, attempt.reply))
    way = _answered(before.way, attempt)
    if part is None and not (way.way_out and not plan.target.is_any):
        lowered = lower(plan.target, plan.dialect(way))
        return _closed(plan, judge(attempt, lowered, row, repair=plan.repair, context=plan.context))
    asked: Lowered[Any] = plan.lowered(way, part)
    found: Outcome[Any] = judge(attempt, asked, row, repair=plan.repair, context=None)
    match found:
        case Accepted(reading=reading, choice=choice):
            answer, repairs = reading.json, reading.repairs
        case Wrong(unread=unread, choice=choice, is_cut=False) if unread.json is not None:
            answer, repairs = unread.json, unread.repairs
        case Wrong(choice=choice) if part is not None and _is_closed(part.schema, found):
            answer, repairs = found.unread.json, closings(found.unread.repairs)
        case Wrong(choice=choice, is_cut=False) if isinstance(part, Rest):
            answer, repairs = None, ()
        case _:
            return found
    if part is None:
        value, missing = stripped(plan.target.schema, answer)
        whole = _examined(plan, choice, value, repairs)
        return replace(whole, missing=missing) if isinstance(whole, Accepted) else whole
    if isinstance(found, Accepted) and not repairs:
        said = Said(answer, answer)
    elif isinstance(found, Wrong) and found.is_cut and answer is not None:  # it lacks its last brackets alone
        said = Said(answer, answer, found.text, repairs)
    else:
        said = said_in(found.text, asked, lower(plan.target, plan.dialect(way)))
    made = merged(part, before.base, answer, said, repairs)
    if made.issues:
        text = dumps(answer) if isinstance(found, Accepted) else found.text
        return Wrong(Unread(made.issues, None, repairs, kind="nothing"), choice, text, is_cut=False)
    return _examined(plan, choice, made.value, (*before.repairs, *made.repairs))


def _joined(prefix: str, reply: Reply | Lost) -> Reply | Lost:
    """A reply that goes on with a text, as the whole text; some servers repeat what they were given."""
    if isinstance(reply, Lost):
        return reply
    choices = (
        one if not one.text or one.text.startswith(prefix) else replace(one, text=prefix + one.text)
        for one in reply.choices
    )
    return replace(reply, choices=tuple(choices))


def _closed(plan: Plan[T], outcome: Outcome[T]) -> Outcome[T]:
    """A cut answer from which nothing but closing brackets is missing is the whole."""
    if not isinstance(outcome, Wrong) or plan.target.is_any or not _is_closed(plan.target.schema, outcome):
        return outcome
    return _examined(plan, outcome.choice, outcome.unread.json, closings(outcome.unread.repairs))


def _is_closed(schema: JsonObject, wrong: Wrong) -> bool:
    unread = wrong.unread
    is_known = wrong.is_cut and unread.json is not None and unread.open_path is not None
    return is_known and is_complete(schema, unread.json, unread.open_path or ())


def closings(repairs: tuple[Repair, ...]) -> tuple[Repair, ...]:
    """The repairs of a cut answer that turned out to be complete: the brackets were sure."""
    return tuple(
        replace(one, rule="missing_bracket", trust="lossless") if one.rule == "cut_container" else one
        for one in repairs
    )


def _answered(way: Way, attempt: Attempt) -> Way:
    """The way that an attempt was made, also where a journal had its reply under another method."""
    method = attempt.method
    return way if method == way.method or method not in METHODS else replace(way, method=METHODS[method].name)


def _of_whole(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Wrong:
    """A part's answer that could not be merged, seen as what it leaves wrong with the whole."""
    if wrong.is_merged or wrong.is_cut or isinstance(now.part, Rest):
        return wrong
    found = _examined(plan, wrong.choice, now.base, now.repairs)
    return found if isinstance(found, Wrong) else wrong


def _examined(plan: Plan[T], choice: Choice, value: JsonValue, repairs: tuple[Repair, ...]) -> Accepted[T] | Wrong:
    """A merged value, read by the user's own type."""
    text = dumps(value)
    read = examine(lower(plan.target, "plain"), text, repair=plan.repair, context=plan.context)
    every = (*repairs, *read.repairs)
    beyond = doubts(repairs, plan.repair) if isinstance(read, Reading) else ()
    if isinstance(read, Reading) and not beyond:
        return Accepted(replace(read, repairs=every), choice, text)
    unread = Unread(beyond, value, every, kind="limit") if isinstance(read, Reading) else replace(read, repairs=every)
    return Wrong(unread, choice, text, is_cut=False, is_merged=True)
