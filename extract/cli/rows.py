"""`extract map` and `extract retry`: a table of texts in, a table of records out; resumed by the same command."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ..batch.estimate import Known, estimate, prompt_tokens, tokens_in
from ..batch.job import source_of
from ..batch.journal import Journal
from ..batch.manifest import manifest_path, read_manifest
from ..batch.provider.run import EVERY_S
from ..batch.sinks import dead_path
from ..batch.table import Record, Unreadable, rows
from ..chat.request import Request
from ..errors import UsageError
from ..offline.transport import answer
from ..target.compile import compile_target
from ..text.strict import dumps
from .load import TARGET_HELP, load_target
from .run import MapRun, Options, options_of
from .show import say

SAMPLE = 200
"""Rows from which a dry run tells the whole."""


def map_rows(
    target: Annotated[str, typer.Argument(help=TARGET_HELP, metavar="TARGET")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="JSONL, CSV, TSV or Parquet files, folders or globs of texts and pictures, or - for JSONL on stdin.",
            metavar="INPUT...",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="A .jsonl, .csv, .tsv, .parquet or .sqlite file; failed rows go beside it."
        ),
    ],
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
    temperature: Annotated[float | None, typer.Option(help="Sampling temperature; sent only when given.")] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", "-c", help="Requests under way at most [default: found out].")
    ] = None,
    rpm: Annotated[float | None, typer.Option("--rpm", help="Requests a minute that the account has.")] = None,
    tpm: Annotated[float | None, typer.Option("--tpm", help="Tokens a minute that the account has.")] = None,
    journal: Annotated[Path | None, typer.Option(help="Where raw replies are kept [default: OUTPUT.journal].")] = None,
    batch: Annotated[
        bool,
        typer.Option("--batch", help="Ask through the endpoint's batch API first: slower, and often half the price."),
    ] = False,
    hours: Annotated[int, typer.Option(help="With --batch: the completion window.")] = 24,
    every: Annotated[float, typer.Option(help="With --batch: seconds between two looks.")] = EVERY_S,
    rounds: Annotated[
        int, typer.Option(help="With --batch: batches that a row may be part of; then it is asked online.")
    ] = 1,
    limit: Annotated[int | None, typer.Option(help="Only the first N rows.")] = None,
    budget: Annotated[
        float | None, typer.Option(help="Most that the journal's requests may cost in all; needs --price.")
    ] = None,
    price: Annotated[
        str | None, typer.Option(help="PROMPT,COMPLETION: what a million tokens cost, in any currency.")
    ] = None,
    max_errors: Annotated[int | None, typer.Option(help="Stop when so many rows have failed.")] = None,
    schema_change: Annotated[
        str, typer.Option(help="What may change in an output's columns: add, widen, fail or replace.")
    ] = "add",
    prefix: Annotated[str, typer.Option(help="Before the names of the columns beside the target's own.")] = "_",
    companions: Annotated[
        bool, typer.Option("--companions/--no-companions", help="Columns for id, status, repairs, tokens and the like.")
    ] = True,
    share: Annotated[bool, typer.Option("--share/--no-share", help="Whether equal rows share one paid reply.")] = True,
    ask: Annotated[
        bool, typer.Option("--ask/--no-ask", help="Without: what is not in the journal is a dead letter.")
    ] = True,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Of a row with an earlier reply ask only the fields that are new.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything was lost or guessed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would need, and send nothing.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Read the journal anew, even when nothing has changed.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Extract one record from each row of a table.

    Every row ends in the output or in the dead letters, once. Run the same command again after a stop of any kind: rows whose
    replies are in the journal are not paid for again.
    """
    if offline and base_url:
        raise UsageError("give --base-url or --offline, not both")
    options = Options(
        target=target, inputs=tuple(inputs), output=str(output), column=column, template=template, id_column=id_column,
        base_url="offline:" if offline else base_url, model=model, instructions=instructions, repair=repair, method=method,
        max_tokens=max_tokens, temperature=temperature, concurrency=concurrency, rpm=rpm, tpm=tpm,
        journal=None if journal is None else str(journal), batch=batch, hours=hours, every=every, rounds=rounds,
        limit=limit, budget=budget, price=_price(price),
        max_errors=max_errors, schema_change=schema_change, prefix=prefix, companions=companions, share=share, ask=ask,
        incremental=incremental, strict=strict, again=again, dry_run=dry_run, quiet=quiet,
    )  # fmt: skip
    run = MapRun(options=options)
    if dry_run:
        _estimate(run)
        return
    if code := run.through():
        raise typer.Exit(code)


def _price(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        prompt, completion = (float(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(
            f"--price is {text!r}; it must be PROMPT,COMPLETION per million tokens, such as 0.4,1.6"
        ) from error
    return prompt, completion


def retry(
    output: Annotated[Path, typer.Argument(help="The output of an `extract map`.", metavar="OUTPUT")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Ask the failed rows of a finished `extract map` again, by the same options; the outputs are written anew."""
    before = read_manifest(output)
    if before is None:
        raise UsageError(f"there is no manifest {manifest_path(output)}; `extract map` writes it beside its output")
    options = options_of({**before.command, "quiet": quiet, "batch": False})
    if "-" in options.inputs:
        raise UsageError(f"the input was stdin: give the dead letters themselves to `extract map`: {dead_path(output)}")
    dead = rows([str(dead_path(output))], MapRun(options=options).layout()) if before.dead.rows else ()
    keys = frozenset(record.key for record in dead)
    if not keys:
        say(f"extract: no row of {output} has failed")
        return
    run = MapRun(options=options, again=keys, again_since_s=before.finished_s)
    if code := run.through():
        raise typer.Exit(code)


def _estimate(run: MapRun) -> None:
    """Say what a run would need."""
    options = run.options
    target: Any = compile_target(load_target(options.target)).source
    journal = Journal(run.journal_path) if run.journal_path.is_file() else None
    asked = run.extractor(None)
    dice, sample = random.Random(0), list[Record]()  # noqa: S311 - a sample, not a secret
    total = known = unread = 0
    for record in run.records():
        if options.limit is not None and total >= options.limit:
            break
        total += 1
        if isinstance(record, Unreadable):
            unread += 1
            continue
        if journal is not None and isinstance(record.text, str) and journal.of_source(source_of(record.text)):
            known += 1
            continue
        if len(sample) < SAMPLE:
            sample.append(record)
        elif (at := dice.randrange(total)) < SAMPLE:
            sample[at] = record
    pairs = [_counts(asked.request(target, record.text)) for record in sample]
    earlier = () if journal is None else [_known(*one) for one in journal.usages()]
    found = estimate(pairs, total, total - known - unread, earlier, run.price())
    say(
        f"{found.rows} rows, {unread} unreadable, {known} with a reply in {run.journal_path}: {found.requests} requests"
    )
    say(f"  prompt tokens {found.prompt_tokens}, completion tokens {found.completion_tokens}")
    if found.cost is not None:
        say(f"  cost {found.cost}")
    how = (
        "scaled by what the server counted before"
        if found.is_scaled
        else "counted by characters, which may be off by a third"
    )
    say(
        f"  from a sample of {found.sample} rows, {how}; answers that must be asked again come on top; nothing was sent"
    )


def _counts(request: Request) -> tuple[int, int]:
    """Our counts for one request; the answer's length is that of what the offline rules would say."""
    status, body = answer(request.body)
    text = dumps(body.get("choices")) if status == 200 else ""
    return prompt_tokens(request), tokens_in(text) if text else 200


def _known(request: str, prompt: int, completion: int) -> Known:
    counted = prompt_tokens(Request(url="", body=json.loads(request), method=""))
    return Known(counted, prompt, completion)


def explain_row(
    journal: Annotated[Path, typer.Argument(help="The journal of an `extract map`.", metavar="JOURNAL")],
    row: Annotated[str, typer.Argument(help="The row's id.", metavar="ROW")],
) -> None:
    """Say what was asked for a row, and why it was asked again."""
    with Journal(journal, only=True) as kept:
        jobs = kept.named(row)
        if not jobs:
            raise UsageError(f"{journal} has no exchange of a row {row!r}; a row equal to another shares its reply")
        before = None
        for job, _made_s in jobs:
            why = _why(() if before is None else job.differences(before), is_first=before is None)
            say(f"{row}, asked of {job.model} at {job.endpoint}: {why}")
            for number, stored in enumerate(kept.stored(job), start=1):
                say(
                    f"  {number}. {_asked(stored.asked)}, method {stored.method}: status {stored.status}, {_tokens(stored.completion_tokens)}"
                )
            failure = kept.failure(job)
            if failure is not None:
                say(f"  failed for good: {failure.get('problem')}; `extract retry` asks it again")
            before = job


WORDS = {
    "endpoint": "the endpoint", "model": "the model", "source": "the text", "instructions": "the instructions or examples",
    "schema": "the target's fields", "sampling": "the sampling parameters", "sample": "the sample",
}  # fmt: skip


def _why(differs: Sequence[str], *, is_first: bool) -> str:
    if is_first:
        return "it was not in the journal"
    return f"{' and '.join(WORDS.get(name, name) for name in differs)} had changed"


def _asked(asked: str) -> str:
    if asked == "whole":
        return "the whole record"
    kind, *paths = json.loads(asked)
    if kind == "tail":
        return f"the rest after {_path(paths)}, because the answer was cut"
    return f"only {', '.join(_path(path) for path in paths)}, because it was wrong, missing or new"


def _path(path: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _tokens(count: int | None) -> str:
    return "tokens not counted" if count is None else f"{count} tokens"
