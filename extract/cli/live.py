"""How a run looks while it goes on, and when it is over: a live block on a terminal or in a notebook, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..batch.outcome import Summary
from ..batch.progress import Meter, Progress

PLAIN_EVERY_S = 10.0
LIVE_EVERY_S = 0.25
SHOWN_ERRORS = 6
REASON_CHARS = 56


class Display:
    """Shows a meter from time to time; a context manager.

    Args:
        meter: how the run stands.
        is_quiet: show nothing.
        note: a word on what is going on, such as that the run is stopping.
    """

    def __init__(self, meter: Meter, *, is_quiet: bool = False, note: Callable[[], str] = str) -> None:
        self._meter, self._note = meter, note
        console = Console(stderr=True)
        is_live = not is_quiet and (console.is_terminal or console.is_jupyter)
        self._live = Live(console=console, transient=True, auto_refresh=False) if is_live else None
        self._every_s = float("inf") if is_quiet else PLAIN_EVERY_S if self._live is None else LIVE_EVERY_S
        self._shown_s = time.monotonic()

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self) -> None:
        """The state, when it is time."""
        now_s = time.monotonic()
        if now_s - self._shown_s < self._every_s:
            return
        self._shown_s = now_s
        progress = self._meter.read(now_s)
        if self._live is None:
            print(line_of(progress), file=sys.stderr, flush=True)
        else:
            self._live.update(block_of(progress, self._note()), refresh=True)


def line_of(progress: Progress) -> str:
    """The progress in one line."""
    of_total = f" of {progress.total}" if progress.total is not None else ""
    parts = [
        f"{progress.done}{of_total} rows",
        f"{progress.rate_per_s:.1f}/s",
        f"{progress.prompt_tokens + progress.completion_tokens} tokens",
    ]
    if progress.cost:
        parts.append(f"cost {progress.cost:.4g}")
    if progress.bad:
        parts.append(f"{progress.bad} failed ({', '.join(f'{count} {kind}' for kind, count in progress.errors[:4])})")
    if progress.held_s > 1:
        parts.append(f"waiting {progress.held_s:.0f} s for the endpoint")
    if progress.left_s is not None:
        parts.append(f"{duration(progress.left_s)} left")
    return ", ".join(parts)


def block_of(progress: Progress, note: str = "") -> Group:
    """The progress as a block of lines."""
    table = Table.grid(padding=(0, 2))
    for _ in range(2):
        table.add_column(style="dim", justify="right")
        table.add_column()
    left = "?" if progress.left_s is None else duration(progress.left_s)
    tokens = f"{progress.prompt_tokens:,} in, {progress.completion_tokens:,} out"
    table.add_row("rate", f"{progress.rate_per_s:,.1f} rows/s", "left", left)
    table.add_row("tokens", tokens, "cost", f"{progress.cost:.4g}" if progress.cost else "-")
    table.add_row("ok", f"{progress.ok:,}, {progress.repaired:,} repaired", "failed", _errors(progress))
    table.add_row("at once", f"{progress.under_way} of {progress.window}", "429", f"{progress.throttled:,}")
    of_total = f"{progress.done:,} rows" if progress.total is None else f"{progress.done:,} of {progress.total:,} rows"
    head = Text(f"{of_total}, {duration(progress.elapsed_s)}", style="bold")
    bar = ProgressBar(total=progress.total, completed=progress.done, width=60, pulse=progress.total is None)
    wait = f"the endpoint is not asked for {progress.held_s:.0f} s" if progress.held_s > 1 else ""
    lines = [Text(words, style="yellow") for words in (note, wait) if words]
    return Group(head, bar, table, *lines)


def _errors(progress: Progress) -> Text:
    if not progress.bad:
        return Text("0")
    shown = ", ".join(f"{count:,} {kind}" for kind, count in progress.errors[:SHOWN_ERRORS])
    return Text(f"{progress.bad:,} ({shown})", style="red")


def duration(seconds: float) -> str:
    """A duration for people: `3 h 5 min`, `2 min 4 s`, `7 s`."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"


def _such_as(reason: str | None) -> str:
    """A reason in so many characters as a line has room for."""
    words = " ".join((reason or "").split())
    return f", such as: {words[:REASON_CHARS]}{'...' if len(words) > REASON_CHARS else ''}" if words else ""


def account_of(
    summary: Summary, took_s: float, output: str, dead: str, reasons: Mapping[str, str] | None = None
) -> list[str]:
    """The loss account: every row and every list item, by what became of it.

    Args:
        summary: of the run.
        took_s: how long it took.
        output: where the records are.
        dead: where the dead letters are.
        reasons: the first reason for each kind of error.
    """
    reasons = reasons or {}
    lines = [
        f"{summary.total + summary.pending} rows in {duration(took_s)}",
        f"  {summary.ok} kept in {output}, {summary.repaired} of them repaired",
        f"  {summary.bad} failed, in {dead}",
    ]
    lines += [f"      {count} {kind}{_such_as(reasons.get(kind))}" for kind, count in summary.errors.most_common()]
    if summary.pending:
        lines.append(f"  {summary.pending} pending: the same command goes on with them")
    if summary.items:
        lines.append(
            f"  {summary.items} list items kept, {summary.items_repaired} of them repaired; {summary.items_dropped} dropped"
        )
    if summary.repairs:
        lines.append("  repairs: " + ", ".join(f"{count} {rule}" for rule, count in summary.repairs.most_common(8)))
    cost = f", cost {summary.cost:.6g}" if summary.cost else ""
    lines.append(
        f"  {summary.attempts} answers, {summary.prompt_tokens} prompt and {summary.completion_tokens} completion tokens{cost}"
    )
    return lines
