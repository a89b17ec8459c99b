"""`extract doctor`: ask an endpoint what it supports, and print it as a table, as JSON, and as a row to paste."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ..chat.place import find_place, is_offline
from ..chat.reply import Lost, Reply
from ..chat.request import Request
from ..doctor import PROBES, Heard, Report, asks_of, examine
from ..errors import UsageError
from ..http import HttpTransport
from ..offline import OfflineTransport
from . import codes
from .show import say, write_text

STYLES = {"yes": "green", "hint": "cyan", "no": "red", "ignored": "yellow", "unclear": "dim", "failed": "bold red"}
PATIENCE = 3
"""How often a question is asked when the endpoint is busy."""
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0


def doctor(
    base_url: Annotated[
        str | None, typer.Argument(help="The endpoint, or offline: [env: EXTRACT_BASE_URL].", metavar="[BASE_URL]")
    ] = None,
    model: Annotated[
        str | None, typer.Argument(help="The model's name [env: EXTRACT_MODEL].", metavar="[MODEL]")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    as_row: Annotated[bool, typer.Option("--row", help="Only the row, as Python to paste.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that one question may take.")] = 60.0,
) -> None:
    """Ask an endpoint a few small questions and say what it supports.

    The key is taken from the environment, as by the other commands. At most 16 questions of at most 256 tokens each.
    Exit codes: 0 it answers, 2 the call is wrong, 3 it does not answer.
    """
    if as_json and as_row:
        raise UsageError("give --json or --row, not both")
    if not timeout > 0:
        raise UsageError(f"--timeout is {timeout:g}; it must be above 0 seconds")
    place = find_place(os.environ, model=model, base_url=base_url)
    transport = OfflineTransport() if is_offline(place.base_url) else HttpTransport(place.base_url, place.key)
    console = Console(stderr=True)
    with console.status(f"asking {place.model} at {place.base_url}") if console.is_terminal else console:
        report = examine(
            lambda request: ask(transport, request, timeout), base_url=place.base_url, model=place.model, row=place.row
        )
    transport.close()
    show(report, as_json=as_json, as_row=as_row)
    if not report.answers:
        say(f"extract: {place.model} at {place.base_url} does not answer: {report.findings[0].detail}")
        raise typer.Exit(codes.ENDPOINT)


def ask(transport: HttpTransport | OfflineTransport, request: Request, timeout_s: float) -> Heard:
    """The answer to one question; a busy endpoint is given time."""
    heard = _asked(transport, request, timeout_s)
    for attempt in range(1, PATIENCE):
        wait_s = _wait_s(heard.reply, FIRST_WAIT_S * 2**attempt)
        if wait_s is None:
            break
        time.sleep(wait_s)
        heard = _asked(transport, request, timeout_s)
    return heard


def _asked(transport: HttpTransport | OfflineTransport, request: Request, timeout_s: float) -> Heard:
    pieces = 0
    for part in transport.stream(request, deadline_s=timeout_s):
        if isinstance(part, Reply | Lost):
            return Heard(part, pieces)
        pieces += 1
    return Heard(Lost("dropped", "the answer never ended"), pieces)


def _wait_s(reply: Reply | Lost, backoff_s: float) -> float | None:
    """How long to wait before the same question is asked again; None: its answer stands."""
    if isinstance(reply, Lost):
        return 0.0 if reply.reason == "dropped" else None
    if reply.error is None or reply.error.kind not in ("rate", "overloaded"):
        return None
    return min(max(reply.error.retry_after_s or 0.0, backoff_s), LONGEST_WAIT_S)


def show(report: Report, *, as_json: bool, as_row: bool) -> None:
    """The report on stdout."""
    if as_json:
        write_text(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
        return
    if as_row:
        write_text(report.paste())
        return
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, markup=False)
    table = Table(title=f"{report.model} at {report.base_url}", title_justify="left")
    for column in ("question", "verdict", "what was seen"):
        table.add_column(column, overflow="fold")
    for finding in report.findings:
        table.add_row(asks_of(finding.name), finding.verdict, finding.detail, style=STYLES[finding.verdict])
    console.print(table)
    left = len(PROBES) - len(report.findings)
    if left > 0:
        console.print(f"{left} more question(s) were not asked.")
    elif report.answers:
        write_text(f"\nAs a row, for Extractor(..., endpoint=...):\n\n{report.paste()}")
