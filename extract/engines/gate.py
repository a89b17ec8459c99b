"""What holds a worker's requests to its lease: every request, retries too, passes here on its way out."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from ..client import AsyncExtractor
from .lease import Claim, Lease, LeaseBook, Limits

RENEW_S = 0.25
"""How often a lease is renewed while there is work."""
MANY = 1 << 30
PATIENCE_S = 60.0
"""How long a silent lender is waited for."""
Lender = Callable[[Claim], Awaitable[Lease]]
"""Where leases come from: a book in this process, a Ray actor, a service over HTTP."""


class LeaseError(RuntimeError):
    """The lender is gone: the run ends, since no row is at fault. Run it again; nothing in the journal is asked twice."""


def own_lender(limits: Limits) -> Lender:
    """A lender for a worker that is alone."""
    book = LeaseBook(limits)

    async def lend(claim: Claim) -> Lease:
        return book.renew(claim, time.monotonic())

    return lend


class Gate:
    """Lets requests out as the lease allows; of one event loop.

    Args:
        lender: where leases come from.
        wanted: requests that this worker would have under way.
    """

    def __init__(self, lender: Lender, wanted: int) -> None:
        self._lender = lender
        self._wanted = wanted
        self._worker = uuid.uuid4().hex
        self._held = self._begun = 0
        self._slots: int | None = 0
        self._permits: int | None = 0
        self._until_s = 0.0
        self._trouble: Exception | None = None
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._renewing: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def pass_through(self) -> AsyncGenerator[None]:
        """Wait until one more request may be under way; it is while the block runs."""
        while not self._room():
            await self._turn()
            if (trouble := self._trouble) is not None:
                self._trouble = trouble if self._waiters else None  # who comes later tries anew
                raise trouble
        self._held += 1
        self._begun += 1
        if self._permits is not None:
            self._permits -= 1
        self._renew()
        try:
            yield
        finally:
            self._held -= 1
            self._wake()

    async def close(self) -> None:
        """Give back what was lent, so that others need not wait for its end."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
            self._slots = self._permits = 0
            with contextlib.suppress(OSError, TimeoutError):
                await self._lender(Claim(self._worker, 0, 0, 0))

    async def _turn(self) -> None:
        """Wait until it may be one's turn."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._renew()
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            else:
                self._wake()  # it was this one's turn: another's now
            raise

    def _room(self) -> int:
        """How many more requests may be begun now."""
        slots = MANY if self._slots is None else self._slots - self._held
        permits = MANY if self._permits is None else self._permits
        is_fresh = self._slots is None or time.monotonic() < self._until_s
        return max(0, min(slots, permits)) if is_fresh else 0

    def _most(self) -> int:
        """The most requests that may be under way while a claim is."""
        is_lent = time.monotonic() < self._until_s
        return max(self._held, self._slots or 0) if is_lent else self._held

    def _renew(self) -> None:
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(self._renewed())

    async def _renewed(self) -> None:
        """Renew while anything is under way or waits."""
        silent_s = 0.0
        while self._held or self._waiters:
            began_s = time.monotonic()
            need = self._begun * 2 + len(self._waiters)
            self._begun = 0
            try:
                lease = await self._lender(Claim(self._worker, self._most(), self._wanted, need))
            except (OSError, TimeoutError) as error:
                silent_s += RENEW_S + time.monotonic() - began_s
                if silent_s > PATIENCE_S:
                    self._trouble = LeaseError(f"no lease for {silent_s:.0f} s: {error}; is the driver still there?")
                    self._trouble.__cause__ = error
                    self._wake()
                    return
            else:
                silent_s = 0.0
                self._slots, self._until_s = lease.slots, began_s + lease.seconds
                self._permits = None if lease.permits is None else lease.permits + max(0, self._permits or 0)
                self._wake()
            await asyncio.sleep(RENEW_S)

    def _wake(self) -> None:
        """Let as many go as there is room for, the longest waiting first; all of them where there is trouble."""
        room = self._room() if self._trouble is None else MANY
        while self._waiters and room:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                room -= 1


class GatedTransport:
    """A transport behind a gate."""

    def __init__(self, inner: Any, gate: Callable[[], Gate]) -> None:
        self._inner = inner
        self._gate = gate

    async def send(self, request: Any, /, *, deadline_s: float | None = None) -> Any:
        """The answer; the deadline begins when the gate is passed."""
        async with self._gate().pass_through():
            return await self._inner.send(request, deadline_s=deadline_s)

    async def stream(self, request: Any, /, **options: Any) -> AsyncGenerator[Any, None]:
        """The same for a stream."""
        async with self._gate().pass_through(), contextlib.aclosing(self._inner.stream(request, **options)) as parts:
            async for part in parts:
                yield part

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class GatedExtractor(AsyncExtractor):
    """An `AsyncExtractor` whose requests pass a gate, one gate per event loop."""

    lender: Lender
    wanted: int

    def gate(self) -> Gate:
        """The gate of the running loop."""
        loop = asyncio.get_running_loop()
        gates: dict[int, Gate] = self.__dict__.setdefault("_gates", {})
        found = gates.get(id(loop))
        return found if found is not None else gates.setdefault(id(loop), Gate(self.lender, self.wanted))

    def with_options(self, model: str | None = None, **options: Any) -> Any:
        """A copy behind the same gates."""
        copy = super().with_options(model, **options)
        copy.lender, copy.wanted = self.lender, self.wanted
        copy.__dict__["_gates"] = self.__dict__.setdefault("_gates", {})
        return copy

    def _connect(self, hop: Any) -> Any:
        return GatedTransport(super()._connect(hop), self.gate)


def gated(given: dict[str, Any], lender: Lender, wanted: int) -> GatedExtractor:
    """An extractor behind a gate.

    Args:
        given: the options of an extractor.
        lender: where leases come from.
        wanted: requests that it would have under way.
    """
    options = dict(given)
    made = GatedExtractor(options.pop("model", None), **options)
    made.lender, made.wanted = lender, wanted
    return made
