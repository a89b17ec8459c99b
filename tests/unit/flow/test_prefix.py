"""A long text that is cut within: the endpoint goes on with it where it can."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from extract.flow.errors import TruncatedError
from tests.unit.flow.script import ROW, error, plan_of, play, said


class Report(BaseModel):
    summary: str
    pages: int


WHOLE = json.dumps({"summary": 'It said "no" \\ and ' + "went on and on. " * 60, "pages": 3})
FIRST, SECOND, THIRD = WHOLE[:300], WHOLE[300:700], WHOLE[700:]


def plan(prefill: Any, **given: Any) -> Any:
    return plan_of(Report, rows=[replace(ROW, prefill=prefill)], **given)


def cut(text: str) -> Any:
    return said(text, "length", tokens=4096)


def test_a_text_that_is_cut_twice_is_gone_on_with() -> None:
    played = play(plan("prefix_body"), cut(FIRST), cut(SECOND), said(THIRD))
    assert played.value == Report.model_validate_json(WHOLE)
    assert [request.body.get("prefix") for request in played.requests] == [None, FIRST, FIRST + SECOND]


def test_a_server_that_repeats_the_prefix_is_read_alike() -> None:
    assert play(plan("prefix_body"), cut(FIRST), said(WHOLE)).value == Report.model_validate_json(WHOLE)


@pytest.mark.parametrize(
    "prefill, last",
    [
        ("prefix_message", {"role": "assistant", "content": FIRST, "prefix": True}),
        ("partial_message", {"role": "assistant", "content": FIRST, "partial": True}),
        ("continue_final", {"role": "assistant", "content": FIRST}),
        ("trailing", {"role": "assistant", "content": FIRST}),
    ],
)
def test_each_form_ends_with_the_text_so_far_and_sends_no_schema(prefill: Any, last: Any) -> None:
    request = play(plan(prefill), cut(FIRST)).next
    assert request.body["messages"][-1] == last  # type: ignore[index, call-overload]
    assert "response_format" not in request.body
    assert ("continue_final_message" in request.body) == (prefill == "continue_final")


def test_a_beta_url_that_prefixes_need_is_used() -> None:
    row = replace(ROW, prefill="prefix_message", strict_tool_url="http://x.test/beta")
    assert play(plan_of(Report, rows=[row]), cut(FIRST)).next.url == "http://x.test/beta/chat/completions"


def test_no_progress_ends_with_a_clear_error() -> None:
    found = play(plan("prefix_body"), cut(FIRST), said("", "length", tokens=10)).error
    assert isinstance(found, TruncatedError)


def test_a_prefix_that_is_refused_leads_back_to_the_whole() -> None:
    played = play(plan("prefix_body"), cut(FIRST), error("bad_request"))
    assert "prefix" not in (played.next.body if hasattr(played.step, "requests") else {})


def test_closed_parts_are_kept_rather_than_sent_again() -> None:
    request = play(plan("prefix_body"), cut(WHOLE[: WHOLE.index('"pages"')])).next
    assert "prefix" not in request.body


def test_without_a_form_for_it_the_whole_gets_more_room() -> None:
    assert play(plan(None), cut(FIRST)).next.body["max_tokens"] == 8192
