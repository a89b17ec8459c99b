"""How the rows of a run are asked: through the journal, by turns for equal rows, within the limits of each endpoint.

A desk serves one run (or all calls of one extractor). It lends each extraction its transports; it knows no client.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..drive import AsyncTransport, Transport
from ..flow.errors import ExtractionError
from ..flow.plan import Plan
from .gate import AsyncGate, Gate
from .incremental import begun
from .job import JobMaker
from .journal import Journal
from .limiter import FIRST, Limiter, Limits, Purse
from .outcome import EarlierFailureError, account_of, is_for_good
from .replay import AsyncReplay, Replay, Tape

T = TypeVar("T")
W = TypeVar("W")
SPARE = 16
"""Rows beyond the window that are under way at most: those that wait before they are asked again, or are being read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for all rows of a run.

    Attributes:
        limits: of the endpoint; None: no gate, each call is sent at once.
        is_shared: whether equal rows share one paid reply.
        may_ask: whether what is not in the journal may be asked.
        is_incremental: whether only the fields are asked that were added since a reply was kept.
        keeps_failures: whether a row that failed for good is not asked again.
        again: ids of rows that are asked anew: what was kept before `again_since_s` (seconds since the epoch) is left alone.
        purse: money of the run; None: no limit.
    """

    limits: Limits | None = None
    is_shared: bool = True
    may_ask: bool = True
    is_incremental: bool = False
    keeps_failures: bool = False
    again: frozenset[str] = frozenset()
    again_since_s: float = 0.0
    purse: Purse | None = None


@dataclass(slots=True)
class _Counter:
    """What both desks share."""

    terms: Terms
    journal: Journal | None
    jobs: JobMaker = field(default_factory=JobMaker)

    def tape(self, plan: Plan[Any], name: str | None) -> Tape | None:
        """The tape of one extraction."""
        if self.journal is None:
            return None
        terms = self.terms
        sample = 0 if terms.is_shared or name is None else _sample(name)
        return Tape(
            self.journal,
            self.jobs.of(plan, sample=sample),
            name,
            plan.target.schema,
            may_ask=terms.may_ask and not self.journal.only,
            since_s=terms.again_since_s if name is not None and name in terms.again else 0.0,
        )

    def opened(self, plan: Plan[T], tape: Tape | None) -> Plan[T]:
        """The plan as it is carried out; raises what ended this job for good before."""
        if tape is None:
            return plan
        if self.terms.keeps_failures:
            account = tape.journal.failure(tape.job, since_s=tape.since_s)
            if account is not None:
                error = EarlierFailureError(account=account)
                error.job = tape.job.key
                raise error
        return begun(plan, tape) if self.terms.is_incremental else plan

    def failed(self, tape: Tape | None, error: ExtractionError) -> None:
        """Keep a failure that another try would only repeat."""
        error.job = None if tape is None else tape.job.key
        if tape is not None and self.terms.keeps_failures and is_for_good(error):
            tape.journal.put_failure(tape.job, account_of(error), name=tape.name)

    def limiters(self, endpoints: Sequence[str]) -> dict[str, Limiter]:
        """One limiter for each endpoint of a chain."""
        limits = self.terms.limits
        return {} if limits is None else {one: Limiter(limits, self.terms.purse) for one in endpoints}


@dataclass(frozen=True, slots=True)
class Turn(Generic[T, W]):
    """What one extraction is carried out with.

    Attributes:
        plan: what is to be done.
        wires: the transports, by index of the endpoint.
        job: key of the job in the journal; None without one.
    """

    plan: Plan[T]
    wires: list[W]
    job: str | None


def _sample(name: str) -> int:
    """The number of the sample of a row that shares with no other."""
    return 1 + int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=6).digest(), "big")


def room(limiters: Sequence[Limiter]) -> int:
    """How many rows may be under way: enough to keep every place of the endpoint busy."""
    window = max((limiter.window for limiter in limiters), default=FIRST)
    return window + min(window, SPARE)


class Desk:
    """For threads.

    Args:
        terms: what holds for all rows.
        journal: where replies are kept; None: nowhere.
        endpoints: base URLs of the chain; equal ones share their limits.
    """

    def __init__(self, terms: Terms, journal: Journal | None, endpoints: Sequence[str]) -> None:
        self._counter = _Counter(terms, journal)
        gates = {one: Gate(limiter) for one, limiter in self._counter.limiters(endpoints).items()}
        self.gates = list(gates.values())
        self._of_chain = [gates[one] for one in endpoints] if gates else None
        self._turns: dict[bytes, tuple[threading.Lock, list[None]]] = {}
        self._lock = threading.Lock()

    def room(self) -> int:
        """How many rows may be under way now."""
        return room([gate.limiter for gate in self.gates])

    @contextmanager
    def turn(self, plan: Plan[T], wires: Sequence[Transport], name: str | None = None) -> Generator[Turn[T, Transport]]:
        """The plan and the transports with which one extraction is carried out."""
        tape = self._counter.tape(plan, name)
        with self._alone(None if tape is None or self._of_chain is None else tape.job.key_bytes):
            opened = self._counter.opened(plan, tape)
            try:
                lent: list[Transport] = [Replay(wires, tape, self._of_chain, plan.budget.prices)] * len(wires)
                yield Turn(opened, lent, None if tape is None else tape.job.key)
            except ExtractionError as error:
                self._counter.failed(tape, error)
                raise

    @contextmanager
    def _alone(self, key: bytes | None) -> Generator[None]:
        """One at a time for equal rows: the others find the first one's reply in the journal."""
        if key is None:
            yield
            return
        with self._lock:
            lock, users = self._turns.setdefault(key, (threading.Lock(), []))
            users.append(None)
        try:
            with lock:
                yield
        finally:
            with self._lock:
                users.pop()
                if not users:
                    del self._turns[key]

    def close(self) -> None:
        """Send nothing more."""
        for gate in self.gates:
            gate.close()


class AsyncDesk:
    """For the tasks of one loop. Arguments as `Desk`."""

    def __init__(self, terms: Terms, journal: Journal | None, endpoints: Sequence[str]) -> None:
        self._counter = _Counter(terms, journal)
        gates = {one: AsyncGate(limiter) for one, limiter in self._counter.limiters(endpoints).items()}
        self.gates = list(gates.values())
        self._of_chain = [gates[one] for one in endpoints] if gates else None
        self._turns: dict[bytes, tuple[asyncio.Lock, list[None]]] = {}

    def room(self) -> int:
        """How many rows may be under way now."""
        return room([gate.limiter for gate in self.gates])

    @asynccontextmanager
    async def turn(
        self, plan: Plan[T], wires: Sequence[AsyncTransport], name: str | None = None
    ) -> AsyncGenerator[Turn[T, AsyncTransport]]:
        """The plan and the transports with which one extraction is carried out."""
        tape = self._counter.tape(plan, name)
        async with self._alone(None if tape is None or self._of_chain is None else tape.job.key_bytes):
            opened = self._counter.opened(plan, tape)
            try:
                lent: list[AsyncTransport] = [AsyncReplay(wires, tape, self._of_chain, plan.budget.prices)] * len(wires)
                yield Turn(opened, lent, None if tape is None else tape.job.key)
            except ExtractionError as error:
                self._counter.failed(tape, error)
                raise

    @asynccontextmanager
    async def _alone(self, key: bytes | None) -> AsyncGenerator[None]:
        if key is None:
            yield
            return
        lock, users = self._turns.setdefault(key, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                yield
        finally:
            users.pop()
            if not users:
                del self._turns[key]

    def close(self) -> None:
        """Send nothing more."""
        for gate in self.gates:
            gate.close()
