"""Many inputs through one extraction each: a bounded window, in constant memory, a failed input is an outcome.

Takes a callable that extracts one source, never a client. At most `concurrency` calls are under way at any moment. In
ordered runs up to `WINDOW` times as many finished outcomes may wait for a slow one before the input is read further.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Self, TypeVar

from ..errors import UsageError
from ..flow.errors import ExtractionError
from ..flow.extraction import Extraction
from .outcome import Bad, Ok, Summary

T = TypeVar("T")
CONCURRENCY = 8
"""Calls under way when the caller names no number: what small accounts and local servers bear."""
WINDOW = 8
Key = Callable[[Any], object]


class Outcomes(Generic[T]):
    """The outcomes of a run, one `Ok` or `Bad` per input, as they come; `.summary` counts them.

    An iterator that starts the work when it is first asked. Leaving it early (break, close, Ctrl-C) sends nothing more;
    what is under way ends by itself and is kept in the journal where there is one.
    """

    def __init__(
        self,
        ask: Callable[[Any], Extraction[T]],
        sources: Iterable[Any],
        *,
        key: Key | None = None,
        concurrency: int | None = None,
        ordered: bool = True,
    ) -> None:
        self.summary = Summary()
        self._outcomes = _run(ask, sources, key, checked(concurrency), ordered=ordered)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Ok[T] | Bad:
        outcome = next(self._outcomes)
        self.summary.add(outcome)
        return outcome

    def close(self) -> None:
        """Send nothing more."""
        self._outcomes.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncOutcomes(Generic[T]):
    """`Outcomes` for asyncio: iterate with `async for`."""

    def __init__(
        self,
        ask: Callable[[Any], Awaitable[Extraction[T]]],
        sources: Iterable[Any] | AsyncIterable[Any],
        *,
        key: Key | None = None,
        concurrency: int | None = None,
        ordered: bool = True,
    ) -> None:
        self.summary = Summary()
        self._outcomes = _run_async(ask, sources, key, checked(concurrency), ordered=ordered)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Ok[T] | Bad:
        outcome = await anext(self._outcomes)
        self.summary.add(outcome)
        return outcome

    async def aclose(self) -> None:
        """Send nothing more, and cancel what is under way."""
        await self._outcomes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def checked(concurrency: int | None) -> int:
    """The number of calls under way; a UsageError where it is none."""
    if concurrency is None:
        return CONCURRENCY
    wanted: Any = concurrency
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise UsageError(f"concurrency is {concurrency!r}; it must be a whole number of 1 or more")
    return concurrency


class _Order(Generic[T]):
    """Puts outcomes back into the order of the input, or lets them pass."""

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._waiting: dict[int, Ok[T] | Bad] = {}
        self._next = 0

    @property
    def waiting(self) -> int:
        """Outcomes that wait for an earlier one."""
        return len(self._waiting)

    def passed(self, outcome: Ok[T] | Bad) -> Iterator[Ok[T] | Bad]:
        """What may be handed on now that this outcome is here."""
        if not self._ordered:
            yield outcome
            return
        self._waiting[outcome.index] = outcome
        while self._next in self._waiting:
            yield self._waiting.pop(self._next)
            self._next += 1


def _run(
    ask: Callable[[Any], Extraction[T]], sources: Iterable[Any], key: Key | None, concurrency: int, *, ordered: bool
) -> Generator[Ok[T] | Bad, None, None]:
    finished: queue.SimpleQueue[Ok[T] | Bad | BaseException] = queue.SimpleQueue()
    order: _Order[T] = _Order(ordered=ordered)
    numbered = enumerate(sources)
    under_way, is_open = 0, True

    def work(index: int, name: object, source: Any) -> None:
        try:
            finished.put(Ok(index, name, source, ask(source)))
        except (ExtractionError, UsageError) as error:
            finished.put(Bad(index, name, source, error))
        except BaseException as error:  # noqa: BLE001 - a bug in a validator is raised where the outcomes are read
            finished.put(error)

    workers = ThreadPoolExecutor(concurrency, thread_name_prefix="extract-map")
    try:
        while True:
            while is_open and under_way < concurrency and order.waiting < concurrency * WINDOW:
                try:
                    index, source = next(numbered)
                except StopIteration:
                    is_open = False
                    break
                workers.submit(work, index, index if key is None else key(source), source)
                under_way += 1
            if not under_way:
                return
            outcome = finished.get()
            under_way -= 1
            if isinstance(outcome, BaseException):
                raise outcome
            yield from order.passed(outcome)
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


async def _run_async(
    ask: Callable[[Any], Awaitable[Extraction[T]]],
    sources: Iterable[Any] | AsyncIterable[Any],
    key: Key | None,
    concurrency: int,
    *,
    ordered: bool,
) -> AsyncGenerator[Ok[T] | Bad, None]:
    finished: asyncio.Queue[Ok[T] | Bad | BaseException] = asyncio.Queue()
    order: _Order[T] = _Order(ordered=ordered)
    tasks: set[asyncio.Task[None]] = set()
    numbered = _numbered(sources)
    is_open = True

    async def work(index: int, name: object, source: Any) -> None:
        try:
            finished.put_nowait(Ok(index, name, source, await ask(source)))
        except (ExtractionError, UsageError) as error:
            finished.put_nowait(Bad(index, name, source, error))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a bug in a validator is raised where the outcomes are read
            finished.put_nowait(error)

    under_way = 0
    try:
        while True:
            while is_open and under_way < concurrency and order.waiting < concurrency * WINDOW:
                try:
                    index, source = await anext(numbered)
                except StopAsyncIteration:
                    is_open = False
                    break
                task = asyncio.ensure_future(work(index, index if key is None else key(source), source))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                under_way += 1
            if not under_way:
                return
            outcome = await finished.get()
            under_way -= 1
            if isinstance(outcome, BaseException):
                raise outcome
            for passed in order.passed(outcome):
                yield passed
    finally:
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _numbered(sources: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[tuple[int, Any]]:
    index = 0
    if isinstance(sources, AsyncIterable):
        async for source in sources:
            yield index, source
            index += 1
        return
    for source in sources:
        yield index, source
        index += 1
