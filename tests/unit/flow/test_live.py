"""Drafts: what they show while an answer arrives, and what is taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator, model_validator

from extract.chat.assemble import Delta
from extract.chat.reply import Lost
from extract.flow.errors import InvalidOutputError
from extract.flow.fold import start
from extract.flow.live import Live
from tests.pieces import AsyncPieces, Pieces, Said, watch, watch_async
from tests.unit.flow.script import GOOD_JSON, VALUE, error, plan_of, said


class Line(BaseModel):
    name: str
    price: float = Field(ge=0)


class Bill(BaseModel):
    seller: str
    lines: list[Line]
    paid: bool


BILL: Any = {"seller": "ACME", "lines": [{"name": "pen", "price": 2.5}, {"name": "ink", "price": 3.25}], "paid": True}
TEXT = json.dumps(BILL)


def test_the_last_draft_is_the_value() -> None:
    watched = watch(plan_of(), Pieces([Said(GOOD_JSON)]))
    assert watched.last.is_final
    assert watched.last.value == VALUE
    assert watched.extraction.value == VALUE


def test_only_the_final_draft_has_a_value() -> None:
    first = watch(plan_of(), Pieces([Said(GOOD_JSON)])).drafts[0]
    with pytest.raises(AttributeError, match="only the final draft"):
        _ = first.value


def test_a_number_is_shown_whole_or_not_at_all() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT)], (1,), 1))
    prices = {line.get("price") for partial in watched.partials if partial for line in partial.get("lines", [])}
    assert prices == {None, 2.5, 3.25}


def test_a_text_grows() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT)], (1,), 1))
    sellers = [partial.get("seller") for partial in watched.partials if partial]
    assert sellers[:5] == ["", "A", "AC", "ACM", "ACME"]


def test_texts_may_be_held_back_until_they_are_complete() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT)], (1,), 1), strings="whole")
    assert {partial.get("seller") for partial in watched.partials if partial} == {"ACME"}


def test_closed_paths_are_a_set_of_paths() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT)]))
    closed = watched.last.closed
    assert ("lines", 1, "price") in closed
    assert ("lines", 2) not in closed
    assert set(closed) == {
        (), ("seller",), ("paid",), ("lines",), *((("lines", at)) for at in range(2)),
        *(("lines", at, name) for at in range(2) for name in ("name", "price")),
    }  # fmt: skip
    assert len(closed) == 10


def test_the_partial_is_live() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT)]))
    assert all(draft.partial is watched.drafts[0].partial for draft in watched.drafts[:-1])


@pytest.mark.parametrize(
    "method", ["json_schema_strict", "json_schema", "tool_strict", "tool", "json_object", "prompt"]
)
def test_drafts_come_by_every_method(method: str) -> None:
    watched = watch(plan_of(Bill, method=method), Pieces([Said(TEXT)]))
    assert len(watched.drafts) > 10
    assert watched.last.epoch == 0


def test_a_wrapped_root_is_shown_without_its_envelope() -> None:
    watched = watch(plan_of(list[int]), Pieces([Said('{"value": [1, 22, 333]}')], (1,), 1))
    assert watched.partials[0] == []
    assert [len(partial or []) for partial in watched.partials] == sorted(
        len(partial or []) for partial in watched.partials
    )
    assert ((0,), 1) in [(path, value) for _, path, value in watched.closes]


def test_a_map_grows_under_its_own_keys() -> None:
    text = '{"value": [{"key": "a b", "value": 1}, {"key": "c", "value": 22}]}'
    watched = watch(plan_of(dict[str, int]), Pieces([Said(text)], (1,), 1))
    assert {"a b": 1} in watched.partials
    assert ("c",) in [path for _, path, _ in watched.closes]


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float


class Square(BaseModel):
    kind: Literal["square"]
    side: float


class Drawing(BaseModel):
    title: str
    shapes: list[Circle | Square]


def test_members_of_a_union_come_too() -> None:
    drawing = {"title": "t", "shapes": [{"kind": "square", "side": 1.0}, {"kind": "circle", "radius": 2.0}]}
    watched = watch(plan_of(Drawing), Pieces([Said(json.dumps(drawing))], (1,), 1))
    assert watched.lies() == []
    assert any(partial and len(partial.get("shapes", [])) == 1 for partial in watched.partials)


# --- what is passed over


@pytest.mark.parametrize(
    "text",
    [
        f"<think>or {{}}?</think>{TEXT}",
        f"Here it is:\n```json\n{TEXT}\n```\nAnything else?",
        TEXT.replace("}]", "},]"),
        f"\n\n  {TEXT}",
    ],
    ids=["thought", "fence", "comma", "space"],
)
def test_what_stands_around_the_value_is_not_shown(text: str) -> None:
    watched = watch(plan_of(Bill, method="prompt"), Pieces([Said(text)]))
    assert watched.last.epoch == 0
    assert watched.last.partial == BILL
    assert len(watched.drafts) > 10


def test_a_thought_that_only_ends_is_abandoned() -> None:
    decoy = json.dumps({**BILL, "seller": "draft"})
    watched = watch(plan_of(Bill, method="prompt"), Pieces([Said(f"Perhaps {decoy}\n</think>\n\n{TEXT}")]))
    assert watched.last.epoch == 1
    assert watched.lies() == []
    assert watched.last.partial == BILL


def test_a_call_comes_before_the_text_beside_it() -> None:
    watched = watch(plan_of(Bill, method="tool"), Pieces([Said(TEXT, reasoning='{"seller": "no"}')]))
    assert watched.last.epoch == 0


def test_what_no_parser_reads_on_the_way_is_read_in_the_end() -> None:
    watched = watch(plan_of(Bill, method="prompt"), Pieces([Said(TEXT.replace('"', "'").replace("true", "True"))]))
    assert watched.last.partial == BILL
    assert watched.last.value == Bill.model_validate(BILL)


def test_a_value_of_another_type_is_shown_when_it_is_settled() -> None:
    text = TEXT.replace("2.5", '"2.5"')
    watched = watch(plan_of(Bill, method="prompt"), Pieces([Said(text)], (1,), 1))
    assert all(
        line.get("price") != "2.5" for partial in watched.partials if partial for line in partial.get("lines", [])
    )
    assert watched.last.partial == BILL
    assert watched.last.epoch == 0


# --- more than one attempt


def test_a_failing_place_is_asked_again_and_the_rest_stays() -> None:
    bad = TEXT.replace("2.5", "-2.5")
    watched = watch(plan_of(Bill), Pieces([Said(bad), Said('{"value_1": 2.5}')]))
    assert watched.last.epoch == 0
    assert watched.lies() == []
    assert watched.last.partial == BILL
    assert len(watched.extraction.attempts) == 2


def test_a_whole_that_is_asked_again_raises_the_epoch() -> None:
    class Sum(BaseModel):
        parts: list[int]
        total: int

        @model_validator(mode="after")
        def adds_up(self) -> Sum:
            assert sum(self.parts) == self.total
            return self

    watched = watch(
        plan_of(Sum), Pieces([Said('{"parts": [1, 2], "total": 4}'), Said('{"parts": [1, 2], "total": 3}')])
    )
    assert watched.last.epoch == 1
    assert watched.lies() == []


def test_a_model_that_its_own_validator_refuses_is_not_closed() -> None:
    class Name(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def begins_high(cls, name: str) -> str:
            assert name[0].isupper()
            return name

    class People(BaseModel):
        people: list[Name]

    answers = Said('{"people": [{"name": "ada"}, {"name": "Bo"}]}'), Said('{"value_1": "Ada"}')
    watched = watch(plan_of(People), Pieces(answers))
    closed = [path for _, path, _ in watched.closes]
    assert closed.index(("people", 1)) < closed.index(())
    assert ("people", 0) not in closed[: closed.index(("people", 1))]
    assert watched.lies() == []


def test_a_broken_stream_goes_on_where_it_broke() -> None:
    pieces = Pieces([Said(TEXT[:75], end="dropped"), Said('{"lines": [{"name": "ink", "price": 3.25}], "paid": true}')])
    watched = watch(plan_of(Bill), pieces)
    assert watched.last.epoch == 0
    assert watched.last.partial == BILL
    assert watched.lies() == []


def test_trouble_before_anything_was_shown_raises_nothing() -> None:
    watched = watch(plan_of(Bill), Pieces([Lost("connect", "refused"), error("overloaded", 503), Said(TEXT)]))
    assert watched.last.epoch == 0
    assert len(watched.extraction.attempts) == 3


def test_an_answer_that_is_no_stream_is_one_draft_and_the_value() -> None:
    from tests.unit.flow.script import said

    watched = watch(plan_of(Bill), Pieces([said(TEXT)]))
    assert [draft.is_final for draft in watched.drafts] == [False, True]


def test_what_fails_ends_in_the_error_of_extract() -> None:
    plan = plan_of(Bill)
    with pytest.raises(InvalidOutputError):
        watch(plan, Pieces([Said('{"seller": 1}')] * 9))


def test_the_usage_counts_every_attempt() -> None:
    watched = watch(plan_of(Bill), Pieces([Said(TEXT.replace("2.5", "-2.5")), Said('{"value_1": 2.5}')]))
    assert watched.extraction.usage.prompt_tokens == 200


def test_tasks_see_the_same_drafts() -> None:
    answers = Said(TEXT.replace("2.5", "-2.5")), Said('{"value_1": 2.5}')
    one, other = watch(plan_of(Bill), Pieces(answers)), watch_async(plan_of(Bill), AsyncPieces(answers))
    assert one.partials == other.partials
    assert [draft.changes for draft in one.drafts] == [draft.changes for draft in other.drafts]


# --- cost


def test_a_long_text_is_renewed_in_steps_and_told_in_every_piece() -> None:
    text = "x" * 300_000
    watched = []
    pieces = Pieces([Said(json.dumps({"value": text}))], (4096,), 50)
    from extract.drive import stream
    from tests.pieces import streaming

    told = 0
    seen: set[int] = set()
    for draft in stream(streaming(plan_of(str)), [pieces], timeout_s=None):
        told += sum(len(str(change.value)) for change in draft.changes if change.kind == "append")
        seen.add(len(str(draft.partial)))
        watched.append(draft.is_final)
    assert told == len(text)
    assert len(watched) > 5000
    assert len(seen) < 400


# --- deltas by hand ---------------------------------------------------------------------------------------------------


def begun(target: object = Bill, **given: Any) -> tuple[Live, Any]:
    plan = plan_of(target, **given)
    live, now = Live(plan), start(plan)
    live.begin(now)
    return live, now


def test_thoughts_other_choices_and_further_calls_show_nothing() -> None:
    live, _ = begun()
    shown = [
        live.take(Delta(0, "reasoning", TEXT)),
        live.take(Delta(0, "refusal", TEXT)),
        live.take(Delta(1, "content", TEXT)),
        live.take(Delta(0, "tool", TEXT, slot=1)),
    ]
    assert shown == [None] * 4
    assert live.view.root is None


def test_text_behind_a_call_shows_nothing() -> None:
    live, _ = begun()
    live.take(Delta(0, "tool", '{"seller": "A'))
    assert live.take(Delta(0, "content", TEXT)) is None
    assert live.view.root == {"seller": "A"}


def test_text_that_goes_on_behind_a_call_shows_nothing() -> None:
    live, _ = begun()
    live.take(Delta(0, "content", '{"seller": "B"'))
    live.take(Delta(0, "tool", '{"seller": "A'))
    assert live.take(Delta(0, "content", ', "paid": true')) is None
    assert live.view.root == {"seller": "A"}


def test_a_call_behind_text_begins_anew() -> None:
    live, _ = begun()
    live.take(Delta(0, "content", '{"seller": "B"'))
    assert live.view.epoch == 0
    live.take(Delta(0, "tool", '{"seller": "A'))
    assert live.view.epoch == 1


def test_pieces_without_news_are_no_drafts() -> None:
    live, _ = begun()
    assert live.take(Delta(0, "content", "Here it is: ")) is None
    assert live.take(Delta(0, "content", "{")) is not None
    assert live.take(Delta(0, "content", " ")) is None


def test_a_whole_answer_is_shown_at_once_and_only_where_nothing_came() -> None:
    live, _ = begun()
    shown = live.complete(said(TEXT), "json_schema")
    assert shown is not None
    assert shown.partial == BILL
    assert live.complete(said(TEXT), "json_schema") is None


@pytest.mark.parametrize("reply", [Lost("connect", "refused"), error("overloaded", 503), said("")])
def test_an_answer_without_text_shows_nothing(reply: Any) -> None:
    live, _ = begun()
    assert live.complete(reply, "json_schema") is None


def test_a_list_may_begin_with_its_bracket_only_where_one_is_wanted() -> None:
    assert begun()[0].starts == "{"
    assert begun(list[int])[0].starts == "{["


def test_an_answer_that_is_asked_for_as_a_whole_is_taken_back() -> None:
    live, now = begun()
    live.take(Delta(0, "content", '{"seller": "B"'))
    shown = live.end(now)
    assert shown is not None
    assert (shown.partial, shown.epoch) == (None, 1)


def test_what_is_over_takes_nothing_back() -> None:
    live, now = begun()
    live.take(Delta(0, "content", TEXT))
    assert live.end(replace(now, is_over=True)) is None
    assert live.view.root == BILL
