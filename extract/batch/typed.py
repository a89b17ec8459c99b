# pyright: basic, reportMissingTypeStubs=false
# pyarrow ships no types.
"""Arrow columns that are filled row by row from outcomes: the types are the target's, a failed row is null with a reason.

Shared by data frames and by distributed engines. Knows neither of them. Needs pyarrow: the extra `arrow`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from ..errors import UsageError
from ..flow.errors import ExtractionError
from ..target.compile import compile_target
from .columns import JSON_COLUMN, Row, row_of
from .outcome import Bad, Ok

NO_TEXT = "no text: the row is null there"
REASON_CHARS = 500


def row_for(target: object) -> Row:
    """The columns of any target; a JSON Schema has one column per property, typed where the schema gives one type."""
    compiled = compile_target(target)
    if isinstance(compiled.source, TypeAdapter):
        return row_of(compiled.source.core_schema)
    if compiled.is_python:
        wanted: Any = compiled.source
        return row_of(TypeAdapter(wanted).core_schema)
    return _row_of_schema(compiled.schema)


def _row_of_schema(schema: Mapping[str, Any]) -> Row:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return Row((JSON_COLUMN.field("value"),), lambda value: {"value": JSON_COLUMN(value)})
    kinds = {name: _kind(part) for name, part in properties.items()}
    fields = tuple(
        JSON_COLUMN.field(name) if kind is None else pa.field(name, kind, nullable=True) for name, kind in kinds.items()
    )

    def convert(value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: JSON_COLUMN(value.get(name)) if kind is None else value.get(name) for name, kind in kinds.items()}

    return Row(fields, convert)


PLAIN = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_()}


def _kind(schema: Any) -> pa.DataType | None:
    """The one Arrow type of a schema; None where it has none, which is then JSON text."""
    named = schema.get("type") if isinstance(schema, Mapping) else None
    kinds = [kind for kind in ([named] if isinstance(named, str) else named or ()) if kind != "null"]
    if len(kinds) != 1:
        return None
    if kinds == ["array"]:
        inner = _kind(schema.get("items"))
        return None if inner is None else pa.list_(inner)
    return PLAIN.get(kinds[0])


class Filling:
    """The columns of some rows while they are filled, in any order.

    Args:
        row: the columns of the target.
        size: how many rows.
        prefix: put before each column's name.
        error_column: holds why a row has no value, null where it has one; None: a failed row raises.
    """

    def __init__(self, row: Row, size: int, *, prefix: str = "", error_column: str | None = "_error") -> None:
        self._row = row
        self._prefix = prefix
        self._error_column = error_column
        self._values: list[dict[str, Any] | None] = [None] * size
        self._reasons: list[str | None] = [NO_TEXT] * size

    @property
    def schema(self) -> pa.Schema:
        """What the columns are called and hold."""
        return schema_of(self._row, prefix=self._prefix, error_column=self._error_column)

    def take(self, at: int, outcome: Ok[Any] | Bad) -> None:
        """One outcome into row `at`; raises its error where no column takes it."""
        if isinstance(outcome, Bad):
            if self._error_column is None:
                raise outcome.error
            self._reasons[at] = reason_of(outcome)
            return
        try:
            self._values[at], self._reasons[at] = self._row.convert(outcome.value), None
        except (OverflowError, ValueError, TypeError) as error:
            self._refuse(at, error)

    def arrays(self) -> list[pa.Array]:
        """The filled columns, in the order of the schema."""
        fields = list(self._row.fields)
        for field in fields:
            self._check(field)
        made = [self._array(field) for field in fields]
        if self._error_column is not None:
            made.append(pa.array(self._reasons, pa.string()))
        return made

    def table(self) -> pa.Table:
        """The filled columns as a table."""
        return pa.Table.from_arrays(self.arrays(), schema=self.schema)

    def _array(self, field: pa.Field) -> pa.Array:
        return pa.array([None if row is None else row.get(field.name) for row in self._values], field.type)

    def _check(self, field: pa.Field) -> None:
        """Take the rows out whose value the column's type cannot hold, so that the others are kept."""
        try:
            self._array(field)
        except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
            for at, row in enumerate(self._values):
                try:
                    pa.array([None if row is None else row.get(field.name)], field.type)
                except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
                    self._values[at] = None
                    self._refuse(at, error, f"{field.name} does not fit {field.type}: ")

    def _refuse(self, at: int, error: Exception, place: str = "") -> None:
        words = f"{place}{error}"
        if self._error_column is None:
            raise UsageError(f"row {at}: {words}") from error
        self._reasons[at] = f"column: {words}"[:REASON_CHARS]


def schema_of(row: Row, *, prefix: str = "", error_column: str | None = "_error") -> pa.Schema:
    """The Arrow schema of a target's columns."""
    fields = [field.with_name(f"{prefix}{field.name}") for field in row.fields]
    if error_column is not None:
        fields.append(pa.field(error_column, pa.string(), nullable=True))
    return pa.schema(fields)


def reason_of(bad: Bad) -> str:
    """Why a row has no value, in one line: the kind of error and its words."""
    problem = bad.error.problem() if isinstance(bad.error, ExtractionError) else str(bad.error)
    return f"{bad.kind}: {' '.join(problem.split())}"[:REASON_CHARS]


def check_names(taken: Sequence[str], schema: pa.Schema) -> None:
    """Raise a UsageError where a new column would have the name of one that is there."""
    twice = [name for name in schema.names if name in set(taken)]
    if twice:
        raise UsageError(f"the table has a column {', '.join(twice)} already; give prefix= or another error_column=")
