"""Ray Data in local mode: the same output as one process, one limit over all actors, a killed actor costs what was in flight."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")

from extract import Extractor  # noqa: E402
from extract.engines import Work, add_columns_ray  # noqa: E402
from extract.engines.on_ray import RayLender  # noqa: E402

from .items import ITEMS, Item, endpoint, table, work_over  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, configure_logging=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


def numbers(dataset: Any) -> list[int]:
    return [row["number"] for row in sorted(dataset.take_all(), key=lambda row: row["id"])]


def test_two_actors_give_what_one_process_gives() -> None:
    with endpoint() as server:
        work = work_over(server)
        dataset = add_columns_ray(ray.data.from_arrow(table()), work, workers=2, batch_rows=32)
        assert numbers(dataset) == list(range(ITEMS))
        assert server.total == ITEMS


def test_the_limit_holds_over_all_actors() -> None:
    with endpoint(delay_s=0.05) as server:
        work = work_over(server, concurrency=6)
        dataset = add_columns_ray(ray.data.from_arrow(table()), work, workers=3, batch_rows=16)
        assert numbers(dataset) == list(range(ITEMS))
        assert 4 <= server.most_under_way <= 6


def test_a_killed_actor_costs_at_most_what_was_in_flight(tmp_path: Path) -> None:
    killed = tmp_path / "killed"
    with endpoint(delay_s=0.02) as server:
        work = work_over(server, concurrency=16, journal=tmp_path / "journal")
        dataset = ray.data.from_arrow(table()).map_batches(
            Dying,
            fn_constructor_args=(work.lent_by(RayLender(work.limits)), str(killed)),
            batch_format="pyarrow",
            batch_size=16,
            compute=ray.data.ActorPoolStrategy(size=2),
            num_cpus=0.5,
            max_concurrency=4,
        )
        assert numbers(dataset) == list(range(ITEMS))
        assert killed.exists()
        assert server.total <= ITEMS + 16


class Dying:
    """The worker, whose process dies once in the middle of its work."""

    def __init__(self, work: Work, killed: str) -> None:
        from extract.engines import RayWorker

        self._worker = RayWorker(work)
        self._killed = Path(killed)
        self._batches = 0

    async def __call__(self, batch: Any) -> Any:
        self._batches += 1
        if self._batches == 4 and not self._killed.exists():
            self._killed.touch()
            os._exit(1)
        async for filled in self._worker(batch):
            yield filled


def test_a_key_does_not_travel() -> None:
    extractor = Extractor("any", base_url="http://127.0.0.1:9/v1", api_key="secret-key-1")
    assert b"secret-key-1" not in ray.cloudpickle.dumps(Work(extractor, Item, column="text"))
