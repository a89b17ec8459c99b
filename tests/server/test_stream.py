"""`Extractor.stream` against a real loopback server, sync and async alike."""

from __future__ import annotations

import asyncio
import gc
import json
import random

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Draft, Extractor, UnreachableError, UsageError
from extract.testing import FaultyServer

BILL = {"seller": "ACME Incorporated", "lines": [{"name": f"part {at}", "price": at + 0.5} for at in range(20)]}


class Line(BaseModel):
    name: str
    price: float


class Bill(BaseModel):
    seller: str
    lines: list[Line]


def serving() -> FaultyServer:
    return FaultyServer(lambda _body: json.dumps(BILL))


def drafts(server: FaultyServer, **given) -> tuple[list[Draft[Bill]], Bill]:
    with Extractor("m", base_url=server.base_url, **given) as extractor:
        stream = extractor.stream(Bill, "a bill")
        return list(stream), stream.result().value


def drafts_async(server: FaultyServer, **given) -> tuple[list[Draft[Bill]], Bill]:
    async def run() -> tuple[list[Draft[Bill]], Bill]:
        async with (
            AsyncExtractor("m", base_url=server.base_url, **given) as extractor,
            extractor.stream(Bill, "a bill") as stream,
        ):
            return [draft async for draft in stream], (await stream.result()).value

    return asyncio.run(run())


@pytest.mark.parametrize("drive", [drafts, drafts_async])
@pytest.mark.parametrize(
    "fault",
    [None, "one_byte", "crlf", "comments", "bom", "no_space", "no_done", "usage_everywhere", "gzip", "json_for_stream",
     "wrong_content_type", "fence", "think", "think_end", "trailing_comma", "python", "double_encoded", "in_list"],
)  # fmt: skip
def test_it_ends_in_what_extract_gives(drive, fault) -> None:
    with serving() as server:
        found, value = drive(server.then(fault))
    assert value == Bill.model_validate(BILL)
    assert found[-1].value == value
    assert found[-1].is_final


@pytest.mark.parametrize("drive", [drafts, drafts_async])
@pytest.mark.parametrize("fault", ["status_503", "status_500", "drop_before", "drop_amid", "error_in_stream", "cut"])
def test_trouble_on_the_way_is_overcome(drive, fault) -> None:
    with serving() as server:
        found, value = drive(server.then(fault))
        assert server.total >= 2
    assert value.seller == BILL["seller"]
    assert found[-1].is_final


def test_nothing_is_sent_before_the_first_draft_is_asked_for() -> None:
    with serving() as server, Extractor("m", base_url=server.base_url) as extractor:
        extractor.stream(Bill, "a bill")
        assert server.total == 0


def test_a_wrong_option_is_an_error_of_the_call() -> None:
    with pytest.raises(UsageError, match="strings"):
        Extractor("m", base_url="http://127.0.0.1:9/v1").stream(Bill, "x", strings="all")  # type: ignore[arg-type]


def test_the_error_comes_where_the_drafts_are_read_and_again_with_the_result() -> None:
    stream = Extractor("m", base_url="http://127.0.0.1:9/v1").stream(Bill, "x")
    with pytest.raises(UnreachableError):
        list(stream)
    with pytest.raises(UnreachableError):
        stream.result()


def test_a_stream_that_is_left_early_closes_its_connection() -> None:
    with serving() as server, Extractor("m", base_url=server.base_url) as extractor:
        with extractor.stream(Bill, "a bill") as stream:
            next(stream)
        assert not any(idle for wire in extractor._wires.values() for idle in wire._links.idle.values())
        with pytest.raises(UsageError, match="closed before its end"):
            stream.result()


def test_a_stream_that_is_forgotten_closes_its_connection(recwarn: pytest.WarningsRecorder) -> None:
    with serving() as server, Extractor("m", base_url=server.base_url) as extractor:
        next(extractor.stream(Bill, "a bill"))
        gc.collect()
    assert not [warning for warning in recwarn if issubclass(warning.category, ResourceWarning)]


def test_ctrl_c_closes_the_connection() -> None:
    with serving() as server, Extractor("m", base_url=server.base_url) as extractor:
        with pytest.raises(KeyboardInterrupt), extractor.stream(Bill, "a bill") as stream:
            for _draft in stream:
                raise KeyboardInterrupt
        assert not any(idle for wire in extractor._wires.values() for idle in wire._links.idle.values())


def test_a_cancelled_task_leaves_no_connection_behind() -> None:
    async def run(server: FaultyServer) -> tuple[int, int]:
        async with AsyncExtractor("m", base_url=server.base_url) as extractor:
            begun = asyncio.Event()

            async def read() -> None:
                async with extractor.stream(Bill, "a bill") as stream:
                    async for _draft in stream:
                        begun.set()
                        await asyncio.sleep(0)

            task = asyncio.ensure_future(read())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.01)
            idle = sum(
                len(links)
                for wire in extractor._wires.values()
                for pool in wire._loops.values()
                for links in pool.idle.values()
            )
            return idle, len(asyncio.all_tasks()) - 1

    with serving() as server:
        assert asyncio.run(run(server.then("one_byte"))) == (0, 0)


def test_a_journal_replays_a_stream_without_a_request(tmp_path) -> None:
    with serving() as server:
        _, first = drafts(server, journal=tmp_path / "journal")
        found, again = drafts(server, journal=tmp_path / "journal")
        assert server.total == 1
    assert first == again
    assert len(found) > 10


def test_a_journal_keeps_every_byte_of_a_long_stream(tmp_path) -> None:
    long = {"seller": "ACME", "lines": [{"name": f"part {at}", "price": at + 0.5} for at in range(300)]}
    with FaultyServer(lambda _body: json.dumps(long)) as server:
        for number, drive in enumerate((drafts, drafts_async)):
            _, first = drive(server, journal=tmp_path / str(number))
            _, again = drive(server, journal=tmp_path / str(number))
            assert first == again == Bill.model_validate(long)
        assert server.total == 2


def test_the_offline_rules_stream_too() -> None:
    class Mail(BaseModel):
        name: str
        email: str

    stream = Extractor(base_url="offline:").stream(Mail, "Name: Ida Brandt\nEmail: ida@example.org")
    assert len(list(stream)) > 2
    assert stream.result().value == Mail(name="Ida Brandt", email="ida@example.org")


def test_cancelling_at_any_moment_leaves_nothing_behind() -> None:
    dice = random.Random(3)

    async def read(extractor: AsyncExtractor) -> None:
        async with extractor.stream(Bill, "a bill") as stream:
            async for _draft in stream:
                await asyncio.sleep(0)

    async def run(server: FaultyServer) -> tuple[int, float]:
        slowest_s, clock_s = 0.0, asyncio.get_running_loop().time
        async with AsyncExtractor("m", base_url=server.base_url) as extractor:
            for _ in range(60):
                task = asyncio.ensure_future(read(extractor))
                await asyncio.sleep(dice.random() * 0.03)
                task.cancel()
                began_s = clock_s()
                await asyncio.gather(task, return_exceptions=True)
                slowest_s = max(slowest_s, clock_s() - began_s)
            await asyncio.sleep(0.05)
            return len(asyncio.all_tasks()) - 1, slowest_s

    with FaultyServer(lambda _body: json.dumps(BILL), faults={"one_byte": 0.5}) as server:
        tasks, slowest_s = asyncio.run(run(server))
    assert tasks == 0
    assert slowest_s < 1
