"""How many requests may be under way, and how fast they may follow each other. Pure: the clock is an argument.

Three things bound a run, and the strictest counts:

    a window     requests under way at once: never above the limit; without one it is found out: doubled while answers come,
                 kept where they come slower, cut where the endpoint is overloaded (AIMD)
    a pace       requests a second: what the caller names, and what is learned from answers 429
    a hold       nothing at all until a moment: Retry-After, a quota that is used up, an endpoint that is gone

The learned pace: a 429 says that what was admitted lately is all that the endpoint takes. The pace falls a little below
that, comes back to it within seconds, stays near it, and then grows faster and faster (a cubic of the time, as TCP CUBIC
does), so that a limit that was raised is found within a minute and a limit that stands costs a 429 every ten seconds or so.
After a hold one request goes ahead alone; the others follow when it was answered.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from ..errors import UsageError

FIRST = 8
"""Requests under way at first when no limit is named: what small accounts and local servers bear."""
MOST = 256
"""Most requests under way when no limit is named."""
BEFORE = 0.85
"""Share of the admitted rate to which a 429 sets the pace."""
BACK_S = 4.0
"""Seconds in which the pace comes back to the rate at which the last 429 came."""
HOLD_S = 0.5
"""First hold where the endpoint names none, but for a 429 at a known pace; doubled while trouble lasts."""
LONGEST_HOLD_S = 30.0
PATIENT = 3
"""Holds in a row for which a Retry-After is believed as it is; then the wait grows all the same."""
LOOK_S = 0.5
"""Longest wait for the pace before it is looked at again: it grows."""
LATE_S = 0.1
"""A timer that fires late is made up for within this time."""
SLOW = 2.0
"""Answers that take this many times the shortest usual time mean a queue at the endpoint: the window grows no more."""
QUEUED = 4.0
"""The same for shrinking the window."""

Kind = Literal["ok", "rate", "overloaded", "lost", "other"]
"""`rate`: 429. `overloaded`: 503 and its like. `lost`: nobody there. `other`: an error that says nothing about load."""
FOREVER = float("inf")
NEVER = -1.0
"""What `ask` says when the purse is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the caller knows about an endpoint's limits; None where nothing.

    Attributes:
        concurrency: most requests under way at once, exact at the server; None: found out, from 8 up to 256.
        requests_per_minute: of the account.
        tokens_per_minute: of the account, prompt and completion together; settled with what the server counted.
    """

    concurrency: int | None = None
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None

    def __post_init__(self) -> None:
        if self.concurrency is not None and (isinstance(self.concurrency, bool) or self.concurrency < 1):
            raise UsageError(f"concurrency is {self.concurrency!r}; it must be a whole number of 1 or more")
        for name in ("requests_per_minute", "tokens_per_minute"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value!r}; it must be above 0")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one request showed about the endpoint.

    Attributes:
        kind: see `Kind`.
        sent_s: when it was sent, on the same clock.
        took_s: seconds from sending to the end of the answer.
        retry_after_s: what the endpoint asked to wait.
        quota_s: seconds until a quota that the headers called used up has room; 0: none is.
        expected_tokens, tokens: what was reserved, and what the server counted (None: it did not say).
        expected_cost, cost: the same in money; 0 without a purse.
    """

    kind: Kind
    sent_s: float
    took_s: float = 0.0
    retry_after_s: float | None = None
    quota_s: float = 0.0
    expected_tokens: int = 0
    tokens: int | None = None
    expected_cost: float = 0.0
    cost: float | None = None


class Purse:
    """The money of a run, shared by all its endpoints: never more is under way than is left, as far as can be foreseen.

    Until the first answer its cost is only guessed, so one request goes ahead alone. From then on every request is
    reserved at what the dearest so far has cost.

    Attributes:
        limit, spent: in the currency of the prices.
        is_empty: whether a request was refused because it might not be paid.
    """

    __slots__ = ("_dearest", "_reserved", "_under_way", "is_empty", "limit", "spent")

    def __init__(self, limit: float, spent: float = 0.0) -> None:
        if not limit > 0:
            raise UsageError(f"the budget is {limit}; it must be above 0")
        self.limit, self.spent = limit, spent
        self.is_empty = False
        self._dearest = self._reserved = 0.0
        self._under_way = 0

    def take(self, expected: float) -> float:
        """0: reserved. `FOREVER`: when one that is under way is seen. `NEVER`: what is left does not pay for it."""
        cost = max(expected, self._dearest)
        if self._under_way and (not self._dearest or self.spent + self._reserved + cost > self.limit):
            return FOREVER
        if self.spent + cost > self.limit:
            self.is_empty = True
            return NEVER
        self._reserved += cost
        self._under_way += 1
        return 0.0

    def settle(self, cost: float | None, expected: float) -> None:
        """One that was reserved is over; None: the server gave no count, so it is taken to have cost what was expected."""
        self._reserved -= self._reserved / self._under_way
        self._under_way -= 1
        paid = expected if cost is None else cost
        self.spent += paid
        self._dearest = max(self._dearest, paid)


class Limiter:
    """The state of one endpoint's limits. Not locked: its driver is.

    Attributes:
        under_way: requests sent and not yet seen.
        most_under_way: the highest that it was.
        throttled: answers 429 so far.
        held_until_s: nothing is sent before this moment.
        has_answered: whether the endpoint ever gave an answer.
    """

    __slots__ = (
        "_admitted", "_base_s", "_ceiling", "_cut_s", "_grown_from_s", "_held_s", "_is_growing", "_is_probing", "_last_s",
        "_limits", "_most", "_purse", "_short_s", "_tokens", "_tokens_s", "_troubles", "_window", "_window_cut_s", "has_answered",
        "held_until_s", "most_under_way", "throttled", "under_way",
    )  # fmt: skip

    def __init__(self, limits: Limits, purse: Purse | None = None) -> None:
        self._limits = limits
        self._purse = purse
        self._most = limits.concurrency or MOST
        self._window = float(limits.concurrency or FIRST)
        self._is_growing = limits.concurrency is None
        self.under_way = self.most_under_way = self.throttled = 0
        self.held_until_s = -FOREVER
        self.has_answered = False
        self._is_probing = False
        self._troubles = 0
        self._admitted: deque[float] = deque()
        self._ceiling: float | None = None
        self._cut_s = self._grown_from_s = self._held_s = self._window_cut_s = self._last_s = -FOREVER
        self._base_s = FOREVER
        self._short_s = 0.0
        per_s = (limits.tokens_per_minute or 0.0) / 60
        self._tokens, self._tokens_s = per_s, -FOREVER

    @property
    def is_counting(self) -> bool:
        """Whether it matters what a request is expected to use."""
        return self._limits.tokens_per_minute is not None or self._purse is not None

    @property
    def window(self) -> int:
        """Requests that may be under way now."""
        return int(self._window)

    def pace(self, now_s: float) -> float | None:
        """Requests per second that may be sent now; None: as many as the window takes."""
        named = self._limits.requests_per_minute
        learned = self._learned(now_s)
        if named is None:
            return learned
        return named / 60 if learned is None else min(learned, named / 60)

    def _learned(self, now_s: float) -> float | None:
        if self._ceiling is None:
            return None
        since_s = max(0.0, now_s - self._grown_from_s)
        if since_s < BACK_S:
            return self._ceiling * (BEFORE + (1 - BEFORE) * since_s / BACK_S)
        over_s = since_s - BACK_S
        return self._ceiling * (1 + 0.005 * over_s + 0.0008 * over_s**3)

    def ask(self, now_s: float, tokens: int = 0, cost: float = 0.0) -> float:
        """0: send now, the place is taken. Else seconds after which to ask again; infinite: when one is seen.

        `NEVER`: the purse does not pay for it.

        Args:
            now_s: the clock.
            tokens: what the request is expected to use.
            cost: what it is expected to cost.
        """
        if self.under_way >= int(self._window) or (self._is_probing and self.under_way):
            return FOREVER
        if now_s < self.held_until_s:
            return self.held_until_s - now_s
        pace = self.pace(now_s)
        if pace is not None and (left_s := self._last_s + 1 / pace - now_s) > 0:
            return min(left_s, LOOK_S)
        wait_s = self._token_wait_s(now_s)
        if wait_s > 0:
            return wait_s
        if self._purse is not None and (said := self._purse.take(cost)) != 0.0:
            return said
        if pace is not None:
            self._last_s = max(self._last_s + 1 / pace, now_s - LATE_S)
        self._tokens -= tokens
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        return 0.0

    def _token_wait_s(self, now_s: float) -> float:
        if self._limits.tokens_per_minute is None:
            return 0.0
        per_s = self._limits.tokens_per_minute / 60
        if self._tokens_s > -FOREVER:
            self._tokens = min(per_s, self._tokens + (now_s - self._tokens_s) * per_s)
        self._tokens_s = now_s
        return 0.0 if self._tokens > 0 else max(-self._tokens / per_s, 0.001)

    def seen(self, now_s: float, seen: Seen) -> None:
        """Take what a request showed, and free its place."""
        self.under_way -= 1
        if seen.tokens is not None:
            self._tokens += seen.expected_tokens - seen.tokens
        if self._purse is not None:
            self._purse.settle(seen.cost, seen.expected_cost)
        match seen.kind:
            case "ok":
                self._answered(now_s, seen)
            case "rate":
                self._throttle(now_s, seen)
            case "overloaded" | "lost":
                self._back_off(now_s, seen)
            case "other":
                self._is_probing = False
        if seen.quota_s:
            self.held_until_s = max(self.held_until_s, now_s + seen.quota_s)

    def abandoned(self, tokens: int = 0) -> None:
        """A request was cancelled: its place is free, nothing was learned."""
        self.under_way -= 1
        self._tokens += tokens
        if self._purse is not None:
            self._purse.settle(0.0, 0.0)

    def _answered(self, now_s: float, seen: Seen) -> None:
        self.has_answered = True
        self._is_probing = False
        self._troubles = 0
        self._admitted.append(now_s)
        while self._admitted and self._admitted[0] < now_s - BACK_S:
            self._admitted.popleft()
        is_queued = self._limits.concurrency is None and self._latency(seen.took_s)
        if self._window >= self._most or is_queued:
            return
        if self._is_growing:
            self._window = min(self._window + 1, self._most)
        elif self.under_way + 1 >= int(self._window):
            self._window = min(self._window + 1 / self._window, self._most)

    def _latency(self, took_s: float) -> bool:
        """Whether answers take so long that the endpoint must be queueing; then the window does not grow."""
        self._short_s += (took_s - self._short_s) * 0.1 if self._short_s else took_s
        self._base_s = min(self._base_s * 1.0005, self._short_s)
        if self._short_s < SLOW * self._base_s:
            return False
        self._is_growing = False
        if self._short_s > QUEUED * self._base_s:
            self._window = max(self._window * 0.99, float(FIRST))
        return True

    def _throttle(self, now_s: float, seen: Seen) -> None:
        self.throttled += 1
        self._is_growing = False
        if seen.sent_s > self._cut_s:  # else it was sent before the last cut: the same event
            learned = self._learned(now_s) or FOREVER
            self._ceiling = min(self._rate(now_s), learned)
            self._cut_s = now_s
        self._hold(now_s, seen, 1 / (self._ceiling or 1.0))
        self._grown_from_s = max(self._cut_s, self.held_until_s)

    def _rate(self, now_s: float) -> float:
        """Requests per second that were taken lately: over one second where that is enough to count, else over four."""
        last = sum(1 for at_s in self._admitted if at_s > now_s - 1)
        if last >= 20:
            return float(last)
        since_s = now_s - self._admitted[0] if self._admitted else 0.0
        return max(len(self._admitted), self.under_way, 1) / max(1.0, since_s)

    def _back_off(self, now_s: float, seen: Seen) -> None:
        self._hold(now_s, seen, HOLD_S)
        self._is_growing = False
        if seen.sent_s > self._window_cut_s:
            self._window = max(1.0, self._window * 0.7)
            self._window_cut_s = now_s

    def _hold(self, now_s: float, seen: Seen, first_s: float) -> None:
        """Send nothing for a while: what was asked, and longer while not one answer comes."""
        wait_s = seen.retry_after_s or 0.0
        if seen.sent_s > self._held_s:  # a new event, not one more of those that were under way
            backoff_s = min(HOLD_S * 2.0**self._troubles, LONGEST_HOLD_S) if self._troubles else min(first_s, HOLD_S)
            if seen.retry_after_s is None or self._troubles >= PATIENT:
                wait_s = max(wait_s, backoff_s)
            self._troubles += 1
            self._held_s = now_s
        self._is_probing = True
        self.held_until_s = max(self.held_until_s, now_s + wait_s)
