"""20,000 rows through one process, Ray and Spark in local mode, on one loopback endpoint: same output, requests, time.

    python benchmarks/engines.py [--rows 20000]      needs the extras ray and spark, and Java

Then a worker is killed amid the run (Ray, Spark), and `ray.data.llm`'s own HTTP stage asks the same endpoint the same
questions, on fewer rows, since it sends one request at a time per actor.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel

from extract import Extractor
from extract.engines import RayWorker, Work, add_columns_ray, add_columns_spark
from extract.engines.on_ray import RayLender
from extract.testing import FaultyServer

DELAY_S = 0.1
CONCURRENCY = 64
WORKERS = 2
BATCH_ROWS = 256


class Item(BaseModel):
    number: int
    name: str


def answer(body: Any) -> Any:
    found = re.search(r"item (\d+)", json.dumps(body["messages"]))
    return {"number": int(found[1]), "name": f"item {found[1]}"} if found else None


def serve(pipe: Any) -> None:
    with FaultyServer(answer, delay_s=DELAY_S) as server:
        pipe.send(server.base_url)
        while pipe.recv():
            pipe.send((server.total, server.most_under_way))
            server.total = server.most_under_way = 0


class Endpoint:
    """The endpoint in a process of its own."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other,), daemon=True)
        self._process.start()
        self.base_url: str = self._pipe.recv()

    def counts(self) -> tuple[int, int]:
        """Requests, and the most at once, since the last look."""
        self._pipe.send(True)
        return self._pipe.recv()

    def close(self) -> None:
        self._pipe.send(False)
        self._process.join()


def texts(rows: int) -> pa.Table:
    return pa.table({"id": list(range(rows)), "text": [f"item {number}" for number in range(rows)]})


def blocks(rows: int) -> list[pa.Table]:
    """The rows in as many blocks as make Ray use every actor."""
    return [texts(rows).slice(start, BATCH_ROWS) for start in range(0, rows, BATCH_ROWS)]


def work_over(endpoint: Endpoint, **options: Any) -> Work:
    extractor = Extractor("any", base_url=endpoint.base_url, method="json_schema")
    return Work(extractor, Item, column="text", concurrency=CONCURRENCY, **options)


def one_process(work: Work, rows: int) -> pa.Table:
    return pa.Table.from_batches(list(work(iter(texts(rows).to_batches(max_chunksize=BATCH_ROWS)))))


def on_ray(work: Work, rows: int) -> pa.Table:
    import ray

    made = add_columns_ray(ray.data.from_arrow(blocks(rows)), work, workers=WORKERS, batch_rows=BATCH_ROWS)
    return pa.concat_tables(ray.get(made.to_arrow_refs()))


def on_ray_killed(work: Work, rows: int) -> pa.Table:
    import ray

    killed = tempfile.mktemp()
    made = ray.data.from_arrow(blocks(rows)).map_batches(
        Dying, fn_constructor_args=(work.lent_by(RayLender(work.limits)), killed, max(2, rows // BATCH_ROWS // 4)), batch_format="pyarrow", batch_size=BATCH_ROWS,
        compute=ray.data.ActorPoolStrategy(size=WORKERS), num_cpus=0.5, max_concurrency=4,
    )  # fmt: skip
    found = pa.concat_tables(ray.get(made.to_arrow_refs()))
    assert Path(killed).exists(), "no worker was killed"
    return found


class Dying:
    """A worker whose process dies once, amid its batches."""

    def __init__(self, work: Work, killed: str, after: int) -> None:
        self._worker, self._killed, self._left = RayWorker(work), Path(killed), after

    async def __call__(self, batch: Any) -> Any:
        self._left -= 1
        if self._left == 0 and not self._killed.exists():
            self._killed.touch()
            os._exit(1)
        async for filled in self._worker(batch):
            yield filled


def spark_frame(spark: Any, rows: int) -> Any:
    return spark.createDataFrame(texts(rows).to_pandas()).repartition(WORKERS * 2)


def on_spark(spark: Any) -> Callable[[Work, int], pa.Table]:
    def run(work: Work, rows: int) -> pa.Table:
        with add_columns_spark(spark_frame(spark, rows), work) as more:
            return more.toArrow()

    return run


def on_spark_killed(spark: Any) -> Callable[[Work, int], pa.Table]:
    def run(work: Work, rows: int) -> pa.Table:
        killed = tempfile.mktemp()
        with add_columns_spark(spark_frame(spark, rows), DyingWork(work, killed)) as more:
            found = more.toArrow()
        assert Path(killed).exists(), "no worker was killed"
        return found

    return run


class DyingWork(Work):
    """Work whose process dies once, amid its batches."""

    def __init__(self, work: Work, killed: str) -> None:
        self.__dict__.update(work.__dict__)
        self.killed = killed

    def __call__(self, batches: Any) -> Iterator[Any]:
        for number, batch in enumerate(super().__call__(batches)):
            if number == 1 and not Path(self.killed).exists():
                Path(self.killed).touch()
                os._exit(1)
            yield batch


def on_ray_llm(endpoint: Endpoint, rows: int) -> int:
    """Rows with an answer from Ray's own HTTP stage; what it answers is text, which nobody has validated."""
    import ray
    from ray.data import llm

    build = getattr(llm, "build_processor", None) or llm.build_llm_processor
    config = llm.HttpRequestProcessorConfig(
        url=f"{endpoint.base_url}/chat/completions", concurrency=WORKERS, batch_size=64, headers={}
    )
    processor = build(
        config,
        preprocess=lambda row: {
            "payload": {"model": "any", "messages": [{"role": "user", "content": row["text"]}]},
            "id": row["id"],
        },
        postprocess=lambda row: {"text": row["http_response"]["choices"][0]["message"]["content"]},
    )
    return len(processor(ray.data.from_arrow(blocks(rows))).take_all())


@contextmanager
def engines() -> Iterator[Any]:
    """Both engines, in local mode."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    root = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join((root, str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")))
    import ray
    from pyspark.sql import SparkSession

    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    spark = (
        SparkSession.builder.master(f"local[{WORKERS},4]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH_ROWS))
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("OFF")
    try:
        yield spark
    finally:
        spark.stop()
        ray.shutdown()


def measured(
    name: str, endpoint: Endpoint, rows: int, run: Callable[[Work, int], pa.Table], **options: Any
) -> pa.Table:
    endpoint.counts()
    began_s = time.perf_counter()
    found = run(work_over(endpoint, **options), rows)
    took_s = time.perf_counter() - began_s
    total, most = endpoint.counts()
    print(f"{name:34} {rows / took_s:7.0f} rows/s  {total:6} requests  {most:3} at once", flush=True)
    return found.select(["id", "number", "name"]).sort_by("id").cast(SCHEMA)


SCHEMA = pa.schema([("id", pa.int64()), ("number", pa.int64()), ("name", pa.string())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--llm-rows", type=int, default=1_000)
    rows, llm_rows = vars(parser.parse_args()).values()
    endpoint = Endpoint()
    print(f"{rows} rows, {DELAY_S} s an answer, {CONCURRENCY} at once, {WORKERS} workers, {os.cpu_count()} cores")
    with engines() as spark, tempfile.TemporaryDirectory() as folder:
        runs: list[tuple[str, Callable[[Work, int], pa.Table], dict[str, Any]]] = [
            ("one process", one_process, {}),
            ("Ray", on_ray, {}),
            ("Spark", on_spark(spark), {}),
            ("Ray, a worker killed", on_ray_killed, {"journal": Path(folder) / "ray"}),
            ("Spark, a worker killed", on_spark_killed(spark), {"journal": Path(folder) / "spark"}),
        ]
        first: pa.Table | None = None
        for name, run, options in runs:
            found = measured(name, endpoint, rows, run, **options)
            first = found if first is None else first
            assert found.equals(first), f"{name} has another output"
        print("all outputs are equal")
        measured(f"Ray, {llm_rows} rows", endpoint, llm_rows, on_ray)
        began_s = time.perf_counter()
        answered = on_ray_llm(endpoint, llm_rows)
        took_s = time.perf_counter() - began_s
        total, most = endpoint.counts()
        name = f"ray.data.llm HTTP stage, {llm_rows} rows"
        print(f"{name:34} {answered / took_s:7.0f} rows/s  {total:6} requests  {most:3} at once")
    endpoint.close()


if __name__ == "__main__":
    main()
