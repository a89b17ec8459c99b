"""Truncation at any place of an answer: the result is complete and right, and what is asked for is what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from extract.flow.attempt import Attempt
from extract.flow.edit import Part
from extract.flow.fold import advance, start
from extract.flow.next_step import Done, Send, decide
from extract.flow.part import FOLLOWING, ITEM, Correction, Rest
from extract.flow.place import look
from tests.unit.flow.script import plan_of, said


class Line(BaseModel):
    name: str
    price: float
    tags: list[str] = []


class Bill(BaseModel):
    seller: str
    lines: list[Line]
    total: float
    notes: dict[str, list[str]] = {}


def bill_of(many: int) -> Any:
    lines = [
        {"name": f'item "{at}" \\ é', "price": at + 0.5, "tags": ["a", "b}"] if at % 3 else []} for at in range(many)
    ]
    return {"seller": "ACME\n", "lines": lines, "total": 7.25, "notes": {"x": ["1", "2"], 'y"': []}}


def rest_of(whole: Any, kept: Any, path: Any) -> Any:
    """What a perfect model writes after the part that was kept."""
    if isinstance(whole, list):
        if path and isinstance(path[0], int):
            return {ITEM: rest_of(whole[0], kept[0], path[1:]), FOLLOWING: whole[1:]}
        return whole[len(kept) :]
    missing = {key: value for key, value in whole.items() if key not in kept}
    inner = {key: rest_of(whole[key], kept[key], path[1:]) for key in kept if path[:1] == (key,)}
    return {**inner, **missing}


def answer(part: Part | None, whole: Any) -> str:
    if isinstance(part, Rest):
        return json.dumps(rest_of(whole, part.kept, part.open_path))
    if isinstance(part, Correction):
        return json.dumps({name: look(whole, path) for name, path in part.places})
    return json.dumps(whole)


def asked(target: Any, whole: Any, cut: int, limit: int | None = None) -> tuple[Any, list[int]]:
    """The value that results where the first answer is cut, and each further one at a limit; and how long they were."""
    plan = plan_of(target)
    situation: Any = start(plan)
    sizes: list[int] = []
    while isinstance(step := decide(plan, situation, now_s=0, jitter=0.5), Send):
        text = answer(situation.part, whole)
        size = cut if not sizes else limit or len(text)
        reply = said(text[:size], "length" if size < len(text) else "stop", tokens=4096)
        sizes.append(min(size, len(text)))
        situation = advance(plan, situation, Attempt(step.requests[0], reply))
        assert len(sizes) < 100
    assert isinstance(step, Done), step
    return step.accepted.reading.value, sizes


@pytest.mark.parametrize("cut", range(1, len(json.dumps(bill_of(200))), 397))
def test_a_cut_answer_of_200_items_is_completed_by_one_request_for_what_is_missing(cut: int) -> None:
    whole = bill_of(200)
    value, sizes = asked(Bill, whole, cut)
    assert value == Bill.model_validate(whole)
    longest = max(len(json.dumps(line)) for line in whole["lines"])
    assert len(sizes) == 2
    assert sum(sizes) <= len(json.dumps(whole)) + longest + 40


@pytest.mark.parametrize("cut", range(1, len(json.dumps(bill_of(3)))))
def test_a_cut_at_any_character_loses_and_invents_nothing(cut: int) -> None:
    value, sizes = asked(Bill, bill_of(3), cut)
    assert value == Bill.model_validate(bill_of(3))
    assert len(sizes) <= 2


@example(1, 401)  # the last rest lacks its last bracket alone
@given(st.integers(1, 8000), st.integers(400, 4000))
@settings(max_examples=12, deadline=None)
def test_requests_grow_with_what_is_missing_not_with_the_tries(cut: int, limit: int) -> None:
    whole = bill_of(100)
    value, sizes = asked(Bill, whole, cut, limit)
    assert value == Bill.model_validate(whole)
    missing = max(0, len(json.dumps(whole)) - cut)
    assert len(sizes) <= 2 + missing // (limit - 150)


def test_eight_thousand_records_come_complete_through_4096_tokens_at_a_time() -> None:
    whole = {"seller": "ACME", "lines": [{"name": f"n{at}", "price": 1.5} for at in range(8000)], "total": 1}
    limit = 4096 * 4
    value, sizes = asked(Bill, whole, limit, limit)
    assert value == Bill.model_validate(whole)
    assert len(sizes) <= 2 + len(json.dumps(whole)) // (limit - 200)
