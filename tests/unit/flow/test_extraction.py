"""What a result tells, read off its history."""

from __future__ import annotations

from typing import Any

import pytest

from extract.chat.reply import Choice, Reply, ToolCall, Usage
from extract.flow.attempt import Attempt
from extract.flow.budget import Price
from extract.flow.extraction import Extraction
from extract.flow.next_step import Send, next_step
from extract.flow.reading import Reading
from tests.unit.flow.script import GOOD_JSON, URL, VALUE, plan_of


def result(
    choice: Choice,
    *,
    method: str = "json_schema",
    model: str | None = None,
    usage: Usage | None = None,
    prices: Any = None,
    times: int = 1,
) -> Extraction[Any]:
    plan = plan_of(method=method)
    step = next_step(plan, (), now_s=0, jitter=0)
    assert isinstance(step, Send)
    attempt = Attempt(step.requests[0], Reply(200, (choice,), model=model, usage=usage))
    return Extraction(
        value=VALUE,
        attempts=(attempt,) * times,
        reading=Reading(VALUE, {"seller": "ACME"}),
        choice=choice,
        prices=prices,
    )


CALLED = ToolCall("a", "Invoice", GOOD_JSON)


@pytest.mark.parametrize(
    ("method", "choice", "text"),
    [
        ("json_schema", Choice(text="said"), "said"),
        ("json_schema", Choice(text="said", tool_calls=(CALLED,)), "said"),
        ("json_schema", Choice(text="", tool_calls=(CALLED,)), GOOD_JSON),
        ("tool", Choice(text="said", tool_calls=(CALLED,)), GOOD_JSON),
        ("tool", Choice(text="said"), "said"),
    ],
)
def test_the_text_is_what_the_value_was_read_from(method: str, choice: Choice, text: str) -> None:
    assert result(choice, method=method).text == text


def test_who_answered_is_named_in_the_servers_words() -> None:
    assert result(Choice(), model="m-2026").answered_by == f"m-2026 at {URL}"


def test_who_answered_is_named_as_it_was_asked_where_the_server_says_nothing() -> None:
    assert result(Choice()).answered_by == f"m at {URL}"


def test_the_last_answer_tells_its_end_its_thoughts_and_its_method() -> None:
    got = result(Choice(reasoning="hm", finish_reason="eos"))
    assert (got.reasoning, got.finish_reason, got.method) == ("hm", "eos", "json_schema")


def test_the_json_is_that_of_the_reading() -> None:
    assert result(Choice()).json == {"seller": "ACME"}


def test_the_usage_is_that_of_all_attempts() -> None:
    got = result(Choice(), usage=Usage(prompt_tokens=3, completion_tokens=4), times=2)
    assert (got.usage.prompt_tokens, got.usage.completion_tokens) == (6, 8)
    assert got.usage_by_endpoint[f"m at {URL}"].completion_tokens == 8


def test_the_cost_is_counted_by_the_prices() -> None:
    usage = Usage(prompt_tokens=1_000_000, completion_tokens=500_000)
    assert result(Choice(), usage=usage, prices={"m": Price(prompt=2, completion=4)}).cost == pytest.approx(4)


@pytest.mark.parametrize("prices", [None, {"other": Price(prompt=2, completion=4)}])
def test_without_a_price_there_is_no_cost(prices: Any) -> None:
    assert result(Choice(), usage=Usage(prompt_tokens=3, completion_tokens=4), prices=prices).cost is None
