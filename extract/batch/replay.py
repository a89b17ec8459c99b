"""Transports that look into the journal first: what is there is not asked again, what comes is kept before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, field, replace

from ..chat.reader import Event, Reader
from ..chat.reply import Lost, Reply
from ..chat.request import Request
from ..drive import AsyncTransport, Transport
from ..flow.errors import ExtractionError
from .job import Job
from .journal import Journal, Stored, asked_text, stored_of


class MissingReplyError(ExtractionError):
    """The journal has no reply for this job, and was opened with `only=True`."""

    advice = "record it first: run once with the same journal and only=False"

    def problem(self) -> str:
        """Which component of the job is new."""
        return self.text or "the journal has no reply for this job"


@dataclass(slots=True)
class _Tape:
    """The stored exchanges of one job, and how far they are replayed."""

    journal: Journal
    job: Job
    stored: tuple[Stored, ...]
    position: int = 0
    is_live: bool = False
    replayed: int = field(default=0)

    def next(self, request: Request) -> tuple[tuple[Event, ...], Reply] | None:
        """The stored reply to the next request, and what a stream of it tells; None: it must be asked.

        A request that asks for another part than the stored one did belongs to another course of events: from there on
        everything is asked.
        """
        if not self.is_live and self.position < len(self.stored):
            stored = self.stored[self.position]
            if stored.asked == asked_text(request):
                self.position += 1
                self.replayed += 1
                return replayed(request, stored)
        self.is_live = True
        if self.journal.only:
            raise MissingReplyError(text=self._why())
        return None

    def _why(self) -> str:
        differs = self.journal.nearest(self.job)
        if differs is None:
            return "the journal has no reply for this source"
        return f"the journal has no reply for this job; it differs in {', '.join(differs) or 'the course of re-asks'}"

    def keep(self, request: Request, reply: Reply | Lost) -> Stored | None:
        """What is to be kept of a reply: paid ones only; an error or a broken answer is asked again next time."""
        if (
            isinstance(reply, Lost)
            or reply.error is not None
            or not reply.choices
            or reply.end not in ("done", "eof", "stopped")
        ):
            return None
        return stored_of(request, reply)


def replayed(request: Request, stored: Stored) -> tuple[tuple[Event, ...], Reply]:
    """A stored answer, read again by today's reader."""
    reader = Reader(request, stored.status, {"content-type": stored.content_type})
    events = reader.feed(stored.body.encode("utf-8", "surrogatepass"))
    return events, replace(reader.close("eof"), method=stored.method)


class Replay:
    """A transport for one job, sync."""

    def __init__(self, inner: Transport, journal: Journal, job: Job) -> None:
        self._inner = inner
        self._tape = _Tape(journal, job, journal.stored(job))

    @property
    def replayed(self) -> int:
        """How many replies came from the journal."""
        return self._tape.replayed

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The stored reply, or the endpoint's, kept before it is returned."""
        found = self._tape.next(request)
        if found is not None:
            return found[1]
        reply = self._inner.send(request, deadline_s=deadline_s)
        self._keep(request, reply)
        return reply

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """The same for a stream; one that keeps only its end is not kept here either."""
        found = self._tape.next(request)
        if found is not None:
            yield from found
            return
        with closing(self._inner.stream(request, deadline_s=deadline_s, keep=keep)) as parts:
            for part in parts:
                if keep is None and isinstance(part, Reply | Lost):
                    self._keep(request, part)
                yield part

    def _keep(self, request: Request, reply: Reply | Lost) -> None:
        stored = self._tape.keep(request, reply)
        if stored is not None:
            self._tape.journal.put(self._tape.job, self._tape.position, stored).result()
            self._tape.position += 1


class AsyncReplay:
    """A transport for one job, async."""

    def __init__(self, inner: AsyncTransport, journal: Journal, job: Job) -> None:
        self._inner = inner
        self._tape = _Tape(journal, job, journal.stored(job))

    @property
    def replayed(self) -> int:
        """How many replies came from the journal."""
        return self._tape.replayed

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The stored reply, or the endpoint's, kept before it is returned."""
        found = self._tape.next(request)
        if found is not None:
            return found[1]
        reply = await self._inner.send(request, deadline_s=deadline_s)
        await self._keep(request, reply)
        return reply

    async def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        """The same for a stream; one that keeps only its end is not kept here either."""
        found = self._tape.next(request)
        if found is not None:
            yield found[0]
            yield found[1]
            return
        async with aclosing(self._inner.stream(request, deadline_s=deadline_s, keep=keep)) as parts:
            async for part in parts:
                if keep is None and isinstance(part, Reply | Lost):
                    await self._keep(request, part)
                yield part

    async def _keep(self, request: Request, reply: Reply | Lost) -> None:
        stored = self._tape.keep(request, reply)
        if stored is not None:
            await asyncio.wrap_future(self._tape.journal.put(self._tape.job, self._tape.position, stored))
            self._tape.position += 1


class _Switch:
    """Many transports as one: each request goes to the endpoint of the chain that it is for."""

    def __init__(self, wires: Sequence[Transport]) -> None:
        self._wires = wires

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        return self._wires[request.endpoint].send(request, deadline_s=deadline_s)

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        return self._wires[request.endpoint].stream(request, deadline_s=deadline_s, keep=keep)


class _AsyncSwitch:
    """The same for tasks."""

    def __init__(self, wires: Sequence[AsyncTransport]) -> None:
        self._wires = wires

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        return await self._wires[request.endpoint].send(request, deadline_s=deadline_s)

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        return self._wires[request.endpoint].stream(request, deadline_s=deadline_s, keep=keep)


def taped(wires: Sequence[Transport], journal: Journal, job: Job) -> list[Transport]:
    """The transports of a chain with one journal before all of them."""
    return [Replay(_Switch(wires), journal, job)] * len(wires)


def taped_async(wires: Sequence[AsyncTransport], journal: Journal, job: Job) -> list[AsyncTransport]:
    """The same for tasks."""
    return [AsyncReplay(_AsyncSwitch(wires), journal, job)] * len(wires)
