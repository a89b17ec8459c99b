"""`extract map`: a table of texts in, a table of records out; resumed by the same command."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ..batch.journal import Journal
from ..batch.outcome import Bad, Ok, Summary
from ..batch.run import Outcomes
from ..batch.table import JsonLines, Layout, Record, Unreadable, rows
from ..client import Extractor
from ..errors import UsageError
from ..flow.errors import ExtractionError
from ..flow.extraction import Extraction
from ..target.compile import Target, compile_target
from ..vocabulary import JsonObject, JsonValue
from . import codes
from .load import TARGET_HELP, load_target
from .show import say

PLAIN_EVERY_S = 10.0
LIVE_EVERY_S = 0.25


def map_rows(
    target: Annotated[str, typer.Argument(help=TARGET_HELP, metavar="TARGET")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="JSONL, CSV, TSV or Parquet files, folders or globs of texts, or - for JSONL on stdin.",
            metavar="INPUT...",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="JSON Lines; failed rows go to OUTPUT.dead.jsonl.")],
    column: Annotated[str | None, typer.Option(help="The column that holds the text.")] = None,
    template: Annotated[
        str | None, typer.Option(help="The text from several columns: 'Subject: {subject} {body}'.")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="The column that holds the row's id.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint [env: EXTRACT_BASE_URL].")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="The model's name [env: EXTRACT_MODEL].")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Answer by rules: no key, no network, no model.")] = False,
    instructions: Annotated[str, typer.Option("--instructions", "-i", help="Words added to the task.")] = "",
    repair: Annotated[str, typer.Option("--repair", help="How far repairs may go.")] = "coerced",
    method: Annotated[str, typer.Option(help="How the schema is sent.")] = "auto",
    max_tokens: Annotated[int | None, typer.Option(help="Longest answer in tokens.")] = None,
    concurrency: Annotated[int, typer.Option("--concurrency", "-c", help="Requests under way at most.")] = 8,
    journal: Annotated[Path | None, typer.Option(help="Where raw replies are kept [default: OUTPUT.journal].")] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N rows.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when any row failed.")] = False,
) -> None:
    """Extract one record from each row of a table.

    Every row ends in the output or in the dead letters, once. Run the same command again after a stop of any kind: rows whose
    replies are in the journal are not paid for again.
    """
    wanted = compile_target(load_target(target))
    records = rows(inputs, Layout(column=column, template=template, id_column=id_column))
    if offline and base_url:
        raise UsageError("give --base-url or --offline, not both")
    given: dict[str, Any] = {"instructions": instructions, "repair": repair, "method": method}
    if max_tokens is not None:
        given["max_tokens"] = max_tokens
    with Journal(journal or output.with_name(f"{output.name}.journal")) as kept:
        extractor = Extractor(model, base_url="offline:" if offline else base_url, journal=kept, **given)
        run = _Run(extractor, wanted, output, concurrency)
        with extractor:
            run.through(_first(records, limit))
    run.report()
    if run.summary.bad and strict:
        raise typer.Exit(codes.NO_VALUE)
    if run.summary.bad and not run.summary.ok:
        raise typer.Exit(codes.ENDPOINT if run.is_endpoint else codes.NO_VALUE)


def _first(records: Iterator[Record | Unreadable], limit: int | None) -> Iterator[Record | Unreadable]:
    for number, record in enumerate(records):
        if limit is not None and number >= limit:
            return
        yield record


@dataclass(slots=True)
class _Run:
    """One run of the command."""

    extractor: Extractor
    target: Target[Any]
    output: Path
    concurrency: int
    summary: Summary = field(default_factory=Summary)
    is_endpoint: bool = False
    began_s: float = field(default_factory=time.monotonic)

    @property
    def dead_path(self) -> Path:
        """Where failed rows go."""
        return self.output.with_name(f"{self.output.name}.dead.jsonl")

    def through(self, records: Iterator[Record | Unreadable]) -> None:
        """All rows, each into the output or the dead letters."""
        with JsonLines(self.output) as good, JsonLines(self.dead_path) as dead, _Progress(self) as progress:
            outcomes: Outcomes[Any] = Outcomes(
                self._extract,
                self._readable(records, dead),
                concurrency=self.concurrency,
            )
            try:
                for outcome in outcomes:
                    self._keep(outcome, good, dead)
                    progress.show()
            finally:
                outcomes.close()

    def _extract(self, record: Record) -> Extraction[Any]:
        wanted: Any = self.target.source
        return self.extractor.run(wanted, record.text)

    def _readable(self, records: Iterator[Record | Unreadable], dead: JsonLines) -> Iterator[Record]:
        for record in records:
            if isinstance(record, Unreadable):
                self.summary.bad += 1
                self.summary.errors["unreadable"] += 1
                dead.write({"_id": record.key, "_error": "unreadable", "_problem": record.reason, **_plain(record.row)})
            else:
                yield record

    def _keep(self, outcome: Ok[Any] | Bad, good: JsonLines, dead: JsonLines) -> None:
        self.summary.add(outcome)
        record: Record = outcome.source
        if isinstance(outcome, Ok):
            value = self.target.encode(outcome.value)
            held: JsonObject = value if isinstance(value, dict) else {"value": value}
            good.write({"_id": record.key, **held})
            return
        self.is_endpoint = isinstance(outcome.error, ExtractionError) and codes.code_of(outcome.error) == codes.ENDPOINT
        problem = outcome.error.problem() if isinstance(outcome.error, ExtractionError) else str(outcome.error)
        text = outcome.error.text if isinstance(outcome.error, ExtractionError) else ""
        dead.write(
            {"_id": record.key, "_error": outcome.kind, "_problem": problem, "_text": text, **_plain(record.row)}
        )

    def report(self) -> None:
        """The account of the run, on stderr."""
        summary = self.summary
        say(
            f"{summary.total} rows in {time.monotonic() - self.began_s:.1f} s: {summary.ok} in {self.output}, {summary.bad} in {self.dead_path}"
        )
        if summary.repaired:
            rules = ", ".join(f"{rule} {count}" for rule, count in summary.repairs.most_common(6))
            say(f"  repaired: {summary.repaired} rows ({rules})")
        for kind, count in summary.errors.most_common():
            say(f"  failed: {count} {kind}")
        say(
            f"  {summary.attempts} attempts, {summary.prompt_tokens} prompt and {summary.completion_tokens} completion tokens"
        )


def _plain(row: Any) -> dict[str, JsonValue]:
    return json.loads(json.dumps(dict(row), default=str))  # type: ignore[no-any-return]  # JSON in, JSON out


class _Progress:
    """Live on a terminal, a line now and then elsewhere."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        console = Console(stderr=True)
        self._live = Live(console=console, transient=True, auto_refresh=False) if console.is_terminal else None
        self._every_s = PLAIN_EVERY_S if self._live is None else LIVE_EVERY_S
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
        if self._live is None:
            print(self._words(now_s), file=sys.stderr)
        else:
            self._live.update(Text(self._words(now_s)), refresh=True)

    def _words(self, now_s: float) -> str:
        summary, took_s = self._run.summary, now_s - self._run.began_s
        errors = ", ".join(f"{count} {kind}" for kind, count in summary.errors.most_common(4))
        tokens = summary.prompt_tokens + summary.completion_tokens
        return f"{summary.total} rows, {summary.total / took_s:.1f}/s, {tokens} tokens, {summary.bad} failed{f' ({errors})' if errors else ''}"
