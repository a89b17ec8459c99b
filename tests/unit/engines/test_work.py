"""The work as a function of record batches: order, overlap, limits, stops; with no engine at hand."""

from __future__ import annotations

import asyncio
import pickle
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

from extract import Extractor, UsageError  # noqa: E402
from extract.engines import Work  # noqa: E402
from extract.engines.gate import LeaseError  # noqa: E402
from extract.engines.lease import Claim, Limits  # noqa: E402
from extract.engines.lease_http import HttpLender, LeaseService  # noqa: E402
from extract.testing import FaultyServer  # noqa: E402


class Item(BaseModel):
    number: int


def answer(body: Any) -> Any:
    found = re.search(r"item (\d+)", str(body["messages"]))
    return {"number": int(found[1])} if found else "I do not know."


def batches(count: int, rows: int) -> Iterator[Any]:
    for start in range(0, count, rows):
        numbers = range(start, min(start + rows, count))
        yield pa.RecordBatch.from_pydict({"id": list(numbers), "text": [f"item {number}" for number in numbers]})


def work_over(server: FaultyServer, **options: Any) -> Work:
    extractor = Extractor("any", base_url=server.base_url, method="json_schema", api_key="secret-key-1")
    return Work(extractor, Item, column="text", **options)


def numbers(out: Any) -> list[int]:
    return [number for batch in out for number in batch.column("number").to_pylist()]


def test_batches_come_out_in_order_with_their_new_columns() -> None:
    with FaultyServer(answer) as server:
        out = list(work_over(server)(batches(50, 8)))
    assert [batch.num_rows for batch in out] == [8, 8, 8, 8, 8, 8, 2]
    assert numbers(out) == list(range(50))
    assert out[0].schema.names == ["id", "text", "number", "_error"]


def test_the_schema_is_known_before() -> None:
    with FaultyServer(answer) as server:
        work = work_over(server, prefix="read_")
        (out,) = work(batches(1, 1))
    assert work.schema(next(batches(1, 1)).schema) == out.schema


def test_requests_overlap_across_small_batches() -> None:
    with FaultyServer(answer, delay_s=0.05) as server:
        assert numbers(work_over(server, concurrency=16)(batches(48, 2))) == list(range(48))
        assert 2 < server.most_under_way <= 16


def test_the_limit_holds_whatever_the_size_of_the_batches() -> None:
    with FaultyServer(answer, delay_s=0.01) as server:
        list(work_over(server, concurrency=3)(batches(40, 20)))
        assert server.most_under_way == 3


def test_requests_keep_to_their_rate() -> None:
    with FaultyServer(answer) as server:
        began_s = time.monotonic()
        list(work_over(server, requests_per_minute=2400)(batches(60, 10)))
        assert time.monotonic() - began_s > 0.4  # 40 a second, a second's worth at first


def test_a_failed_row_is_null_with_a_reason_and_ends_nothing() -> None:
    rows = pa.RecordBatch.from_pydict({"text": ["item 1", "nothing", None]})
    with FaultyServer(answer) as server:
        (out,) = work_over(server)(iter([rows]))
    assert out.column("number").to_pylist() == [1, None, None]
    assert [reason and reason.partition(":")[0] for reason in out.column("_error").to_pylist()] == [
        None,
        "InvalidOutput",
        "no text",
    ]


def test_an_error_of_the_input_is_raised_where_the_batches_are_read() -> None:
    def broken() -> Iterator[Any]:
        yield from batches(4, 4)
        raise RuntimeError("the disk is gone")

    with FaultyServer(answer) as server, pytest.raises(RuntimeError, match="the disk is gone"):
        list(work_over(server)(broken()))


def test_leaving_early_sends_nothing_more() -> None:
    with FaultyServer(answer, delay_s=0.01) as server:
        out = work_over(server, concurrency=2)(batches(1000, 4))
        next(out)
        out.close()
        sent = server.total
        time.sleep(0.1)
        assert server.total <= sent + 2 < 200


def test_no_batches_give_no_batches() -> None:
    with FaultyServer(answer) as server:
        assert list(work_over(server)(iter(()))) == []


def test_work_pickles_without_its_key() -> None:
    with FaultyServer(answer) as server:
        packed = pickle.dumps(work_over(server))
        assert b"secret-key-1" not in packed
        assert numbers(pickle.loads(packed)(batches(4, 2))) == list(range(4))


def test_a_second_run_over_the_same_folder_sends_nothing(tmp_path: Path) -> None:
    with FaultyServer(answer) as server:
        for _ in range(2):
            assert numbers(work_over(server, journal=tmp_path / "folder")(batches(20, 5))) == list(range(20))
        assert server.total == 20


def test_an_extractor_over_a_client_of_ones_own_cannot_travel() -> None:
    import httpx

    with pytest.raises(UsageError, match="client of your own"):
        Work(Extractor("any", base_url="http://127.0.0.1:9/v1", http_client=httpx.Client()), Item)


def test_a_service_lends_over_http_to_whoever_knows_its_word() -> None:
    with LeaseService(Limits(concurrency=5)) as leases:
        lease = asyncio.run(_asked(pickle.loads(pickle.dumps(leases.lender)), Claim("a", 0, 9, 9)))
        assert lease.slots == 5
        with pytest.raises(OSError, match="403"):
            asyncio.run(_asked(HttpLender(leases.lender.url, "guessed"), Claim("b", 0, 9, 9)))


async def _asked(lender: HttpLender, claim: Claim) -> Any:
    return await lender()(claim)


def test_two_workers_over_one_service_keep_to_one_limit() -> None:
    with FaultyServer(answer, delay_s=0.02) as server, LeaseService(Limits(concurrency=4)) as leases:
        work = work_over(server, concurrency=4).lent_by(leases.lender)
        first, second = work(batches(30, 5)), work(batches(30, 5))
        assert numbers(first) + numbers(second) == list(range(30)) * 2
        assert server.most_under_way <= 4


def test_a_lender_that_is_gone_is_an_error_and_no_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.engines.gate.PATIENCE_S", 0.1)
    monkeypatch.setattr("extract.engines.gate.RENEW_S", 0.02)
    with LeaseService(Limits(concurrency=4)) as leases:
        pass
    with FaultyServer(answer) as server, pytest.raises(LeaseError, match="is the driver still there"):
        list(work_over(server).lent_by(leases.lender)(batches(4, 4)))
