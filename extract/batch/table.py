"""Files of records, in and out: JSON Lines, CSV, Parquet, folders of texts, stdin. Rows are read one at a time.

Output is written beside its final name and moved there at the end, so that a reader never sees half of it.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TextIO, cast

from ..errors import UsageError
from ..lazy import lazy
from ..vocabulary import JsonValue
from .job import digest

TEXT_COLUMNS = ("text", "content", "body", "document", "source")
ID_COLUMNS = ("id", "_id", "key", "uuid")
CSV_FIELD_CHARS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the input.

    Attributes:
        key: the row's own id where it has one, else a digest of its text; never its position.
        text: what is read by the model.
        row: the row as it was read.
        place: file and line, for messages.
    """

    key: str
    text: str
    row: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be read; it goes to the dead letters and never ends the run."""

    key: str
    row: Mapping[str, Any]
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which part of a row is the text, and which its id.

    Attributes:
        column: name of the text's column; None: the first of text, content, body, document, source.
        template: a text with `{column}` in it, instead of one column.
        id_column: name of the id's column; None: the first of id, _id, key, uuid that is there.
    """

    column: str | None = None
    template: str | None = None
    id_column: str | None = None

    def record(self, row: Mapping[str, Any], place: str) -> Record | Unreadable:
        """The record of a row."""
        try:
            text = self.text_of(row)
        except UsageError as error:
            return Unreadable(self.key_of(row, place), row, place, str(error))
        return Record(self.key_of(row, text), text, row, place)

    def text_of(self, row: Mapping[str, Any]) -> str:
        """The text of a row; a UsageError says which columns there are."""
        if self.template is not None:
            try:
                return self.template.format_map(row)
            except KeyError as error:
                raise UsageError(f"the template names {error}; the row has {_shown(row)}") from error
        names = (self.column,) if self.column is not None else TEXT_COLUMNS
        for name in names:
            value = row.get(name)
            if isinstance(value, str):
                return value
            if value is not None:
                return json.dumps(value, ensure_ascii=False, default=str)
        raise UsageError(f"no column {' or '.join(names)}; the row has {_shown(row)}: name one with --column")

    def key_of(self, row: Mapping[str, Any], otherwise: str) -> str:
        """The id of a row."""
        names = (self.id_column,) if self.id_column is not None else ID_COLUMNS
        found = next((row[name] for name in names if row.get(name) not in (None, "")), None)
        return digest(otherwise) if found is None else str(found)


def _shown(row: Mapping[str, Any]) -> str:
    names = [str(name) for name in row]
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") if names else "no columns"


def rows(paths: Sequence[str], layout: Layout) -> Iterator[Record | Unreadable]:
    """The records of all inputs, in order.

    Raises:
        UsageError: before the first row, for an input that is not there or of no known kind.
    """
    inputs = [found for path in paths for found in _files(path)]
    if not inputs:
        raise UsageError(f"no input found in {', '.join(paths)}")
    for path in inputs:
        if path != "-" and not Path(path).is_file():
            raise UsageError(f"there is no file {path}")
    return _each(inputs, layout)


def _files(path: str) -> list[str]:
    place = Path(path)
    if place.is_dir():
        return sorted(str(found) for found in place.rglob("*") if found.is_file() and not found.name.startswith("."))
    if any(sign in path for sign in "*?[") and not place.exists():
        return (
            sorted(str(found) for found in Path().glob(path))
            if not place.is_absolute()
            else sorted(str(found) for found in Path(place.anchor).glob(str(place.relative_to(place.anchor))))
        )
    return [path]


def _each(inputs: Sequence[str], layout: Layout) -> Iterator[Record | Unreadable]:
    for path in inputs:
        suffix = Path(path).suffix.lower()
        if path == "-" or suffix in (".jsonl", ".ndjson"):
            yield from _json_lines(path, layout)
        elif suffix in (".csv", ".tsv"):
            yield from _csv(path, layout, "\t" if suffix == ".tsv" else ",")
        elif suffix == ".parquet":
            yield from _parquet(path, layout)
        else:
            yield from _whole(path)


def _json_lines(path: str, layout: Layout) -> Iterator[Record | Unreadable]:
    with sys.stdin if path == "-" else Path(path).open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = f"{'stdin' if path == '-' else path}:{number}"
            try:
                row = json.loads(line)
            except ValueError as error:
                yield Unreadable(digest(line), {"line": line.rstrip("\n")}, place, f"{place} is no JSON: {error}")
                continue
            if isinstance(row, str):
                row = {"text": row}
            if not isinstance(row, dict):
                yield Unreadable(
                    digest(line), {"line": line.rstrip("\n")}, place, f"{place} is no object but a {type(row).__name__}"
                )
                continue
            yield layout.record(cast("dict[str, Any]", row), place)


def _csv(path: str, layout: Layout, delimiter: str) -> Iterator[Record | Unreadable]:
    csv.field_size_limit(CSV_FIELD_CHARS)
    with Path(path).open(encoding="utf-8-sig", newline="", errors="surrogateescape") as lines:
        reader = csv.DictReader(lines, delimiter=delimiter, restkey="_more")
        for row in reader:
            yield layout.record(row, f"{path}:{reader.line_num}")


def _parquet(path: str, layout: Layout) -> Iterator[Record | Unreadable]:
    parquet = needed("pyarrow.parquet", "Parquet")
    number = 0
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=256):
        for row in batch.to_pylist():
            yield layout.record(row, f"{path}:{number}")
            number += 1


def _whole(path: str) -> Iterator[Record | Unreadable]:
    row = {"path": path}
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield Unreadable(path, row, path, f"{path} is no UTF-8 text: {error}")
        return
    yield Record(path, text, row, path)


def needed(module: str, what: str) -> Any:
    """An optional package; a UsageError says how to get it."""
    try:
        return lazy(module)
    except ModuleNotFoundError as error:
        raise UsageError(f"{what} needs pyarrow: install typed-extract[arrow]") from error


# --- out


class Sink(Protocol):
    """Takes rows, and puts them in place at the end."""

    def write(self, row: Mapping[str, JsonValue]) -> None:
        """One row."""

    def close(self, *, keep: bool) -> None:
        """Put the rows in place, or leave nothing."""


class JsonLines:
    """Rows as JSON Lines; moved to `path` when closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(f".{path.name}.part")
        try:
            self._file: TextIO = self.partial.open("w", encoding="utf-8", errors="surrogateescape", newline="\n")
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}") from error

    def write(self, row: Mapping[str, JsonValue]) -> None:
        """One row, one line."""
        self._file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    def close(self, *, keep: bool) -> None:
        """Put the file in place, whole and on disk; or leave nothing."""
        if not keep:
            self._file.close()
            self.partial.unlink(missing_ok=True)
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.partial.replace(self.path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=kind is None)
