"""Laws of the loop, over random histories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from extract.chat.reply import ErrorKind, Lost, Reply
from extract.chat.request import Request
from extract.drive import run, run_async
from extract.flow.attempt import Attempt
from extract.flow.budget import Budget
from extract.flow.errors import ExtractionError
from extract.flow.extraction import Extraction
from extract.flow.next_step import Send, next_step
from tests.unit.flow.script import GOOD_JSON, ROW, called, error, plan_of, said

TEXTS = (
    GOOD_JSON,
    "",
    "I cannot say.",
    "[]",
    '{"items": []}',
    '{"seller":"ACME","items":[{"name":"pen","price":-2}]}',
    '{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"in',
    '{"items":[{"name":"ink","price":3.0},{"name":"pa',
    '{"value_1": -1}',
    '{"value_1": 3.0}',
    '{"value_1": null}',
)
said_texts = st.builds(
    said, st.sampled_from(TEXTS), st.sampled_from(["stop", "length", "filter", "unknown"]), tokens=st.integers(1, 9000)
)
calls = st.builds(called, st.sampled_from(TEXTS), st.sampled_from(TEXTS))
errors = st.builds(
    error,
    st.sampled_from(get_args(ErrorKind)),
    retry_after_s=st.sampled_from([None, 0.0, 2.0, 500.0]),
    parameter=st.sampled_from([None, "response_format", "max_tokens", "tools", "strict"]),
    failed_generation=st.sampled_from([None, GOOD_JSON]),
)
losses = st.builds(Lost, st.sampled_from(["connect", "deadline", "dropped"]), st.just("lost"), is_reused=st.booleans())
replies = st.one_of(said_texts, calls, errors, losses)
budgets = st.builds(
    Budget,
    attempts=st.integers(1, 4),
    resends=st.integers(0, 3),
    steps_down=st.integers(0, 4),
    continuations=st.integers(0, 4),
)
rows = st.sampled_from([(ROW,), (ROW, ROW)])


def limit_of(budget: Budget, endpoints: int) -> int:
    """More requests than any history within the budget can have."""
    rounds = (budget.attempts + budget.continuations + budget.steps_down + 2) * endpoints
    return rounds * (budget.resends + 2)


@given(st.lists(replies, min_size=1, max_size=12), budgets, rows)
@settings(max_examples=150, deadline=None)
def test_an_extraction_ends_within_its_budgets_and_its_error_holds_every_attempt(
    script: list[Reply | Lost], budget: Budget, chain: Any
) -> None:
    plan = plan_of(rows=chain, budget=budget)
    sent: list[Request] = []
    try:
        attempts = run(plan, [Scripted(script, sent)] * len(chain), timeout_s=None, sleep=lambda _s: None).attempts
    except ExtractionError as found:
        attempts = found.attempts
    assert [attempt.request for attempt in attempts] == sent
    assert len(sent) <= limit_of(budget, len(chain))


class Scripted:
    """Replies in turn, the last one for ever."""

    def __init__(self, script: list[Reply | Lost], sent: list[Request]) -> None:
        self._script = self._turns(script)
        self._sent = sent

    @staticmethod
    def _turns(script: list[Reply | Lost]) -> Iterator[Reply | Lost]:
        yield from script
        while True:
            yield script[-1]

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        self._sent.append(request)
        return next(self._script)


class AsyncScripted(Scripted):
    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:  # type: ignore[override]
        return super().send(request, deadline_s=deadline_s)


async def no_wait(_delay_s: float) -> None:
    """Waiting that takes no time."""


@given(st.lists(replies, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_both_drivers_send_the_same_requests(script: list[Reply | Lost]) -> None:
    plan = plan_of()
    sync: list[Request] = []
    tasks: list[Request] = []
    outcomes = []
    for ask in (
        lambda: run(plan, [Scripted(script, sync)], timeout_s=None, sleep=lambda _s: None),
        lambda: asyncio.run(run_async(plan, [AsyncScripted(script, tasks)], timeout_s=None, sleep=no_wait)),
    ):
        try:
            found: Extraction[Any] = ask()
            outcomes.append(repr(found.value))
        except ExtractionError as failed:
            outcomes.append(str(failed))
    assert [dict(request.body) for request in sync] == [dict(request.body) for request in tasks]
    assert outcomes[0] == outcomes[1]


@given(st.lists(replies, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_step_is_a_function_of_the_history(script: list[Reply | Lost]) -> None:
    plan = plan_of()
    history: tuple[Attempt, ...] = ()
    for reply in script:
        step = next_step(plan, history, now_s=0.0, jitter=0.5)
        again = next_step(plan, history, now_s=0.0, jitter=0.5)
        assert type(step) is type(again)
        if not isinstance(step, Send) or not isinstance(again, Send):
            return
        assert dict(step.requests[0].body) == dict(again.requests[0].body)
        history = (*history, Attempt(step.requests[0], reply))
