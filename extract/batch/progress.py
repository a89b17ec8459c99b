"""How a run stands, as data: what a display, a log line or a metric is made of. Pure: the clock is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from .limiter import Limiter
from .outcome import Summary

SPAN = 40
"""Readings over which the rate is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How a run stands at one moment.

    Attributes:
        total: rows of the input; None where it is not known.
        ok, bad, repaired: rows that ended, by how.
        rate_per_s: rows a second lately.
        elapsed_s, left_s: time since the start, and until the end as it looks now (None: not known).
        prompt_tokens, completion_tokens, cost: over all attempts so far.
        errors: how many rows failed by each kind, most first.
        under_way, window: requests sent and not answered, and how many may be.
        throttled: answers 429 so far.
        held_s: seconds until the endpoint is asked again; 0 while it is asked.
    """

    total: int | None
    ok: int
    bad: int
    repaired: int
    rate_per_s: float
    elapsed_s: float
    left_s: float | None
    prompt_tokens: int
    completion_tokens: int
    cost: float
    errors: tuple[tuple[str, int], ...]
    under_way: int = 0
    window: int = 0
    throttled: int = 0
    held_s: float = 0.0

    @property
    def done(self) -> int:
        """Rows that have ended."""
        return self.ok + self.bad


class Meter:
    """Reads the progress off a summary that grows and the limiters of the run.

    Attributes:
        summary: the account that grows.
        limiters: of the run's endpoints.
        total: rows of the input, once known.
        told_s: when it was last told.
    """

    def __init__(
        self, summary: Summary, began_s: float, limiters: Sequence[Limiter] = (), *, total: int | None = None
    ) -> None:
        self.summary = summary
        self.limiters = limiters
        self.total = total
        self.told_s = 0.0
        self._began_s = began_s
        self._seen = deque([(began_s, summary.total)], maxlen=SPAN)

    def read(self, now_s: float) -> Progress:
        """The progress at this moment."""
        summary, done = self.summary, self.summary.total
        self._seen.append((now_s, done))
        then_s, then = self._seen[0]
        rate = (done - then) / (now_s - then_s) if now_s > then_s else 0.0
        left = None if self.total is None or not rate else max(0, self.total - done) / rate
        held_s = max((limiter.held_until_s - now_s for limiter in self.limiters), default=0.0)
        return Progress(
            total=self.total,
            ok=summary.ok,
            bad=summary.bad,
            repaired=summary.repaired,
            rate_per_s=rate,
            elapsed_s=now_s - self._began_s,
            left_s=left,
            prompt_tokens=summary.prompt_tokens,
            completion_tokens=summary.completion_tokens,
            cost=summary.cost,
            errors=tuple(summary.errors.most_common()),
            under_way=sum(limiter.under_way for limiter in self.limiters),
            window=sum(limiter.window for limiter in self.limiters),
            throttled=sum(limiter.throttled for limiter in self.limiters),
            held_s=max(0.0, held_s),
        )
