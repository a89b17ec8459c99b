"""Raw replies, durable before they are parsed: a row whose reply is here is never paid for again.

One SQLite file in write-ahead mode: safe for several threads and processes at once, found by key without holding the
keys in memory, and whole after a crash at any moment. A writer thread commits what has gathered since the last commit; a
put is done when its commit is on disk. `benchmarks/journal.py` has the figures beside JSONL segments.

Two levels: a job is what was asked for, by component (`job.py`); under it stand the exchanges that were made. An exchange is
found by its course: a digest of what was asked and of all answers before it in this extraction. So a re-ask is replayed only
after the answer that it was made for, two runs that write at once cannot mix their courses, and nothing is ever overwritten.

No credential is ever here: a `Request` holds none.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import sqlite3
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ..chat.reply import Reply
from ..chat.request import Paths, Request, Tail, Whole, encode
from ..errors import UsageError
from ..vocabulary import JsonObject
from .job import COMPONENTS, Job

VERSION = 2
GATHER = 512
"""Most exchanges in one commit."""
ROWS_A_STATEMENT = (64, 16, 4, 1)
BUSY_S = 60.0
PACKED_BYTES = 512
"""Texts from here on are compressed."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS journal(version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS job(
    key BLOB PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL, source TEXT NOT NULL, instructions TEXT NOT NULL,
    schema TEXT NOT NULL, sampling TEXT NOT NULL, sample INTEGER NOT NULL, made_s REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS job_source ON job(source);
CREATE TABLE IF NOT EXISTS shape(schema TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempt(
    key BLOB NOT NULL, course BLOB NOT NULL, stored_s REAL NOT NULL, asked TEXT NOT NULL, method TEXT NOT NULL,
    request BLOB NOT NULL, status INTEGER NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL,
    prompt_tokens INTEGER, completion_tokens INTEGER,
    PRIMARY KEY (key, course, stored_s)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS named(name TEXT NOT NULL, key BLOB NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS failure(key BLOB PRIMARY KEY, at_s REAL NOT NULL, account TEXT NOT NULL) WITHOUT ROWID;
"""
JOB_COLUMNS = ", ".join(COMPONENTS)


class JournalError(OSError):
    """The journal cannot be read or written any more, e.g. because the disk is full; nothing that it holds is lost."""


class DamagedJournalError(JournalError):
    """What stands in the journal is not what was written there, e.g. because its file was cut; running again does not help."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored exchange.

    Attributes:
        course: see the module; 8 bytes.
        asked: which part of the value was asked for, as text.
        method: name of the method that asked.
        request: the JSON body that was sent.
        status: HTTP status.
        content_type: of the answer.
        body: the exact answer.
        prompt_tokens, completion_tokens: as the server counted; None where it did not say.
        stored_s: seconds since the epoch.
    """

    course: bytes
    asked: str
    method: str
    request: str
    status: int
    content_type: str
    body: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    stored_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Put:
    """What one commit is to hold: statements with their values, and whom to tell."""

    rows: tuple[tuple[str, tuple[object, ...]], ...]
    tell: Callable[[Exception | None], None]
    loop: asyncio.AbstractEventLoop | None = None


INSERT_JOB = "INSERT INTO job VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO NOTHING"
INSERT_ATTEMPT = "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
INSERT_NAME = "INSERT INTO named VALUES (?, ?) ON CONFLICT DO NOTHING"
INSERT_SHAPE = "INSERT INTO shape VALUES (?, ?) ON CONFLICT DO NOTHING"
INSERT_FAILURE = "INSERT INTO failure VALUES (?, ?, ?) ON CONFLICT(key) DO UPDATE SET at_s = excluded.at_s, account = excluded.account"


class Journal:
    """The replies of many jobs in one file. Usable from many threads, tasks and processes at once.

    Args:
        path: the file; made when it is not there, its folder must be.
        only: a job that is not in the journal is an error instead of a request: for replay in tests and CI. The file must
            be there, and nothing is written to it.

    Raises:
        UsageError: the file is no journal, or of another release, or cannot be written.
        JournalError: from every method, when the file can be read no more; a `DamagedJournalError` where that is for good.
    """

    def __init__(self, path: str | Path, *, only: bool = False) -> None:
        self.path = Path(path)
        self.only = only
        self._puts: queue.SimpleQueue[_Put | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._connections: list[sqlite3.Connection] = []
        self._closer = weakref.finalize(self, _close_all, self._connections)
        self._shapes: set[str] = set()
        if only and not self.path.is_file():
            raise UsageError(f"there is no journal {self.path}; record it first: run once without only=True")
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._closer()
            advice = "move it away, or give" if self.path.is_file() else "give"
            raise UsageError(f"cannot use {self.path} as a journal: {error}; {advice} another name") from error
        except UsageError:
            self._closer()
            raise

    def _prepare(self) -> None:
        connection = self._connection()
        if not self.only:
            connection.execute("PRAGMA journal_mode=WAL")
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                if connection.execute("SELECT version FROM journal").fetchone() is None:
                    connection.execute("INSERT INTO journal VALUES (?)", (VERSION,))
        (found,) = connection.execute("SELECT version FROM journal").fetchone()
        if found != VERSION:
            raise UsageError(f"{self.path} is of another release (version {found}; this one reads {VERSION})")

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            where = f"{self.path.absolute().as_uri()}?mode=ro" if self.only else str(self.path)
            found = sqlite3.connect(where, uri=self.only, timeout=BUSY_S, check_same_thread=False)
            with self._lock:
                self._connections.append(found)
            if not self.only:
                found.execute("PRAGMA synchronous=FULL")
            self._local.connection = found
        return found

    # --- reading

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        """The connection of this thread; what goes wrong with it says so of the journal."""
        try:
            yield self._connection()
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise JournalError(f"the journal {self.path} cannot be read: {error}") from error
        except (sqlite3.Error, zlib.error, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise DamagedJournalError(
                f"the journal {self.path} is damaged: {error}; move it away, or give another name"
            ) from error

    def stored(self, job: Job, *, since_s: float = 0.0) -> tuple[Stored, ...]:
        """The exchanges of a job in the order in which they were made; empty where there are none.

        Args:
            job: what was asked for.
            since_s: only exchanges from then on, in seconds since the epoch.
        """
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT course, asked, method, request, status, content_type, body, prompt_tokens, completion_tokens, stored_s"
                " FROM attempt WHERE key = ? AND stored_s >= ? ORDER BY stored_s",
                (job.key_bytes, since_s),
            )
            return tuple(
                Stored(course, asked, method, _text(request), status, content_type, _text(body), *rest)
                for course, asked, method, request, status, content_type, body, *rest in rows
            )

    def failure(self, job: Job, *, since_s: float = 0.0) -> JsonObject | None:
        """The account of how a job failed for good; None where it did not."""
        with self._reading() as connection:
            found = connection.execute(
                "SELECT account FROM failure WHERE key = ? AND at_s >= ?", (job.key_bytes, since_s)
            ).fetchone()  # fmt: skip
            return None if found is None else json.loads(found[0])

    def of_source(self, source: str) -> tuple[tuple[Job, float], ...]:
        """All jobs of one source with the moment of each, oldest first."""
        return self._jobs("source = ?", source)

    def named(self, name: str) -> tuple[tuple[Job, float], ...]:
        """The jobs that were asked for a row of this id, oldest first."""
        return self._jobs("key IN (SELECT key FROM named WHERE name = ?)", name)

    def _jobs(self, condition: str, value: str) -> tuple[tuple[Job, float], ...]:
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT {JOB_COLUMNS}, made_s FROM job WHERE {condition} ORDER BY made_s",  # noqa: S608 - no value in it
                (value,),
            )
            return tuple((Job(**dict(zip(COMPONENTS, row[:-1], strict=True))), row[-1]) for row in rows)

    def shape(self, schema: str) -> JsonObject | None:
        """The user's schema behind a digest."""
        with self._reading() as connection:
            found = connection.execute("SELECT text FROM shape WHERE schema = ?", (schema,)).fetchone()
            return None if found is None else json.loads(found[0])

    def nearest(self, job: Job) -> tuple[str, ...] | None:
        """Names of the components in which the nearest stored job of the same source differs; None where there is none."""
        found = [job.differences(other) for other, _ in self.of_source(job.source)]
        return min(found, key=len) if found else None

    def count(self) -> int:
        """How many jobs have a reply here."""
        with self._reading() as connection:
            (count,) = connection.execute("SELECT count(*) FROM job").fetchone()
        return int(count)

    def keys(self) -> Iterator[str]:
        """The keys of all jobs."""
        with self._reading() as connection:
            for (key,) in connection.execute("SELECT key FROM job"):
                yield key.hex()

    def spent(self) -> tuple[int, int]:
        """Prompt and completion tokens of all exchanges here."""
        with self._reading() as connection:
            prompt, completion = connection.execute(
                "SELECT coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) FROM attempt"
            ).fetchone()
        return int(prompt), int(completion)

    def usages(self, limit: int = 200) -> tuple[tuple[str, int, int], ...]:
        """The request, the prompt tokens and the completion tokens of some first requests, where the server counted."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT request, prompt_tokens, completion_tokens FROM attempt"
                " WHERE asked = 'whole' AND prompt_tokens IS NOT NULL AND completion_tokens IS NOT NULL LIMIT ?",
                (limit,),
            )
            return tuple((_text(request), prompt, completion) for request, prompt, completion in rows)

    # --- writing

    def put(
        self, job: Job, stored: Stored, *, name: str | None = None, shape: JsonObject | None = None
    ) -> Future[None]:
        """Keep one exchange; the future is done when it is on disk.

        Args:
            job: what was asked for.
            stored: the exchange.
            name: the id of the row that it was made for.
            shape: the user's schema.

        A disk that is full or gone is a `JournalError` of the future, never a silent loss.
        """
        done: Future[None] = Future()

        def tell(error: Exception | None) -> None:
            done.set_result(None) if error is None else done.set_exception(error)

        self._send(_Put(self._rows(job, stored, name, shape), tell))
        return done

    def put_soon(
        self, job: Job, stored: Stored, *, name: str | None = None, shape: JsonObject | None = None
    ) -> asyncio.Future[None]:
        """`put` for tasks of the running loop."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def tell(error: Exception | None) -> None:
            if not done.done():
                done.set_result(None) if error is None else done.set_exception(error)

        self._send(_Put(self._rows(job, stored, name, shape), tell, loop))
        return done

    def put_failure(self, job: Job, account: JsonObject, *, name: str | None = None) -> None:
        """Keep how a job failed for good; it is on disk with the next commit, and at the latest when closed."""
        rows: list[tuple[str, tuple[object, ...]]] = [
            (INSERT_JOB, _job_row(job)),
            (INSERT_FAILURE, (job.key_bytes, time.time(), json.dumps(account, ensure_ascii=True))),
        ]
        if name is not None:
            rows.append((INSERT_NAME, (name, job.key_bytes)))
        self._send(_Put(tuple(rows), _ignore))

    def _rows(
        self, job: Job, stored: Stored, name: str | None, shape: JsonObject | None
    ) -> tuple[tuple[str, tuple[object, ...]], ...]:
        rows: list[tuple[str, tuple[object, ...]]] = [(INSERT_JOB, _job_row(job)), (INSERT_ATTEMPT, _row(job, stored))]
        if name is not None:
            rows.append((INSERT_NAME, (name, job.key_bytes)))
        if shape is not None and job.schema not in self._shapes:
            self._shapes.add(job.schema)
            rows.append((INSERT_SHAPE, (job.schema, json.dumps(shape, ensure_ascii=True))))
        return tuple(rows)

    def _send(self, put: _Put) -> None:
        self._puts.put(put)
        if self._writer is None:
            with self._lock:
                if self._writer is None:
                    self._writer = threading.Thread(target=self._write, name="extract-journal", daemon=True)
                    self._writer.start()

    def _write(self) -> None:
        connection = self._connection()
        while (first := self._puts.get()) is not None:
            puts, is_last = self._gathered(first)
            self._commit(connection, puts)
            if is_last:
                return

    def _gathered(self, first: _Put) -> tuple[list[_Put], bool]:
        """What has come since the last commit, and whether the end was among it."""
        puts = [first]
        while len(puts) < GATHER:
            try:
                following = self._puts.get_nowait()
            except queue.Empty:
                return puts, False
            if following is None:
                return puts, True
            puts.append(following)
        return puts, False

    def _commit(self, connection: sqlite3.Connection, puts: list[_Put]) -> None:
        failed: JournalError | None = None
        try:
            with connection:
                for statement, rows in _grouped(puts).items():
                    _insert(connection, statement, rows)
        except sqlite3.Error as error:
            failed = JournalError(f"the journal {self.path} cannot be written: {error}")
        self._told(puts, failed)

    def _told(self, puts: list[_Put], failed: JournalError | None) -> None:
        """Tell everybody who waits for a commit how it went, each in its own loop."""
        by_loop: dict[asyncio.AbstractEventLoop | None, list[_Put]] = {}
        for put in puts:
            by_loop.setdefault(put.loop, []).append(put)
        for loop, told in by_loop.items():
            if loop is None:
                _tell(told, failed)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(_tell, told, failed)

    def close(self) -> None:
        """Write what is still waiting and close the file."""
        if self._writer is not None:
            self._puts.put(None)
            self._writer.join()
            self._writer = None
        with self._lock:
            _close_all(self._connections)
        self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _grouped(puts: list[_Put]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of many puts by statement, each in the order in which they came."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for put in puts:
        for statement, values in put.rows:
            found.setdefault(statement, []).append(values)
    return found


def _insert(connection: sqlite3.Connection, statement: str, rows: list[tuple[object, ...]]) -> None:
    """Many rows by few statements of 64, 16, 4 and 1 rows: each one that runs gives the interpreter's lock away and waits for it."""
    row = statement[statement.index("(") : statement.index(")") + 1]
    at = 0
    for size in ROWS_A_STATEMENT:
        many = statement.replace(row, ", ".join([row] * size), 1)
        while len(rows) - at >= size:
            connection.execute(many, [value for values in rows[at : at + size] for value in values])
            at += size


def _close_all(connections: list[sqlite3.Connection]) -> None:
    while connections:
        connections.pop().close()


def _tell(puts: list[_Put], error: JournalError | None) -> None:
    for put in puts:
        put.tell(error)


def _ignore(_error: Exception | None) -> None:
    """Nobody waits: a disk that is full is told by the exchanges that somebody waits for."""


def stored_of(request: Request, reply: Reply, course: bytes) -> Stored:
    """An exchange as it is kept."""
    content_type = (reply.headers or {}).get("content-type", "application/json")
    body = encode(request.body).decode("utf-8")
    usage = reply.usage
    return Stored(
        course, asked_text(request), request.method, body, reply.status, content_type, reply.body,
        None if usage is None else usage.prompt_tokens, None if usage is None else usage.completion_tokens, time.time(),
    )  # fmt: skip


def course_of(before: bytes, answer: str, asked: str) -> bytes:
    """The course of an exchange: that of the one before it, its answer, and what is asked now; b"" and "" at first."""
    told = hashlib.blake2b(before, digest_size=8)
    told.update(answer.encode("utf-8", "surrogatepass"))
    told.update(b"\0")
    told.update(asked.encode("utf-8", "surrogatepass"))
    return told.digest()


def asked_text(request: Request) -> str:
    """Which part of the value a request asks for, as a stable text."""
    match request.asked:
        case Whole():
            return "whole"
        case Paths(paths=paths):
            return json.dumps(["paths", *(list(path) for path in paths)])
        case Tail(after=after):
            return json.dumps(["tail", *after])


def _job_row(job: Job) -> tuple[object, ...]:
    return (job.key_bytes, *(getattr(job, name) for name in COMPONENTS), time.time())


def _row(job: Job, stored: Stored) -> tuple[object, ...]:
    return (
        job.key_bytes,
        stored.course,
        stored.stored_s,
        stored.asked,
        stored.method,
        _packed(stored.request),
        stored.status,
        stored.content_type,
        _packed(stored.body),
        stored.prompt_tokens,
        stored.completion_tokens,
    )


def _packed(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return b"\0" + data if len(data) < PACKED_BYTES else b"\1" + zlib.compress(data, 1)


def _text(data: bytes) -> str:
    return (data[1:] if data[:1] == b"\0" else zlib.decompress(data[1:])).decode("utf-8", "surrogatepass")
