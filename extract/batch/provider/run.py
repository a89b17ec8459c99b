"""A provider batch from the caller's side: submit, poll, fetch, and the outcomes; sync and async.

The replies go into the journal under their jobs, so a batch is nothing but a slower and cheaper way to fill it. What is
read, repaired, validated and asked again is what it always is: `map` with the same journal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar, cast

from ...chat.endpoint import Endpoint
from ...errors import UsageError
from ...flow.plan import Plan
from ...http_files import AsyncHttpFiles, HttpFiles
from ..job import job_of
from ..journal import Journal
from ..run import AsyncOutcomes, Outcomes
from .asked import mark_of
from .folder import Folder, Part, folder_of
from .read import next_request
from .steps import Pause, ProviderBatchError, Steps, cancelled, fetched, looked_at, submitted

T = TypeVar("T")
R = TypeVar("R")
EVERY_S = 60.0
ROUNDS = 1
FEWEST_HOURS = 1
OnLook = Callable[[list[Part]], None]
"""Told where all parts of a batch stand."""


@dataclass(frozen=True, slots=True)
class Work:
    """What both forms share: where, within which limits, and what is to be asked.

    Attributes:
        base_url: of the endpoint; parts of other endpoints in the same folder are left alone.
        row: its limits.
        plans: the plan of each source, anew at each call.
        journal: where replies are kept.
        hours: the completion window.
        is_own: whether the journal was opened for this batch, and is closed with it.
    """

    base_url: str
    row: Endpoint
    plans: Callable[[], Iterator[Plan[Any]]]
    journal: Journal
    hours: int
    is_own: bool = False

    def close(self) -> None:
        """Close the journal where it is our own; it opens again when it is needed."""
        if self.is_own:
            self.journal.close()

    @property
    def folder(self) -> Folder:
        """Where the parts are."""
        return Folder(folder_of(self.journal.path))

    def parts(self) -> list[Part]:
        """The parts that were asked here."""
        return [part for part in self.folder.parts() if part.base_url == self.base_url]

    def written(self) -> list[Part]:
        """New parts with every request that is due and not under way."""
        folder = self.folder
        marks = folder.marks()
        writer = folder.writer(most_lines=self.row.batch_lines, most_bytes=self.row.batch_bytes)
        is_whole = False
        try:
            for plan in self.plans():
                job = job_of(plan)
                if self.journal.failure(job) is not None:
                    continue  # refused for good: no batch changes that
                due = next_request(plan, self.journal.stored(job))
                if due is None or (mark := mark_of(job, due[0])) in marks:
                    continue
                marks.add(mark)
                writer.add(job, *due)
            is_whole = True
        finally:
            parts = writer.close(keep=is_whole)
        return parts


def checked_hours(hours: int, row: Endpoint) -> int:
    """The completion window; a UsageError where the endpoint has no such."""
    if not FEWEST_HOURS <= hours <= row.batch_hours:
        raise UsageError(f"hours is {hours}; a batch there may take 1 to {row.batch_hours} hours (most take 24)")
    return hours


def again(sources: Iterable[Any]) -> Iterable[Any]:
    """Sources that can be read more than once; a UsageError for an iterator."""
    if iter(sources) is sources:
        raise UsageError("a batch reads its sources more than once; give a list or another collection, not an iterator")
    return sources


def _check_refused(parts: Iterable[Part]) -> None:
    refused = [part for part in parts if part.stage == "refused"]
    if refused:
        words = "; ".join(f"batch {part.batch_id or part.number}: {part.problem}" for part in refused[:3])
        raise ProviderBatchError(text=f"the provider ran none of {sum(part.lines for part in refused)} lines: {words}")


class ProviderBatch(Generic[T]):
    """Many sources asked through a provider's batch API.

    Every step may be repeated, and a stopped run goes on by the same calls: where each part stands is on disk beside
    the journal. Nothing that is under way or in the journal is asked a second time.

    Raises:
        UsageError: the journal or its folder cannot be used.
        ProviderBatchError: the provider refused a file, a batch or a call.
    """

    def __init__(self, work: Work, files: HttpFiles, outcomes: Callable[[], Outcomes[T]]) -> None:
        self._work = work
        self._files = files
        self._outcomes = outcomes

    @property
    def parts(self) -> list[Part]:
        """Where each part stands, as far as is known here."""
        return self._work.parts()

    @property
    def is_over(self) -> bool:
        """Whether no reply is still to come."""
        return not any(part.is_under_way for part in self.parts)

    def submit(self) -> list[Part]:
        """Ask for every source that has no reply yet, in as many batches as the limits want; all parts."""
        work = self._work
        work.written()
        for part in work.parts():
            if part.stage in ("written", "uploaded"):
                _check_refused([self._do(submitted(work.folder, part, hours=work.hours))])
        return self.parts

    def poll(self) -> list[Part]:
        """Look at every batch that is under way; one that found no room is created again when others are over."""
        return self._poll(patient=False)

    def _poll(self, *, patient: bool) -> list[Part]:
        work = self._work
        before = work.parts()
        now = [self._do(looked_at(work.folder, part, patient=patient)) for part in before]
        if not any(part.stage == "created" for part in now):
            now = [self._again(part) for part in now]
        _check_refused(part for part, was in zip(now, before, strict=True) if was.stage != "refused")
        return now

    def _again(self, part: Part) -> Part:
        waits = part.stage in ("written", "uploaded")
        return self._do(submitted(self._work.folder, part, hours=self._work.hours)) if waits else part

    def fetch(self) -> list[Part]:
        """Put the replies of every batch that is over into the journal; all parts."""
        return self._fetch(patient=False)

    def _fetch(self, *, patient: bool) -> list[Part]:
        work = self._work
        return [self._do(fetched(work.folder, part, work.journal, patient=patient)) for part in work.parts()]

    def wait(
        self, *, every_s: float = EVERY_S, timeout_s: float | None = None, on_look: OnLook | None = None
    ) -> list[Part]:
        """Poll and fetch until all is over; a TimeoutError after `timeout_s`, and the same call goes on later.

        An endpoint that cannot be reached, or fails, is looked for again: a batch takes hours.

        Args:
            every_s: seconds between two looks.
            timeout_s: longest wait; None: as long as it takes.
            on_look: told after each look where all parts stand.
        """
        ends_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            self._poll(patient=True)
            parts = self._fetch(patient=True)
            if on_look is not None:
                on_look(parts)
            if not any(part.is_under_way for part in parts):
                return parts
            _check_time(ends_s, every_s)
            time.sleep(every_s)

    def cancel(self) -> list[Part]:
        """End every batch; replies that are there by then are fetched as usual."""
        return [self._do(cancelled(self._work.folder, part)) for part in self._work.parts()]

    def outcomes(self) -> Outcomes[T]:
        """Each source's value or error, by `map` with the journal: what no batch has answered well is asked online."""
        return self._outcomes()

    def run(self, *, every_s: float = EVERY_S, rounds: int = ROUNDS) -> Outcomes[T]:
        """Submit, wait and give the outcomes.

        Args:
            every_s: seconds between two looks.
            rounds: how many batches a source may be part of; what is wrong after the last is asked again online.
        """
        for _ in range(rounds):
            if not any(part.is_under_way for part in self.submit()):
                break
            self.wait(every_s=every_s)
        return self.outcomes()

    def _do(self, steps: Steps[R]) -> R:
        answer = None
        try:
            while True:
                step = steps.send(answer)
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    answer = None
                else:
                    answer = self._files.call(step)
        except StopIteration as end:
            return cast("R", end.value)

    def close(self) -> None:
        """Close the connections; batches go on at the provider."""
        self._files.close()
        self._work.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncProviderBatch(Generic[T]):
    """`ProviderBatch` for asyncio: the same names, awaited; files are written and read in a thread."""

    def __init__(self, work: Work, files: AsyncHttpFiles, outcomes: Callable[[], AsyncOutcomes[T]]) -> None:
        self._work = work
        self._files = files
        self._outcomes = outcomes

    @property
    def parts(self) -> list[Part]:
        """Where each part stands, as far as is known here."""
        return self._work.parts()

    @property
    def is_over(self) -> bool:
        """Whether no reply is still to come."""
        return not any(part.is_under_way for part in self.parts)

    async def submit(self) -> list[Part]:
        """Ask for every source that has no reply yet, in as many batches as the limits want; all parts."""
        work = self._work
        await asyncio.to_thread(work.written)
        for part in work.parts():
            if part.stage in ("written", "uploaded"):
                _check_refused([await self._do(submitted(work.folder, part, hours=work.hours))])
        return self.parts

    async def poll(self) -> list[Part]:
        """Look at every batch that is under way; one that found no room is created again when others are over."""
        return await self._poll(patient=False)

    async def _poll(self, *, patient: bool) -> list[Part]:
        work = self._work
        before = work.parts()
        now = [await self._do(looked_at(work.folder, part, patient=patient)) for part in before]
        if not any(part.stage == "created" for part in now):
            now = [await self._again(part) for part in now]
        _check_refused(part for part, was in zip(now, before, strict=True) if was.stage != "refused")
        return now

    async def _again(self, part: Part) -> Part:
        waits = part.stage in ("written", "uploaded")
        return await self._do(submitted(self._work.folder, part, hours=self._work.hours)) if waits else part

    async def fetch(self) -> list[Part]:
        """Put the replies of every batch that is over into the journal; all parts."""
        return await self._fetch(patient=False)

    async def _fetch(self, *, patient: bool) -> list[Part]:
        work = self._work
        return [await self._do(fetched(work.folder, part, work.journal, patient=patient)) for part in work.parts()]

    async def wait(
        self, *, every_s: float = EVERY_S, timeout_s: float | None = None, on_look: OnLook | None = None
    ) -> list[Part]:
        """Poll and fetch until all is over; as `ProviderBatch.wait`."""
        ends_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            await self._poll(patient=True)
            parts = await self._fetch(patient=True)
            if on_look is not None:
                on_look(parts)
            if not any(part.is_under_way for part in parts):
                return parts
            _check_time(ends_s, every_s)
            await asyncio.sleep(every_s)

    async def cancel(self) -> list[Part]:
        """End every batch; replies that are there by then are fetched as usual."""
        return [await self._do(cancelled(self._work.folder, part)) for part in self._work.parts()]

    def outcomes(self) -> AsyncOutcomes[T]:
        """Each source's value or error, by `map` with the journal: what no batch has answered well is asked online."""
        return self._outcomes()

    async def run(self, *, every_s: float = EVERY_S, rounds: int = ROUNDS) -> AsyncOutcomes[T]:
        """Submit, wait and give the outcomes; arguments as `ProviderBatch.run`."""
        for _ in range(rounds):
            if not any(part.is_under_way for part in await self.submit()):
                break
            await self.wait(every_s=every_s)
        return self.outcomes()

    async def _do(self, steps: Steps[R]) -> R:
        return await _driven(steps, self._files)

    async def aclose(self) -> None:
        """Close the connections; batches go on at the provider."""
        await self._files.aclose()
        await asyncio.to_thread(self._work.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _driven(steps: Steps[R], files: AsyncHttpFiles) -> R:
    """Carry steps out; each step itself runs in a thread, since it may write or read a large file."""
    answer = None
    while True:
        step = await asyncio.to_thread(_sent, steps, answer)
        if isinstance(step, _End):
            return cast("R", step.value)
        answer = None
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
        else:
            answer = await files.call(step)


@dataclass(frozen=True, slots=True)
class _End:
    """What a generator returned: StopIteration cannot cross from a thread into a task."""

    value: object


def _sent(steps: Steps[Any], answer: Any) -> Any:
    try:
        return steps.send(answer)
    except StopIteration as end:
        return _End(end.value)


def _check_time(ends_s: float | None, every_s: float) -> None:
    if ends_s is not None and time.monotonic() + every_s > ends_s:
        raise TimeoutError("the batches are not over yet; the same call goes on where this one stopped")
