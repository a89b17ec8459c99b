"""Where records go: JSON Lines, CSV, SQLite here, Parquet in `parquet.py`; the kind is told by the file's name.

Every file is written beside its final name and moved there when it is whole and on disk, so that a reader never sees half of
it. A full disk is an `OutputError` that names the file; what was paid for is in the journal all the same.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ..errors import UsageError
from ..lazy import extra
from ..target.compile import Target
from ..vocabulary import JsonObject, JsonValue
from .companions import Kind
from .flat import Leaf, leaves

COMMIT_ROWS = 1000


class OutputError(OSError):
    """An output cannot be written; nothing of it was put in place."""


class Sink(Protocol):
    """Takes rows, and puts them in place at the end."""

    path: Path

    def write(self, value: Any, held: JsonValue, beside: Mapping[str, JsonValue]) -> None:
        """One row.

        Args:
            value: of the user's type; None for a dead letter.
            held: the same as natural JSON.
            beside: the companion columns.

        Raises:
            ValueError, TypeError, OverflowError: the columns cannot hold this value; nothing of it was written.
            OutputError: the disk is full or gone.
        """

    def close(self, *, keep: bool) -> None:
        """Put the rows in place, whole and on disk; or leave nothing."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rows of an output look like.

    Attributes:
        target: whose records they are.
        beside: the companion columns, by name.
        is_dead: whether dead letters are written: the target's fields are null.
    """

    target: Target[Any]
    beside: Mapping[str, Kind]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The target's columns, flat."""
        return leaves(self.target.schema)

    @property
    def names(self) -> tuple[str, ...]:
        """The target's top-level fields; `value` for a target that is no object."""
        properties = self.target.schema.get("properties")
        return tuple(properties) if isinstance(properties, dict) and properties else ()


def part_of(path: Path) -> Path:
    """The name under which an output of this process is written."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def sweep(path: Path) -> None:
    """Remove what runs of this output left that were killed."""
    for part in path.parent.glob(f".{path.name}.*.part*"):
        pid = part.name.removeprefix(f".{path.name}.").split(".", 1)[0]
        if pid.isdigit() and not _is_alive(
            int(pid)
        ):  # what is no number is of another output, such as the dead letters
            part.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def writing(path: Path) -> Generator[None]:
    """Failures of the disk as an `OutputError` that names the file."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise OutputError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error


def settle(part: Path, path: Path) -> None:
    """Put a written file in its place, on disk."""
    with writing(path):
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)


class _Lines:
    """What text files share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = part_of(path)
        with writing(path):
            self._file = self._part.open("w", encoding="utf-8", errors="surrogatepass", newline="")

    def close(self, *, keep: bool) -> None:
        """Put the file in place; or leave nothing."""
        try:
            with writing(self.path):
                self._file.close()
            if keep:
                settle(self._part, self.path)
        finally:
            self._part.unlink(missing_ok=True)


class JsonLines(_Lines):
    """One JSON object a line: the target's fields, and the companion columns."""

    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(path)
        self._nothing: JsonObject = dict.fromkeys(shape.names or ("value",))
        self._is_object = bool(shape.names) or shape.target.schema.get("type") == "object"

    def write(self, value: Any, held: JsonValue, beside: Mapping[str, JsonValue]) -> None:
        """One line."""
        if value is None and held is None:
            fields: JsonObject = self._nothing
        else:
            fields = held if isinstance(held, dict) and self._is_object else {"value": held}
        line = json.dumps({**fields, **beside}, ensure_ascii=False, separators=(",", ":"))
        with writing(self.path):
            self._file.write(line + "\n")


class Csv(_Lines):
    """Comma-separated, one header; nested fields as `address.city`, lists as JSON text."""

    def __init__(self, path: Path, shape: Shape) -> None:
        super().__init__(path)
        self._leaves = shape.leaves
        self._writer = csv.writer(
            self._file, lineterminator="\n", delimiter="\t" if path.suffix.lower() == ".tsv" else ","
        )
        with writing(path):
            self._writer.writerow([*(leaf.name for leaf in self._leaves), *shape.beside])

    def write(self, value: Any, held: JsonValue, beside: Mapping[str, JsonValue]) -> None:  # noqa: ARG002 - JSON is enough
        """One line."""
        record: JsonObject = held if isinstance(held, dict) else {"value": held}
        cells = [*(leaf.cell(record) for leaf in self._leaves), *(_flat(cell) for cell in beside.values())]
        with writing(self.path):
            self._writer.writerow([str(cell).lower() if isinstance(cell, bool) else cell for cell in cells])


def _flat(value: JsonValue) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER", "whole": "INTEGER"}


class Sqlite:
    """A table `records`: a column per field, nested ones as JSON text."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self.path = path
        self._part = part_of(path)
        self._part.unlink(missing_ok=True)
        self._leaves = leaves(shape.target.schema, depth=1)
        columns = [(leaf.name, SQL_TYPES.get(leaf.type, "TEXT")) for leaf in self._leaves]
        columns += [(name, SQL_TYPES.get(kind, "TEXT")) for name, kind in shape.beside.items()]
        self._rows: list[Sequence[Any]] = []
        with writing(path):
            self._connection = sqlite3.connect(self._part)
            self._connection.execute("PRAGMA journal_mode=OFF")
            named = ", ".join(f"{_quoted(name)} {kind}" for name, kind in columns)
            self._connection.execute(f"CREATE TABLE records ({named})")
        self._insert = f"INSERT INTO records VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - only question marks

    def write(self, value: Any, held: JsonValue, beside: Mapping[str, JsonValue]) -> None:  # noqa: ARG002 - JSON is enough
        """One row."""
        record: JsonObject = held if isinstance(held, dict) else {"value": held}
        cells = [*(leaf.cell(record) for leaf in self._leaves), *(_flat(cell) for cell in beside.values())]
        for leaf, cell in zip(self._leaves, cells, strict=False):
            if isinstance(cell, int) and not -(2**63) <= cell < 2**63:
                raise OverflowError(f"{leaf.name} is {cell}, beyond 64 bits")
        self._rows.append(cells)
        if len(self._rows) >= COMMIT_ROWS:
            self._flush()

    def _flush(self) -> None:
        with writing(self.path):
            self._connection.executemany(self._insert, self._rows)
            self._connection.commit()
        self._rows.clear()

    def close(self, *, keep: bool) -> None:
        """Put the file in place; or leave nothing."""
        try:
            if keep:
                self._flush()
            self._connection.close()
            if keep:
                settle(self._part, self.path)
        finally:
            self._part.unlink(missing_ok=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _parquet(path: Path, shape: Shape) -> Sink:
    made: Sink = extra(".batch.parquet", "Parquet", "arrow").Parquet(path, shape)
    return made


SINKS: Mapping[str, Callable[[Path, Shape], Sink]] = {
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".csv": Csv,
    ".tsv": Csv,
    ".parquet": _parquet,
    ".db": Sqlite,
    ".sqlite": Sqlite,
    ".sqlite3": Sqlite,
}


def sink_for(path: Path) -> Callable[[Path, Shape], Sink]:
    """What writes a file of this name; a UsageError says which names there are."""
    found = SINKS.get(path.suffix.lower())
    if found is None:
        raise UsageError(f"{path} names no kind of output; end it in {', '.join(SINKS)}")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, such as {path / 'records.jsonl'}")
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}")
    return found


def dead_path(path: Path) -> Path:
    """Where the dead letters of an output go: beside it, in the same format."""
    return path.with_name(f"{path.name}.dead{path.suffix}")
