"""`Extractor.records` against a real loopback server, sync and async alike."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from extract import AsyncExtractor, Bad, EndpointError, Extractor, Ok, RecordsResult, UnreachableError, UsageError
from extract.streams import Record
from extract.testing import FaultyServer

LINES = [{"name": f"part {at}", "price": at + 0.5} for at in range(40)]


class Line(BaseModel):
    name: str
    price: float = Field(ge=0)


def serving(lines=LINES) -> FaultyServer:
    def answer(body) -> str:
        said = str(body["messages"])
        if "Send only the items" in said:
            done = int(said.split("The answer was cut off. ")[1].split(" ")[0])
            return json.dumps({"value": lines[done:]})
        return json.dumps({"value": lines})

    return FaultyServer(answer)


def read(server: FaultyServer, source="a bill", found=None, **given) -> tuple[list[Record[Line]], RecordsResult]:
    found = [] if found is None else found
    with Extractor("m", base_url=server.base_url) as extractor:
        records = extractor.records(Line, source, **given)
        found.extend(records)
        return found, records.result()


def read_async(server: FaultyServer, source="a bill", found=None, **given) -> tuple[list[Record[Line]], RecordsResult]:
    found = [] if found is None else found

    async def run() -> tuple[list[Record[Line]], RecordsResult]:
        async with (
            AsyncExtractor("m", base_url=server.base_url) as extractor,
            extractor.records(Line, source, **given) as records,
        ):
            async for record in records:
                found.append(record)
            return found, await records.result()

    return asyncio.run(run())


@pytest.mark.parametrize("drive", [read, read_async])
@pytest.mark.parametrize(
    "fault", [None, "one_byte", "crlf", "no_done", "gzip", "json_for_stream", "fence", "think", "status_503", "drop_before",
              "drop_amid", "cut", "error_in_stream", "done_without_finish"]
)  # fmt: skip
def test_every_record_comes_once_and_in_order(drive, fault) -> None:
    with serving() as server:
        found, account = drive(server.then(fault))
    assert [record.value.model_dump() for record in found if isinstance(record, Ok)] == LINES
    assert [record.index for record in found] == list(range(40))
    assert account.ok == 40


@pytest.mark.parametrize("drive", [read, read_async])
def test_a_bad_record_is_told_and_the_others_go_on(drive) -> None:
    lines = [*LINES[:3], {"name": "bad", "price": -1}, *LINES[3:]]
    with serving(lines) as server:
        found, account = drive(server, key=lambda line: line.name)
    assert [[isinstance(record, kind) for kind in (Ok, Bad)] for record in found[2:5]] == [
        [True, False], [False, True], [True, False],
    ]  # fmt: skip
    assert (account.ok, account.bad, account.duplicates) == (40, 1, 0)


@pytest.mark.parametrize("drive", [read, read_async])
def test_a_bad_record_that_waits_is_told_before_the_error_that_ends_the_list(drive) -> None:
    lines = [{"name": "bad", "price": -1}, *LINES]
    with serving(lines) as server:
        server.then("drop_amid", *["status_401"] * 9)
        found = []
        with pytest.raises(EndpointError):
            drive(server, again="singly", found=found)
    assert [record.index for record in found if isinstance(record, Bad)] == [0]
    assert sorted(record.index for record in found) == list(range(len(found)))


@pytest.mark.parametrize("drive", [read, read_async])
def test_a_file_is_a_source(drive, tmp_path: Path) -> None:
    path = tmp_path / "bill.txt"
    path.write_text("forty parts")
    with serving() as server:
        found, _ = drive(server, path, instructions="Only parts.")
        said = str(server.requests[0]["messages"])
    assert len(found) == 40
    assert "forty parts" in said
    assert "Only parts." in said


def test_a_wrong_option_is_an_error_of_the_call() -> None:
    with pytest.raises(UsageError, match="again"):
        Extractor("m", base_url="http://127.0.0.1:9/v1").records(Line, "x", again="often")  # type: ignore[arg-type]


def test_the_error_comes_where_the_records_are_read() -> None:
    with pytest.raises(UnreachableError):
        list(Extractor("m", base_url="http://127.0.0.1:9/v1").records(Line, "x"))


def test_leaving_early_closes_the_connection() -> None:
    with serving() as server, Extractor("m", base_url=server.base_url) as extractor:
        with extractor.records(Line, "a bill") as records:
            next(records)
        assert not any(idle for wire in extractor._wires.values() for idle in wire._links.idle.values())


def test_a_cancelled_task_closes_the_connection() -> None:
    async def run(server: FaultyServer) -> int:
        async with AsyncExtractor("m", base_url=server.base_url) as extractor:
            begun = asyncio.Event()

            async def go() -> None:
                async with extractor.records(Line, "a bill") as records:
                    async for _record in records:
                        begun.set()
                        await asyncio.sleep(0)

            task = asyncio.ensure_future(go())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.sleep(0.01)
            return len(asyncio.all_tasks()) - 1

    with serving() as server:
        assert asyncio.run(run(server.then("one_byte"))) == 0
