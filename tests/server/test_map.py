"""`map` against a real endpoint on loopback: limits hold at the server, trouble is waited out, equal rows are paid once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from extract import AsyncExtractor, Bad, Extractor, Ok, UsageError
from extract.batch.journal import Journal
from extract.batch.replay import MissingReplyError
from extract.testing import FaultyServer


class Person(BaseModel):
    name: str
    age: int


def answers(body: Any) -> Any:
    """Told from the text alone, so that every run gives the same."""
    text = body["messages"][-1]["content"]
    number = int(text.split("row ")[1].split()[0])
    return {"name": f"Ada {number}", "age": number % 90}


def texts(count: int) -> list[str]:
    return [f"row {number} of a table" for number in range(count)]


def extractor(server: FaultyServer, **options: Any) -> Extractor:
    return Extractor("m", base_url=server.base_url, **options)


def documents(server: FaultyServer) -> Counter[str]:
    return Counter(str(body["messages"][-1]["content"]) for body in server.requests)


@pytest.mark.parametrize("limit", [1, 5, 24])
def test_the_most_requests_at_once_are_the_limit_asked_for(limit: int) -> None:
    with FaultyServer(answers, delay_s=0.4) as server:
        outcomes = extractor(server).map(Person, texts(limit * 3), concurrency=limit)
        assert [outcome.index for outcome in outcomes] == list(range(limit * 3))
        assert server.most_under_way == limit


def test_the_limit_holds_for_tasks_as_well() -> None:
    async def run(server: FaultyServer) -> int:
        async with AsyncExtractor("m", base_url=server.base_url) as asked:
            return len([outcome async for outcome in asked.map(Person, texts(80), concurrency=16, ordered=False)])

    with FaultyServer(answers, delay_s=0.3) as server:
        assert asyncio.run(run(server)) == 80
        assert server.most_under_way == 16


def test_without_a_limit_more_are_sent_while_answers_come_as_fast() -> None:
    async def run(server: FaultyServer) -> None:
        async with AsyncExtractor("m", base_url=server.base_url) as asked:
            async for _ in asked.map(Person, texts(150)):
                pass

    with FaultyServer(answers, delay_s=0.15) as server:
        asyncio.run(run(server))
        assert server.most_under_way > 12


def test_a_rate_limit_costs_no_row() -> None:
    with FaultyServer(answers, requests_per_minute=1800, retry_after_s=None) as server:
        outcomes = extractor(server).map(Person, texts(120), concurrency=16)
        assert all(isinstance(outcome, Ok) for outcome in outcomes)
        assert server.counts["limit"] <= 40
        assert outcomes.progress.throttled == server.counts["limit"]


def test_a_named_rate_is_kept() -> None:
    with FaultyServer(answers) as server:
        began_s = time.monotonic()
        list(extractor(server).map(Person, texts(30), concurrency=16, requests_per_minute=1200))
        assert time.monotonic() - began_s > 1.2
        assert server.total == 30


def test_an_endpoint_that_is_gone_for_a_while_costs_no_row() -> None:
    server = FaultyServer(answers, delay_s=0.01).start()
    seen: list[Any] = []
    for outcome in extractor(server).map(Person, texts(60), concurrency=4):
        seen.append(outcome)
        if len(seen) == 10:
            server.stop()
            threading.Timer(1.0, server.start).start()
    assert len(seen) == 60
    assert all(isinstance(outcome, Ok) for outcome in seen)
    server.stop()


def test_a_bad_row_is_an_outcome_and_ends_nothing() -> None:
    with FaultyServer(answers) as server:
        server.then(None, "status_400", *["status_400"] * 9)
        outcomes = list(extractor(server).map(Person, texts(12), concurrency=1))
        assert [type(outcome).__name__ for outcome in outcomes].count("Bad") >= 1
        assert isinstance(outcomes[-1], Ok)


def test_leaving_early_sends_nothing_more(tmp_path: Path) -> None:
    with FaultyServer(answers, delay_s=0.01) as server:
        with extractor(server, journal=tmp_path / "j").map(Person, texts(500), concurrency=4) as outcomes:
            next(outcomes)
        time.sleep(0.2)
        assert server.total < 30


def test_equal_rows_share_one_paid_reply(tmp_path: Path) -> None:
    with FaultyServer(answers, delay_s=0.01) as server:
        outcomes = list(extractor(server, journal=tmp_path / "j").map(Person, texts(4) * 10, concurrency=8))
        assert len(outcomes) == 40
        assert server.total == 4


def test_equal_rows_are_asked_apart_where_that_is_wanted(tmp_path: Path) -> None:
    with FaultyServer(answers) as server:
        rows = [(number, "row 1 of a table") for number in range(6)]
        for _ in range(2):
            asked = extractor(server, journal=tmp_path / "j")
            list(asked.map(Person, rows, key=lambda row: row[0], text=lambda row: row[1], share=False))
        assert server.total == 6


def test_added_rows_alone_are_asked(tmp_path: Path) -> None:
    with FaultyServer(answers) as server:
        list(extractor(server, journal=tmp_path / "j").map(Person, texts(20)))
        again = list(extractor(server, journal=tmp_path / "j").map(Person, [*texts(25)][::-1]))
        assert len(again) == 25
        assert server.total == 25


def test_another_method_reads_the_same_replies(tmp_path: Path) -> None:
    with FaultyServer(answers) as server:
        list(extractor(server, journal=tmp_path / "j", method="tool").map(Person, texts(5)))
        again = list(extractor(server, journal=tmp_path / "j", method="prompt", repair="off").map(Person, texts(5)))
        assert all(isinstance(outcome, Ok) for outcome in again)
        assert server.total == 5


class Adult(Person):
    """The same shape, with a validator of its own."""

    @field_validator("age")
    @classmethod
    def _grown(cls, age: int) -> int:
        if age < 5:
            raise ValueError("below 5")
        return age


def test_after_a_changed_validator_only_rows_that_fail_it_are_asked(tmp_path: Path) -> None:
    Adult.__doc__ = Person.__doc__
    with FaultyServer(answers) as server:
        list(extractor(server, journal=tmp_path / "j").map(Person, texts(20)))
        server.requests.clear()

        def grown(body: Any) -> Any:
            return {"value_1": 55}

        server.answers = grown
        again = list(extractor(server, journal=tmp_path / "j").map(Adult, texts(20)))
        assert all(isinstance(outcome, Ok) for outcome in again)
        assert len(server.requests) == 5
        once_more = list(extractor(server, journal=tmp_path / "j").map(Adult, texts(20)))
        assert len(server.requests) == 5
        assert [outcome.value for outcome in once_more] == [outcome.value for outcome in again]  # type: ignore[union-attr]


def test_replay_only_makes_a_miss_an_error(tmp_path: Path) -> None:
    with FaultyServer(answers) as server:
        with Journal(tmp_path / "j") as kept:
            extractor(server, journal=kept).extract(Person, "row 1 of a table")
        with Journal(tmp_path / "j", only=True) as kept:
            replaying = extractor(server, journal=kept)
            assert replaying.extract(Person, "row 1 of a table") == Person(name="Ada 1", age=1)
            with pytest.raises(MissingReplyError, match="no reply for this source"):
                replaying.extract(Person, "row 2 of a table")
            with pytest.raises(MissingReplyError, match="differs in instructions"):
                replaying.extract(Person, "row 1 of a table", instructions="Be brief.")
        assert server.total == 1


def test_replay_only_needs_a_journal(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no journal"):
        Journal(tmp_path / "j", only=True)


def test_no_credential_is_written(tmp_path: Path) -> None:
    with FaultyServer(answers) as server:
        secret = "sk-very-secret-key"
        with Journal(tmp_path / "j") as kept:
            asked = extractor(server, api_key=secret, headers={"x-other": "hidden-header"}, journal=kept)
            list(asked.map(Person, texts(3)))
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert secret.encode() not in written
        assert b"hidden-header" not in written


def test_progress_is_told_with_the_last_word_at_the_end() -> None:
    seen: list[Any] = []
    with FaultyServer(answers) as server:
        server.then("status_400", *["status_400"] * 3)
        outcomes = list(extractor(server).map(Person, texts(10), concurrency=1, on_progress=seen.append))
    assert seen[-1].done == 10
    assert seen[-1].bad == sum(isinstance(outcome, Bad) for outcome in outcomes)
