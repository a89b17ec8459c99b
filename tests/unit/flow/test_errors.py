"""Errors hold their history: what they say, and what they tell as JSON."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from extract.chat.reply import Lost, Reply
from extract.flow.attempt import Attempt, History
from extract.flow.errors import (
    BudgetSpentError,
    EndpointError,
    ExtractionError,
    InvalidOutputError,
    UnreachableError,
)
from extract.flow.next_step import Send, next_step
from extract.vocabulary import Issue
from tests.unit.flow.script import URL, error, plan_of, said


def history(*replies: Reply | Lost) -> History:
    step = next_step(plan_of(), (), now_s=0, jitter=0)
    assert isinstance(step, Send)
    return tuple(Attempt(step.requests[0], reply) for reply in replies)


BUSY = error("overloaded", 503, retry_after_s=2.5)


def test_an_endpoint_that_cannot_be_reached_says_where_and_why() -> None:
    found = UnreachableError(history(Lost("connect", "connection refused")))
    assert found.problem() == f"{URL}/chat/completions did not answer: connection refused"


def test_a_connection_lost_amid_an_answer_is_told() -> None:
    assert "lost amid the answer" in UnreachableError(history(said("{"))).problem()


def test_an_error_of_the_endpoint_tells_its_kind_and_how_long_to_wait() -> None:
    found = EndpointError(history(BUSY))
    assert (found.kind, found.retry_after_s) == ("overloaded", 2.5)
    assert "503" in found.problem()


def test_an_error_without_a_report_is_a_broken_answer() -> None:
    found = EndpointError(history(said("{")))
    assert (found.kind, found.retry_after_s, found.request_id) == ("broken", None, None)


def test_several_attempts_are_listed() -> None:
    lines = str(EndpointError(history(BUSY, BUSY))).splitlines()
    assert [line[:5] for line in lines[1:]] == ["  1. ", "  2. "]


def test_one_attempt_is_told_in_one_line() -> None:
    assert len(str(EndpointError(history(BUSY))).splitlines()) == 1


ISSUES = tuple(Issue(("items", at), "missing", "is required") for at in range(60))


def test_invalid_output_shows_its_first_issues_and_counts_the_rest() -> None:
    told = InvalidOutputError(history(said("{"), said("{")), issues=ISSUES).problem()
    assert told.startswith("no valid value after 2 attempts: $.items[0]: is required")
    assert told.endswith("more")


def test_invalid_output_without_issues_says_that_nothing_fits() -> None:
    assert "nothing in the text fits" in InvalidOutputError(history(said("hello"))).problem()


def test_an_error_is_json_of_bounded_size() -> None:
    told: Any = InvalidOutputError(history(*[said("{")] * 30), issues=ISSUES, text="x" * 100_000).to_dict()
    assert json.loads(json.dumps(told)) == told
    assert (len(told["issues"]), len(told["attempts"])) == (50, 20)
    assert len(told["text"]) < 100_000
    assert told["error"] == "InvalidOutputError"


def test_a_spent_budget_says_which_limit() -> None:
    assert (
        BudgetSpentError(limit="40 of 40 tokens are used").problem() == "the budget is spent: 40 of 40 tokens are used"
    )


def test_an_error_without_attempts_can_be_told() -> None:
    assert ExtractionError(()).problem() == "no valid value"


@pytest.mark.parametrize(
    "found",
    [
        UnreachableError(history(Lost("connect", "refused"))),
        EndpointError(history(BUSY)),
        InvalidOutputError(history(said("{")), issues=ISSUES, text="{", partial={"a": 1}),
        BudgetSpentError(history(said("{")), limit="all"),
    ],
    ids=lambda found: type(found).__name__,
)
def test_an_error_survives_pickling(found: ExtractionError) -> None:
    again = pickle.loads(pickle.dumps(found))
    assert (str(again), again.to_dict()) == (str(found), found.to_dict())


def test_an_error_counts_what_was_spent() -> None:
    found = EndpointError(history(said("{", tokens=3, prompt_tokens=4), said("{", tokens=5, prompt_tokens=6)))
    assert found.usage.completion_tokens == 8
    assert list(found.usage_by_endpoint) == [f"m at {URL}"]
    assert found.cost is None
