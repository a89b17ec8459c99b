"""The two drivers of a limiter, for threads and for tasks: who may send now, in the order in which they came.

A place is held from sending until the reply is kept, so that at a crash no more replies are lost than requests may be under
way. Answers 429, an overloaded or unreachable endpoint are waited out here, for all alike: they are no fault of a row, and cost
none of its budget.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ..chat.reply import Lost, Reply
from ..chat.request import Request
from ..drive import AsyncTransport, Transport
from ..flow.attempt import Attempt
from ..flow.budget import Price, cost_of
from .limiter import FOREVER, Kind, Limiter, Seen
from .quota import quota_of

PATIENCE_S = 900.0
"""Longest that one request waits for an endpoint that answers 429 or not at all."""
DROPS = 3
"""How often a request is sent again after the connection was lost amid it: it may itself be the reason."""
CHARS_PER_TOKEN = 4
ANSWER_TOKENS = 200
"""Expected before an answer was seen."""
LOAD: dict[str, Kind] = {"rate": "rate", "overloaded": "overloaded"}
GONE = frozenset({"connect", "timeout"})
FEW_HEADERS = 3
"""An answer with no more headers than these tells no quota."""


class Gate:
    """Lets threads send as its limiter says."""

    def __init__(self, limiter: Limiter, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.limiter = limiter
        self.clock_s = clock_s
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_closed = False

    def enter(self, tokens: int, cost: float = 0.0) -> None:
        """Return when a request may be sent; its place is taken.

        Raises:
            ClosedError: nothing more is to be sent.
        """
        with self._lock:
            if not self._waiting and self._is_let_in(tokens, cost) == 0.0:
                return
            mine = threading.Event()
            self._waiting.append(mine)
        try:
            while (wait_s := self._look(mine, tokens, cost)) > 0.0:
                mine.wait(None if wait_s == FOREVER else wait_s)
        finally:
            with self._lock:
                self._waiting.remove(mine)
                self._call_next()

    def _look(self, mine: threading.Event, tokens: int, cost: float) -> float:
        with self._lock:
            mine.clear()
            return self._is_let_in(tokens, cost) if self._waiting[0] is mine else FOREVER

    def _is_let_in(self, tokens: int, cost: float) -> float:
        if self._is_closed:
            raise ClosedError
        wait_s = self.limiter.ask(self.clock_s(), tokens, cost)
        if wait_s < 0:
            raise ClosedError
        return wait_s

    def leave(self, seen: Seen | None, tokens: int) -> None:
        """What the request showed; None: it was given up."""
        with self._lock:
            if seen is None:
                self.limiter.abandoned(tokens)
            else:
                self.limiter.seen(self.clock_s(), seen)
            self._call_next()

    def close(self) -> None:
        """Let nobody send any more; those who wait get a ClosedError."""
        with self._lock:
            self._is_closed = True
            for waiting in self._waiting:
                waiting.set()

    def _call_next(self) -> None:
        if self._waiting:
            self._waiting[0].set()


class AsyncGate:
    """Lets tasks of one loop send as its limiter says."""

    def __init__(self, limiter: Limiter, *, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.limiter = limiter
        self.clock_s = clock_s
        self._waiting: deque[tuple[asyncio.Future[None], int, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def enter(self, tokens: int, cost: float = 0.0) -> None:
        """Return when a request may be sent; its place is taken."""
        if self._is_closed:
            raise ClosedError
        if not self._waiting and self.limiter.ask(self.clock_s(), tokens, cost) == 0.0:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((future, tokens, cost))
        self._wake()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and future.exception() is None:
                self.leave(None, tokens)  # it was let in and cancelled at the same moment
            raise

    def leave(self, seen: Seen | None, tokens: int) -> None:
        """What the request showed; None: it was given up."""
        if seen is None:
            self.limiter.abandoned(tokens)
        else:
            self.limiter.seen(self.clock_s(), seen)
        if self._waiting:
            self._wake()

    def close(self) -> None:
        """Let nobody send any more; those who wait get a ClosedError."""
        self._is_closed = True
        while self._waiting:
            future, _, _ = self._waiting.popleft()
            if not future.done():
                future.set_exception(ClosedError())

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            future, tokens, cost = self._waiting[0]
            if future.done():
                self._waiting.popleft()
                continue
            wait_s = self.limiter.ask(self.clock_s(), tokens, cost)
            if wait_s <= 0.0:
                self._waiting.popleft()
                future.set_result(None) if wait_s == 0.0 else future.set_exception(ClosedError())
            else:
                if wait_s < FOREVER:
                    self._timer = asyncio.get_running_loop().call_later(wait_s, self._wake)
                return


class ClosedError(Exception):
    """The run is being stopped; the request was not sent, and its row is pending."""


# --- one request through a gate


@dataclass(slots=True)
class Course:
    """How it went with one request so far, over all its sendings. Pure.

    Attributes:
        request: what is sent.
        limiter: of its endpoint.
        began_s: when it was first to be sent.
        prices: per model name.
        tokens, cost: what it is expected to use; 0 where nothing depends on it.
    """

    request: Request
    limiter: Limiter
    began_s: float
    prices: Mapping[str, Price] | None = None
    tokens: int = 0
    cost: float = 0.0
    drops: int = 0

    def __post_init__(self) -> None:
        if self.limiter.is_counting:
            prompt = len(str(self.request.body.get("messages"))) // CHARS_PER_TOKEN
            self.tokens = prompt + ANSWER_TOKENS
            price = (self.prices or {}).get(str(self.request.body.get("model")))
            self.cost = 0.0 if price is None else (prompt * price.prompt + ANSWER_TOKENS * price.completion) / 1e6

    def seen(self, reply: Reply | Lost, sent_s: float) -> Seen:
        """What a reply shows about the endpoint."""
        took_s = max(0.0, reply.ended_s - reply.started_s)
        if isinstance(reply, Lost):
            kind: Kind = "lost" if reply.reason in GONE else "other"
            return Seen(kind, sent_s, took_s, None, 0.0, self.tokens, 0, self.cost, 0.0)
        quota = quota_of(reply.headers) if reply.headers and len(reply.headers) > FEW_HEADERS else None
        quota_s = 0.0 if quota is None else quota.wait_s
        if reply.error is None:
            used = reply.usage.total_tokens if reply.usage is not None else None
            cost = None if used is None else cost_of((Attempt(self.request, reply),), self.prices)
            return Seen("ok", sent_s, took_s, None, quota_s, self.tokens, used, self.cost, cost)
        kind = LOAD.get(reply.error.kind, "other")
        return Seen(kind, sent_s, took_s, reply.error.retry_after_s, quota_s, self.tokens, 0, self.cost, 0.0)

    def is_waited_out(self, reply: Reply | Lost, seen: Seen, now_s: float) -> bool:
        """Whether the same request is sent again, because the endpoint and not the row is in trouble."""
        left_s = PATIENCE_S - (now_s - self.began_s)
        if isinstance(reply, Lost) and reply.reason == "dropped" and self.limiter.has_answered:
            self.drops += 1
            return self.drops <= DROPS
        match seen.kind:
            case "rate":
                return max(seen.retry_after_s or 0.0, self.limiter.held_until_s - now_s) <= left_s
            case "overloaded" | "lost":
                return self.limiter.has_answered and (seen.retry_after_s or 0.0) <= left_s and left_s > 0
            case "ok" | "other":
                return False


def send_through(
    gate: Gate,
    inner: Transport,
    request: Request,
    *,
    deadline_s: float | None,
    keep: Callable[[Reply | Lost], None],
    prices: Mapping[str, Price] | None = None,
) -> Reply | Lost:
    """The reply to a request, sent when the gate lets it and kept before its place is given to the next."""
    course = Course(request, gate.limiter, gate.clock_s(), prices)
    while True:
        gate.enter(course.tokens, course.cost)
        sent_s = gate.clock_s()
        try:
            reply = inner.send(request, deadline_s=deadline_s)
            keep(reply)
        except BaseException:
            gate.leave(None, course.tokens)
            raise
        seen = course.seen(reply, sent_s)
        gate.leave(seen, course.tokens)
        if not course.is_waited_out(reply, seen, gate.clock_s()):
            return reply


async def send_through_async(
    gate: AsyncGate,
    inner: AsyncTransport,
    request: Request,
    *,
    deadline_s: float | None,
    keep: Callable[[Reply | Lost], Awaitable[None]],
    prices: Mapping[str, Price] | None = None,
) -> Reply | Lost:
    """The same for tasks."""
    course = Course(request, gate.limiter, gate.clock_s(), prices)
    while True:
        await gate.enter(course.tokens, course.cost)
        sent_s = gate.clock_s()
        try:
            reply = await inner.send(request, deadline_s=deadline_s)
            await keep(reply)
        except BaseException:
            gate.leave(None, course.tokens)
            raise
        seen = course.seen(reply, sent_s)
        gate.leave(seen, course.tokens)
        if not course.is_waited_out(reply, seen, gate.clock_s()):
            return reply
