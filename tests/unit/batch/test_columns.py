"""Arrow columns hold what the target's type says, nested types kept."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, NamedTuple
from uuid import UUID

import pytest
from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypedDict

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

from extract.batch.columns import column_of, flat, row_of  # noqa: E402 - pyarrow may be absent


class Colour(Enum):
    RED = "red"


class Line(BaseModel):
    what: str
    price: Decimal


class Order(BaseModel):
    number: int
    day: date
    lines: list[Line]
    notes: dict[str, int]
    colour: Colour | None = None


class Tree(BaseModel):
    label: str
    children: list[Tree] = []


@dataclass
class Point:
    x: float
    y: float


class Pair(NamedTuple):
    left: int
    right: str


class Keyed(TypedDict):
    name: str


VALUES: list[tuple[Any, Any, str]] = [
    (int, 3, "int64"),
    (str | None, None, "string"),
    (list[int], [1, 2], "list<item: int64>"),
    (set[str], {"a"}, "list<item: string>"),
    (deque[int], deque([1]), "list<item: int64>"),
    (dict[str, float], {"a": 1.5}, "map<string, double>"),
    (OrderedDict[str, float], OrderedDict(a=1.5), "map<string, double>"),
    (Decimal, Decimal("1.50"), "decimal128(38, 9)"),
    (date, date(2024, 2, 29), "date32[day]"),
    (timedelta, timedelta(seconds=3), "duration[us]"),
    (UUID, UUID(int=7), "string"),
    (Literal["a", "b"], "a", "string"),
    (Colour, Colour.RED, "string"),
    (tuple[int, str], (1, "a"), "struct<0: int64, 1: string>"),
    (Point, Point(1.0, 2.0), "struct<x: double, y: double>"),
    (Pair, Pair(1, "a"), "string"),
    (Keyed, {"name": "Ada"}, "struct<name: string>"),
    (int | str, 3, "string"),
    (Any, {"a": [1]}, "string"),
]


@pytest.mark.parametrize(("target", "value", "arrow"), VALUES, ids=lambda part: str(part)[:30])
def test_type_and_value_fit_each_other(target: Any, value: Any, arrow: str) -> None:
    column = column_of(TypeAdapter(target).core_schema)
    assert str(column.type) == arrow
    assert len(pa.array([column(value), None], type=column.type)) == 2


def test_a_model_is_a_column_per_field_with_nested_types() -> None:
    row = row_of(TypeAdapter(Order).core_schema)
    order = Order(number=7, day=date(2024, 1, 2), lines=[Line(what="tea", price=Decimal("2.5"))], notes={"a": 1})
    table = pa.Table.from_pylist([row.convert(order)], schema=pa.schema(row.fields))
    assert table.column("lines").to_pylist() == [[{"what": "tea", "price": Decimal("2.500000000")}]]
    assert table.column("notes").to_pylist() == [[("a", 1)]]


def test_recursion_ends_in_json_text() -> None:
    row = row_of(TypeAdapter(Tree).core_schema)
    converted = row.convert(Tree(label="a", children=[Tree(label="b")]))
    assert converted["children"] == ['{"label":"b","children":[]}']


def test_a_scalar_target_is_one_column_named_value() -> None:
    row = row_of(TypeAdapter(int).core_schema)
    assert row.convert(3) == {"value": 3}


def test_an_aware_datetime_is_moved_to_utc() -> None:
    column = column_of(TypeAdapter(datetime).core_schema)
    moved = column(datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert moved == datetime(2024, 1, 1, 10)


def test_an_integer_beyond_64_bits_is_refused_and_not_wrapped() -> None:
    with pytest.raises(OverflowError, match="64-bit"):
        column_of(TypeAdapter(int).core_schema)(2**64)


def test_flat_rows_keep_nested_names_and_write_lists_as_json() -> None:
    assert flat({"a": {"b": 1}, "c": [1, 2]}) == {"a.b": 1, "c": "[1,2]"}
