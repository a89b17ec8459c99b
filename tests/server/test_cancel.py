"""Cut short at any point, a call closes its connection within a second and leaves nothing: tasks cancelled, threads interrupted."""

from __future__ import annotations

import asyncio
import gc
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Budget, Endpoint, Extractor
from extract.testing import FaultyServer

ROW = Endpoint(name="own", source="a test", methods=("json_schema",), dialect="plain", min_rate_delay_s=0.0)
FAULTS = ("stall", "one_byte", "status_500", "cut", "slow", "closes_after", None)
OPTIONS: dict[str, Any] = {"endpoint": ROW, "budget": Budget(attempts=2, resends=2)}
POINTS = 200


class Stop(BaseModel):
    town: str
    arrival: int


STOP = Stop(town="Zürich", arrival=742)


def wait_until_idle(server: FaultyServer) -> None:
    """Nothing is under way on the server within a second."""
    ends = time.monotonic() + 1.0
    while server.under_way and time.monotonic() < ends:
        time.sleep(0.005)
    assert server.under_way == 0


def wait_until_closed(server: FaultyServer) -> None:
    ends = time.monotonic() + 1.0
    while server.connections and time.monotonic() < ends:
        time.sleep(0.005)
    assert server.connections == 0


async def cancelled_after(extractor: AsyncExtractor, steps: int, pause_s: float) -> None:
    """Begin a call and cancel it after so many turns of the loop and a pause."""
    task = asyncio.create_task(extractor.extract(Stop, "7:42 Zürich"))
    for _ in range(steps):
        await asyncio.sleep(0)
    await asyncio.sleep(pause_s)
    task.cancel()
    done = (await asyncio.gather(task, return_exceptions=True))[0]
    assert done == STOP or isinstance(done, asyncio.CancelledError), done


@pytest.mark.parametrize("fault", FAULTS)
def test_a_task_may_be_cancelled_at_any_await(fault: str | None) -> None:
    dice = random.Random(str(fault))

    async def run() -> None:
        async with AsyncExtractor("m", base_url=server.base_url, **OPTIONS) as extractor:
            for point in range(POINTS // len(FAULTS) + 1):
                server.then(fault)
                await cancelled_after(extractor, point, dice.random() * 0.02)
                await asyncio.to_thread(wait_until_idle, server)
                server._next.clear()
            assert await extractor.extract(Stop, "7:42 Zürich") == STOP
            assert asyncio.all_tasks() == {asyncio.current_task()}

    with FaultyServer(lambda _: STOP.model_dump()) as server:
        asyncio.run(run())
        wait_until_closed(server)


def test_many_tasks_cancelled_together_leave_nothing() -> None:
    async def run() -> None:
        async with AsyncExtractor("m", base_url=server.base_url, **OPTIONS) as extractor:
            tasks = [asyncio.create_task(extractor.extract(Stop, "x")) for _ in range(60)]
            await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(wait_until_idle, server)

    with FaultyServer(lambda _: STOP.model_dump(), faults={"stall": 0.7}) as server:
        asyncio.run(run())
        wait_until_closed(server)


@contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """A KeyboardInterrupt after so many seconds, where the block lasts that long."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_connection_is_not_used_again_where_an_interrupt_struck_as_it_became_idle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = h11.Connection.start_next_cycle
    struck: list[h11.Connection] = []

    def strike_once(connection: h11.Connection) -> None:
        if not struck and connection.our_role is h11.CLIENT:
            struck.append(connection)
            raise KeyboardInterrupt
        go_on(connection)

    with (
        FaultyServer(lambda _: STOP.model_dump()) as server,
        Extractor("m", base_url=server.base_url, **OPTIONS) as extractor,
    ):
        monkeypatch.setattr(h11.Connection, "start_next_cycle", strike_once)
        with pytest.raises(KeyboardInterrupt):
            extractor.extract(Stop, "7:42 Zürich")
        assert extractor.extract(Stop, "7:42 Zürich") == STOP


# An interrupt between a socket's birth and its first owner lets the socket go with its frame, and Python warns of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals reach the main thread alone"
)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_may_be_interrupted_at_any_point(fault: str | None) -> None:
    dice = random.Random(str(fault))
    with FaultyServer(lambda _: STOP.model_dump()) as server:
        with Extractor("m", base_url=server.base_url, **OPTIONS) as extractor:
            assert extractor.extract(Stop, "7:42 Zürich") == STOP
            for _ in range(POINTS // len(FAULTS) + 1):
                server.then(fault)
                try:
                    with interrupted_after(0.0002 + dice.random() * 0.02):
                        assert extractor.extract(Stop, "7:42 Zürich") == STOP
                except KeyboardInterrupt:
                    pass
                wait_until_idle(server)
                server._next.clear()
            assert extractor.extract(Stop, "7:42 Zürich") == STOP
        gc.collect()
        wait_until_closed(server)
