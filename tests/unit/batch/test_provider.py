"""The batch protocol as data: lines, states and results in the shapes that providers write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from extract.batch.provider.protocol import creation, line_of, result_of, state_of, unwrapped


def test_a_line_is_one_line_whatever_is_in_it() -> None:
    line = line_of("k.0", {"messages": [{"role": "user", "content": "a\nb\u2028\x00 \ud800"}]})
    assert line.count(b"\n") == 1
    assert json.loads(line)["body"]["messages"][0]["content"] == "a\nb\u2028\x00 \ud800"


def test_the_window_is_said_in_hours() -> None:
    assert creation("file-1", hours=48, label="x")["completion_window"] == "48h"


@pytest.mark.parametrize("body", [{"id": "file-1"}, {"code": 20000, "data": {"id": "file-1"}}])
def test_an_upload_is_found_nested_or_not(body: Any) -> None:
    assert unwrapped(body)["id"] == "file-1"


@pytest.mark.parametrize("word", ["validating", "in_queue", "in_progress", "finalizing", "cancelling", "a new word"])
def test_a_batch_goes_on_while_its_word_is_no_end(word: str) -> None:
    state = state_of({"id": "b", "status": word})
    assert state is not None
    assert not state.is_over


@pytest.mark.parametrize("word", ["completed", "expired", "cancelled", "failed"])
def test_a_batch_is_over_at_an_end(word: str) -> None:
    state = state_of({"id": "b", "status": word})
    assert state is not None
    assert state.is_over


def test_a_batch_that_expired_still_has_its_results() -> None:
    state = state_of({"id": "b", "status": "expired", "output_file_id": "f1", "error_file_id": "f2"})
    assert state is not None
    assert state.outputs == ("f1", "f2")
    assert not state.is_refused


def test_a_refused_batch_says_which_line_and_why() -> None:
    errors = {"object": "list", "data": [{"code": "invalid", "message": "no messages", "line": 3, "param": None}]}
    state = state_of({"id": "b", "status": "failed", "errors": errors})
    assert state is not None
    assert state.is_refused
    assert state.problem == "line 3: no messages (invalid)"


def test_errors_may_be_a_list_of_words() -> None:
    state = state_of({"id": "b", "status": "failed", "errors": ["file is empty"]})
    assert state is not None
    assert state.problem == "file is empty"


def test_a_full_queue_is_no_refusal_of_the_work() -> None:
    errors = {"data": [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached"}]}
    state = state_of({"id": "b", "status": "failed", "errors": errors})
    assert state is not None
    assert state.is_crowded_out


def test_what_is_no_batch_has_no_state() -> None:
    assert state_of({"error": {"message": "no"}}) is None


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"custom_id": "a", "response": {"status_code": 200, "body": {"x": 1}}, "error": None}, ""),
        ({"custom_id": "a", "response": {"status_code": 429, "body": {"error": {}}}, "error": None}, "429"),
        ({"custom_id": "a", "response": None, "error": {"code": "batch_expired", "message": "late"}}, "batch_expired"),
        ({"custom_id": "a", "response": None, "error": None}, "no response"),
        ({"custom_id": "a"}, "no response"),
    ],
)
def test_a_result_has_a_reply_or_a_reason(line: Any, code: str) -> None:
    result = result_of(json.dumps(line).encode())
    assert result is not None
    assert result.custom_id == "a"
    assert result.code == code


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"custom_id": 3}', b'"x"', b"\xff"])
def test_a_broken_line_is_nobodys_result(line: bytes) -> None:
    result = result_of(line)
    assert result is not None
    assert not result.custom_id


def test_an_empty_line_is_no_result() -> None:
    assert result_of(b" \n") is None
