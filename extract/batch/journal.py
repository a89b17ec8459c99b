"""Raw replies, durable before they are parsed: a row whose reply is here is never paid for again.

One SQLite file in write-ahead mode: safe for several threads and processes at once, found by key without holding the
keys in memory, and whole after a crash at any moment. A writer thread commits what has gathered since the last commit
(measured: 11,800 rows/s at 64 rows a commit, far above what an endpoint answers; JSONL segments are faster still, but
need all keys in memory: 116 MiB for a million). A put returns when its commit is on disk.

No credential is ever here: a `Request` holds none.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ..chat.reply import Reply
from ..chat.request import Paths, Request, Tail, Whole
from ..errors import UsageError
from .job import Job

VERSION = 1
GATHER = 256
"""Most replies in one commit."""
BUSY_S = 30.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS journal(version INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS job(key BLOB PRIMARY KEY, components TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attempt(
    key BLOB NOT NULL, number INTEGER NOT NULL, asked TEXT NOT NULL, method TEXT NOT NULL, request BLOB NOT NULL,
    status INTEGER NOT NULL, content_type TEXT NOT NULL, body BLOB NOT NULL, stored_s REAL NOT NULL,
    PRIMARY KEY (key, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored exchange.

    Attributes:
        asked: which part of the value was asked for, as text.
        method: name of the method that asked.
        request: the JSON body that was sent.
        status: HTTP status.
        content_type: of the answer.
        body: the exact answer.
    """

    asked: str
    method: str
    request: str
    status: int
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class _Put:
    job: Job
    number: int
    stored: Stored
    done: Future[None]


class Journal:
    """The replies of many jobs in one file.

    Args:
        path: the file; made when it is not there, its folder must be.
        only: a job that is not in the journal is an error instead of a request: for replay in tests and CI.

    Raises:
        UsageError: the file is no journal, or of a newer release, or cannot be written.
    """

    def __init__(self, path: str | Path, *, only: bool = False) -> None:
        self.path = Path(path)
        self.only = only
        self._puts: queue.SimpleQueue[_Put | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._connections: list[sqlite3.Connection] = []
        try:
            self._prepare()
        except sqlite3.Error as error:
            raise UsageError(f"cannot use {self.path} as a journal: {error}") from error

    def _prepare(self) -> None:
        connection = self._connection()
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(SCHEMA)
        found = connection.execute("SELECT version FROM journal").fetchone()
        if found is None:
            connection.execute("INSERT INTO journal VALUES (?)", (VERSION,))
            connection.commit()
        elif found[0] > VERSION:
            raise UsageError(
                f"{self.path} was written by a newer release (version {found[0]}; this one reads {VERSION})"
            )

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self.path, timeout=BUSY_S, check_same_thread=False)
            found.execute("PRAGMA synchronous=FULL")
            self._local.connection = found
            with self._lock:
                self._connections.append(found)
        return found

    def stored(self, job: Job) -> tuple[Stored, ...]:
        """The exchanges of a job in the order in which they were made; empty where there are none."""
        rows = self._connection().execute(
            "SELECT asked, method, request, status, content_type, body FROM attempt WHERE key = ? ORDER BY number",
            (bytes.fromhex(job.key),),
        )
        return tuple(
            Stored(asked, method, _text(request), status, content_type, _text(body))
            for asked, method, request, status, content_type, body in rows
        )

    def put(self, job: Job, number: int, stored: Stored) -> Future[None]:
        """Keep one exchange; the future is done when it is on disk.

        A disk that is full or gone is an error of the future, never a silent loss.
        """
        done: Future[None] = Future()
        self._puts.put(_Put(job, number, stored, done))
        if self._writer is None:
            self._start()
        return done

    def _start(self) -> None:
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
        try:
            with connection:
                connection.executemany(
                    "INSERT INTO job VALUES (?, ?) ON CONFLICT(key) DO NOTHING",
                    [(bytes.fromhex(put.job.key), json.dumps(asdict(put.job))) for put in puts],
                )
                connection.executemany(
                    "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key, number) DO NOTHING",
                    [_row(put) for put in puts],
                )
        except sqlite3.Error as error:
            for put in puts:
                put.done.set_exception(UsageError(f"the journal {self.path} cannot be written: {error}"))
        else:
            for put in puts:
                put.done.set_result(None)

    def nearest(self, job: Job) -> tuple[str, ...] | None:
        """Names of the components in which the nearest stored job of the same source differs; None where there is none."""
        best: tuple[str, ...] | None = None
        pattern = f'%"source": "{job.source}"%'
        for (components,) in self._connection().execute(
            "SELECT components FROM job WHERE components LIKE ?", (pattern,)
        ):
            differs = job.differences(json.loads(components))
            if best is None or len(differs) < len(best):
                best = differs
        return best

    def count(self) -> int:
        """How many jobs have a reply here."""
        (count,) = self._connection().execute("SELECT count(*) FROM job").fetchone()
        return int(count)

    def keys(self) -> Iterator[str]:
        """The keys of all jobs."""
        for (key,) in self._connection().execute("SELECT key FROM job"):
            yield key.hex()

    def close(self) -> None:
        """Write what is still waiting and close the file."""
        if self._writer is not None:
            self._puts.put(None)
            self._writer.join()
            self._writer = None
        with self._lock:
            while self._connections:
                self._connections.pop().close()
        self._local = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def stored_of(request: Request, reply: Reply) -> Stored:
    """An exchange as it is kept."""
    content_type = (reply.headers or {}).get("content-type", "application/json")
    body = json.dumps(request.body, ensure_ascii=False, separators=(",", ":"))
    return Stored(asked_text(request), request.method, body, reply.status, content_type, reply.body)


def asked_text(request: Request) -> str:
    """Which part of the value a request asks for, as a stable text."""
    match request.asked:
        case Whole():
            return "whole"
        case Paths(paths=paths):
            return json.dumps(["paths", *(list(path) for path in paths)])
        case Tail(after=after):
            return json.dumps(["tail", *after])


def _row(put: _Put) -> tuple[bytes, int, str, str, bytes, int, str, bytes, float]:
    stored = put.stored
    return (
        bytes.fromhex(put.job.key),
        put.number,
        stored.asked,
        stored.method,
        _packed(stored.request),
        stored.status,
        stored.content_type,
        _packed(stored.body),
        time.time(),
    )


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _text(data: bytes) -> str:
    return zlib.decompress(data).decode("utf-8", "surrogatepass")
