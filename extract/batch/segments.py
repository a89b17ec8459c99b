"""A journal for many machines: a folder that all of them reach, in it a segment for each process, written by it alone.

SQLite must not be shared over a network file system, so what is shared here are plain files that only grow: one JSON line
for each row of the journal, on disk before the put is done. Each process reads the segments of all others into an index
of its own, a SQLite file in the local temporary folder, and looks things up there; so memory stays flat. A line that was
cut off by a crash has no line break and is not read; its put was never done.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import sqlite3
import tempfile
import uuid
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from ..errors import UsageError
from .journal import INSERT_ATTEMPT, INSERT_FAILURE, INSERT_JOB, INSERT_NAME, INSERT_SHAPE, Journal, JournalError

SUFFIX: Final = ".segment"
STATEMENTS: Final = {
    "job": INSERT_JOB,
    "attempt": INSERT_ATTEMPT,
    "name": INSERT_NAME,
    "shape": INSERT_SHAPE,
    "failure": INSERT_FAILURE,
}
WORDS: Final = {statement: word for word, statement in STATEMENTS.items()}
ROWS_AT_ONCE: Final = 10_000


class Segments(Journal):
    """The replies of many jobs in one folder. Usable from many threads, tasks, processes and machines at once.

    Args:
        folder: made when it is not there.

    Raises:
        UsageError: the folder cannot be used.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot use {folder} as a folder of journals: {error.strerror or error}") from error
        self._name = _new_name()
        self._own: BinaryIO | None = None
        self._read_bytes: dict[str, int] = {}
        index = tempfile.mkdtemp(prefix="extract-index-")
        self._finalizer = weakref.finalize(self, shutil.rmtree, index, ignore_errors=True)
        super().__init__(Path(index) / "journal")
        self.refresh()

    def refresh(self) -> int:
        """Read what other processes have written since; the number of rows."""
        count = 0
        try:
            for path in sorted(self.folder.glob(f"*{SUFFIX}")):
                if path.name != self._name:
                    count += self._take(path)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"the journals in {self.folder} cannot be read: {error}") from error
        return count

    def _take(self, path: Path) -> int:
        """The complete lines of a segment that were not read yet, into the index."""
        connection, count = self._connection(), 0
        with path.open("rb") as lines:
            lines.seek(self._read_bytes.get(path.name, 0))
            while rows := list(_rows(lines)):
                with connection:
                    for statement, values in rows:
                        connection.execute(statement, values)
                count += len(rows)
                self._read_bytes[path.name] = lines.tell()
        return count

    def _connection(self) -> sqlite3.Connection:
        is_new = getattr(self._local, "connection", None) is None
        found = super()._connection()
        if is_new:
            found.execute("PRAGMA synchronous=OFF")  # the index can be made again; the segment is what is on disk
        return found

    def _commit(self, connection: sqlite3.Connection, puts: list[Any]) -> None:
        """The segment first: what is told as done is there."""
        try:
            self._append(b"".join(_line(statement, values) for put in puts for statement, values in put.rows))
        except OSError as error:
            failed = JournalError(f"the journal {self.folder / self._name} cannot be written: {error}")
            self._end_segment()  # it may end amid a line now
            self._told(puts, failed)
            return
        super()._commit(connection, puts)

    def _append(self, data: bytes) -> None:
        if self._own is None:
            self._own = (self.folder / self._name).open("ab", buffering=0)
        left = memoryview(data)
        while left:
            left = left[self._own.write(left) :]
        os.fsync(self._own.fileno())

    def _end_segment(self) -> None:
        """Write into another file from now on; the index has what was in this one."""
        if self._own is not None:
            self._read_bytes[self._name] = self._own.tell()
            self._own.close()
        self._own, self._name = None, _new_name()

    def close(self) -> None:
        """Write what is still waiting, and close the segment."""
        super().close()
        self._end_segment()


def _new_name() -> str:
    """A name that no other process and no other machine gives."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}{SUFFIX}"


def _line(statement: str, values: tuple[object, ...]) -> bytes:
    held = [{"b": base64.b64encode(value).decode()} if isinstance(value, bytes) else value for value in values]
    return json.dumps([WORDS[statement], *held], separators=(",", ":")).encode() + b"\n"


def _rows(lines: BinaryIO) -> Iterator[tuple[str, list[Any]]]:
    """Up to so many rows; where a line is not complete the file is left at its beginning."""
    for _ in range(ROWS_AT_ONCE):
        start = lines.tell()
        line = lines.readline()
        if not line.endswith(b"\n"):
            lines.seek(start)
            return
        try:
            word, *values = json.loads(line)
            row = STATEMENTS[word], [_value(value) for value in values]
        except (ValueError, KeyError, TypeError):
            continue  # a damaged line holds nobody's reply: it is asked again
        if row[0].count("?") == len(values):
            yield row


def _value(value: Any) -> Any:
    return base64.b64decode(cast("dict[str, str]", value)["b"]) if isinstance(value, dict) else value
