"""What a run shows while it goes on, and its account at the end."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from extract.batch.outcome import Summary
from extract.batch.progress import Meter, Progress
from extract.cli.live import account_of, block_of, duration, line_of

RUNNING: dict[str, Any] = {
    "total": 200, "ok": 90, "bad": 10, "repaired": 4, "rate_per_s": 5.0, "elapsed_s": 20.0, "left_s": 20.0, "prompt_tokens": 1000,
    "completion_tokens": 50, "cost": 0.25, "errors": (("Refusal", 7), ("unreadable", 3)), "under_way": 8, "window": 16, "throttled": 2,
}  # fmt: skip


def shown(progress: Progress, note: str = "") -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(block_of(progress, note))
    return console.export_text()


def test_the_line_says_rows_rate_tokens_cost_errors_and_time_left() -> None:
    said = line_of(Progress(**RUNNING))
    for words in (
        "100 of 200 rows",
        "5.0/s",
        "1050 tokens",
        "cost 0.25",
        "10 failed (7 Refusal, 3 unreadable)",
        "20 s left",
    ):
        assert words in said


def test_a_held_endpoint_is_said() -> None:
    assert "waiting 9 s for the endpoint" in line_of(Progress(**{**RUNNING, "held_s": 9.0}))
    assert "not asked for 9 s" in shown(Progress(**{**RUNNING, "held_s": 9.0}))


def test_the_block_shows_the_same_and_a_note() -> None:
    said = shown(Progress(**RUNNING), "stopping: interrupted")
    for words in ("100 of 200 rows", "5.0 rows/s", "7 Refusal", "8 of 16", "stopping: interrupted"):
        assert words in said


def test_the_account_holds_every_row_and_item() -> None:
    summary = Summary(
        ok=5, bad=2, repaired=1, errors=Counter({"Refusal": 2}), items=9, items_repaired=2, items_dropped=1, pending=3
    )
    said = "\n".join(account_of(summary, 3.0, "out", "dead"))
    for words in (
        "10 rows in 3.0 s",
        "5 kept in out",
        "2 failed, in dead",
        "2 Refusal",
        "3 pending",
        "9 list items kept, 2 of them repaired; 1 dropped",
    ):
        assert words in said


def test_the_time_left_follows_from_the_rate_lately() -> None:
    summary = Summary()
    meter = Meter(summary, 0.0, total=100)
    meter.read(5.0)
    summary.ok = 20
    assert meter.read(10.0).left_s == pytest.approx(40.0)


def test_the_first_reading_has_a_rate() -> None:
    summary = Summary()
    meter = Meter(summary, 0.0, total=100)
    summary.ok = 20
    assert meter.read(10.0).rate_per_s == pytest.approx(2.0)


@pytest.mark.parametrize(("seconds", "words"), [(3.2, "3.2 s"), (45, "45 s"), (125, "2 min 5 s"), (7265, "2 h 1 min")])
def test_durations_are_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words
