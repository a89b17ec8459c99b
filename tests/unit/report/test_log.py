"""Hooks and the log line: one line per extraction, and nothing of the source in it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from extract import AsyncExtractor, Attempt, Ended, Extractor, InvalidOutputError, UsageError
from extract.testing import Script, status


def extractor(script: Script, **options: Any) -> Extractor:
    return Extractor("any", base_url="http://script/v1", http_client=script.client(), method="prompt", **options)


def test_a_hook_is_told_each_attempt_and_then_the_end() -> None:
    told: list[Any] = []
    extractor(Script(["no", "7"]), on_event=told.append).extract(int, "one")
    assert [type(event) for event in told] == [Attempt, Attempt, Ended]
    assert told[-1].outcome.value == 7
    assert told[-1].ended_s >= told[-1].began_s


def test_the_end_of_a_failure_is_told_too() -> None:
    told: list[Any] = []
    with pytest.raises(InvalidOutputError):
        extractor(Script(["no"] * 9), on_event=told.append).extract(int, "one")
    assert told[-1].error == "InvalidOutputError"


def test_an_error_of_the_endpoint_is_named_by_its_kind() -> None:
    told: list[Any] = []
    with pytest.raises(Exception, match="401"):
        extractor(Script([status(401, "bad key")]), on_event=told.append).extract(int, "one")
    assert told[-1].error == "auth"


def test_several_hooks_are_told_in_order() -> None:
    told: list[str] = []
    hooks = [lambda _: told.append("a"), lambda _: told.append("b")]
    extractor(Script([{"n": 1}]), on_event=hooks).extract(dict[str, int], "one")
    assert told == ["a", "b", "a", "b"]


@pytest.mark.parametrize("hook", [3, "print", [3]])
def test_what_is_no_hook_is_a_usage_error(hook: Any) -> None:
    with pytest.raises(UsageError, match="on_event"):
        extractor(Script([]), on_event=hook)


def test_the_async_extractor_tells_the_same() -> None:
    told: list[Any] = []

    async def run() -> None:
        await AsyncExtractor(base_url="offline:", on_event=told.append).extract(dict[str, int], "n: 1")

    asyncio.run(run())
    assert [type(event) for event in told] == [Attempt, Ended]


def test_one_line_is_logged_per_extraction(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="extract"):
        extractor(Script(["```json\n{'n': 1}\n```"])).extract(dict[str, int], "a secret source")
    (record,) = [record for record in caplog.records if record.name == "extract"]
    line = json.loads(record.getMessage())
    assert line["event"] == "extraction"
    assert line["ok"] is True
    assert line["attempts"] == 1
    assert line["repairs"] >= 1
    assert line["provider"] == "script"
    assert record.extraction == line  # type: ignore[attr-defined]
    assert "secret" not in record.getMessage()


def test_a_failure_is_logged_with_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="extract"), pytest.raises(InvalidOutputError):
        extractor(Script(["no"] * 9)).extract(int, "one")
    line = json.loads(caplog.records[-1].getMessage())
    assert line["ok"] is False
    assert line["error"] == "InvalidOutputError"


def test_nothing_is_logged_where_nobody_listens(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="extract"):
        extractor(Script([{"n": 1}])).extract(dict[str, int], "one")
    assert not caplog.records
