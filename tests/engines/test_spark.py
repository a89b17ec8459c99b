"""Spark in local mode: the same output as one process, one limit over all workers, a killed worker costs what was in flight."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from pyspark.sql import SparkSession

from extract.engines import add_columns_spark
from extract.engines.on_spark import plain

from .items import ITEMS, endpoint, table, work_over


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    session = (
        SparkSession.builder.master("local[2,4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "32")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def frame(spark: Any, parts: int = 4) -> Any:
    rows = table().to_pylist()
    return spark.createDataFrame([(row["id"], row["text"]) for row in rows], "id long, text string").repartition(parts)


def numbers(rows: Any) -> list[int]:
    return [row["number"] for row in sorted(rows.collect(), key=lambda row: row["id"])]


def test_two_workers_give_what_one_process_gives(spark: Any) -> None:
    with endpoint() as server, add_columns_spark(frame(spark), work_over(server)) as more:
        assert [field.simpleString() for field in more.schema][2:] == ["number:bigint", "name:string", "_error:string"]
        assert numbers(more) == list(range(ITEMS))
        assert server.total == ITEMS


def test_the_limit_holds_over_all_workers(spark: Any) -> None:
    with endpoint(delay_s=0.05) as server, add_columns_spark(frame(spark), work_over(server, concurrency=6)) as more:
        assert numbers(more) == list(range(ITEMS))
        assert 4 <= server.most_under_way <= 6


def test_a_killed_worker_costs_at_most_what_was_in_flight(spark: Any, tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    with endpoint(delay_s=0.02) as server:
        work = work_over(server, concurrency=16, journal=tmp_path / "journal")
        before = frame(spark, parts=2)
        schema = add_schema(before, work)
        assert numbers(before.mapInArrow(Dying(work, str(killed)), schema)) == list(range(ITEMS))
        assert killed.exists()
        assert server.total <= ITEMS + 2 * 16


def add_schema(before: Any, work: Any) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

    return from_arrow_schema(plain(work.schema(to_arrow_schema(before.schema))))


class Dying:
    """The work, whose process dies once in the middle."""

    def __init__(self, work: Any, killed: str) -> None:
        self._work = work
        self._killed = killed

    def __call__(self, batches: Any) -> Any:
        for number, batch in enumerate(self._work(batches)):
            if number == 3 and not Path(self._killed).exists():
                Path(self._killed).touch()
                os._exit(1)
            yield batch
