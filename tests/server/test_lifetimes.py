"""An extractor lives in threads, tasks, loops, forks and pickles; what is cancelled leaves nothing, a deadline is kept."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Budget, Extractor, InvalidOutputError, UnreachableError
from extract.http import AsyncHttpTransport, AsyncLinks
from extract.testing import FaultyServer

TEXT = "Name: Alice\nAge: 31"


class User(BaseModel):
    name: str
    age: int


ALICE = User(name="Alice", age=31)


def alice(_: Any) -> Any:
    return {"name": "Alice", "age": 31}


def wait_until(is_so: Callable[[], bool], most_s: float = 5.0) -> None:
    """Look again and again, for some seconds at most."""
    end_s = time.monotonic() + most_s
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.fixture
def server() -> Any:
    with FaultyServer(alice) as running:
        yield running


def test_many_threads_share_one_extractor(server: FaultyServer) -> None:
    extractor = Extractor("tiny", base_url=server.base_url)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: extractor.extract(User, TEXT).age, range(64))) == {31}
    extractor.close()


def test_many_tasks_share_one_extractor(server: FaultyServer) -> None:
    async def main() -> set[int]:
        async with AsyncExtractor("tiny", base_url=server.base_url) as extractor:
            users = await asyncio.gather(*(extractor.extract(User, TEXT) for _ in range(32)))
        return {user.age for user in users}

    assert asyncio.run(main()) == {31}


def test_one_async_extractor_works_in_one_loop_after_the_other(server: FaultyServer) -> None:
    extractor = AsyncExtractor("tiny", base_url=server.base_url)
    for _ in range(3):
        assert asyncio.run(extractor.extract(User, TEXT)) == ALICE


def test_one_async_extractor_works_in_loops_of_several_threads(server: FaultyServer) -> None:
    extractor = AsyncExtractor("tiny", base_url=server.base_url)
    with ThreadPoolExecutor(4) as pool:
        users = list(pool.map(lambda _: asyncio.run(extractor.extract(User, TEXT)), range(12)))
    assert users == [ALICE] * 12


def test_loops_of_many_threads_may_begin_and_end_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsyncLinks, "close", lambda _: time.sleep(0.001))  # room for another thread
    transport = AsyncHttpTransport("http://127.0.0.1:1/v1")

    async def use() -> int:
        return id(transport._here())

    def often(_: int) -> int:
        return len([asyncio.run(use()) for _ in range(60)])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(often, range(8))) == [60] * 8


def test_a_sync_extractor_works_under_a_running_loop(server: FaultyServer) -> None:
    async def main() -> User:
        return Extractor("tiny", base_url=server.base_url).extract(User, TEXT)

    assert asyncio.run(main()) == ALICE


def in_child(extractor: Extractor, results: Any) -> None:
    results.put(extractor.extract(User, TEXT).age)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_gets_connections_of_its_own(server: FaultyServer) -> None:
    extractor = Extractor("tiny", base_url=server.base_url)
    assert extractor.extract(User, TEXT) == ALICE
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    children = [context.Process(target=in_child, args=(extractor, results)) for _ in range(2)]
    for child in children:
        child.start()
    assert [results.get(timeout=20) for _ in children] == [31, 31]
    for child in children:
        child.join(timeout=20)
        assert child.exitcode == 0
    assert extractor.extract(User, TEXT) == ALICE


@pytest.mark.parametrize("kind", [Extractor, AsyncExtractor])
def test_a_pickle_holds_no_key_and_finds_it_again(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXTRACT_API_KEY", "sk-from-the-environment")
    kept = pickle.dumps(
        kind("tiny", base_url="http://127.0.0.1:1/v1", api_key="sk-secret", headers={"x-key": "sk-other"})
    )
    assert b"sk-" not in kept
    copy = pickle.loads(kept)
    assert copy._core.hops[0].place.key == "sk-from-the-environment"
    assert (copy._core.hops[0].place.model, copy._core.hops[0].place.base_url) == ("tiny", "http://127.0.0.1:1/v1")


def test_a_pickled_copy_answers_alike(server: FaultyServer) -> None:
    extractor = Extractor("tiny", base_url=server.base_url, temperature=0.5, instructions="Briefly.")
    copy = pickle.loads(pickle.dumps(extractor))
    assert copy.extract(User, TEXT) == ALICE
    assert copy.request(User, TEXT).body == extractor.request(User, TEXT).body


def test_a_result_and_an_error_can_be_pickled(server: FaultyServer) -> None:
    extraction = Extractor("tiny", base_url=server.base_url).run(User, TEXT)
    assert pickle.loads(pickle.dumps(extraction)).value == ALICE
    with FaultyServer(lambda _: "no idea") as silly, pytest.raises(InvalidOutputError) as found:
        Extractor("tiny", base_url=silly.base_url).extract(User, TEXT)
    copy = pickle.loads(pickle.dumps(found.value))
    assert (str(copy), copy.issues, len(copy.attempts)) == (
        str(found.value),
        found.value.issues,
        len(found.value.attempts),
    )


def test_a_closed_extractor_opens_again(server: FaultyServer) -> None:
    with Extractor("tiny", base_url=server.base_url) as extractor:
        assert extractor.extract(User, TEXT) == ALICE
    extractor.close()
    assert extractor.extract(User, TEXT) == ALICE


def test_a_cancelled_task_leaves_no_task_thread_or_connection() -> None:
    with FaultyServer(alice, delay_s=30) as server:

        async def main() -> set[asyncio.Task[Any]]:
            async with AsyncExtractor("tiny", base_url=server.base_url) as extractor:
                task = asyncio.create_task(extractor.extract(User, TEXT))
                await asyncio.to_thread(wait_until, lambda: server.under_way > 0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]

        before = set(threading.enumerate())
        assert not asyncio.run(main())
        assert set(threading.enumerate()) <= before
    gc.collect()  # a socket that was left open is a ResourceWarning, which is an error here


def test_a_timeout_of_the_callers_own_cuts_in() -> None:
    with FaultyServer(alice, delay_s=30) as server:

        async def main() -> None:
            async with asyncio.timeout(0.3), AsyncExtractor("tiny", base_url=server.base_url) as extractor:
                await extractor.extract(User, TEXT)

        began_s = time.monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(main())
        assert time.monotonic() - began_s < 5


@pytest.mark.parametrize("fault", ["drip", "slow", None])
def test_the_budgets_seconds_end_a_call_that_drips_or_hangs(fault: str | None) -> None:
    with FaultyServer(alice, faults={fault: 1.0} if fault else {}, delay_s=0.0 if fault == "drip" else 30.0) as server:
        extractor = Extractor("tiny", base_url=server.base_url, budget=Budget(seconds=0.5))
        began_s = time.monotonic()
        with pytest.raises(Exception, match=r"budget|did not answer"):
            extractor.extract(User, TEXT)
        assert time.monotonic() - began_s < 3


def test_the_timeout_of_a_request_is_wall_clock_even_where_bytes_keep_coming() -> None:
    with FaultyServer(lambda _: {"name": "A" * 4000, "age": 1}, faults={"drip": 1.0}) as server:
        extractor = Extractor("tiny", base_url=server.base_url, timeout=0.4, budget=Budget(resends=0))
        began_s = time.monotonic()
        with pytest.raises(UnreachableError):
            extractor.extract(User, TEXT)
        assert time.monotonic() - began_s < 3


def test_both_extractors_send_the_same_requests() -> None:
    def answers(body: Any) -> Any:
        return {"name": "Alice"} if "value_1" not in str(body) else {"value_1": 31}

    with FaultyServer(answers) as one, FaultyServer(answers) as other:
        assert Extractor("tiny", base_url=one.base_url).extract(User, TEXT) == ALICE
        assert asyncio.run(AsyncExtractor("tiny", base_url=other.base_url).extract(User, TEXT)) == ALICE
        assert list(one.requests) == list(other.requests)


@pytest.mark.parametrize("name", ["extract", "run", "generate", "map", "request", "with_options"])
def test_both_extractors_have_the_same_names_and_arguments(name: str) -> None:
    arguments = [
        getattr(kind, name).__code__.co_varnames[: getattr(kind, name).__code__.co_argcount]
        for kind in (Extractor, AsyncExtractor)
    ]
    assert arguments[0] == arguments[1]


def test_copies_share_connections_and_facts(server: FaultyServer) -> None:
    extractor = Extractor("tiny", base_url=server.base_url)
    assert extractor.with_options(temperature=0.1).extract(User, TEXT) == ALICE
    assert extractor._wires
    assert extractor.with_options(repair="off").extract(User, TEXT) == ALICE
    assert len(extractor._wires) == 1
