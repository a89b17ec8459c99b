# pyright: basic, reportMissingTypeStubs=false
# pyarrow ships no types.
"""Typed columns for a polars, pandas or Arrow table: row order and index kept, the column types are the target's.

A kind of table is a row of `KINDS`; what only one of them has stands there. None of the packages is imported before a
table of theirs is at hand. Needs pyarrow besides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import pyarrow as pa

from ..chat.message import Image, Parts
from ..errors import UsageError
from ..lazy import lazy
from .outcome import Bad, Ok
from .table import TEXT_COLUMNS
from .typed import Filling, check_names, row_for

SOURCES = (str, Path, Image, Parts, list, tuple)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of table.

    Attributes:
        names: the names of its columns.
        values: the values of one column, None where there is none.
        joined: the table with new columns at its right end.
    """

    names: Callable[[Any], list[str]]
    values: Callable[[Any, str], list[Any]]
    joined: Callable[[Any, pa.Table], Any]


def _joined_arrow(frame: Any, new: pa.Table) -> Any:
    if isinstance(frame, pa.RecordBatch):
        columns = [*frame.columns, *(column.combine_chunks() for column in new.columns)]
        return pa.RecordBatch.from_arrays(columns, schema=_both(frame.schema, new.schema))
    return pa.Table.from_arrays([*frame.columns, *new.columns], schema=_both(frame.schema, new.schema))


def _both(old: pa.Schema, new: pa.Schema) -> pa.Schema:
    return pa.schema([*old, *new], metadata=old.metadata)


def _joined_polars(frame: Any, new: pa.Table) -> Any:
    made: Any = lazy("polars").from_arrow(new)
    return frame.hstack(made.get_columns())


def _values_pandas(frame: Any, name: str) -> list[Any]:
    column = frame[name]
    return [None if is_null else value for value, is_null in zip(column, column.isna(), strict=True)]


def _joined_pandas(frame: Any, new: pa.Table) -> Any:
    pandas: Any = lazy("pandas")
    made = new.to_pandas(types_mapper=pandas.ArrowDtype)
    made.index = frame.index
    return pandas.concat([frame, made], axis=1)


KINDS: Mapping[tuple[str, str], Kind] = {
    ("pyarrow", "Table"): Kind(lambda frame: frame.column_names, lambda f, name: f[name].to_pylist(), _joined_arrow),
    ("pyarrow", "RecordBatch"): Kind(
        lambda frame: frame.schema.names, lambda f, name: f[name].to_pylist(), _joined_arrow
    ),
    ("polars", "DataFrame"): Kind(lambda frame: frame.columns, lambda f, name: f[name].to_list(), _joined_polars),
    ("pandas", "DataFrame"): Kind(lambda frame: [str(name) for name in frame.columns], _values_pandas, _joined_pandas),
}


def kind_of(frame: object) -> Kind:
    """The kind of a table; a UsageError says what is taken."""
    for kind in type(frame).__mro__:
        found = KINDS.get((kind.__module__.partition(".")[0], kind.__name__))
        if found is not None:
            return found
    if type(frame).__name__ == "LazyFrame":
        raise UsageError("the table is a LazyFrame; collect() it first")
    raise UsageError(
        f"the table is a {type(frame).__module__}.{type(frame).__name__};"
        " give a polars or pandas DataFrame, or an Arrow Table or RecordBatch"
    )


class Addition:
    """One call's work on a table: which texts are asked, and where their values go.

    Args:
        target: what each row is read as.
        frame: the table; it is not changed.
        column: the column that holds the text; None: the first of text, content, body, document, source.
        template: a text with `{column}` in it, instead of one column.
        prefix: put before the name of each new column.
        error_column: holds why a row has no value; None: the first failed row raises.

    Raises:
        UsageError: a column that is not there, or is there twice, or a table of no known kind.
    """

    def __init__(
        self,
        target: object,
        frame: object,
        *,
        column: str | None = None,
        template: str | None = None,
        prefix: str = "",
        error_column: str | None = "_error",
    ) -> None:
        self._kind = kind_of(frame)
        self._frame: Any = frame
        names = self._kind.names(frame)
        texts = _texts(self._kind, frame, names, column, template)
        self._texts = [(at, text) for at, text in enumerate(texts) if text is not None]
        self._filling = Filling(row_for(target), len(texts), prefix=prefix, error_column=error_column)
        check_names(names, self._filling.schema)

    def sources(self) -> Iterator[Any]:
        """What is asked: one source per row that has a text."""
        return (text for _, text in self._texts)

    def take(self, outcome: Ok[Any] | Bad) -> None:
        """An outcome of the sources, whose index is its place among them."""
        self._filling.take(self._texts[outcome.index][0], outcome)

    def done(self) -> Any:
        """The table with its new columns."""
        return self._kind.joined(self._frame, self._filling.table())


def _texts(kind: Kind, frame: object, names: list[str], column: str | None, template: str | None) -> list[Any]:
    if column is not None and template is not None:
        raise UsageError("give column= or template=, not both")
    if template is None:
        name = column if column is not None else next((name for name in TEXT_COLUMNS if name in names), None)
        if name is None:
            raise UsageError(f"no column {', '.join(TEXT_COLUMNS)}; the table has {_shown(names)}: give column=")
        _known(names, name)
        return [_source(value) for value in kind.values(frame, name)]
    try:
        parts = {field.partition(".")[0].partition("[")[0] for _, field, _, _ in Formatter().parse(template) if field}
    except ValueError as error:
        raise UsageError(f"template {template!r:.80}: {error}; write {{{{ and }}}} for braces in the text") from error
    for name in parts:
        _known(names, name)
    held = {name: kind.values(frame, name) for name in parts}
    size = len(kind.values(frame, names[0])) if names else 0
    return [_filled(template, {name: values[at] for name, values in held.items()}) for at in range(size)]


def _filled(template: str, row: Mapping[str, Any]) -> str | None:
    """The template with a row's values; None where all of them are null."""
    if row and all(value is None for value in row.values()):
        return None
    return template.format_map({name: "" if value is None else value for name, value in row.items()})


def _source(value: object) -> Any:
    return value if value is None or isinstance(value, SOURCES) else str(value)


def _known(names: list[str], name: str) -> None:
    if names.count(name) != 1:
        times = "no" if name not in names else "more than one"
        raise UsageError(f"the table has {times} column {name!r}; it has {_shown(names)}")


def _shown(names: list[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") if names else "no columns"
