"""The two drivers, sync and async, around `next_step`: the only sleeps, clocks and dice of the house."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from typing import Protocol, TypeVar

from .chat.reader import Event
from .chat.reply import Lost, Reply
from .chat.request import Request
from .flow.attempt import Attempt
from .flow.extraction import Extraction
from .flow.fold import advance, start
from .flow.next_step import Done, Failed, Send, decide
from .flow.plan import Plan
from .flow.situation import Situation

T = TypeVar("T")


class Transport(Protocol):
    """Sends one request.

    Trouble on the way is returned as `Lost`, not raised, so that it joins the history.
    KeyboardInterrupt passes through.
    """

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""
        ...

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """What is added to the answer, as it comes; last the reply, of which only the last `keep` characters are kept."""
        ...


class AsyncTransport(Protocol):
    """The same for tasks; cancellation passes through."""

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""
        ...

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        """As `Transport.stream`."""
        ...


def _remaining_s(plan: Plan[T], timeout_s: float | None, elapsed_s: float) -> float | None:
    """The time that one request may take: its own timeout, within what the budget leaves."""
    left = None if plan.budget.seconds is None else max(0.0, plan.budget.seconds - elapsed_s)
    limits = [limit for limit in (timeout_s, left) if limit is not None]
    return min(limits) if limits else None


OnEvent = Callable[[Attempt], None]
"""Told of each attempt when it is over; sync, and not meant to raise."""


def run(
    plan: Plan[T],
    transports: Sequence[Transport],
    *,
    timeout_s: float | None,
    on_event: OnEvent | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> Extraction[T]:
    """Carry out a plan over one transport per endpoint of its chain.

    Args:
        plan: what is wanted.
        transports: by index of the endpoint in the plan's chain.
        timeout_s: wall-clock time of one request; None: no limit but the budget's.
        on_event: told of each attempt.
        sleep: waits between attempts.
        clock_s: any clock that only goes forward.
        dice: from 0 to 1, spreads the waits.

    Raises:
        ExtractionError: no attempt gave a valid value.

    """
    began_s = clock_s()
    situation: Situation[T] = start(plan)
    while isinstance(step := decide(plan, situation, now_s=clock_s() - began_s, jitter=dice()), Send):
        if step.delay_s:
            sleep(step.delay_s)
        for request in step.requests:
            left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
            attempt = Attempt(request, transports[request.endpoint].send(request, deadline_s=left_s))
            situation = advance(plan, situation, attempt)
            if on_event is not None:
                on_event(attempt)
    return finish(plan, step)


async def run_async(
    plan: Plan[T],
    transports: Sequence[AsyncTransport],
    *,
    timeout_s: float | None,
    on_event: OnEvent | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> Extraction[T]:
    """The same, awaited."""
    began_s = clock_s()
    situation: Situation[T] = start(plan)
    while isinstance(step := decide(plan, situation, now_s=clock_s() - began_s, jitter=dice()), Send):
        if step.delay_s:
            await sleep(step.delay_s)
        for request in step.requests:
            left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
            attempt = Attempt(request, await transports[request.endpoint].send(request, deadline_s=left_s))
            situation = advance(plan, situation, attempt)
            if on_event is not None:
                on_event(attempt)
    return finish(plan, step)


def finish(plan: Plan[T], step: Done[T] | Failed) -> Extraction[T]:
    """The end of an extraction: its result, or its error raised."""
    if isinstance(step, Failed):
        raise step.error
    reading = step.accepted.reading
    return Extraction(
        value=reading.value,
        attempts=step.situation.history,
        reading=reading,
        missing=step.accepted.missing,
        choice=step.accepted.choice,
        prices=plan.budget.prices,
    )
