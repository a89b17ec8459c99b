"""One limit over many workers, lent out for a moment at a time. Pure: the clock is an argument.

A worker that falls silent loses what it was lent when its lease ends, so a killed worker costs nothing for longer than
that. The sum of what workers may have under way never exceeds the limit: what a worker is to give back counts as its own
until it says, with its next claim, that it has come down.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from ..errors import UsageError

LEASE_S = 5.0
"""How long a lease holds; it is renewed several times within."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What all workers together may do; None: no limit.

    Attributes:
        concurrency: requests under way at once.
        requests_per_minute: requests begun.
    """

    concurrency: int | None = None
    requests_per_minute: float | None = None

    def __post_init__(self) -> None:
        if self.concurrency is not None and self.concurrency < 1:
            raise UsageError(f"concurrency is {self.concurrency}; it must be 1 or more, or None")
        if self.requests_per_minute is not None and not self.requests_per_minute > 0:
            raise UsageError(f"requests_per_minute is {self.requests_per_minute}; it must be above 0, or None")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker says of itself.

    Attributes:
        worker: its name, like no other's.
        held: requests that may be under way until the answer comes: those that are, and those that it was lent.
        wanted: requests that it would have under way.
        need: requests that it would begin before it asks again.
    """

    worker: str
    held: int
    wanted: int
    need: int


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker may do.

    Attributes:
        slots: requests under way at once; None: any number.
        permits: requests begun, in addition to those of earlier leases; None: any number.
        seconds: how long the slots are its own.
    """

    slots: int | None
    permits: int | None
    seconds: float = LEASE_S


@dataclass(slots=True)
class _Lent:
    slots: int
    wanted: int
    until_s: float


class LeaseBook:
    """Who was lent what.

    Args:
        limits: of all workers together.
        lease_s: how long a lease holds.
    """

    def __init__(self, limits: Limits, *, lease_s: float = LEASE_S) -> None:
        self._limits = limits
        self._lease_s = lease_s
        self._lent: dict[str, _Lent] = {}
        self._tokens = 0.0
        self._filled_s: float | None = None

    def renew(self, claim: Claim, now_s: float) -> Lease:
        """What a worker may do from now on, in place of what it was lent before."""
        for worker in [worker for worker, lent in self._lent.items() if lent.until_s < now_s]:
            del self._lent[worker]
        slots = self._slots(claim)
        self._lent[claim.worker] = _Lent(max(claim.held, slots or 0), claim.wanted, now_s + self._lease_s)
        return Lease(slots, self._permits(claim, now_s), self._lease_s)

    def release(self, worker: str) -> None:
        """A worker has ended."""
        self._lent.pop(worker, None)

    def _slots(self, claim: Claim) -> int | None:
        most = self._limits.concurrency
        if most is None:
            return None
        others = [lent for worker, lent in self._lent.items() if worker != claim.worker]
        fair = max(1, most // (len(others) + 1))
        hungry = any(lent.slots < min(lent.wanted, fair) for lent in others)
        free = most - sum(lent.slots for lent in others)
        return max(0, min(claim.wanted, free, fair if hungry else most))

    def _permits(self, claim: Claim, now_s: float) -> int | None:
        per_minute = self._limits.requests_per_minute
        if per_minute is None:
            return None
        per_s = per_minute / 60
        most = max(1.0, per_s)
        passed_s = 0.0 if self._filled_s is None else max(0.0, now_s - self._filled_s)
        self._tokens = min(most, self._tokens + passed_s * per_s) if self._filled_s is not None else 1.0
        self._filled_s = now_s
        share = ceil(self._tokens / len(self._lent))
        permits = max(0, min(claim.need, share, int(self._tokens)))
        self._tokens -= permits
        return permits
