"""Provider batches over real sockets: nothing is asked twice, nothing is lost, whatever happens in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from extract import AsyncExtractor, Endpoint, Extractor, UsageError
from extract.batch.journal import Journal
from extract.batch.outcome import Ok
from extract.batch.provider.folder import Folder
from extract.batch.provider.steps import ProviderBatchError
from extract.testing import BatchServer

EVERY_S = 0.001
TEXTS = [f"item {number}" for number in range(7)]
ROW = Endpoint(name="loopback", source="a loopback server", methods=("json_schema",), dialect="plain")


class Item(BaseModel):
    number: int


def answer(body: Any) -> Any:
    found = re.search(r"item (\d+)", json.dumps(body["messages"]))
    assert found is not None
    return {"number": int(found[1])}


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "items.journal"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.batch.provider.steps.FIRST_PAUSE_S", EVERY_S)


def asked(server: BatchServer, journal: Path, row: Endpoint = ROW, **options: Any) -> Any:
    extractor = Extractor("any", base_url=server.base_url, endpoint=row, api_key="secret-key-1")
    return extractor.batch(Item, options.pop("sources", TEXTS), journal=journal, **options)


def values(outcomes: Any) -> list[int]:
    return [outcome.value.number if isinstance(outcome, Ok) else -1 for outcome in outcomes]


def online(server: BatchServer) -> int:
    """Requests that came by themselves, not in a batch."""
    return server.total - sum(len(batch.lines) for batch in server.batches.values() if batch.outputs)


def test_every_source_is_answered_by_the_batch_alone(journal: Path) -> None:
    with BatchServer(answer) as server:
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))
        assert online(server) == 0


def test_the_async_form_does_the_same(journal: Path) -> None:
    async def run(server: BatchServer) -> list[int]:
        async with AsyncExtractor("any", base_url=server.base_url, endpoint=ROW) as extractor:
            batch = extractor.batch(Item, TEXTS, journal=journal)
            async with batch:
                outcomes = await batch.run(every_s=EVERY_S)
                return [outcome.value.number async for outcome in outcomes if isinstance(outcome, Ok)]

    with BatchServer(answer) as server:
        assert asyncio.run(run(server)) == list(range(7))
        assert online(server) == 0


@pytest.mark.parametrize("options", [{"nests_ids": True}, {"result_urls": True}])
def test_the_shapes_of_other_providers_are_taken(journal: Path, options: Any) -> None:
    with BatchServer(answer, **options) as server:
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))
        assert online(server) == 0


def test_files_are_split_at_the_limit_of_lines(journal: Path) -> None:
    with BatchServer(answer, most_lines=3) as server:
        assert values(asked(server, journal, replace(ROW, batch_lines=3)).run(every_s=EVERY_S)) == list(range(7))
        assert [len(batch.lines) for batch in server.batches.values()] == [3, 3, 1]


def test_files_are_split_at_the_limit_of_bytes(journal: Path) -> None:
    with BatchServer(answer) as server:
        asked(server, journal, replace(ROW, batch_bytes=2000)).submit()
        assert all(len(file) <= 2000 for file in server.uploads.values())
        assert len(server.uploads) > 1


def test_equal_sources_are_asked_once(journal: Path) -> None:
    with BatchServer(answer) as server:
        assert values(asked(server, journal, sources=["item 1"] * 5).run(every_s=EVERY_S)) == [1] * 5
        assert len(server.batches["batch_0"].lines) == 1


def test_submitting_again_asks_nothing_that_is_under_way(journal: Path) -> None:
    with BatchServer(answer) as server:
        asked(server, journal).submit()
        asked(server, journal).submit()
        assert server.calls["POST batches"] == 1


def test_only_new_sources_are_asked_later(journal: Path) -> None:
    with BatchServer(answer) as server:
        asked(server, journal).run(every_s=EVERY_S)
        assert values(asked(server, journal, sources=[*TEXTS, "item 99"]).run(every_s=EVERY_S)) == [*range(7), 99]
        assert [len(batch.lines) for batch in server.batches.values()] == [7, 1]


def test_a_finished_run_sends_nothing(journal: Path) -> None:
    with BatchServer(answer) as server:
        asked(server, journal).run(every_s=EVERY_S)
        before = server.calls.total(), server.total
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))
        assert (server.calls.total(), server.total) == before


def test_a_restarted_run_goes_on_by_the_id_on_disk(journal: Path) -> None:
    with BatchServer(answer, polls=3) as server:
        asked(server, journal).submit()
        assert not asked(server, journal).is_over
        parts = asked(server, journal).wait(every_s=EVERY_S)
        assert [part.kept for part in parts] == [7]
        assert server.calls["POST batches"] == 1


def test_lines_that_expired_are_asked_again_online(journal: Path) -> None:
    with BatchServer(answer, expire_after=4) as server:
        batch = asked(server, journal)
        assert values(batch.run(every_s=EVERY_S)) == list(range(7))
        assert batch.parts[0].lost == {"batch_expired": 3}
        assert server.total == 4 + 3


def test_lines_that_expired_are_asked_again_in_the_next_batch(journal: Path) -> None:
    with BatchServer(answer, expire_after=4) as server:
        assert values(asked(server, journal).run(every_s=EVERY_S, rounds=2)) == list(range(7))
        assert [len(batch.lines) for batch in server.batches.values()] == [7, 3]
        assert server.total == 7


def test_lines_without_any_result_are_asked_again(journal: Path) -> None:
    with BatchServer(answer, skip=3) as server:
        batch = asked(server, journal)
        assert values(batch.run(every_s=EVERY_S)) == list(range(7))
        assert batch.parts[0].lost == {"missing": 3}


def test_failed_lines_are_counted_by_reason_and_asked_again(journal: Path) -> None:
    with BatchServer(answer) as server:
        server.then("status_500", None, "status_429")
        batch = asked(server, journal)
        assert values(batch.run(every_s=EVERY_S)) == list(range(7))
        assert batch.parts[0].lost == {"500": 1, "429": 1}


def test_a_wrong_answer_is_asked_again_with_what_was_wrong(journal: Path) -> None:
    with BatchServer(answer) as server:
        server.then("prose_only")
        assert values(asked(server, journal).run(every_s=EVERY_S, rounds=2)) == list(range(7))
        (again,) = server.batches["batch_1"].lines
        body: Any = again["body"]
        assert len(body["messages"]) > len(server.batches["batch_0"].lines[0]["body"]["messages"])  # type: ignore[call-overload, index, arg-type]
        assert online(server) == 0


def test_a_repairable_answer_costs_nothing_more(journal: Path) -> None:
    with BatchServer(answer, faults={"fence": 1.0}) as server:
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))
        assert online(server) == 0


def test_a_creation_that_was_not_answered_is_found_and_not_repeated(journal: Path) -> None:
    with BatchServer(answer) as server:
        server.drop_answer("/batches")
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))
        assert server.calls["POST batches"] == 1


def test_an_upload_that_was_not_answered_is_repeated(journal: Path) -> None:
    with BatchServer(answer) as server:
        server.drop_answer("/files")
        assert values(asked(server, journal).run(every_s=EVERY_S)) == list(range(7))


class Stop(BaseException):
    """A stop that no code expects."""


def test_a_stop_at_any_saved_step_asks_nothing_twice(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = Folder.save
    for at in (1, 2, 3, 5, 6, 8, 10):
        here = journal.with_name(f"{at}.journal")
        count = 0

        def stopping(self: Folder, part: Any, at: int = at) -> Any:
            nonlocal count
            count += 1
            if count == at:
                raise Stop
            return save(self, part)

        with BatchServer(answer, most_lines=4) as server:
            row = replace(ROW, batch_lines=4)
            monkeypatch.setattr(Folder, "save", stopping)
            with contextlib.suppress(Stop):
                asked(server, here, row).run(every_s=EVERY_S)
            monkeypatch.setattr(Folder, "save", save)
            assert values(asked(server, here, row).run(every_s=EVERY_S)) == list(range(7)), at
            assert server.total == 7, at


def test_a_batch_that_finds_no_room_waits_for_the_others(journal: Path) -> None:
    with BatchServer(answer, most_lines=3, room=1) as server:
        batch = asked(server, journal, replace(ROW, batch_lines=3))
        batch.submit()
        assert values(batch.run(every_s=EVERY_S)) == list(range(7))
        assert online(server) == 0


def test_a_refused_file_is_an_error_that_names_the_line(journal: Path) -> None:
    with BatchServer(answer, most_lines=2) as server, pytest.raises(ProviderBatchError, match="7 lines"):
        asked(server, journal).run(every_s=EVERY_S)


def test_results_that_are_gone_are_asked_again(journal: Path) -> None:
    with BatchServer(answer) as server:
        batch = asked(server, journal)
        batch.submit()
        batch.poll()
        batch.poll()
        server.forget_results()
        batch.fetch()
        assert batch.parts[0].lost == {"missing": 7}
        assert values(batch.outcomes()) == list(range(7))


def test_a_cancelled_batch_is_over(journal: Path) -> None:
    with BatchServer(answer, polls=100) as server:
        batch = asked(server, journal)
        batch.submit()
        batch.cancel()
        batch.fetch()
        assert batch.is_over
        assert server.total == 0


def test_waiting_ends_in_time_and_goes_on_later(journal: Path) -> None:
    with BatchServer(answer, polls=5) as server:
        batch = asked(server, journal)
        batch.submit()
        with pytest.raises(TimeoutError):
            batch.wait(every_s=1.0, timeout_s=0.1)
        assert values(batch.run(every_s=EVERY_S)) == list(range(7))


def test_no_key_is_on_disk(journal: Path) -> None:
    with BatchServer(answer) as server:
        list(asked(server, journal).run(every_s=EVERY_S))
    files = [path for path in journal.parent.rglob("*") if path.is_file()]
    assert len(files) > 4
    assert not any(b"secret-key-1" in path.read_bytes() for path in files)


def test_the_journal_alone_then_serves_without_an_endpoint(journal: Path) -> None:
    with BatchServer(answer) as server:
        list(asked(server, journal).run(every_s=EVERY_S))
        base_url = server.base_url
    extractor = Extractor("any", base_url=base_url, endpoint=ROW, journal=Journal(journal, only=True))
    assert values(extractor.map(Item, TEXTS)) == list(range(7))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sources": iter(TEXTS)}, "not an iterator"),
        ({"hours": 25}, "1 to 24 hours"),
        ({"hours": 0}, "1 to 24 hours"),
        ({"journal": None}, "needs journal="),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(journal: Path, options: Any, words: str) -> None:
    with BatchServer(answer) as server, pytest.raises(UsageError, match=words):
        given = {"journal": journal, "sources": TEXTS, **options}
        asked(server, **given).submit()
    assert not server.calls


def test_offline_has_no_batches(journal: Path) -> None:
    with pytest.raises(UsageError, match="no batch API"):
        Extractor(base_url="offline:").batch(Item, TEXTS, journal=journal)


def commands(*words: str) -> Any:
    from typer.testing import CliRunner

    from extract.cli.app import app

    return CliRunner().invoke(app, words)


def test_the_command_line_submits_fetches_and_maps(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXTRACT_MODEL", "any")
    (tmp_path / "item.json").write_text(json.dumps(Item.model_json_schema()))
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"id": text, "text": text}) + "\n" for text in TEXTS))
    target, rows, out = (str(tmp_path / name) for name in ("item.json", "rows.jsonl", "out.jsonl"))
    with BatchServer(answer) as server:
        monkeypatch.setenv("EXTRACT_BASE_URL", server.base_url)
        assert commands("batch", "submit", target, rows, "--journal", str(journal)).exit_code == 0
        assert "in_progress" in commands("batch", "status", str(journal)).output
        assert "7 replies kept" in commands("batch", "fetch", str(journal), "--wait", "--every", "0.001").output
        assert commands("map", target, rows, "-o", out, "--journal", str(journal)).exit_code == 0
        assert server.total == 7
    assert [json.loads(line)["number"] for line in Path(out).read_text().splitlines()] == list(range(7))


def test_the_command_line_says_that_there_is_no_batch(journal: Path) -> None:
    result = commands("batch", "fetch", str(journal))
    assert result.exit_code != 0
    assert "there is no batch" in result.output


def test_the_text_of_a_source_may_be_a_part_of_it(journal: Path) -> None:
    rows = [{"id": number, "body": text} for number, text in enumerate(TEXTS)]
    with BatchServer(answer) as server:
        assert values(asked(server, journal, sources=rows, text=lambda row: row["body"]).run(every_s=EVERY_S)) == [
            *range(7)
        ]
        assert online(server) == 0


def test_an_openai_client_is_no_way_to_a_batch(journal: Path) -> None:
    openai = pytest.importorskip("openai", reason="openai is not installed")
    with (
        openai.OpenAI(base_url="http://127.0.0.1:9/v1", api_key="k") as client,
        pytest.raises(UsageError, match="openai client"),
    ):
        Extractor.from_openai(client, "any").batch(Item, TEXTS, journal=journal)


def test_a_source_that_is_none_is_an_outcome_and_ends_nothing(journal: Path) -> None:
    with BatchServer(answer) as server:
        outcomes = asked(server, journal, sources=["item 1", 3, "item 2"]).run(every_s=EVERY_S)
        assert values(outcomes) == [1, -1, 2]


def test_a_request_that_no_file_can_hold_is_asked_online(journal: Path) -> None:
    with BatchServer(answer) as server:
        sources = ["item 1", "item 2" + " and more" * 500]
        assert values(asked(server, journal, replace(ROW, batch_bytes=3000), sources=sources).run(every_s=EVERY_S)) == [
            1,
            2,
        ]
        assert online(server) == 1


def test_waiting_outlives_an_endpoint_that_is_away_for_a_while(journal: Path) -> None:
    with BatchServer(answer) as server:
        batch = asked(server, journal)
        batch.submit()
        for _ in range(15):
            server.drop_answer("/batches/batch_0")
        with pytest.raises(ProviderBatchError, match="state of batch"):
            batch.poll()
        assert [part.kept for part in batch.wait(every_s=EVERY_S)] == [7]
