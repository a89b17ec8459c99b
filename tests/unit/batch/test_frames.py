"""Typed columns join a table at its right end: every row stays, in its place, whatever became of it."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, ExtractionError, Extractor, UsageError
from extract.testing import FaultyServer

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")


class Line(BaseModel):
    what: str
    price: Decimal


class Order(BaseModel):
    number: int
    day: date
    lines: list[Line] = []


ROWS = {"text": ["order 3", None, "nonsense", "order 1"], "rank": [1, 2, 3, 4]}


def answer(body: Any) -> Any:
    said = re.search(r"order:? (\d)", str(body["messages"]))
    if said is None:
        return "I do not know."
    number = int(said[1])
    return {"number": number, "day": f"2026-01-0{number}", "lines": [{"what": "bolt", "price": "0.10"}]}


@pytest.fixture
def extractor() -> Any:
    with FaultyServer(answer) as server, Extractor("any", base_url=server.base_url, method="prompt") as made:
        yield made


def added(extractor: Extractor, frame: Any, **options: Any) -> Any:
    return extractor.add_columns(Order, frame, **options)


def test_an_arrow_table_gets_columns_of_the_targets_types(extractor: Extractor) -> None:
    table = added(extractor, pa.table(ROWS))
    assert [str(field.type) for field in table.schema] == [
        "string",
        "int64",
        "int64",
        "date32[day]",
        "list<item: struct<what: string, price: decimal128(38, 9)>>",
        "string",
    ]
    assert table["number"].to_pylist() == [3, None, None, 1]
    assert table["day"].to_pylist() == [date(2026, 1, 3), None, None, date(2026, 1, 1)]


def test_a_record_batch_stays_one(extractor: Extractor) -> None:
    batch = added(extractor, pa.RecordBatch.from_pydict(ROWS))
    assert isinstance(batch, pa.RecordBatch)
    assert batch.column("number").to_pylist() == [3, None, None, 1]


def test_a_row_without_value_says_why(extractor: Extractor) -> None:
    reasons = added(extractor, pa.table(ROWS))["_error"].to_pylist()
    assert [reason and reason.partition(":")[0] for reason in reasons] == [None, "no text", "InvalidOutput", None]


def test_without_an_error_column_a_failed_row_raises(extractor: Extractor) -> None:
    with pytest.raises(ExtractionError):
        added(extractor, pa.table(ROWS), error_column=None)


def test_without_an_error_column_there_is_none(extractor: Extractor) -> None:
    table = added(extractor, pa.table({"text": ["order 2"]}), error_column=None)
    assert table.column_names == ["text", "number", "day", "lines"]


def test_a_prefix_keeps_names_apart(extractor: Extractor) -> None:
    table = added(extractor, pa.table({"number": ["order 2"]}), column="number", prefix="read_")
    assert table.column_names == ["number", "read_number", "read_day", "read_lines", "_error"]


def test_a_template_takes_several_columns(extractor: Extractor) -> None:
    table = added(extractor, pa.table({"a": ["order", None], "b": [7, None]}), template="{a}: {b}")
    assert table["number"].to_pylist() == [7, None]


def test_a_value_that_no_column_holds_costs_its_row_only() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    with FaultyServer(lambda body: {"n": 2**70 if "big" in str(body["messages"]) else 1}) as server:
        extractor = Extractor("any", base_url=server.base_url, method="prompt")
        table = extractor.add_columns(schema, pa.table({"text": ["big", "small"]}))
    assert table["n"].to_pylist() == [None, 1]
    assert table["_error"].to_pylist()[0].startswith("column: n does not fit int64")


def test_a_json_schema_gives_its_own_types() -> None:
    schema = {
        "type": "object",
        "properties": {
            "tags": {"type": "array", "items": {"type": "string"}},
            "any": {},
            "n": {"type": ["number", "null"]},
        },
    }
    with FaultyServer(lambda _: {"tags": ["a"], "any": {"x": 1}, "n": None}) as server:
        extractor = Extractor("any", base_url=server.base_url, method="prompt")
        table = extractor.add_columns(schema, pa.table({"text": ["one"]}))
    assert [str(table.schema.field(name).type) for name in ("tags", "any", "n")] == [
        "list<item: string>",
        "string",
        "double",
    ]
    assert table["any"].to_pylist() == ['{"x":1}']


def test_the_async_call_does_the_same(extractor: Extractor) -> None:
    async def run() -> Any:
        base_url = str(extractor._core.given["base_url"])
        async with AsyncExtractor("any", base_url=base_url, method="prompt") as other:
            return await other.add_columns(Order, pa.table(ROWS))

    assert asyncio.run(run()).equals(added(extractor, pa.table(ROWS)))


def test_an_empty_table_gets_empty_columns(extractor: Extractor) -> None:
    table = added(extractor, pa.table({"text": pa.array([], pa.string())}))
    assert table.num_rows == 0
    assert table.column_names[1:] == ["number", "day", "lines", "_error"]


@pytest.mark.parametrize(
    ("frame", "options", "words"),
    [
        ([1], {}, "builtins.list"),
        (pa.table({"a": ["x"]}), {}, "give column="),
        (pa.table({"a": ["x"]}), {"column": "b"}, "no column 'b'"),
        (pa.table({"a": ["x"]}), {"column": "a", "template": "{a}"}, "not both"),
        (pa.table({"a": ["x"]}), {"template": "{b}"}, "no column 'b'"),
        (pa.table({"a": ["x"]}), {"template": "{a"}, "braces"),
        (pa.table({"text": ["x"], "day": ["y"]}), {}, "column day already"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(
    extractor: Extractor, frame: Any, options: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        added(extractor, frame, **options)


def test_polars_keeps_order_and_gets_its_own_types(extractor: Extractor) -> None:
    polars = pytest.importorskip("polars", reason="the extra `polars` is not installed")
    frame = added(extractor, polars.DataFrame(ROWS))
    assert frame["rank"].to_list() == [1, 2, 3, 4]
    assert frame.schema["number"] == polars.Int64
    assert frame.schema["day"] == polars.Date
    assert frame.schema["lines"] == polars.List(polars.Struct({"what": polars.String, "price": polars.Decimal(38, 9)}))
    assert frame["number"].to_list() == [3, None, None, 1]


def test_a_lazy_polars_frame_is_to_be_collected_first(extractor: Extractor) -> None:
    polars = pytest.importorskip("polars", reason="the extra `polars` is not installed")
    with pytest.raises(UsageError, match="collect"):
        added(extractor, polars.DataFrame(ROWS).lazy())


def test_pandas_keeps_its_index_whatever_it_is(extractor: Extractor) -> None:
    pandas = pytest.importorskip("pandas", reason="the extra `pandas` is not installed")
    frame = added(extractor, pandas.DataFrame(ROWS, index=["d", "c", "d", "a"]))
    assert list(frame.index) == ["d", "c", "d", "a"]
    assert str(frame["number"].dtype) == "int64[pyarrow]"
    assert frame["number"].isna().tolist() == [False, True, True, False]
    assert frame["lines"].iloc[0][0]["price"] == Decimal("0.100000000")


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("extract.batch.frames")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"needs pyarrow: install typed-extract\[arrow\]"):
        Extractor("any", base_url="http://127.0.0.1:9/v1").add_columns(Order, object())
