"""One run of `extract map`: rows in, records and dead letters out, each row in exactly one of output, dead letters or pending."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from ..batch.companions import Companions, unreadable, unwritable
from ..batch.desk import Terms
from ..batch.flat import leaves
from ..batch.job import digest, structure
from ..batch.journal import DamagedJournalError, Journal, JournalError
from ..batch.limiter import Limits, Purse
from ..batch.manifest import (
    Manifest,
    check_change,
    check_policy,
    columns_of,
    digest_of,
    manifest_path,
    read_manifest,
    write_manifest,
    written,
)
from ..batch.outcome import EVERYWHERE, Bad, Ok, Summary, account_of
from ..batch.progress import Meter
from ..batch.provider.folder import Part
from ..batch.provider.run import EVERY_S, ROUNDS
from ..batch.run import AsyncOutcomes
from ..batch.sinks import OutputError, Shape, Sink, dead_path, sink_for, sweep
from ..batch.table import Layout, Record, Unreadable, count_rows, inputs_of, rows, shown
from ..client import AsyncExtractor
from ..errors import UsageError
from ..flow.budget import Budget, Price
from ..target.compile import Target, compile_target
from ..vocabulary import JsonObject, JsonValue
from . import codes
from .batches import Texts, lines_of
from .live import Display
from .live import account_of as shown_account
from .load import load_target
from .show import say

STREAK = 10
"""So many rows in a row that fail as every row would, such as for a wrong key, stop the run."""
PASSED_BY = frozenset(
    {
        "output",
        "quiet",
        "again",
        "concurrency",
        "rpm",
        "tpm",
        "strict",
        "max_errors",
        "budget",
        "dry_run",
        "batch",
        "hours",
        "every",
        "rounds",
    }
)
"""Options that change nothing about what is in the outputs once a run is complete."""


AGAINST_BATCH: Mapping[str, tuple[object, str, str]] = {
    "share": (True, "--no-share", "a batch asks equal rows once"),
    "incremental": (False, "--incremental", "a batch asks for whole records"),
    "budget": (None, "--budget", "what a batch costs is known when it is over; bound it with --limit"),
}
"""Options that a batch cannot keep: their usual value, their name and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command, as they can be kept in a manifest: never a key."""

    target: str
    inputs: tuple[str, ...]
    output: str
    column: str | None = None
    template: str | None = None
    id_column: str | None = None
    base_url: str | None = None
    model: str | None = None
    instructions: str = ""
    repair: str = "coerced"
    method: str = "auto"
    max_tokens: int | None = None
    temperature: float | None = None
    concurrency: int | None = None
    rpm: float | None = None
    tpm: float | None = None
    journal: str | None = None
    batch: bool = False
    hours: int = 24
    every: float = EVERY_S
    rounds: int = ROUNDS
    limit: int | None = None
    share: bool = True
    ask: bool = True
    incremental: bool = False
    strict: bool = False
    budget: float | None = None
    price: tuple[float, float] | None = None
    max_errors: int | None = None
    schema_change: str = "add"
    prefix: str = "_"
    companions: bool = True
    again: bool = False
    dry_run: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        for name, least in (("limit", 1), ("max_errors", 1), ("max_tokens", 1), ("hours", 1), ("rounds", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise UsageError(f"--{name.replace('_', '-')} is {value}; it must be {least} or more")
        if self.price is not None and not all(0 <= price < float("inf") for price in self.price):
            raise UsageError(f"--price is {self.price[0]:g},{self.price[1]:g}; a price must be 0 or more")
        if self.budget is not None and self.price is None:
            raise UsageError("--budget needs --price PROMPT,COMPLETION: what a million tokens cost")
        if not self.share and self.id_column is None:
            raise UsageError("--no-share tells equal rows apart by their id: name its column with --id-column")
        if not self.every > 0:
            raise UsageError(f"--every is {self.every:g}; it must be above 0 seconds")
        if self.batch and (
            against := [name for name in AGAINST_BATCH if getattr(self, name) != AGAINST_BATCH[name][0]]
        ):
            name = against[0]
            raise UsageError(f"--batch and {AGAINST_BATCH[name][1]} do not go together: {AGAINST_BATCH[name][2]}")
        check_policy(self.schema_change)


def options_of(held: JsonObject) -> Options:
    """The options that a manifest holds."""
    known: dict[str, Any] = {one.name: held[one.name] for one in fields(Options) if one.name in held}
    known["inputs"] = tuple(known["inputs"])
    known["price"] = None if known.get("price") is None else tuple(known["price"])
    return Options(**known)


@dataclass(slots=True)
class Feed:
    """The rows of the input until the run is to stop.

    Attributes:
        why: why it stopped; "" while it goes on.
    """

    records: Iterator[Record | Unreadable]
    limit: int | None = None
    why: str = ""
    read: int = 0

    def __iter__(self) -> Iterator[Record | Unreadable]:
        for record in self.records:
            if self.limit is not None and self.read >= self.limit:
                return
            if self.why:
                return
            self.read += 1
            yield record

    def stop(self, why: str) -> None:
        """Read no more."""
        self.why = self.why or why


@dataclass(slots=True)
class MapRun:
    """One run of the command; `through` carries it out and gives the exit code."""

    options: Options
    again: frozenset[str] = frozenset()
    again_since_s: float = 0.0
    summary: Summary = field(default_factory=Summary)
    held: list[Bad] = field(default_factory=list[Bad])
    last_kind: str = ""
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    rows_out: int = 0
    rows_dead: int = 0
    began_s: float = field(default_factory=time.monotonic)

    # --- what is wanted

    @property
    def output(self) -> Path:
        """Where the records go."""
        return Path(self.options.output)

    @property
    def journal_path(self) -> Path:
        """Where raw replies are kept."""
        return Path(self.options.journal or f"{self.options.output}.journal")

    def layout(self) -> Layout:
        """Which part of a row is its text, and which its id."""
        return Layout(column=self.options.column, template=self.options.template, id_column=self.options.id_column)

    def check_paths(self) -> None:
        """Raise a UsageError where one file would be read and written, or written twice."""
        written = {
            "the output": self.output, "the failed rows": dead_path(self.output), "the journal": self.journal_path,
            "the manifest": manifest_path(self.output),
        }  # fmt: skip
        named = {
            path.resolve(): f"the input {path}" for path in map(Path, inputs_of(self.options.inputs)) if path.is_file()
        }
        for what, path in written.items():
            if (other := named.get(path.resolve())) is not None:
                raise UsageError(f"{other} and {what} would be one file; give another name")
            named[path.resolve()] = f"{what} {path}"

    def records(self) -> Iterator[Record | Unreadable]:
        """The rows; a UsageError where the very first lacks what the layout names: all of them would."""
        found = rows(self.options.inputs, self.layout())
        first = next(found, None)
        if isinstance(first, Unreadable) and first.is_layout:
            raise UsageError(first.reason)
        if isinstance(first, Record) and (column := self.options.id_column) is not None and column not in first.row:
            raise UsageError(f"{first.place}: no column {column} for the id; the row has {shown(first.row)}")
        if first is None:
            return iter(())
        return _chained(first, found)

    def extractor(self, journal: Journal | None) -> AsyncExtractor:
        """Who is asked."""
        options = self.options
        given: dict[str, Any] = {"max_tokens": options.max_tokens, "temperature": options.temperature}
        asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        asked |= {"repair": options.repair, "method": options.method}
        made = AsyncExtractor(
            options.model, base_url=options.base_url, journal=journal, instructions=options.instructions, **asked,
        )  # fmt: skip
        price = self.price()
        if price is None:
            return made
        model = str(made.request(str, "x").body.get("model"))
        return made.with_options(budget=Budget(prices={model: price}))

    def price(self) -> Price | None:
        """What a million tokens cost."""
        price = self.options.price
        return None if price is None else Price(prompt=price[0], completion=price[1])

    # --- the run

    def through(self) -> int:
        """All rows, each into the output or the dead letters; the exit code."""
        target = compile_target(load_target(self.options.target))
        output, options = self.output, self.options
        make = sink_for(output)
        names = {leaf.path[0] for leaf in leaves(target.schema)}
        beside = Companions(digest(structure(target.schema)), options.prefix)
        beside.check(names)
        before = read_manifest(output)
        columns = columns_of(leaves(target.schema))
        if before is not None and output.exists():
            check_change(before.columns, columns, check_policy(options.schema_change), output)
        self.check_paths()
        records = self.records()
        sweep(output)
        sweep(dead_path(output))
        with Journal(self.journal_path) as journal:
            extractor = self.extractor(journal)
            fingerprint = self.fingerprint(target, extractor)
            if self._is_done(before, fingerprint):
                return codes.OK
            if options.batch:
                asyncio.run(self._by_batch(extractor, journal, target))
            feed = Feed(records, options.limit)
            sinks: list[Sink] = []
            try:
                sinks.append(make(output, Shape(target, beside.columns(is_dead=False) if options.companions else {})))
                sinks.append(make(dead_path(output), Shape(target, beside.columns(is_dead=True))))
                asyncio.run(self._rows(extractor, journal, target, feed, sinks, beside))
                is_complete = not feed.why
                if is_complete or before is None or not before.is_complete or not before.is_intact(output.parent):
                    self._put(sinks, fingerprint, columns, is_complete=is_complete)
                else:
                    say(f"extract: {output} stays as the last complete run left it")
            except asyncio.CancelledError:
                raise KeyboardInterrupt from None
            except DamagedJournalError:
                raise  # the same command again would end here again
            except (OutputError, JournalError) as error:
                say(f"extract: {error}; what was answered is in {self.journal_path}: run the same command again")
                return codes.STOPPED
            finally:
                for sink in sinks:
                    with suppress(OutputError):
                        sink.close(keep=False)
        return self._report(feed)

    def _put(self, sinks: list[Sink], fingerprint: str, columns: dict[str, str], *, is_complete: bool) -> None:
        while sinks:
            sinks.pop(0).close(keep=True)
        write_manifest(
            self.output,
            Manifest(
                fingerprint=fingerprint,
                is_complete=is_complete,
                finished_s=time.time(),
                records=written(self.output, self.rows_out),
                dead=written(dead_path(self.output), self.rows_dead),
                columns=columns,
                command=asdict(self.options),
                summary=self.summary.to_dict(),
            ),
        )

    async def _by_batch(self, extractor: AsyncExtractor, journal: Journal, target: Target[Any]) -> None:
        """Put the replies of the endpoint's batch API into the journal; what it leaves open is asked with the other rows."""
        options, told = self.options, set[str]()

        def tell(parts: list[Part]) -> None:
            for line in lines_of(parts):
                if line not in told and not options.quiet:
                    say(f"extract: {line}")
                told.add(line)

        wanted: Any = target.source
        texts = Texts(options.inputs, self.layout(), options.limit)
        try:
            async with extractor.batch(wanted, texts, journal=journal, hours=options.hours) as batch:
                for _ in range(options.rounds):
                    parts = await batch.submit()
                    tell(parts)
                    if not any(part.is_under_way for part in parts):
                        return
                    await batch.wait(every_s=options.every, on_look=tell)
        except asyncio.CancelledError:
            say("extract: the batch goes on at the provider; the same command goes on with it")
            raise

    async def _rows(
        self,
        extractor: AsyncExtractor,
        journal: Journal,
        target: Target[Any],
        feed: Feed,
        sinks: Sequence[Sink],
        beside: Companions,
    ) -> None:
        options = self.options
        terms = Terms(
            limits=Limits(
                concurrency=options.concurrency, requests_per_minute=options.rpm, tokens_per_minute=options.tpm
            ),
            is_shared=options.share,
            may_ask=options.ask,
            is_incremental=options.incremental,
            keeps_failures=True,
            again=self.again,
            again_since_s=self.again_since_s,
            purse=self._purse(journal),
        )
        wanted: Any = target.source
        total = count_rows(options.inputs)
        total = options.limit if total is None or (options.limit or total) < total else total
        async with extractor:
            outcomes: AsyncOutcomes[Any] = extractor.map(wanted, feed, key=_key, text=_text, terms=terms)
            meter = Meter(self.summary, time.monotonic(), outcomes.limiters, total=total)
            loop = asyncio.get_running_loop()
            leave = _on_signal(loop, feed)
            with Display(
                meter, is_quiet=options.quiet, note=lambda: f"stopping: {feed.why}" if feed.why else ""
            ) as display:
                try:
                    async with outcomes:
                        async for outcome in outcomes:
                            self._take(outcome, feed, target, sinks, beside)
                            display.show()
                finally:
                    leave()
            if terms.purse is not None and terms.purse.is_empty:
                feed.stop(f"{terms.purse.spent:.6g} of the budget of {terms.purse.limit:.6g} is spent; raise --budget")
        self._flush(feed, sinks, target, beside)
        done = self.summary.total
        self.summary.pending = max(feed.read, total or 0) - done if feed.why else 0

    def _purse(self, journal: Journal) -> Purse | None:
        price = self.price()
        if self.options.budget is None or price is None:
            return None
        prompt, completion = journal.spent()
        return Purse(self.options.budget, (prompt * price.prompt + completion * price.completion) / 1e6)

    def _take(
        self, outcome: Ok[Any] | Bad, feed: Feed, target: Target[Any], sinks: Sequence[Sink], beside: Companions
    ) -> None:
        """One outcome; failures that every row would meet are held back until it is clear whether the run stops."""
        if isinstance(outcome, Bad) and outcome.kind in EVERYWHERE:
            self.held.append(outcome)
            if len(self.held) >= STREAK:
                feed.stop(
                    f"{len(self.held)} rows in a row failed: {' '.join(str(account_of(outcome.error)['problem']).split())}"
                )
            return
        self._flush(feed, sinks, target, beside)
        self._write(outcome, target, sinks, beside)
        if self.options.max_errors is not None and self.summary.bad >= self.options.max_errors:
            feed.stop(f"{self.summary.bad} rows failed, as many as --max-errors takes")

    def _flush(self, feed: Feed, sinks: Sequence[Sink], target: Target[Any], beside: Companions) -> None:
        held, self.held = self.held, []
        if held and feed.why and len(held) >= STREAK:
            self.last_kind = held[-1].kind
            return  # they are pending
        for outcome in held:
            self._write(outcome, target, sinks, beside)

    def _write(self, outcome: Ok[Any] | Bad, target: Target[Any], sinks: Sequence[Sink], beside: Companions) -> None:
        record: Record | Unreadable = outcome.source
        if isinstance(outcome, Bad):
            account = unreadable(record.reason) if isinstance(record, Unreadable) else account_of(outcome.error)
            self.last_kind = str(account["kind"])
            self.reasons.setdefault(self.last_kind, str(account["problem"]))
            self._dead(record, account, getattr(outcome.error, "job", None), sinks, beside)
            self.summary.add(outcome, kind=self.last_kind)
            return
        try:
            held: JsonValue = target.encode(outcome.value)
            sinks[0].write(
                outcome.value, held, beside.of_value(record.key, outcome.extraction) if self.options.companions else {}
            )
        except (ValueError, TypeError, OverflowError) as error:
            self._dead(record, unwritable(error), outcome.extraction.job, sinks, beside)
            self.summary.bad += 1
            self.summary.errors["unwritable"] += 1
            self.reasons.setdefault("unwritable", str(error))
            return
        self.rows_out += 1
        self.summary.add(outcome)

    def _dead(
        self,
        record: Record | Unreadable,
        account: JsonObject,
        job: str | None,
        sinks: Sequence[Sink],
        beside: Companions,
    ) -> None:
        sinks[1].write(None, None, beside.of_failure(record.key, account, record.row, job))
        self.rows_dead += 1

    # --- before and after

    def fingerprint(self, target: Target[Any], extractor: AsyncExtractor) -> str:
        """A digest of all that the outputs depend on: inputs, options, endpoint, the target and the code that it is made of."""
        options = {name: value for name, value in asdict(self.options).items() if name not in PASSED_BY}
        files = inputs_of(self.options.inputs)
        code = [] if "-" in files else sorted(_own_code(self.options.target))
        words = [
            repr(extractor),
            digest(target.schema),
            metadata.version("typed-extract"),
            metadata.version("pydantic"),
        ]
        readable = [Path(path) for path in [*files, *code] if path != "-" and Path(path).is_file()]
        return digest_of(readable, digest(options), *files, *words)

    def _is_done(self, before: Manifest | None, fingerprint: str) -> bool:
        if before is None or not before.is_complete or self.options.again or self.again or "-" in self.options.inputs:
            return False
        if before.fingerprint != fingerprint or not before.is_intact(self.output.parent):
            return False
        say(
            f"extract: nothing has changed: {before.records.rows} rows in {self.output}, {before.dead.rows} in"
            f" {dead_path(self.output)}; `extract retry` asks the failed ones again, --again reads the journal anew"
        )
        return True

    def _report(self, feed: Feed) -> int:
        took_s = time.monotonic() - self.began_s
        for line in shown_account(self.summary, took_s, str(self.output), str(dead_path(self.output)), self.reasons):
            say(line)
        summary = self.summary
        if feed.why:
            say(f"extract: stopped: {feed.why}; the same command goes on")
            if feed.why == INTERRUPTED:
                return codes.INTERRUPTED
            return codes.ENDPOINT if self.last_kind in EVERYWHERE else codes.STOPPED
        if self.options.strict and (summary.bad or summary.guessed or summary.items_dropped):
            say("extract: --strict: something was lost or guessed, see above")
            return codes.NO_VALUE
        if summary.bad and not summary.ok:
            return codes.ENDPOINT if self.last_kind in ENDPOINT_KINDS else codes.NO_VALUE
        return codes.OK


INTERRUPTED = "interrupted"
ENDPOINT_KINDS = EVERYWHERE | {"server", "broken", "bad_request"}


def _key(record: Record | Unreadable) -> str:
    return record.key


def _text(record: Record | Unreadable) -> Any:
    if isinstance(record, Unreadable):
        raise UsageError(record.reason)
    return record.text


def _chained(first: Record | Unreadable, rest: Iterator[Record | Unreadable]) -> Iterator[Record | Unreadable]:
    yield first
    yield from rest


def _own_code(target: str) -> set[str]:
    """The files of the user's own code that are loaded: those beside the target's file and below the working folder."""
    place = target.rpartition(":")[0] or target
    near, found = {Path.cwd().resolve()}, set[str]()
    if Path(place).is_file():
        near.add(Path(place).resolve().parent)
        found.add(str(Path(place).resolve()))
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if (
            path
            and not any(word in path for word in ("site-packages", "dist-packages"))
            and near & set(Path(path).parents)
        ):
            found.add(path)
    return found


def _on_signal(loop: asyncio.AbstractEventLoop, feed: Feed) -> Any:
    """Let the first Ctrl-C (or SIGTERM) stop the reading, the second everything; a callable that ends this."""
    task = asyncio.current_task()

    def stop() -> None:
        if feed.why and task is not None:
            task.cancel()
            return
        feed.stop(INTERRUPTED)
        say("extract: stopping: waiting for the requests under way; press Ctrl-C again to drop them")

    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        for one in signals:
            loop.add_signal_handler(one, stop)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        return lambda: None
    return lambda: [loop.remove_signal_handler(one) for one in signals]
