# pyright: basic, reportMissingTypeStubs=false
# pyarrow ships no types.
"""Arrow columns for a target: the data type of each field, and its values as Arrow takes them.

Works from Pydantic's core schema, so that a Decimal stays a Decimal and a date a date; a JSON Schema target is read by its
own keywords. What Arrow cannot hold in one type (unions of different types, Any, recursion, sets of objects) is JSON
text in a string column, marked so in the field's metadata: nothing is lost and nothing is guessed.
Needs pyarrow: the extra `arrow`. Files are written in `sinks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from dataclasses import fields as dataclass_fields
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

import pyarrow as pa
from pydantic import RootModel
from pydantic_core import to_json

Convert: TypeAlias = Callable[[Any], Any]
CoreSchema: TypeAlias = Mapping[str, Any]

JSON_TEXT = {b"typed-extract": b"json"}
"""Metadata of a column that holds JSON text because Arrow has no one type for its values."""
DECIMAL_DIGITS = 38
DECIMAL_PLACES = 9
INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Column:
    """One Arrow type with the way from a Python value to what Arrow takes.

    Attributes:
        type: the Arrow data type.
        convert: from a validated, not-None Python value.
        nullable: whether None may stand there.
        is_json: whether the column holds JSON text for lack of a single type.
    """

    type: pa.DataType
    convert: Convert
    nullable: bool = False
    is_json: bool = False

    def field(self, name: str) -> pa.Field:
        """The Arrow field of this column under a name."""
        return pa.field(name, self.type, nullable=True, metadata=JSON_TEXT if self.is_json else None)

    def __call__(self, value: Any) -> Any:
        """A value as Arrow takes it."""
        return None if value is None else self.convert(value)


def json_text(value: Any) -> str:
    """Any Pydantic-serialisable value as JSON text."""
    return to_json(value, inf_nan_mode="strings", fallback=str).decode()


JSON_COLUMN = Column(pa.string(), json_text, nullable=True, is_json=True)


def _same(value: Any) -> Any:
    return value


def _enum_value(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _whole(value: int) -> int:
    if value not in INT64:
        msg = f"{value} does not fit a 64-bit integer column; declare the field as Decimal or str"
        raise OverflowError(msg)
    return value


SCALARS: Mapping[str, Column] = {
    "str": Column(pa.string(), _enum_value),
    "int": Column(pa.int64(), _whole),
    "float": Column(pa.float64(), float),
    "bool": Column(pa.bool_(), bool),
    "bytes": Column(pa.binary(), _same),
    "date": Column(pa.date32(), _same),
    "time": Column(pa.time64("us"), lambda value: value.replace(tzinfo=None)),
    "datetime": Column(pa.timestamp("us"), _same),
    "timedelta": Column(pa.duration("us"), _same),
    "uuid": Column(pa.string(), str),
    "url": Column(pa.string(), str),
    "multi-host-url": Column(pa.string(), str),
    "none": Column(pa.null(), _same, nullable=True),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads core schemas; `open_refs` are the definitions being read, so that recursion ends in JSON text."""

    definitions: Mapping[str, CoreSchema]
    open_refs: frozenset[str] = frozenset()

    def column(self, schema: CoreSchema) -> Column:
        """The column for a core schema."""
        kind = schema["type"]
        if kind in SCALARS:
            return _zoned(schema) if kind == "datetime" else SCALARS[kind]
        if kind == "definitions":
            inner = {**self.definitions, **{d["ref"]: d for d in schema["definitions"]}}
            return Reader(inner, self.open_refs).column(schema["schema"])
        read = READERS.get(kind)
        return JSON_COLUMN if read is None else read(self, schema)

    def reference(self, schema: CoreSchema) -> Column:
        """The column of a definition; JSON text where it is being read already."""
        ref = schema["schema_ref"]
        if ref in self.open_refs or ref not in self.definitions:
            return JSON_COLUMN
        return Reader(self.definitions, self.open_refs | {ref}).column(self.definitions[ref])

    def nullable(self, schema: CoreSchema) -> Column:
        """The inner column, which may hold null."""
        inner = self.column(schema["schema"])
        return Column(inner.type, inner.convert, nullable=True, is_json=inner.is_json)

    def wrapped(self, schema: CoreSchema) -> Column:
        """The column of what a validator or default wraps."""
        return self.column(schema["schema"])

    def python_side(self, schema: CoreSchema) -> Column:
        """The column of what is read from JSON or from Python."""
        return self.column(schema.get("json_schema") or schema["python_schema"])

    def strict_side(self, schema: CoreSchema) -> Column:
        """The strict column of a lax-or-strict pair."""
        return self.column(schema["strict_schema"])

    def chain(self, schema: CoreSchema) -> Column:
        """The column of the last step."""
        return self.column(schema["steps"][-1])

    def decimal(self, schema: CoreSchema) -> Column:
        """Exact digits, as many as declared."""
        places = schema.get("decimal_places", DECIMAL_PLACES)
        digits = min(schema.get("max_digits", DECIMAL_DIGITS), DECIMAL_DIGITS)
        return Column(pa.decimal128(max(digits, places), places), Decimal)

    def literal(self, schema: CoreSchema) -> Column:
        """The type that all values share, else JSON text."""
        return _plain(tuple(_enum_value(value) for value in schema["expected"]))

    def enum(self, schema: CoreSchema) -> Column:
        """The type that all members' values share, else JSON text."""
        return _plain(tuple(member.value for member in schema["members"]))

    def items(self, schema: CoreSchema) -> Column:
        """A list column."""
        inner = self.column(schema.get("items_schema", {"type": "any"}))
        return Column(pa.list_(inner.field("item")), lambda values: [inner(value) for value in values])

    def tuple(self, schema: CoreSchema) -> Column:
        """A struct with a field for each place."""
        if schema.get("variadic_item_index") == 0 and len(schema["items_schema"]) == 1:
            return self.items({"items_schema": schema["items_schema"][0]})
        parts = {str(index): self.column(item) for index, item in enumerate(schema["items_schema"])}
        if "variadic_item_index" in schema or not parts:
            return JSON_COLUMN
        return _struct(parts, lambda value: dict(zip(parts, value, strict=True)))

    def mapping(self, schema: CoreSchema) -> Column:
        """A map column; JSON text where the keys have no simple type."""
        key = self.column(schema.get("keys_schema", {"type": "str"}))
        value = self.column(schema.get("values_schema", {"type": "any"}))
        if key.is_json:
            return JSON_COLUMN
        return Column(
            pa.map_(key.type, value.field("value")), lambda entries: [(key(k), value(v)) for k, v in entries.items()]
        )

    def model(self, schema: CoreSchema) -> Column:
        """The fields of a model; a root model is its root."""
        if schema.get("root_model") or issubclass(schema["cls"], RootModel):
            inner = self.column(schema["schema"])
            return Column(inner.type, lambda value: inner(value.root), inner.nullable, inner.is_json)
        return self.column(schema["schema"])

    def fields(self, schema: CoreSchema) -> Column:
        """A struct with a field for each field."""
        parts = {name: self.column(field["schema"]) for name, field in schema["fields"].items()}
        if not parts or _takes_extras(schema):
            return JSON_COLUMN
        return _struct(parts, _as_mapping)

    def dataclass_fields(self, schema: CoreSchema) -> Column:
        """A struct with a field for each field of a dataclass."""
        parts = {field["name"]: self.column(field["schema"]) for field in schema["fields"]}
        return _struct(parts, _as_mapping) if parts else JSON_COLUMN

    def union(self, schema: CoreSchema) -> Column:
        """The one member besides null, else JSON text."""
        choices = schema["choices"].values() if isinstance(schema["choices"], Mapping) else schema["choices"]
        flat = [choice[0] if isinstance(choice, tuple) else choice for choice in choices]
        columns = [self.column(choice) for choice in flat if choice["type"] != "none"]
        if len(columns) == 1 or (columns and all(column.type == columns[0].type for column in columns)):
            first = columns[0]
            return Column(first.type, first.convert, nullable=True, is_json=first.is_json)
        return JSON_COLUMN


def _zoned(schema: CoreSchema) -> Column:
    if schema.get("tz_constraint") == "aware":
        return Column(pa.timestamp("us", tz="UTC"), _same)
    return Column(pa.timestamp("us"), _utc_naive)


def _utc_naive(value: Any) -> Any:
    """A datetime without its offset, moved to UTC first where it has one."""
    offset = value.utcoffset()
    return value if offset is None else value.replace(tzinfo=None) - (offset or timedelta(0))


def _plain(values: tuple[Any, ...]) -> Column:
    kinds = {type(value) for value in values if value is not None}
    for kind, arrow in ((str, pa.string()), (bool, pa.bool_()), (int, pa.int64()), (float, pa.float64())):
        if kinds == {kind}:
            return Column(arrow, _enum_value, nullable=None in values)
    return JSON_COLUMN


def _struct(parts: Mapping[str, Column], as_mapping: Convert) -> Column:
    def convert(value: Any) -> dict[str, Any]:
        held = as_mapping(value)
        return {name: column(held.get(name)) for name, column in parts.items()}

    return Column(pa.struct([column.field(name) for name, column in parts.items()]), convert)


def _as_mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if is_dataclass(value):
        return {field.name: getattr(value, field.name, None) for field in dataclass_fields(value)}
    held: Mapping[str, Any] = vars(value) if hasattr(value, "__dict__") else value._asdict()
    return held


def _takes_extras(schema: CoreSchema) -> bool:
    return schema.get("extra_behavior") == "allow" or "extras_schema" in schema


READERS: Mapping[str, Callable[[Reader, CoreSchema], Column]] = {
    "nullable": Reader.nullable,
    "definition-ref": Reader.reference,
    "decimal": Reader.decimal,
    "literal": Reader.literal,
    "enum": Reader.enum,
    "list": Reader.items,
    "set": Reader.items,
    "frozenset": Reader.items,
    "deque": Reader.items,
    "generator": Reader.items,
    "tuple": Reader.tuple,
    "dict": Reader.mapping,
    "ordered-dict": Reader.mapping,
    "frozendict": Reader.mapping,
    "model": Reader.model,
    "dataclass": Reader.wrapped,
    "model-fields": Reader.fields,
    "typed-dict": Reader.fields,
    "dataclass-args": Reader.dataclass_fields,
    "union": Reader.union,
    "tagged-union": Reader.union,
    "function-after": Reader.wrapped,
    "function-before": Reader.wrapped,
    "function-wrap": Reader.wrapped,
    "default": Reader.wrapped,
    "custom-error": Reader.wrapped,
    "chain": Reader.chain,
    "json-or-python": Reader.python_side,
    "lax-or-strict": Reader.strict_side,
}


def column_of(core_schema: CoreSchema) -> Column:
    """The Arrow column for a target's core schema."""
    return Reader({}).column(core_schema)


@dataclass(frozen=True, slots=True)
class Row:
    """How a target's values become rows.

    Attributes:
        fields: one Arrow field per column.
        convert: a validated value to one row, keyed by column name.
    """

    fields: tuple[pa.Field, ...]
    convert: Callable[[Any], dict[str, Any]]


def row_of(core_schema: CoreSchema) -> Row:
    """The row of a target: a column per top-level field; a target that is no object is one column, `value`."""
    column = column_of(core_schema)
    if pa.types.is_struct(column.type):
        return Row(tuple(column.type), column.convert)
    return Row((column.field("value"),), lambda value: {"value": column(value)})


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """A JSON value as one flat row for CSV: `address.city`, lists and maps of objects as JSON text."""
    if not isinstance(value, Mapping):
        return {prefix or "value": _cell(value)}
    row: dict[str, Any] = {}
    for key, part in value.items():
        row |= flat(part, f"{prefix}.{key}" if prefix else str(key))
    return row


def _cell(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return json_text(value)
    return value
