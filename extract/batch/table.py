"""Files of records: JSON Lines, CSV, Parquet, SQLite, folders of texts, stdin. Rows are read one at a time.

Where records go: `sinks.py`.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from string import Formatter
from typing import Any, cast

from ..chat.message import Image, media_type_of
from ..errors import UsageError
from ..lazy import lazy
from .job import digest

TEXT_COLUMNS = ("text", "content", "body", "document", "source")
ID_COLUMNS = ("id", "_id", "key", "uuid")
CSV_FIELD_CHARS = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the input.

    Attributes:
        key: the row's own id where it has one, else a digest of its text; never its position.
        text: what is read by the model: a text, or a picture from a folder.
        row: the row as it was read.
        place: file and line, for messages.
    """

    key: str
    text: str | Image
    row: Mapping[str, Any]
    place: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be read; it goes to the dead letters and never ends the run."""

    key: str
    row: Mapping[str, Any]
    place: str
    reason: str
    is_layout: bool = False
    """Whether the row lacks what the layout names, as all rows of its file may."""


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

    def __post_init__(self) -> None:
        if self.column is not None and self.template is not None:
            raise UsageError("give --column or --template, not both")
        if self.template is not None:
            try:
                names = [name for _, name, _, _ in Formatter().parse(self.template) if name is not None]
            except ValueError as error:
                raise UsageError(f"template {self.template!r:.80}: {error}; write {{{{ and }}}} for braces") from error
            if not names:
                raise UsageError(f"template {self.template!r:.80} names no column; write it as {{column}}")

    def record(self, row: Mapping[str, Any], place: str) -> Record | Unreadable:
        """The record of a row; of a dead letter, that of the row that failed."""
        letter = _dead_letter(row)
        if letter is not None:
            key, held = letter
            inner = self.record(held, place)
            return replace(inner, key=key)
        try:
            text = self.text_of(row)
        except UsageError as error:
            return Unreadable(self.key_of(row, place), row, place, f"{place}: {error}", is_layout=True)
        if not _is_text(text):
            return Unreadable(self.key_of(row, text), plain_row(row), place, f"{place} is no UTF-8 text")
        return Record(self.key_of(row, text), text, row, place)

    def text_of(self, row: Mapping[str, Any]) -> str:
        """The text of a row; a UsageError says which columns there are."""
        if self.template is not None:
            try:
                return self.template.format_map({name: "" if value is None else value for name, value in row.items()})
            except KeyError as error:
                raise UsageError(f"the template names {error}; the row has {shown(row)}") from error
            except (ValueError, AttributeError, IndexError, TypeError) as error:
                raise UsageError(f"the template does not fit: {error}; the row has {shown(row)}") from error
        names = (self.column,) if self.column is not None else TEXT_COLUMNS
        for name in names:
            value = row.get(name)
            if isinstance(value, str):
                return value
            if value is not None:
                return json.dumps(value, ensure_ascii=False, default=str)
        raise UsageError(f"no column {' or '.join(names)}; the row has {shown(row)}: name one with --column")

    def key_of(self, row: Mapping[str, Any], otherwise: str) -> str:
        """The id of a row."""
        names = (self.id_column,) if self.id_column is not None else ID_COLUMNS
        found = next((row[name] for name in names if row.get(name) not in (None, "")), None)
        return digest(otherwise) if found is None else str(found)


def shown(row: Mapping[str, Any]) -> str:
    """The names of a row's columns, in words."""
    names = [str(name) for name in row]
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") if names else "no columns"


def rows(paths: Sequence[str], layout: Layout) -> Iterator[Record | Unreadable]:
    """The records of all inputs, in order.

    Raises:
        UsageError: before the first row, for an input that is not there or of no known kind.
    """
    inputs = inputs_of(paths)
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
        elif suffix in (".db", ".sqlite", ".sqlite3"):
            yield from _sqlite(path, layout)
        else:
            yield from _whole(path)


def _dead_letter(row: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The id and the row of a dead letter, whatever its prefix; None where the row is none."""
    name = next((name for name in row if name.endswith("status") and row[name] == "failed"), None)
    prefix = "" if name is None else name.removesuffix("status")
    key, held = row.get(f"{prefix}id"), row.get(f"{prefix}row")
    if name is None or not isinstance(key, str) or f"{prefix}reason" not in row:
        return None
    if isinstance(held, str):
        try:
            held = json.loads(held)
        except ValueError:
            return None
    return (key, cast("dict[str, Any]", held)) if isinstance(held, dict) else None


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with what is no UTF-8 written as escapes."""
    return {
        str(name): value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def _json_lines(path: str, layout: Layout) -> Iterator[Record | Unreadable]:
    with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            stripped = line.strip().removeprefix(b"\xef\xbb\xbf")
            if not stripped:
                continue
            place = f"{'stdin' if path == '-' else path}:{number}"
            text = stripped.decode("utf-8", "backslashreplace")
            try:
                row = json.loads(stripped)
            except (ValueError, RecursionError) as error:
                yield Unreadable(digest(text), {"line": text}, place, f"{place} is no JSON: {error}")
                continue
            if isinstance(row, str):
                row = {"text": row}
            if not isinstance(row, dict):
                yield Unreadable(
                    digest(text), {"line": text}, place, f"{place} is no object but a {type(row).__name__}"
                )
                continue
            yield layout.record(cast("dict[str, Any]", row), place)


def _csv(path: str, layout: Layout, delimiter: str) -> Iterator[Record | Unreadable]:
    csv.field_size_limit(CSV_FIELD_CHARS)
    with Path(path).open(encoding="utf-8-sig", newline="", errors="surrogateescape") as lines:
        reader = csv.DictReader(lines, delimiter=delimiter, restkey="_more")
        if not reader.fieldnames:
            raise UsageError(f"{path} has no header line")
        if not _is_text("".join(map(str, reader.fieldnames))):
            raise UsageError(f"{path} is no UTF-8 text: save it as CSV UTF-8, or convert it with iconv")
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                place = f"{path}:{reader.line_num}"
                yield Unreadable(digest(place), {"line": reader.line_num}, place, f"{place} is no CSV: {error}")
                continue
            if row is None:
                return
            yield layout.record(row, f"{path}:{reader.line_num}")


def _parquet(path: str, layout: Layout) -> Iterator[Record | Unreadable]:
    parquet = needed("pyarrow.parquet", "Parquet")
    number = 0
    try:
        for batch in parquet.ParquetFile(path).iter_batches(batch_size=256):
            for row in batch.to_pylist():
                yield layout.record(row, f"{path}:{number}")
                number += 1
    except (ValueError, OSError) as error:  # pyarrow's errors are of these kinds
        raise UsageError(f"{path} cannot be read as Parquet after {number} rows: {error}") from error


def _sqlite(path: str, layout: Layout) -> Iterator[Record | Unreadable]:
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            for number, row in enumerate(connection.execute("SELECT * FROM records")):
                yield layout.record(dict(row), f"{path}:{number}")
    except sqlite3.Error as error:
        raise UsageError(f"{path} cannot be read as an SQLite file with a table `records`: {error}") from error


def _whole(path: str) -> Iterator[Record | Unreadable]:
    row = {"path": path}
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        yield Unreadable(path, row, path, f"{path} cannot be read: {error.strerror or error}")
        return
    kind = media_type_of(data)
    if kind is not None and kind.startswith("image/"):
        yield Record(path, Image(data, media_type=kind), row, path)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Unreadable(path, row, path, f"{path} is no UTF-8 text: {error}")
        return
    yield Record(path, text, row, path)


def inputs_of(paths: Sequence[str]) -> list[str]:
    """The files that the inputs of a command name, in order; `-` is stdin."""
    return [found for path in paths for found in _files(path)]


def count_rows(paths: Sequence[str]) -> int | None:
    """How many rows the inputs have, as nearly as can be told without reading them; None for stdin."""
    total = 0
    for path in inputs_of(paths):
        suffix = Path(path).suffix.lower()
        if path == "-":
            return None
        if suffix == ".parquet":
            total += needed("pyarrow.parquet", "Parquet").ParquetFile(path).metadata.num_rows
        elif suffix in (".jsonl", ".ndjson"):
            total += _count_lines(path)
        elif suffix in (".csv", ".tsv"):
            total += max(0, _count_lines(path, quote=b'"') - 1)
        elif suffix in (".db", ".sqlite", ".sqlite3"):
            total += _count_records(path)
        else:
            total += 1
    return total


def _count_lines(path: str, quote: bytes = b"") -> int:
    """Lines of a file; of a CSV file, those that end outside of quotes."""
    lines, last, quotes = 0, b"\n", 0
    with Path(path).open("rb") as file:
        while data := file.read(1 << 20):
            last = data[-1:]
            if not quote or (not quotes % 2 and quote not in data):
                lines += data.count(b"\n")
                continue
            parts = data.split(quote)
            lines += sum(part.count(b"\n") for part in parts[quotes % 2 :: 2])
            quotes += len(parts) - 1
    return lines + (last != b"\n")


def _count_records(path: str) -> int:
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM records").fetchone()[0])
    except sqlite3.Error:
        return 0  # reading it says what is wrong


def needed(module: str, what: str) -> Any:
    """An optional package; a UsageError says how to get it."""
    try:
        return lazy(module)
    except ModuleNotFoundError as error:
        raise UsageError(f"{what} needs pyarrow: install typed-extract[arrow]") from error
