"""What models send for the rest of a cut answer: the value that results is right, or a place of it is asked for again.

Cut at many characters; the answer to the request for the rest is what was asked, or one of the many other things that
models send. Only what no reader can know may pass: a well-formed statement that nothing more, or less than is true, follows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel

from extract.flow.attempt import Attempt
from extract.flow.fold import advance, start
from extract.flow.next_step import Done, Send, decide
from extract.flow.part import Correction, Rest
from extract.flow.place import look_for
from tests.property.test_truncation import Line, rest_of
from tests.unit.flow.script import called, plan_of, said


class Bill(BaseModel):
    seller: str
    lines: list[Line]
    total: float | None = None
    notes: dict[str, str] = {}


class Leg(BaseModel):
    to: str
    stops: list[str]


class Trip(BaseModel):
    legs: list[list[Leg]]
    guide: dict[str, list[int]] = {}
    rating: int | None = None


BILL = {
    "seller": 'ACME "é"',
    "lines": [{"name": f"item {at}", "price": at + 0.25, "tags": ["x\\n"]} for at in range(3)],
    "total": 7.5,
    "notes": {"a": "b"},
}
TRIP = {
    "legs": [[{"to": "Rome", "stops": ["Pisa", "Siena"]}], [{"to": "Bari", "stops": []}, {"to": "Ostuni", "stops": ["Lecce"]}]],
    "guide": {"anna": [1, 22], "bo": [3]},
    "rating": 41,
}  # fmt: skip


@dataclass(frozen=True)
class Cut:
    """A cut answer, and what was asked for then."""

    whole: Any
    text: str
    at: int
    part: Rest

    @property
    def asked(self) -> Any:
        return rest_of(self.whole, self.part.kept, self.part.open_path)


def fenced(text: str) -> str:
    return f"```json\n{text}\n```"


def varied(value: Any) -> Any:
    """The same record, told in other words; what comes first in each part of it stays, as names do."""
    if isinstance(value, dict):
        return {key: part if at == 0 else varied(part) for at, (key, part) in enumerate(value.items())}
    if isinstance(value, list):
        return [varied(part) for part in value]
    return f"{value} (sic)" if isinstance(value, str) else value


def first_list(cut: Cut) -> Any:
    return next(part for part in cut.whole.values() if isinstance(part, list))


STYLES: dict[str, Callable[[Cut], str]] = {
    "as asked": lambda cut: json.dumps(cut.asked),
    "in a fence": lambda cut: fenced(json.dumps(cut.asked)),
    "with an apology": lambda cut: "I am sorry. Here is the rest:\n" + json.dumps(cut.asked),
    "the whole again": lambda cut: cut.text,
    "the whole again after an apology": lambda cut: "Sorry! Here is all of it:\n" + fenced(cut.text),
    "the whole in other words": lambda cut: json.dumps(varied(cut.whole)),
    "the text from the cut on": lambda cut: cut.text[cut.at :],
    "the text from the cut on in a fence": lambda cut: fenced(cut.text[cut.at :]),
    "the text with an overlap": lambda cut: cut.text[max(0, cut.at - 30) :],
    "an apology": lambda _: "I am sorry, I cannot go on.",
    "null": lambda _: "null",
    "an empty list": lambda _: "[]",
    "the list alone": lambda cut: json.dumps(first_list(cut)),
    "one item alone": lambda cut: json.dumps(first_list(cut)[-1]),
    "another shape": lambda _: '{"answer": [1, 2], "ok": true}',
    "a number": lambda _: "17",
}
SURE = ("as asked", "in a fence", "with an apology", "the whole again", "the text with an overlap")
"""What must lead to the value at once, wherever the cut is."""


@dataclass
class Ended:
    """How one extraction ended."""

    value: Any = None
    requests: int = 0
    kinds: list[str] = field(default_factory=list)


def ended(target: Any, whole: Any, at: int, style: str, *, by_tool: bool = False, stubborn: bool = True) -> Ended:
    """The first answer is cut; what the rest is asked for is answered in a style, always or once, and values are given."""
    plan = plan_of(target, method="tool" if by_tool else "auto")
    text = json.dumps(whole)
    situation: Any = start(plan)
    end = Ended()
    while isinstance(step := decide(plan, situation, now_s=0, jitter=0.5), Send):
        part, finish = situation.part, "stop"
        if isinstance(part, Rest):
            name = style if stubborn or "Rest" not in end.kinds else "as asked"
            answer = STYLES[name](Cut(whole, text, at, part))
        elif isinstance(part, Correction):
            answer = json.dumps({name: look_for(whole, path) for name, path in part.places})
        else:
            answer, finish = text[:at], "length"
        end.kinds.append(type(part).__name__)
        end.requests += 1
        reply = called(answer, finish=finish) if by_tool else said(answer, finish, tokens=9000)
        situation = advance(plan, situation, Attempt(step.requests[0], reply))
        assert end.requests < 12
    end.value = step.accepted.reading.value if isinstance(step, Done) else None
    return end


CASES = [pytest.param(Bill, BILL, id="bill"), pytest.param(Trip, TRIP, id="trip")]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("target, whole", CASES)
def test_no_answer_to_a_request_for_the_rest_gives_a_wrong_value(target: Any, whole: Any, style: str) -> None:
    for at in range(1, len(json.dumps(whole)), 7):
        end = ended(target, whole, at, style)
        assert end.value is None or is_right(end.value, target, whole) or is_a_statement(style, whole, at), (
            json.dumps(whole)[:at],
            end,
        )


def is_right(value: Any, target: Any, whole: Any) -> bool:
    """Whether it is the value, but for the words that a model put to it: nobody can know that those are wrong."""
    return json.loads(value.model_dump_json().replace(" (sic)", "")) == target.model_validate(whole).model_dump(
        mode="json"
    )


def is_a_statement(style: str, whole: Any, at: int) -> bool:
    """Whether a list was cut exactly behind an item, so that an empty rest may well be true."""
    return style == "an empty list" and json.dumps(whole)[:at].rstrip().endswith(("}", '"', "]"))


@pytest.mark.parametrize("style", SURE)
@pytest.mark.parametrize("target, whole", CASES)
def test_usual_answers_need_no_further_request(target: Any, whole: Any, style: str) -> None:
    for at in range(40, len(json.dumps(whole)), 11):
        end = ended(target, whole, at, style)
        assert end.value == target.model_validate(whole), (json.dumps(whole)[:at], end)
        assert end.requests - end.kinds.count("NoneType") <= 1, (json.dumps(whole)[:at], end)


@pytest.mark.parametrize("style", STYLES)
def test_one_bad_answer_costs_one_request(style: str) -> None:
    for at in range(40, len(json.dumps(BILL)), 17):
        end = ended(Bill, BILL, at, style, stubborn=False)
        is_there = end.value is not None and is_right(end.value, Bill, BILL)
        assert is_there or is_a_statement(style, BILL, at), (json.dumps(BILL)[:at], end)


@pytest.mark.parametrize("style", SURE)
def test_the_same_holds_for_calls(style: str) -> None:
    for at in range(40, len(json.dumps(BILL)), 23):
        assert ended(Bill, BILL, at, style, by_tool=True).value == Bill.model_validate(BILL)
