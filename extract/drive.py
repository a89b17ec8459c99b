"""The two drivers, sync and async, around `next_step`: the only sleeps, clocks and dice of the house."""

from __future__ import annotations

import asyncio
import inspect
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing
from typing import Any, Final, Protocol, TypeVar, cast

from .chat.reader import Event
from .chat.reply import Lost, Reply
from .chat.request import Request
from .errors import UsageError
from .flow.attempt import Attempt, Verdict
from .flow.check import Due, verdict_of
from .flow.draft import Draft
from .flow.edit import Edit, changes_between
from .flow.errors import ExtractionError
from .flow.extraction import Extraction
from .flow.fold import advance, inspected, start
from .flow.live import Live, Strings
from .flow.next_step import Done, Failed, Inspect, Send, decide
from .flow.plan import Plan
from .flow.records import KEPT_CHARS, Record, RecordReader
from .flow.situation import Situation

T = TypeVar("T")
CHECKS_AT_ONCE: Final = 16
"""Most async checks of one value that run side by side."""


class Transport(Protocol):
    """Sends one request.

    Trouble on the way is returned as `Lost`, not raised, so that it joins the history.
    KeyboardInterrupt passes through.
    """

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""
        ...

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """What is added to the answer, as it comes; last the reply.

        Of each of its texts only the last `keep` characters are kept, None: all; `body`: whether all bytes are.
        """
        ...


class AsyncTransport(Protocol):
    """The same for tasks; cancellation passes through."""

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The answer; `deadline_s` is the wall-clock time it may take in all, None: no limit."""
        ...

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
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


def _tested(one: Due) -> object:
    """What a test says; the failures that it raises are said, not raised."""
    try:
        return one.check.test(one.value)
    except (ValueError, AssertionError) as failure:
        if isinstance(failure, UsageError):
            raise
        return failure


async def _awaited(said: Awaitable[object], room: asyncio.Semaphore) -> object:
    async with room:
        try:
            return await said
        except (ValueError, AssertionError) as failure:
            if isinstance(failure, UsageError):
                raise
            return failure


async def _all_said(said: Sequence[object]) -> list[object]:
    """What tests said, those that are still to be awaited side by side."""
    room = asyncio.Semaphore(CHECKS_AT_ONCE)
    later = [index for index, one in enumerate(said) if inspect.isawaitable(one)]
    found = list(said)
    results = await asyncio.gather(*(_awaited(cast("Awaitable[object]", said[index]), room) for index in later))
    for index, result in zip(later, results, strict=True):
        found[index] = result
    return found


def _inspect(tests: tuple[Due, ...]) -> tuple[Verdict, ...]:
    """Run tests; those that are async in an event loop of their own, so that it works under a running one too."""
    said = [_tested(one) for one in tests]
    if any(inspect.isawaitable(one) for one in said):
        with ThreadPoolExecutor(1) as thread:
            said = thread.submit(asyncio.run, _all_said(said)).result()
    return tuple(verdict_of(one, words) for one, words in zip(tests, said, strict=True))


async def _inspect_async(tests: tuple[Due, ...]) -> tuple[Verdict, ...]:
    """The same; tests that are not async run in a thread, since they may block."""
    said = await asyncio.to_thread(lambda: [_tested(one) for one in tests])
    return tuple(verdict_of(one, words) for one, words in zip(tests, await _all_said(said), strict=True))


def run(
    plan: Plan[T],
    transports: Sequence[Transport],
    *,
    timeout_s: float | None,
    begin: Situation[T] | None = None,
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
        begin: where to begin, if not with the whole question.
        on_event: told of each attempt.
        sleep: waits between attempts.
        clock_s: any clock that only goes forward.
        dice: from 0 to 1, spreads the waits.

    Raises:
        ExtractionError: no attempt gave a valid value.

    """
    began_s = clock_s()
    situation: Situation[T] = start(plan) if begin is None else begin
    while True:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        match step:
            case Done() | Failed():
                return finish(plan, step)
            case Inspect(due=tests):
                situation = inspected(plan, situation, _inspect(tests))
            case Send(requests=requests, delay_s=delay_s):
                if delay_s:
                    sleep(delay_s)
                for request in requests:
                    left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
                    attempt = Attempt(request, transports[request.endpoint].send(request, deadline_s=left_s))
                    situation = advance(plan, situation, attempt)
                    if on_event is not None:
                        on_event(attempt)


async def run_async(
    plan: Plan[T],
    transports: Sequence[AsyncTransport],
    *,
    timeout_s: float | None,
    begin: Situation[T] | None = None,
    on_event: OnEvent | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> Extraction[T]:
    """The same, awaited."""
    began_s = clock_s()
    situation: Situation[T] = start(plan) if begin is None else begin
    while True:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        match step:
            case Done() | Failed():
                return finish(plan, step)
            case Inspect(due=tests):
                situation = inspected(plan, situation, await _inspect_async(tests))
            case Send(requests=requests, delay_s=delay_s):
                if delay_s:
                    await sleep(delay_s)
                for request in requests:
                    left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
                    attempt = Attempt(request, await transports[request.endpoint].send(request, deadline_s=left_s))
                    situation = advance(plan, situation, attempt)
                    if on_event is not None:
                        on_event(attempt)


def stream(
    plan: Plan[T],
    transports: Sequence[Transport],
    *,
    timeout_s: float | None,
    strings: Strings = "growing",
    on_event: OnEvent | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> Generator[Draft[T], None, Extraction[T]]:
    """The same, draft by draft; returns what `run` does. Closing the iterator closes the connection."""
    began_s = clock_s()
    situation: Situation[T] = start(plan)
    live = Live(plan, strings)
    while True:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        match step:
            case Done() | Failed():
                extraction = finish(plan, step)
                yield live.final(extraction)
                return extraction
            case Inspect(due=tests):
                situation = inspected(plan, situation, _inspect(tests))
            case Send(requests=requests, delay_s=delay_s):
                if delay_s:
                    sleep(delay_s)
                for request in requests:
                    left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
                    live.begin(situation)
                    with closing(transports[request.endpoint].stream(request, deadline_s=left_s, body=False)) as parts:
                        for part in parts:
                            if isinstance(part, tuple):
                                for event in part:
                                    if (draft := live.take(event)) is not None:
                                        yield draft
                                continue
                            attempt = Attempt(request, part)
                            if (draft := live.complete(part, attempt.method)) is not None:
                                yield draft
                            situation = advance(plan, situation, attempt)
                            if on_event is not None:
                                on_event(attempt)
        if (draft := live.end(situation)) is not None:
            yield draft


async def stream_async(
    plan: Plan[T],
    transports: Sequence[AsyncTransport],
    *,
    timeout_s: float | None,
    strings: Strings = "growing",
    on_event: OnEvent | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> AsyncGenerator[Draft[T] | Extraction[T]]:
    """The same for tasks; last the extraction itself."""
    began_s = clock_s()
    situation: Situation[T] = start(plan)
    live = Live(plan, strings)
    while True:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        match step:
            case Done() | Failed():
                extraction = finish(plan, step)
                yield live.final(extraction)
                yield extraction
                return
            case Inspect(due=tests):
                situation = inspected(plan, situation, await _inspect_async(tests))
            case Send(requests=requests, delay_s=delay_s):
                if delay_s:
                    await sleep(delay_s)
                for request in requests:
                    left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
                    live.begin(situation)
                    async with aclosing(
                        transports[request.endpoint].stream(request, deadline_s=left_s, body=False)
                    ) as parts:
                        async for part in parts:
                            if isinstance(part, tuple):
                                for event in part:
                                    if (draft := live.take(event)) is not None:
                                        yield draft
                                continue
                            attempt = Attempt(request, part)
                            if (draft := live.complete(part, attempt.method)) is not None:
                                yield draft
                            situation = advance(plan, situation, attempt)
                            if on_event is not None:
                                on_event(attempt)
        if (draft := live.end(situation)) is not None:
            yield draft


def records(
    reader: RecordReader[T],
    plan: Plan[Any],
    transports: Sequence[Transport],
    *,
    timeout_s: float | None,
    on_event: OnEvent | None = None,
    sleep: Callable[[float], None] = time.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> Generator[Record[T]]:
    """Each record of a list as it ends; then, where that is asked for, the bad ones again, each by itself.

    Raises:
        ExtractionError: the list ended before it was complete, and no further attempt helped.

    """
    began_s = clock_s()
    situation: Situation[Any] = start(plan)
    while not reader.is_complete:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        if not isinstance(step, Send):
            yield from reader.untold()
            finish(plan, _failed(step))
            return
        if step.delay_s:
            sleep(step.delay_s)
        for request in step.requests:
            left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
            reader.begin(situation)
            wire = transports[request.endpoint]
            with closing(wire.stream(request, deadline_s=left_s, keep=KEPT_CHARS)) as parts:
                for part in parts:
                    if isinstance(part, tuple):
                        yield from reader.take(part)
                        continue
                    attempt = Attempt(request, part)
                    yield from reader.end(attempt)
                    situation = reader.advance(situation, attempt)
                    if on_event is not None:
                        on_event(attempt)
    for bad in reader.waiting:
        one, begin = reader.again(bad, situation)
        try:
            found = run(one, transports, timeout_s=timeout_s, begin=begin, on_event=on_event, sleep=sleep)
        except ExtractionError as error:
            yield reader.still_bad(bad, error)
        else:
            yield reader.mended(bad, found)


async def records_async(
    reader: RecordReader[T],
    plan: Plan[Any],
    transports: Sequence[AsyncTransport],
    *,
    timeout_s: float | None,
    on_event: OnEvent | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock_s: Callable[[], float] = time.monotonic,
    dice: Callable[[], float] = random.random,
) -> AsyncGenerator[Record[T]]:
    """The same for tasks."""
    began_s = clock_s()
    situation: Situation[Any] = start(plan)
    while not reader.is_complete:
        step = decide(plan, situation, now_s=clock_s() - began_s, jitter=dice())
        if not isinstance(step, Send):
            for untold in reader.untold():
                yield untold
            finish(plan, _failed(step))
            return
        if step.delay_s:
            await sleep(step.delay_s)
        for request in step.requests:
            left_s = _remaining_s(plan, timeout_s, clock_s() - began_s)
            reader.begin(situation)
            wire = transports[request.endpoint]
            async with aclosing(wire.stream(request, deadline_s=left_s, keep=KEPT_CHARS)) as parts:
                async for part in parts:
                    if isinstance(part, tuple):
                        for record in reader.take(part):
                            yield record
                        continue
                    attempt = Attempt(request, part)
                    for record in reader.end(attempt):
                        yield record
                    situation = reader.advance(situation, attempt)
                    if on_event is not None:
                        on_event(attempt)
    for bad in reader.waiting:
        one, begin = reader.again(bad, situation)
        try:
            found = await run_async(one, transports, timeout_s=timeout_s, begin=begin, on_event=on_event, sleep=sleep)
        except ExtractionError as error:
            yield reader.still_bad(bad, error)
        else:
            yield reader.mended(bad, found)


def _failed(step: Done[Any] | Failed | Inspect) -> Failed:
    """The end of a list that did not come to its end."""
    assert isinstance(step, Failed)  # noqa: S101 - a list that ends is not decided upon, and has no checks
    return step


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
        agreement=step.accepted.agreement,
        changes=changes_between(plan.base, reading.json) if isinstance(plan.part, Edit) else (),
        checks=step.accepted.verdicts,
        prices=plan.budget.prices,
    )
