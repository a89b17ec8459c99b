"""Leases: what is lent never exceeds the limit, whoever asks, and a worker that is gone loses its share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import UsageError
from extract.engines.lease import LEASE_S, Claim, LeaseBook, Limits


def claim(worker: str, *, held: int = 0, wanted: int = 10, need: int = 10) -> Claim:
    return Claim(worker, held, wanted, need)


def test_one_worker_gets_all_that_it_wants() -> None:
    book = LeaseBook(Limits(concurrency=8))
    assert book.renew(claim("a"), 0.0).slots == 8
    assert book.renew(claim("a", wanted=3), 0.0).slots == 3


def test_a_second_worker_gets_its_share_when_the_first_gives_back() -> None:
    book = LeaseBook(Limits(concurrency=8))
    assert book.renew(claim("a"), 0.0).slots == 8
    assert book.renew(claim("b"), 0.1).slots == 0
    assert book.renew(claim("a", held=8), 0.2).slots == 4
    assert book.renew(claim("b"), 0.3).slots == 0, "a has not come down yet"
    assert book.renew(claim("a", held=4), 0.4).slots == 4
    assert book.renew(claim("b"), 0.5).slots == 4


def test_what_is_under_way_is_not_lent_to_another() -> None:
    book = LeaseBook(Limits(concurrency=8))
    book.renew(claim("a"), 0.0)
    book.renew(claim("b"), 0.1)
    book.renew(claim("a", held=7), 0.2)
    assert book.renew(claim("b"), 0.3).slots == 1


def test_a_worker_that_is_gone_loses_its_slots() -> None:
    book = LeaseBook(Limits(concurrency=8))
    book.renew(claim("a"), 0.0)
    assert book.renew(claim("b"), LEASE_S - 0.1).slots == 0
    assert book.renew(claim("b"), LEASE_S + 0.1).slots == 8


def test_a_worker_that_has_ended_loses_them_at_once() -> None:
    book = LeaseBook(Limits(concurrency=8))
    book.renew(claim("a"), 0.0)
    book.release("a")
    assert book.renew(claim("b"), 0.1).slots == 8


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 20), st.integers(0, 30)), max_size=40),
)
def test_the_slots_that_are_lent_never_exceed_the_limit(most: int, asks: list[tuple[str, int, int]]) -> None:
    book, allowed, under_way = LeaseBook(Limits(concurrency=most)), dict[str, int](), dict[str, int]()
    for step, (worker, begun, wanted) in enumerate(asks):
        ceiling = max(allowed.get(worker, 0), under_way.get(worker, 0))
        lease = book.renew(claim(worker, held=ceiling, wanted=wanted), step * 0.01)
        under_way[worker] = min(begun, ceiling)  # begun while the claim was on its way
        assert lease.slots is not None
        allowed[worker] = lease.slots
        assert sum(max(slots, under_way[name]) for name, slots in allowed.items()) <= most


@given(st.floats(30, 6000), st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.01, 2.0)), min_size=1, max_size=60))
def test_permits_never_exceed_the_rate(per_minute: float, asks: list[tuple[str, float]]) -> None:
    book, now_s, given_out = LeaseBook(Limits(requests_per_minute=per_minute)), 0.0, 0
    for worker, passed_s in asks:
        now_s += passed_s
        given_out += book.renew(claim(worker, need=1000), now_s).permits or 0
    assert given_out <= now_s * per_minute / 60 + max(1.0, per_minute / 60)


def test_without_limits_everything_is_allowed() -> None:
    lease = LeaseBook(Limits()).renew(claim("a"), 0.0)
    assert (lease.slots, lease.permits) == (None, None)


@pytest.mark.parametrize(
    "limits", [{"concurrency": 0}, {"requests_per_minute": 0}, {"requests_per_minute": float("nan")}]
)
def test_a_limit_that_allows_nothing_is_refused(limits: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Limits(**limits)  # type: ignore[arg-type]
