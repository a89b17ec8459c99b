"""The limiter against endpoints that are simulated on a clock of their own: no sleep, no socket."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from extract.batch.limiter import FOREVER, Kind, Limiter, Limits, Seen
from extract.batch.quota import duration_s, quota_of
from extract.errors import UsageError

Admit = Callable[[float, int], float | bool]
"""From the moment and the requests under way to: True (taken), False (429), or the Retry-After of a 429."""


def bucket(per_s: float, room: float, retry_after_s: float | None = None) -> Admit:
    """A token bucket that starts full."""
    state = [room, 0.0]

    def admit(now_s: float, _under_way: int) -> float | bool:
        state[0] = min(room, state[0] + (now_s - state[1]) * per_s)
        state[1] = now_s
        if state[0] < 1:
            return False if retry_after_s is None else retry_after_s
        state[0] -= 1
        return True

    return admit


def sliding(most: int, window_s: float) -> Admit:
    """At most so many in any window; says when there will be room."""
    times: deque[float] = deque()

    def admit(now_s: float, _under_way: int) -> float | bool:
        while times and times[0] <= now_s - window_s:
            times.popleft()
        if len(times) >= most:
            return times[0] + window_s - now_s
        times.append(now_s)
        return True

    return admit


def slots(most: int) -> Admit:
    """At most so many at once."""
    return lambda _now_s, under_way: under_way <= most


@dataclass
class Ran:
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    most: int = 0

    def share(self, per_s: float, since_s: float, until_s: float) -> float:
        """Of what the endpoint allows, how much was used."""
        return sum(since_s <= at_s < until_s for at_s in self.answered) / (per_s * (until_s - since_s))


def simulate(
    limiter: Limiter,
    admit: Admit,
    *,
    until_s: float,
    took_s: float = 0.05,
    tokens: int = 0,
    used: int | None = None,
    refusal: Kind = "rate",
) -> Ran:
    """There is always work; each request takes `took_s`, a refusal a millisecond."""
    ran, now_s, events, number = Ran(), 0.0, [], 0
    while now_s < until_s:
        wait_s = limiter.ask(now_s, tokens)
        if wait_s == 0.0:
            said = admit(now_s, len(events) + 1)
            is_ok = said is True
            done_s = now_s + (took_s if is_ok else 0.001)
            after = None if isinstance(said, bool) else said
            seen = Seen("ok" if is_ok else refusal, now_s, done_s - now_s, after, 0.0, tokens, used)
            (ran.answered if is_ok else ran.refused).append(now_s)
            number += 1
            heapq.heappush(events, (done_s, number, seen))
            ran.most = max(ran.most, len(events))
            continue
        ask_s = now_s + wait_s if wait_s < FOREVER else FOREVER
        if events and events[0][0] <= ask_s:
            now_s, _, seen = heapq.heappop(events)
            limiter.seen(now_s, seen)
        else:
            now_s = ask_s
    return ran


ENDPOINTS = {
    "a bucket of one second": (lambda: bucket(10, 10), 0.05),
    "a bucket of one minute": (lambda: bucket(10, 600), 0.05),
    "no room at all": (lambda: bucket(10, 1), 0.05),
    "a Retry-After that is too short": (lambda: bucket(10, 10, 0.05), 0.05),
    "slow answers": (lambda: bucket(10, 10), 3.0),
    "a sliding minute": (lambda: sliding(600, 60), 0.02),
}


@pytest.mark.parametrize("concurrency", [2, 64, None])
@pytest.mark.parametrize("name", ENDPOINTS)
def test_600_requests_a_minute_are_used_to_nine_tenths_with_few_refusals(name: str, concurrency: int | None) -> None:
    make, took_s = ENDPOINTS[name]
    if concurrency is not None and concurrency / took_s < 10:
        took_s = concurrency / 10 / 1.2
    ran = simulate(Limiter(Limits(concurrency=concurrency)), make(), until_s=180, took_s=took_s)
    late = [at_s for at_s in ran.refused if at_s >= 60]
    assert ran.share(10, 60, 180) >= 0.9
    assert len(late) <= 0.05 * 10 * 120
    assert len(ran.refused) <= 0.08 * 10 * 180 + (concurrency or 256)


def test_the_window_is_never_passed_and_is_reached() -> None:
    ran = simulate(Limiter(Limits(concurrency=7)), lambda *_: True, until_s=20)
    assert ran.most == 7


def test_without_a_limit_the_window_grows_while_answers_come_as_fast() -> None:
    ran = simulate(Limiter(Limits()), lambda *_: True, until_s=5)
    assert ran.most == 256


def test_it_stops_growing_when_answers_come_slower() -> None:
    limiter, now_s = Limiter(Limits()), 0.0
    for _ in range(3000):
        assert limiter.ask(now_s) == 0.0
        now_s += 0.01
        limiter.seen(now_s, Seen("ok", now_s - 0.01, 0.05 * max(1.0, limiter.window / 16)))
    assert limiter.window < 64


def test_an_endpoint_with_few_places_is_used_to_nine_tenths() -> None:
    ran = simulate(Limiter(Limits(concurrency=64)), slots(4), until_s=240, took_s=0.4)
    assert ran.share(10, 60, 240) >= 0.85
    assert len([at_s for at_s in ran.refused if at_s > 60]) <= 0.08 * 10 * 180


def test_a_named_rate_is_kept_in_every_minute() -> None:
    ran = simulate(Limiter(Limits(concurrency=50, requests_per_minute=120)), lambda *_: True, until_s=300)
    assert all(sum(at_s <= other_s < at_s + 60 for other_s in ran.answered) <= 121 for at_s in ran.answered)
    assert len(ran.answered) >= 0.97 * 600


def test_tokens_are_settled_with_what_the_server_counted() -> None:
    limiter = Limiter(Limits(concurrency=50, tokens_per_minute=60_000))
    ran = simulate(limiter, lambda *_: True, until_s=120, tokens=100, used=500)
    assert len(ran.answered) * 500 <= 60_000 * 2.1
    assert len(ran.answered) * 500 >= 60_000 * 1.8


def test_after_a_hold_one_request_goes_ahead_alone() -> None:
    limiter = Limiter(Limits(concurrency=8))
    for _ in range(3):
        assert limiter.ask(0.0) == 0.0
    for _ in range(3):
        limiter.seen(0.1, Seen("rate", 0.0, 0.1, retry_after_s=2.0))
    assert limiter.ask(0.2) == pytest.approx(1.9)
    assert limiter.ask(2.2) == 0.0
    assert limiter.ask(2.2) == FOREVER


def test_many_refusals_of_one_moment_are_one_event() -> None:
    limiter = Limiter(Limits(concurrency=32))
    for _ in range(32):
        limiter.ask(0.0)
    for _ in range(32):
        limiter.seen(0.1, Seen("rate", 0.0, 0.1))
    assert limiter.ask(0.1) <= 0.5
    assert limiter.pace(1.0) > 10


def test_an_endpoint_that_is_gone_is_asked_ever_more_rarely_and_found_again() -> None:
    def admit(now_s: float, _under_way: int) -> bool:
        return not 10 <= now_s < 130

    ran = simulate(Limiter(Limits(concurrency=8)), admit, until_s=200, refusal="lost")
    assert len(ran.refused) < 8 + 12
    assert any(130 <= at_s < 165 for at_s in ran.answered)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "12ms"}, 0.012),
        ({"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s"}, 0.1),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1s"}, None),
        ({"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "0"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1770000010", "date": "Mon, 02 Feb 2026 02:40:00 GMT"}, 10.0),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon"}, None),
    ],
)  # fmt: skip
def test_headers_tell_when_a_quota_has_room_again(headers: dict[str, str], wait_s: float | None) -> None:
    found = quota_of(headers)
    assert (None if found is None else found.wait_s) == (None if wait_s is None else pytest.approx(wait_s))


def test_durations_are_read_in_full_or_not_at_all() -> None:
    assert duration_s("1h2m3.5s") == 3723.5
    assert duration_s("2 m") is None
    assert duration_s("nan s") is None


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"requests_per_minute": 0}, {"tokens_per_minute": -1}])
def test_limits_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="it must be"):
        Limits(**wrong)  # type: ignore[arg-type]
