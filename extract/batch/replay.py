"""Transports that look into the journal first: what is there is not asked again, what comes is kept before it is read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..chat.reader import Event, Reader
from ..chat.reply import Lost, Reply
from ..chat.request import Request
from ..drive import AsyncTransport, Transport
from ..flow.budget import Price
from ..flow.errors import ExtractionError
from ..flow.plan import Plan
from ..vocabulary import JsonObject
from .gate import AsyncGate, Gate, send_through, send_through_async
from .job import Job, job_of
from .journal import Journal, Stored, asked_text, course_of, stored_of


class MissingReplyError(ExtractionError):
    """The journal has no reply for this job, and nothing may be asked."""

    advice = "record it first: run once with the same journal and without only=True or --no-ask"

    def problem(self) -> str:
        """Which component of the job is new."""
        return self.text or "the journal has no reply for this job"


@dataclass(slots=True)
class Tape:
    """The stored exchanges of one job, and how far they are replayed.

    Attributes:
        journal, job: where they are, and whose.
        name: id of the row, for the record.
        shape: the user's schema, for the record.
        may_ask: whether what is not there may be asked.
        since_s: exchanges from before this moment are left alone.
        replayed: how many replies came from the journal.
    """

    journal: Journal
    job: Job
    name: str | None = None
    shape: JsonObject | None = None
    may_ask: bool = True
    since_s: float = 0.0
    replayed: int = 0
    _stored: dict[bytes, Stored] | None = None
    _course: bytes = b""
    _answer: str = ""
    _next: bytes = b""

    def load(self) -> Mapping[bytes, Stored]:
        """The exchanges by their course, read when first needed."""
        if self._stored is None:
            self._stored = {one.course: one for one in self.journal.stored(self.job, since_s=self.since_s)}
        return self._stored

    def next(self, request: Request) -> tuple[tuple[Event, ...], Reply] | None:
        """The stored reply to the next request, and the events that it is made of; None: it must be asked.

        A re-ask is found only after the answer that it was made for: another course of events is asked from there on.
        """
        self._next = course_of(self._course, self._answer, asked_text(request))
        found = self.load().get(self._next)
        if found is not None:
            self.replayed += 1
            self._course, self._answer = self._next, found.body
            return replayed(request, found)
        if not self.may_ask:
            raise MissingReplyError(text=self._why())
        return None

    def _why(self) -> str:
        if self._stored:
            return "the stored reply does not validate any more, and nothing may be asked"
        differs = self.journal.nearest(self.job)
        if differs is None:
            return "the journal has no reply for this source"
        return f"the journal has no reply for this job; it differs in {', '.join(differs)}"

    def kept(self, request: Request, reply: Reply | Lost) -> Stored | None:
        """What is to be kept of a reply: paid ones only; an error or a broken answer is asked again next time."""
        if isinstance(reply, Lost) or not is_kept(reply):
            return None
        self._course, self._answer = self._next, reply.body
        return stored_of(request, reply, self._course)


def is_kept(reply: Reply | Lost) -> bool:
    """Whether a reply is an answer that was paid for, and whole."""
    return (
        isinstance(reply, Reply)
        and reply.error is None
        and bool(reply.choices)
        and reply.end in ("done", "eof", "stopped")
    )


def replayed(request: Request, stored: Stored) -> tuple[tuple[Event, ...], Reply]:
    """A stored answer, read again by today's reader."""
    reader = Reader(request, stored.status, {"content-type": stored.content_type})
    events = reader.feed(stored.body.encode("utf-8", "surrogatepass"))
    return events, replace(reader.close("eof"), method=stored.method)


class Replay:
    """The transports of one extraction's chain, with its journal before them and its gates between. Sync.

    Args:
        wires: by index of the endpoint in the chain.
        tape: the journal's exchanges of this job; None: there is no journal.
        gates: by the same index; None: every request is sent at once.
        prices: per model name, for a gate that watches the money.
    """

    def __init__(
        self,
        wires: Sequence[Transport],
        tape: Tape | None,
        gates: Sequence[Gate] | None = None,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        self._wires = wires
        self._tape = tape
        self._gates = gates
        self._prices = prices

    def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The stored reply, or the endpoint's, kept before it is returned."""
        if self._tape is not None and (found := self._tape.next(request)) is not None:
            return found[1]
        inner = self._wires[request.endpoint]
        if self._gates is None:
            reply = inner.send(request, deadline_s=deadline_s)
            self._keep(request, reply)
            return reply
        gate = self._gates[request.endpoint]
        return send_through(
            gate, inner, request, deadline_s=deadline_s, keep=partial(self._keep, request), prices=self._prices
        )

    def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> Generator[tuple[Event, ...] | Reply | Lost]:
        """The same for a stream; one that keeps only its end is not kept here either. No gate: single calls stream."""
        if self._tape is not None and (found := self._tape.next(request)) is not None:
            yield from found
            return
        body = body or self._tape is not None
        with closing(
            self._wires[request.endpoint].stream(request, deadline_s=deadline_s, keep=keep, body=body)
        ) as parts:
            for part in parts:
                if keep is None and isinstance(part, Reply | Lost):
                    self._keep(request, part)
                yield part

    def _keep(self, request: Request, reply: Reply | Lost) -> None:
        tape = self._tape
        if tape is not None and (stored := tape.kept(request, reply)) is not None:
            tape.journal.put(tape.job, stored, name=tape.name, shape=tape.shape).result()


class AsyncReplay:
    """The same for tasks."""

    def __init__(
        self,
        wires: Sequence[AsyncTransport],
        tape: Tape | None,
        gates: Sequence[AsyncGate] | None = None,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        self._wires = wires
        self._tape = tape
        self._gates = gates
        self._prices = prices

    async def send(self, request: Request, /, *, deadline_s: float | None = None) -> Reply | Lost:
        """The stored reply, or the endpoint's, kept before it is returned."""
        if self._tape is not None and (found := self._tape.next(request)) is not None:
            return found[1]
        inner = self._wires[request.endpoint]
        if self._gates is None:
            reply = await inner.send(request, deadline_s=deadline_s)
            await self._keep(request, reply)
            return reply
        gate = self._gates[request.endpoint]
        return await send_through_async(
            gate, inner, request, deadline_s=deadline_s, keep=partial(self._keep, request), prices=self._prices
        )

    async def stream(
        self, request: Request, /, *, deadline_s: float | None = None, keep: int | None = None, body: bool = True
    ) -> AsyncGenerator[tuple[Event, ...] | Reply | Lost]:
        """As `Replay.stream`."""
        if self._tape is not None and (found := self._tape.next(request)) is not None:
            yield found[0]
            yield found[1]
            return
        body = body or self._tape is not None
        async with aclosing(
            self._wires[request.endpoint].stream(request, deadline_s=deadline_s, keep=keep, body=body)
        ) as parts:
            async for part in parts:
                if keep is None and isinstance(part, Reply | Lost):
                    await self._keep(request, part)
                yield part

    async def _keep(self, request: Request, reply: Reply | Lost) -> None:
        tape = self._tape
        if tape is not None and (stored := tape.kept(request, reply)) is not None:
            await tape.journal.put_soon(tape.job, stored, name=tape.name, shape=tape.shape)


def tape_of(journal: Journal, plan: Plan[Any]) -> Tape:
    """The tape of a single call."""
    return Tape(journal, job_of(plan), None, plan.target.schema, may_ask=not journal.only)


def taped(wires: Sequence[Transport], journal: Journal, plan: Plan[Any]) -> list[Transport]:
    """The transports of a chain with one journal before all of them."""
    return [Replay(wires, tape_of(journal, plan))] * len(wires)


def taped_async(wires: Sequence[AsyncTransport], journal: Journal, plan: Plan[Any]) -> list[AsyncTransport]:
    """The same for tasks."""
    return [AsyncReplay(wires, tape_of(journal, plan))] * len(wires)
