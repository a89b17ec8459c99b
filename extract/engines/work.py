# pyright: basic, reportMissingTypeStubs=false
# pyarrow ships no types.
"""The work as a function of record batches, for any engine: `Iterator[RecordBatch] -> Iterator[RecordBatch]`.

    work = Work(Extractor("a-model", base_url=...), Invoice, column="text", journal="/shared/invoices")
    batches_out = work(batches_in)

It pickles: without keys, which each worker finds in its own environment. Requests overlap across batches; batches come
out in their order, each row in its place, failed rows null with a reason.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import queue
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..batch.segments import Segments
from ..batch.typed import check_names, row_for, schema_of
from ..client import AsyncExtractor, Extractor
from ..errors import UsageError
from .gate import GatedExtractor, Lender, gated, own_lender
from .lease import Limits

SECRET = frozenset({"api_key", "headers", "query"})
LOCAL = frozenset({"journal", "on_event"})
"""Options of an extractor that stay where they are: open files and functions of this process."""
AHEAD = 2
"""Rows that are read ahead, as a multiple of the requests under way."""
CONCURRENCY = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What is read of a row, and what the new columns are called."""

    column: str | None
    template: str | None
    prefix: str
    error_column: str | None


class Work:
    """What is to be extracted from each row of a table.

    Args:
        extractor: whose endpoint, model and options are used; its connections, its key and its hooks stay behind.
        target: what each row is read as.
        column, template, prefix, error_column: as in `Extractor.add_columns`.
        concurrency: requests under way at once, over all workers together.
        requests_per_minute: requests begun, over all workers together; None: no limit.
        journal: a file, or a folder that all workers reach; there each worker writes a segment of its own, and what one has
            paid for is never asked again by another. None: nothing is kept.
        ask: options of each call, e.g. `instructions`.

    Raises:
        UsageError: options that cannot work.
    """

    def __init__(
        self,
        extractor: Extractor | AsyncExtractor,
        target: object,
        *,
        column: str | None = None,
        template: str | None = None,
        prefix: str = "",
        error_column: str | None = "_error",
        concurrency: int = CONCURRENCY,
        requests_per_minute: float | None = None,
        journal: str | Path | None = None,
        **ask: Any,
    ) -> None:
        given = extractor._core.given  # noqa: SLF001 - what it was made with
        if extractor._client is not None or given.get("openai") is not None:  # noqa: SLF001
            raise UsageError(
                "an extractor over a client of your own cannot go to other processes; give base_url= and model="
            )
        self.target = target
        self.limits = Limits(concurrency=concurrency, requests_per_minute=requests_per_minute)
        self.journal = None if journal is None else str(Path(journal).absolute())
        self.columns = _Columns(column=column, template=template, prefix=prefix, error_column=error_column)
        self._given = {name: value for name, value in given.items() if name not in SECRET | LOCAL}
        self._given["model"] = extractor._core.hops[0].place.model  # noqa: SLF001 - found here, the same everywhere
        self._given["base_url"] = extractor._core.hops[0].place.base_url  # noqa: SLF001
        self._ask = ask
        self.lender: Callable[[], Lender] | None = None

    def schema(self, before: pa.Schema) -> pa.Schema:
        """The schema of what comes out for a schema that goes in."""
        new = schema_of(row_for(self.target), prefix=self.columns.prefix, error_column=self.columns.error_column)
        check_names(before.names, new)
        return pa.schema([*before, *new])

    def lent_by(self, lender: Callable[[], Lender]) -> Work:
        """The same under a limit that is shared: `lender` is called in each worker, and pickles."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.lender = lender
        return copy

    def worker(self) -> Worker:
        """The work in this process."""
        return Worker(self)

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each batch with its new columns, in order."""
        return self.worker().through(batches)

    def extractor(self) -> GatedExtractor:
        """The extractor of a worker."""
        most = self.limits.concurrency or CONCURRENCY
        lender = own_lender(self.limits) if self.lender is None else self.lender()
        given = dict(self._given)
        if self.journal is not None:
            given["journal"] = journal_at(self.journal)
        return gated(given, lender, most)

    async def filled(self, extractor: GatedExtractor, batch: Any) -> Any:
        """One batch (or table) with its new columns."""
        columns = self.columns
        return await extractor.add_columns(
            self.target,
            batch,
            column=columns.column,
            template=columns.template,
            prefix=columns.prefix,
            error_column=columns.error_column,
            concurrency=extractor.wanted,
            **self._ask,
        )


class Worker:
    """Work in one process: an event loop in a thread of its own, so that requests overlap across batches."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def through(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Each batch with its new columns, in order. Left early, it sends nothing more."""
        out: queue.Queue[Any] = queue.Queue(maxsize=1)
        stop = threading.Event()
        thread = threading.Thread(target=_run, args=(self._work, batches, out, stop), name="extract-work", daemon=True)
        thread.start()
        try:
            while (item := out.get()) is not _END:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            stop.set()
            while thread.is_alive():  # room for what still comes, so that the thread sees the stop
                try:
                    out.get(timeout=0.05)
                except queue.Empty:
                    continue


_END = object()


def _run(work: Work, batches: Iterator[Any], out: queue.Queue[Any], stop: threading.Event) -> None:
    try:
        asyncio.run(_pass(work, batches, out, stop))
    except BaseException as error:  # noqa: BLE001 - raised where the batches are read
        out.put(error)
    else:
        out.put(_END)


async def _pass(work: Work, batches: Iterator[Any], out: queue.Queue[Any], stop: threading.Event) -> None:
    async with work.extractor() as extractor:
        running: deque[tuple[int, asyncio.Task[Any]]] = deque()
        try:
            async for batch in _read(batches):
                running.append((batch.num_rows, asyncio.ensure_future(work.filled(extractor, batch))))
                while running and (_is_enough(running, extractor.wanted) or running[0][1].done()):
                    await _hand_on(running, out, stop)
                    if stop.is_set():
                        return
            while running and not stop.is_set():
                await _hand_on(running, out, stop)
        finally:
            for _, task in running:
                task.cancel()
            await asyncio.gather(*(task for _, task in running), return_exceptions=True)
            await extractor.gate().close()


async def _read(batches: Iterator[Any]) -> AsyncIterator[Any]:
    """The batches, each waited for in a thread: an engine may be slow to give the next."""
    while (batch := await asyncio.to_thread(next, batches, _END)) is not _END:
        yield batch


def _is_enough(running: deque[tuple[int, asyncio.Task[Any]]], wanted: int) -> bool:
    """Whether the batches behind the first hold rows enough to keep all requests busy."""
    return sum(rows for rows, _ in running) - running[0][0] >= wanted * AHEAD


async def _hand_on(running: deque[tuple[int, asyncio.Task[Any]]], out: queue.Queue[Any], stop: threading.Event) -> None:
    filled = await running[0][1]
    running.popleft()
    while not stop.is_set():
        try:
            out.put_nowait(filled)
        except queue.Full:
            await asyncio.sleep(0.005)
        else:
            return


_opened: dict[tuple[int, str], Segments] = {}
_opening = threading.Lock()


def journal_at(path: str) -> str | Segments:
    """The journal of a worker: a file as it is, a folder as its segments, opened once a process and read up to now."""
    if Path(path).is_file():
        return path
    with _opening:
        here = (os.getpid(), path)
        found = _opened.get(here)
        if found is None:
            found = _opened[here] = Segments(path)
            atexit.register(found.close)
        else:
            found.refresh()
        return found
