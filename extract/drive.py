"""The two drivers, sync and async, around `next_step`: the only sleeps, clocks and dice of the house."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from .chat.reply import Lost, Reply
from .chat.request import Request
from .flow.attempt import Attempt
from .flow.next_step import Done, Failed, Send, decide
from .flow.plan import Plan
from .flow.situation import Situation, advance

T = TypeVar("T")


class Transport(Protocol):
    """Sends one request.

    Trouble on the way is returned as `Lost`, not raised, so that it joins the history. KeyboardInterrupt passes through.
    """

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""


class AsyncTransport(Protocol):
    """The same for tasks; cancellation passes through."""

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""


def _remaining_s(plan: Plan[T], timeout_s: float | None, elapsed_s: float) -> float | None:
    """The time that one request may take: its own timeout, within what the budget leaves."""
    left = None if plan.budget.seconds is None else max(0.0, plan.budget.seconds - elapsed_s)
    limits = [limit for limit in (timeout_s, left) if limit is not None]
    return min(limits) if limits else None


def run(
    plan: Plan[T],
    transports: Sequence[Transport],
    *,
    timeout_s: float | None,
    sleep: Callable[[float], None] = time.sleep,
) -> Done[T]:
    """Carry out a plan over one transport per endpoint of its chain.

    Raises:
        ExtractionError: no attempt gave a valid value.
    """
    began = time.monotonic()
    situation: Situation[T] = Situation(way=plan.chain[0].way)
    while True:
        step = decide(plan, situation, now_s=time.monotonic() - began, jitter=random.random())  # noqa: S311 - spreads waits
        if not isinstance(step, Send):
            return finish(step)
        if step.delay_s:
            sleep(step.delay_s)
        for request in step.requests:
            left = _remaining_s(plan, timeout_s, time.monotonic() - began)
            reply = transports[request.endpoint].send(request, deadline_s=left)
            situation = advance(plan, situation, Attempt(request, reply))


async def run_async(plan: Plan[T], transports: Sequence[AsyncTransport], *, timeout_s: float | None) -> Done[T]:
    """The same, awaited."""
    began = time.monotonic()
    situation: Situation[T] = Situation(way=plan.chain[0].way)
    while True:
        step = decide(plan, situation, now_s=time.monotonic() - began, jitter=random.random())  # noqa: S311 - spreads waits
        if not isinstance(step, Send):
            return finish(step)
        if step.delay_s:
            await asyncio.sleep(step.delay_s)
        for request in step.requests:
            left = _remaining_s(plan, timeout_s, time.monotonic() - began)
            reply = await transports[request.endpoint].send(request, deadline_s=left)
            situation = advance(plan, situation, Attempt(request, reply))


def finish(step: Done[T] | Failed) -> Done[T]:
    """The end of an extraction: its value, or its error raised."""
    if isinstance(step, Failed):
        raise step.error
    return step
