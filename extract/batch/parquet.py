# pyright: basic, reportMissingTypeStubs=false
# pyarrow ships no types.
"""Records as Parquet: columns of the target's own types, nested ones kept. Needs pyarrow: the extra `arrow`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..vocabulary import JsonValue
from .columns import JSON_TEXT
from .companions import Kind
from .sinks import Shape, part_of, settle, writing
from .typed import row_for

GROUP_ROWS = 5000
"""Rows of one row group: few enough to hold."""
TYPES: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "number": pa.float64(),
    "texts": pa.list_(pa.string()),
    "json": pa.string(),
}


class Parquet:
    """A Parquet file, moved to `path` when closed."""

    def __init__(self, path: Path, shape: Shape) -> None:
        self.path = path
        self._part = part_of(path)
        self._row = row_for(shape.target)
        self._json = [name for name, kind in shape.beside.items() if kind == "json"]
        beside = [
            pa.field(name, TYPES[kind], metadata=JSON_TEXT if kind == "json" else None)
            for name, kind in shape.beside.items()
        ]
        self._schema = pa.schema([*self._row.fields, *beside])
        self._rows: list[dict[str, Any]] = []
        with writing(path):
            self._writer = pq.ParquetWriter(self._part, self._schema, compression="zstd")

    def write(self, value: Any, held: JsonValue, beside: Mapping[str, JsonValue]) -> None:
        """One row."""
        row: dict[str, Any] = {} if value is None and held is None else self._row.convert(value)
        for field in self._row.fields:
            if row.get(field.name) is not None:
                _fits(field, row[field.name])
        cells: dict[str, Any] = dict(beside)
        for name in self._json:
            cells[name] = None if cells[name] is None else json.dumps(cells[name], ensure_ascii=False)
        self._rows.append({**row, **cells})
        if len(self._rows) >= GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        with writing(self.path):
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()

    def close(self, *, keep: bool) -> None:
        """Put the file in place; or leave nothing."""
        try:
            if keep and self._rows:
                self._flush()
            with writing(self.path):
                self._writer.close()
            if keep:
                settle(self._part, self.path)
        finally:
            self._part.unlink(missing_ok=True)


def _fits(field: pa.Field, value: Any) -> None:
    """Raise where a column cannot hold a value, before it is among the rows of a group."""
    try:
        pa.scalar(value, field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"{field.name} does not fit {field.type}: {error}") from error
