"""What to ask for when the content is wrong: as little as possible, in a context that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar

from ..chat.message import Message, assistant, tool_result, user
from ..chat.prompt import correction
from ..text.strict import loads
from ..vocabulary import Issue, JsonValue, Path, Repair
from .excerpt import excerpt_of
from .judge import Silent, Wrong
from .part import Correction, Rest, correction_for, rest_for
from .place import has, look
from .plan import Plan, Way
from .reading import doubts
from .said import Said
from .situation import Situation, give_up, link_of, next_method, step_down, whole, with_room
from .told import merged

T = TypeVar("T")
STRUCTURAL: Final = frozenset({"missing", "extra_forbidden", "json_invalid"})
"""Issues that a server which enforces the schema cannot leave behind; beside them all that end in `_type`."""


def after_silence(plan: Plan[T], now: Situation[T], silent: Silent) -> Situation[T]:
    """No text: thinking has eaten the budget, or the method does not work here."""
    if now.asks >= plan.budget.attempts:
        return give_up(plan, now)
    row = link_of(plan, now).endpoint
    if silent.is_cut and row.thinking_off and not now.way.thinking_off:
        return replace(now, way=replace(now.way, thinking_off=True))
    if silent.is_cut:
        return with_room(plan, now)
    if now.asks == 1:
        return now
    return step_down(plan, now, next_method(link_of(plan, now), now.way))


def after_wrong(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Situation[T]:
    """Ask again, for as little as possible."""
    if wrong.is_cut:
        return after_cut(plan, now, wrong)
    now = _refunded(plan, now, wrong)
    if now.asks >= plan.budget.attempts or _is_unstated(now, wrong):
        return give_up(plan, now)
    way = _better_way(plan, now, wrong)
    if way.method != now.way.method:
        return step_down(plan, now, way)
    asked = replace(now, way=way)
    if isinstance(now.part, Rest) and not wrong.is_merged:
        return _ask_rest(plan, asked, wrong, now.part)
    part = _correction(plan, now, wrong)
    return _ask_whole(plan, asked, wrong) if part is None else _ask_part(asked, wrong, part)


def _correction(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Correction | None:
    """The part that mends it; None where only the whole can. What was asked for in vain is widened to what holds it."""
    if wrong.unread.kind not in ("invalid", "limit") or wrong.unread.json is None:
        return None
    in_vain = frozenset(now.part.asked.paths) if isinstance(now.part, Correction) else frozenset[Path]()
    is_last = now.asks + 1 >= plan.budget.attempts
    unread = wrong.unread
    issues = dict.fromkeys((*unread.issues, *doubts(unread.repairs, plan.repair)))
    part = correction_for(plan.target.schema, unread.json, tuple(issues), in_vain=in_vain, is_last=is_last)
    if part is None or is_last or isinstance(now.part, Correction):
        return part  # after the first try, and before there is no other, all of the source is shown
    return replace(part, excerpt=_excerpt(plan, unread.json, part))


def _excerpt(plan: Plan[T], base: JsonValue, part: Correction) -> str:
    """What of the source matters for single values; empty where that is not plain, or the source is no single text."""
    texts = [one for one in plan.prompt.parts if isinstance(one, str)]
    is_text = plan.prompt.task == "extract" and len(texts) == len(list(plan.prompt.parts)) == 1
    return excerpt_of(texts[0], base, part.asked.paths) if is_text else ""


def _refunded(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Situation[T]:
    """What is wrong in more places than one request asks for is asked for in turns; a turn that mended all costs no attempt."""
    part = now.part
    if not isinstance(part, Correction) or not part.waiting or now.continuations >= plan.budget.continuations:
        return now
    asked = frozenset(part.asked.paths)
    is_mended = not any(
        issue.loc[:length] in asked for issue in wrong.unread.issues for length in range(len(issue.loc) + 1)
    )
    return replace(now, asks=now.asks - 1, continuations=now.continuations + 1) if is_mended else now


def _ask_part(now: Situation[T], wrong: Wrong, part: Correction) -> Situation[T]:
    way = replace(now.way, way_out=now.way.way_out or bool(part.optional))
    asked = part.asked.paths
    kept = (one for one in wrong.unread.repairs if not any(one.path[: len(path)] == path for path in asked))
    return replace(now, way=replace(way, prefix=""), part=part, base=wrong.unread.json, repairs=tuple(kept), turns=())


def _ask_rest(plan: Plan[T], now: Situation[T], wrong: Wrong, rest: Rest) -> Situation[T]:
    """The rest of a cut answer once more, with what was wrong; then the whole.

    That the item in which the answer was cut reads otherwise now is believed when it is said twice.
    """
    if now.turns:
        return _ask_whole(plan, replace(now, part=None), wrong)
    part = replace(rest, begun=None, is_told=True)
    return replace(now, part=part, turns=correction_turns(wrong, whole=False))


def _ask_whole(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Situation[T]:
    missing = any(issue.kind == "missing" for issue in wrong.unread.issues)
    way = replace(now.way, way_out=now.way.way_out or missing)
    return replace(whole(plan, now), way=replace(way, prefix=""), turns=correction_turns(wrong))


def _better_way(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Way:
    """The way for the next request, if the answer shows that the endpoint does not do what was asked."""
    is_schema_sent = now.method.carrier == "response_format"
    if is_schema_sent and not now.way.show_schema and _is_structural(wrong.unread.issues):
        return replace(now.way, show_schema=True)
    if now.method.answer_in == "content" or wrong.choice.tool_calls or wrong.is_merged:
        return now.way
    # A named choice is silently ignored by llama-server, `required` is not (observed, llama-server 0.5.0-dev).
    if (now.way.force or link_of(plan, now).endpoint.tool_choice) == "named":
        return replace(now.way, force="required")
    return next_method(link_of(plan, now), now.way) or now.way


def _is_structural(issues: Sequence[Issue]) -> bool:
    return any(issue.kind in STRUCTURAL or issue.kind.endswith("_type") for issue in issues)


def _is_unstated(now: Situation[T], wrong: Wrong) -> bool:
    """Whether only values are missing for which a way out was already offered, with all of the source in view."""
    issues = wrong.unread.issues
    if isinstance(now.part, Correction) and now.part.excerpt:
        return False
    return now.way.way_out and bool(issues) and all(issue.kind == "missing" for issue in issues)


def correction_turns(wrong: Wrong, *, whole: bool = True) -> tuple[Message, ...]:
    """The last answer and what is wrong with it: as a tool result where it was a call, else as a user turn."""
    words = correction(wrong.unread.issues, whole=whole)
    calls, message = wrong.choice.tool_calls, wrong.choice.message
    is_replayable = message is not None and all(call.id and _is_json(call.arguments) for call in calls)
    if calls and message is not None and is_replayable and not wrong.is_merged:
        return (message, *(tool_result(call.id, words) for call in calls))
    return (assistant(wrong.text), user(words)) if wrong.text.strip() else (user(words),)


def _is_json(text: str) -> bool:
    """Whether the arguments may be replayed: some servers refuse a call whose arguments are no JSON."""
    try:
        loads(text)
    except ValueError:
        return False
    return True


def after_cut(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Situation[T]:
    """Keep what is closed and ask for the rest; without progress, the whole with more room."""
    if now.continuations >= plan.budget.continuations:
        return give_up(plan, now)
    found = _rest(plan, now, wrong)
    if found is not None:
        rest, joined = found
        turned = replace(now, asks=max(0, now.asks - 1), continuations=now.continuations + 1)
        turned = replace(turned, way=replace(now.way, prefix=""))
        return replace(turned, part=rest, base=rest.kept, repairs=(*_kept(wrong, now, rest), *joined), turns=())
    going_on = _going_on(plan, now, wrong)
    if going_on is not None:
        return going_on
    if now.asks >= plan.budget.attempts:
        return give_up(plan, now)
    return with_room(plan, now if now.part is not None else whole(plan, now))


def _going_on(plan: Plan[T], now: Situation[T], wrong: Wrong) -> Situation[T] | None:
    """The same answer gone on with, where nothing of it can be kept in part (a long text) and the endpoint takes a prefix.

    No schema can be sent with it: a grammar would begin the answer anew. So it is asked for in words, and only where the
    schema's words have the shape in which the answer began.
    """
    link, text = link_of(plan, now), wrong.text
    is_longer = text.startswith(now.way.prefix) and len(text) > len(now.way.prefix)
    if link.endpoint.prefill is None or plan.stream or now.part is not None or not is_longer:
        return None
    if "prompt" not in link.methods or not plan.lowered(now.way).is_identity:
        return None
    way = replace(now.way, method="prompt", prefix=text)
    turned = replace(now, asks=max(0, now.asks - 1), continuations=now.continuations + 1)
    return replace(whole(plan, turned), way=way)


def _rest(plan: Plan[T], now: Situation[T], wrong: Wrong) -> tuple[Rest, tuple[Repair, ...]] | None:
    """What is missing after this answer, and what joining it changed; None where it brought nothing that can be kept."""
    found = wrong.unread.json
    open_path = _open_path(plan, wrong)
    if found is None or open_path is None:
        return None
    if not isinstance(now.part, Rest):
        first = rest_for(plan.target.schema, found, open_path) if now.part is None else None
        return None if first is None else (replace(_begun(first, wrong), cut=wrong.text), ())
    closed = rest_for(now.part.schema, found, open_path)
    if closed is None:
        return None
    made = merged(now.part, now.base, closed.kept, Said(closed.kept, closed.kept, wrong.text), ())
    if made.issues or made.value == now.base:
        return None
    following = rest_for(plan.target.schema, made.value, now.part.path_in_whole(now.base, _reached(closed)))
    if following is None:
        return None
    if _goes_on_in_a_list(following) and _goes_on_in_a_list(closed):
        following = replace(following, begun=closed.begun, is_begun=closed.is_begun)
    return _begun(following, wrong), made.repairs


def _begun(rest: Rest, wrong: Wrong) -> Rest:
    """The rest with what a comma at the end says: another item was to come."""
    is_next = _goes_on_in_a_list(rest) and wrong.text.rstrip().endswith(",")
    return replace(rest, is_begun=rest.is_begun or is_next)


def _goes_on_in_a_list(rest: Rest) -> bool:
    return isinstance(look(rest.kept, rest.open_path), list)


def _open_path(plan: Plan[T], wrong: Wrong) -> Path | None:
    """Where a cut answer goes on: at the cut, or before it where only a guess tells how the last text ended."""
    held = wrong.unread.json
    path: Path = ()
    doubtful = {issue.loc for issue in doubts(wrong.unread.repairs, plan.repair)}
    found = wrong.unread.open_path
    while isinstance(held, dict | list) and held:
        step: str | int = next(reversed(held)) if isinstance(held, dict) else len(held) - 1
        path, held = (*path, step), look(held, (step,))
        found = path if path in doubtful else found
    return found


def _reached(closed: Rest) -> Path:
    """The position in a part's answer behind its last closed item, or the innermost object that is not complete."""
    held = look(closed.kept, closed.open_path)
    return (*closed.open_path, len(held)) if isinstance(held, list) else closed.open_path


def _kept(wrong: Wrong, now: Situation[T], rest: Rest) -> tuple[Repair, ...]:
    """The repairs of the closed part; what closed the cut text is undone, since the rest is asked for."""
    part = now.part if isinstance(now.part, Rest) else None
    kept: list[Repair] = [*now.repairs]
    for one in wrong.unread.repairs:
        path = one.path if part is None else part.path_in_whole(now.base, one.path)
        if not one.rule.startswith("cut_") and has(rest.kept, path):
            kept.append(replace(one, path=path))
    return tuple(kept)
