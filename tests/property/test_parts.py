"""Laws of what is asked for again, over random histories: nothing that is there already, and what was valid stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from extract import Agree, Budget, Check
from extract.chat.reply import Lost, Reply
from extract.drive import run
from extract.flow.attempt import Attempt
from extract.flow.edit import edit_for
from extract.flow.errors import ExtractionError
from extract.flow.extraction import Extraction
from extract.flow.fold import advance, start
from extract.flow.judge import Wrong
from extract.flow.next_step import Done, Send, decide
from extract.flow.part import Correction, Rest
from extract.flow.place import look
from extract.flow.reading import doubts
from tests.property.test_loop import Scripted, budgets, errors, losses
from tests.unit.flow.script import GOOD_JSON, ROW, Invoice, plan_of, said

items = st.fixed_dictionaries(
    {"name": st.sampled_from(["pen", "ink"]), "price": st.sampled_from([1.5, -1, "no", "1,234"])}
)
wholes = st.fixed_dictionaries({"seller": st.sampled_from(["ACME", ["x"]]), "items": st.lists(items, max_size=4)})
answers = st.dictionaries(st.sampled_from(["value_1", "value_2"]), st.sampled_from([2.5, -3, None, "ACME"]), max_size=2)
rests = st.fixed_dictionaries({"items": st.lists(items, max_size=3)})
patches = st.fixed_dictionaries({"changes": st.fixed_dictionaries({"seller": st.sampled_from(["B", 5])})})
bodies = st.one_of(wholes, answers, rests, patches, st.just("no JSON")).map(json.dumps)


@st.composite
def texts(draw: Any) -> Reply:
    text = draw(bodies)
    if not draw(st.booleans()):
        return said(text)
    return said(text[: draw(st.integers(1, len(text)))], "length", tokens=draw(st.integers(1, 5000)))


scripts = st.lists(st.one_of(texts(), texts(), errors, losses), min_size=1, max_size=8)


def leaves(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = False
    for step, inner in pairs:
        found = True
        yield from leaves(inner, (*at, step))
    if not found:
        yield at, value


def is_under(path: tuple[Any, ...], places: Any) -> bool:
    return any(path[: len(place)] == place for place in places)


def has(value: Any, path: tuple[Any, ...]) -> bool:
    try:
        look(value, path)
    except LookupError:
        return False
    return True


@given(scripts)
@settings(max_examples=40, deadline=None)
def test_only_what_is_wrong_or_missing_is_asked_for(script: list[Reply | Lost]) -> None:
    plan = plan_of(budget=Budget(attempts=4))
    last: Any = None
    situation: Any = start(plan)
    for reply in script:
        step = decide(plan, situation, now_s=0, jitter=0.5)
        if not isinstance(step, Send):
            return
        part = situation.part
        if isinstance(part, Correction):
            unread = situation.outcome.unread if isinstance(situation.outcome, Wrong) else last
            wrong = [issue.loc for issue in (*unread.issues, *doubts(unread.repairs, plan.repair))]
            last = unread
            for _, path in part.places:
                assert any(loc[: len(path)] == path or path[: len(loc)] == loc for loc in wrong), (path, wrong)
        if isinstance(part, Rest) and not part.open_path:
            assert not isinstance(part.kept, dict) or not part.schema["properties"].keys() & part.kept.keys()  # type: ignore[union-attr]
        situation = advance(plan, situation, Attempt(step.requests[0], reply))


@given(scripts)
@settings(max_examples=40, deadline=None)
def test_what_is_not_asked_for_stays_as_it_was(script: list[Reply | Lost]) -> None:
    plan = plan_of(budget=Budget(attempts=4))
    situation: Any = start(plan)
    for reply in script:
        step = decide(plan, situation, now_s=0, jitter=0.5)
        if not isinstance(step, Send):
            return
        before = situation
        situation = advance(plan, situation, Attempt(step.requests[0], reply))
        now = decide(plan, situation, now_s=0, jitter=0.5)
        after = now.accepted.reading.json if isinstance(now, Done) else situation.base
        if before.part is None or after is None or situation.way.endpoint != before.way.endpoint:
            continue
        if isinstance(before.part, Correction):
            kept = [leaf for leaf in leaves(before.base) if not is_under(leaf[0], before.part.asked.paths)]
        else:
            kept = list(leaves(before.part.kept))
        asked_anew = situation.part.asked.paths if isinstance(situation.part, Correction) else ()
        for path, value in kept:
            if value in ([], {}):  # where a list goes on
                continue
            if has(after, path) and not is_under(path, asked_anew):
                assert look(after, path) == value


@given(scripts, budgets, st.sampled_from(["plain", "agree", "ask", "check", "update"]))
@settings(max_examples=50, deadline=None)
def test_every_kind_of_extraction_ends_and_holds_all_attempts(
    script: list[Reply | Lost], budget: Budget, kind: str
) -> None:
    options: dict[str, Any] = {
        "agree": {"agree": Agree(samples=3)},
        "ask": {"agree": Agree(samples=2, disputed="ask")},
        "check": {"checks": [Check(lambda price: price < 2, at="items[].price")]},
    }.get(kind, {})
    plan = plan_of(rows=[ROW, ROW], budget=budget, **options)
    if kind == "update":
        base = json.loads(GOOD_JSON)
        plan = replace(plan, base=base, part=edit_for(plan.target.schema, base))
    sent: list[Any] = []
    try:
        found: Extraction[Any] = run(plan, [Scripted(script, sent)] * 2, timeout_s=None, sleep=lambda _s: None)
    except ExtractionError as failed:
        attempts = failed.attempts
    else:
        attempts = found.attempts
        assert isinstance(found.value, Invoice)
    assert [attempt.request for attempt in attempts] == sent
    rounds = (budget.attempts * 4 + budget.continuations + budget.steps_down + 2) * 2
    assert len(sent) <= rounds * (budget.resends + 2)
