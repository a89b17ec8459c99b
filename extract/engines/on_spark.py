# pyright: basic, reportMissingTypeStubs=false, reportMissingImports=false
# an optional package, which the checker may not see
"""Spark: `mapInArrow` over the same work, and one limit over all workers, lent by a service beside the driver.

    with add_columns_spark(spark.read.parquet("invoices"), work) as more:
        more.write.parquet("out")

A task that died is run again by Spark; what was paid for is in the journal, so only what was in flight is asked twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from .lease_http import LeaseService
from .work import Work


@contextmanager
def add_columns_spark(frame: Any, work: Work, *, host: str | None = None) -> Iterator[Any]:
    """The data frame with the work's columns; nothing runs before it is read, which must be within the block.

    Args:
        frame: a `pyspark.sql.DataFrame`.
        work: what is to be done; its limits are over all workers together.
        host: address of the driver as workers reach it; `spark.driver.host` when not given.
    """
    driver = host or frame.sparkSession.conf.get("spark.driver.host", "127.0.0.1")
    schema = from_arrow_schema(plain(work.schema(to_arrow_schema(frame.schema))))
    with LeaseService(work.limits, driver) as leases:
        yield frame.mapInArrow(_Fitted(work.lent_by(leases.lender)), schema)


class _Fitted:
    """The work with its batches in the types that Spark has."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in self._work(batches):
            yield batch.cast(plain(batch.schema))


def plain(schema: pa.Schema) -> pa.Schema:
    """A schema in the types that Spark has: no time of day, which becomes text."""
    return pa.schema([pa.field(field.name, _plain(field.type), nullable=True) for field in schema])


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_time(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_map(kind):
        return pa.map_(_plain(kind.key_type), _plain(kind.item_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(part.name, _plain(part.type), nullable=True) for part in kind])
    return kind
