"""Many inputs through one extraction each: a bounded window, in constant memory, a failed input is an outcome.

Takes a callable that extracts one source, never a client. At most `concurrency` calls are under way at any moment, or as
many as `room` says now: a limiter finds out how many an endpoint bears. In ordered runs up to `WINDOW` times as many finished
outcomes may wait for a slow one before the input is read further.
"""

from __future__ import annotations

import asyncio
import queue
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from ..errors import UsageError
from ..flow.errors import ExtractionError
from ..flow.extraction import Extraction
from .gate import ClosedError
from .limiter import Limiter
from .outcome import Bad, Ok, Summary
from .progress import Meter, Progress

T = TypeVar("T")
CONCURRENCY = 8
"""Calls under way when the caller names no number: what small accounts and local servers bear."""
WINDOW = 8
MOST_THREADS = 512
Key = Callable[[Any], object]
Room = Callable[[], int]
"""How many sources may be under way now."""
OnProgress = Callable[[Progress], None]
"""Told how the run stands, a few times a second at most; sync, and not meant to raise."""
EVERY_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a run is driven.

    Attributes:
        key: gives the caller's name for a source; None: its position.
        room: how many sources may be under way now.
        ordered: whether outcomes come in the order of the input.
        on_progress: see `OnProgress`.
        limiters: of the endpoints, for the progress.
        stop: called when the run is left: nothing more is to be sent.
    """

    key: Key | None = None
    room: Room
    ordered: bool = True
    on_progress: OnProgress | None = None
    limiters: Sequence[Limiter] = ()
    stop: Callable[[], None] | None = None


def course_of(concurrency: int | None, room: Room | None, key: Key | None, *, ordered: bool, **more: Any) -> Course:
    """A course from a run's arguments."""
    most = checked(concurrency)
    return Course(key=key, room=room or (lambda: most), ordered=ordered, **more)


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
        room: Room | None = None,
        **more: Any,
    ) -> None:
        self.summary = Summary()
        course = course_of(concurrency, room, key, ordered=ordered, **more)
        self._meter = Meter(self.summary, time.monotonic(), course.limiters)
        self._on_progress = course.on_progress
        self._outcomes = _run(ask, sources, course)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Ok[T] | Bad:
        try:
            outcome = next(self._outcomes)
        except StopIteration:
            tell(self._meter, self._on_progress, is_last=True)
            raise
        self.summary.add(outcome)
        tell(self._meter, self._on_progress)
        return outcome

    @property
    def limiters(self) -> Sequence[Limiter]:
        """Of the endpoints."""
        return self._meter.limiters

    @property
    def progress(self) -> Progress:
        """How the run stands."""
        return self._meter.read(time.monotonic())

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
        room: Room | None = None,
        **more: Any,
    ) -> None:
        self.summary = Summary()
        course = course_of(concurrency, room, key, ordered=ordered, **more)
        self._meter = Meter(self.summary, time.monotonic(), course.limiters)
        self._on_progress = course.on_progress
        self._outcomes = _run_async(ask, sources, course)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Ok[T] | Bad:
        try:
            outcome = await anext(self._outcomes)
        except StopAsyncIteration:
            tell(self._meter, self._on_progress, is_last=True)
            raise
        self.summary.add(outcome)
        tell(self._meter, self._on_progress)
        return outcome

    @property
    def limiters(self) -> Sequence[Limiter]:
        """Of the endpoints."""
        return self._meter.limiters

    @property
    def progress(self) -> Progress:
        """How the run stands."""
        return self._meter.read(time.monotonic())

    async def aclose(self) -> None:
        """Send nothing more, and cancel what is under way."""
        await self._outcomes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def tell(meter: Meter, on_progress: OnProgress | None, *, is_last: bool = False) -> None:
    """Tell the progress when it is time."""
    if on_progress is None:
        return
    now_s = time.monotonic()
    if is_last or now_s - meter.told_s >= EVERY_S:
        meter.told_s = now_s
        on_progress(meter.read(now_s))


def checked(concurrency: int | None) -> int:
    """The number of calls under way; a UsageError where it is none."""
    if concurrency is None:
        return CONCURRENCY
    wanted: Any = concurrency
    if isinstance(wanted, bool) or not isinstance(wanted, int) or wanted < 1:
        raise UsageError(f"concurrency is {concurrency!r}; it must be a whole number of 1 or more")
    return concurrency


@dataclass(frozen=True, slots=True)
class Pending:
    """A source that was read but not asked, because the run is being stopped."""

    index: int


class _Order(Generic[T]):
    """Puts outcomes back into the order of the input, or lets them pass."""

    def __init__(self, *, ordered: bool) -> None:
        self._ordered = ordered
        self._waiting: dict[int, Ok[T] | Bad | Pending] = {}
        self._next = 0

    @property
    def waiting(self) -> int:
        """Outcomes that wait for an earlier one."""
        return len(self._waiting)

    def passed(self, outcome: Ok[T] | Bad | Pending) -> Iterator[Ok[T] | Bad]:
        """What may be handed on now that this outcome is here."""
        if not self._ordered:
            if not isinstance(outcome, Pending):
                yield outcome
            return
        self._waiting[outcome.index] = outcome
        while self._next in self._waiting:
            found = self._waiting.pop(self._next)
            self._next += 1
            if not isinstance(found, Pending):
                yield found


def _run(
    ask: Callable[[Any], Extraction[T]], sources: Iterable[Any], course: Course
) -> Generator[Ok[T] | Bad, None, None]:
    finished: queue.SimpleQueue[Ok[T] | Bad | Pending | BaseException] = queue.SimpleQueue()
    order: _Order[T] = _Order(ordered=course.ordered)
    numbered, key = enumerate(sources), course.key
    under_way, is_open = 0, True

    def work(index: int, name: object, source: Any) -> None:
        try:
            finished.put(Ok(index, name, source, ask(source)))
        except (ExtractionError, UsageError) as error:
            finished.put(Bad(index, name, source, error))
        except ClosedError:
            finished.put(Pending(index))
        except BaseException as error:  # noqa: BLE001 - a bug in a validator is raised where the outcomes are read
            finished.put(error)

    workers = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="extract-map")
    try:
        while True:
            room = course.room()
            while is_open and under_way < room and order.waiting < room * WINDOW:
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
            if isinstance(outcome, Pending):
                is_open = False  # nothing more is sent; what is under way ends by itself
            yield from order.passed(outcome)
    finally:
        if course.stop is not None:
            course.stop()
        workers.shutdown(wait=False, cancel_futures=True)


async def _run_async(
    ask: Callable[[Any], Awaitable[Extraction[T]]],
    sources: Iterable[Any] | AsyncIterable[Any],
    course: Course,
) -> AsyncGenerator[Ok[T] | Bad, None]:
    finished: asyncio.Queue[Ok[T] | Bad | Pending | BaseException] = asyncio.Queue()
    order: _Order[T] = _Order(ordered=course.ordered)
    tasks: set[asyncio.Task[None]] = set()
    numbered, key = _numbered(sources), course.key
    is_open = True

    async def work(index: int, name: object, source: Any) -> None:
        try:
            finished.put_nowait(Ok(index, name, source, await ask(source)))
        except (ExtractionError, UsageError) as error:
            finished.put_nowait(Bad(index, name, source, error))
        except ClosedError:
            finished.put_nowait(Pending(index))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a bug in a validator is raised where the outcomes are read
            finished.put_nowait(error)

    under_way = 0
    try:
        while True:
            room = course.room()
            while is_open and under_way < room and order.waiting < room * WINDOW:
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
            if isinstance(outcome, Pending):
                is_open = False  # nothing more is sent; what is under way ends by itself
            for passed in order.passed(outcome):
                yield passed
    finally:
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if course.stop is not None:
            course.stop()


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
