"""Answers to a part that do not have the shape that was asked for: taken where that is sure, else asked for again."""

import json
from dataclasses import replace
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from extract.flow.edit import edit_for
from tests.unit.flow.script import GOOD_JSON, VALUE, Invoice, Item, called, plan_of, play, said, text_of

BAD = said('{"seller":"ACME","items":[{"name":"pen","price":-2.0},{"name":"ink","price":3.0}]}')
SURE = {
    "the whole": GOOD_JSON,
    "the whole in a fence": f"```json\n{GOOD_JSON}\n```",
    "the whole, its other members changed": GOOD_JSON.replace("ACME", "Acme Ltd"),
    "the list": '[{"name":"pen","price":2.0},{"name":"ink","price":3.0}]',
    "the item": '{"name":"pen","price":2.0}',
    "its path": '{"$.items[0].price":2.0}',
    "its name": '{"price":2.0}',
    "the value": "2.0",
}


@pytest.mark.parametrize("answer", SURE.values(), ids=SURE)
def test_a_value_is_taken_from_where_it_belongs(answer: str) -> None:
    played = play(plan_of(), BAD, said(answer))
    assert played.value == VALUE


def test_a_value_is_taken_from_the_call_that_holds_it() -> None:
    tool, bad = (
        plan_of(method="tool"),
        '{"seller":"ACME","items":[{"name":"pen","price":-2.0},{"name":"ink","price":3.0}]}',
    )
    assert play(tool, called(bad), called("I shall look.", GOOD_JSON)).value == VALUE


def test_what_was_taken_from_the_whole_is_on_record() -> None:
    repair = next(one for one in play(plan_of(), BAD, said(GOOD_JSON)).repairs if one.rule == "taken_from_whole")
    assert (repair.path, repair.before, repair.after) == (("items", 0, "price"), "-2.0", "2.0")


UNSURE = {
    "items in another order": '{"seller":"ACME","items":[{"name":"ink","price":3.0},{"name":"pen","price":2.0}]}',
    "fewer items": '{"seller":"ACME","items":[{"name":"ink","price":2.0}]}',
    "another item": '{"name":"ink","price":3.0}',
    "other members": '{"cost":3.0,"tax":1.0}',
}


@pytest.mark.parametrize("answer", UNSURE.values(), ids=UNSURE)
def test_a_value_that_may_be_another_s_is_asked_for_again(answer: str) -> None:
    assert "$.items[0]" in text_of(play(plan_of(), BAD, said(answer)).next)


def test_of_several_places_none_is_filled_by_chance() -> None:
    bad = said('{"seller":"ACME","items":[{"name":"pen","price":-2.0},{"name":"ink","price":-3.0}]}')
    words = text_of(play(plan_of(), bad, said('{"price": 2.0, "cost": 3.0}')).next)
    assert "$.items[0]" in words
    assert "$.items[1]" in words


LOST = (
    '{"seller":"B","items":[]}',
    '{"changes":{"vendor":"B"}}',
    '{"changes":{"items":{"change":[{"index":0,"change":{"cost":5}}]}}}',
    '{"changes":{"items":[{"name":"pen","price":5}]}}',
    '{"changes":"none"}',
    '{"changes":null}',
    "[]",
)


@pytest.mark.parametrize("answer", LOST)
def test_a_patch_of_which_something_would_be_lost_is_asked_for_again(answer: str) -> None:
    base = json.loads(GOOD_JSON)
    plan = plan_of()
    plan = replace(plan, base=base, part=edit_for(plan.target.schema, base))
    assert "is not valid" in text_of(play(plan, said(answer)).next)


def test_an_apology_for_the_rest_does_not_end_the_list() -> None:
    cut = said('{"items":[{"name":"pen","price":2.0},{"name":"in', "length")
    played = play(plan_of(), cut, said("I am sorry."), said('{"items":[{"name":"ink","price":3}],"seller":"ACME"}'))
    assert played.value == VALUE
    assert "value_1" not in text_of(played.requests[2])


OPEN = '{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"in'
ITEM_OPEN = '{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"ink","price":3'
BETWEEN = '{"seller":"ACME","items":[{"name":"pen","price":2.0},{"name":"ink","price":3.0},{"name":"cap","price":4.0}'
KEY_OPEN = '{"first":"a","second":"AC'
MAP_OPEN = '{"guide":{"anna":[1,22'
REFUSED = {
    "text that goes on nowhere": (OPEN, 'k", "price": oops', "goes on inside the last one"),
    "no value": (OPEN, "I am sorry.", "holds no value, or several"),
    "no item": (OPEN, '{"items":[]}', "lacks the item in which the last one was cut"),
    "no item, bare": (OPEN, "[]", "lacks the item in which the last one was cut"),
    "another item": (ITEM_OPEN, '{"items":[{"name":"cap","price":4}]}', "does not begin with the item that was cut"),
    "the list anew": (
        BETWEEN,
        '{"items":[{"name":"pen","price":2},{"name":"ink","price":3}]}',
        "begins the list anew",
    ),
    "other kinds": (BETWEEN, '["cap", "hat"]', "does not go on with the one that was cut"),
    "not the member": (KEY_OPEN, '{"third":"c"}', "lacks the member 'second'"),
    "a list of a map": (MAP_OPEN, "[3, 4]", "says nothing of the entries that follow"),
}


class Trip(BaseModel):
    guide: dict[str, list[int]]


class Form(BaseModel):
    first: str
    second: str
    third: str


@pytest.mark.parametrize("text, answer, words", REFUSED.values(), ids=REFUSED)
def test_a_rest_that_cannot_be_joined_is_refused_with_the_reason(text: str, answer: str, words: str) -> None:
    plan = plan_of({MAP_OPEN: Trip, KEY_OPEN: Form}.get(text, Invoice))
    assert words in text_of(play(plan, said(text, "length"), said(answer)).next)


def test_a_rest_that_is_closed_once_too_often_is_taken() -> None:
    played = play(plan_of(), said(OPEN, "length"), said('{"items":[{"name":"ink","price":3}]}}'))
    assert played.value == VALUE


class Part(BaseModel):
    name: str
    unit: str
    currency: str


class Order(BaseModel):
    parts: list[Part]


def test_what_all_items_have_does_not_make_further_ones_the_list_anew() -> None:
    parts = [{"name": name, "unit": "piece", "currency": "EUR"} for name in ("pen", "ink", "hat", "box")]
    cut = json.dumps({"parts": parts[:2]})[:-2]
    played = play(plan_of(Order), said(cut, "length"), said(json.dumps({"parts": parts[2:]})))
    assert [part.name for part in played.value.parts] == ["pen", "ink", "hat", "box"]


class Three(BaseModel):
    points: Annotated[list[Item], Field(min_length=2, max_length=3)]


def test_the_rest_of_a_list_is_bounded_by_what_is_there() -> None:
    begun = said('{"points":[{"name":"a","price":1},{"name":"b"', "length")
    between = said('{"points":[{"name":"a","price":1}', "length")
    for cut, bounds in ((begun, (1, 2)), (between, (1, 2))):
        schema = json.dumps(play(plan_of(Three, method="json_schema"), cut).next.body)
        assert f'"minItems": {bounds[0]}, "maxItems": {bounds[1]}' in schema


def test_what_follows_an_item_that_was_cut_first_is_bounded_too() -> None:
    cut = said('{"points":[{"name":"a"', "length")
    body = play(plan_of(Three, method="json_schema"), cut).next.body
    assert '"minItems": 1, "maxItems": 2' in json.dumps(body)


def test_a_first_item_that_lacks_nothing_but_its_bracket_is_kept() -> None:
    cut = said('{"seller":"ACME","items":[{"price":2.0,"name":"pen"', "length")
    played = play(plan_of(), cut, said('{"items":[{"name":"ink","price":3.0}]}'))
    assert played.value == VALUE


def test_a_rest_holds_at_least_the_item_that_had_begun() -> None:
    cut = said('{"seller":"ACME","items":[{"name":"a","price":1},{"name":"b"', "length")
    assert '"minItems": 1' in json.dumps(play(plan_of(method="json_schema"), cut).next.body)


def test_the_partial_value_of_a_rest_that_was_cut_too_is_what_was_there() -> None:
    cut = said('{"items":[{"name":"pen","price":2.0},{"name":"in', "length", tokens=9000)
    failed = play(plan_of(), cut, said('{"items":[{"name":"in', "length", tokens=5)).error
    assert failed.partial == {"items": [{"name": "pen", "price": 2.0}]}


def test_a_way_out_that_was_offered_stays_offered_when_the_whole_is_asked_for_again() -> None:
    played = play(plan_of(missing="allow"), said("I cannot say."))
    assert "never invent a value" in text_of(played.next)


@pytest.mark.parametrize("answer", ["a" + " " * 100_000 + "b", '"' * 50_000, 'a" ' * 30_000, "x, " * 30_000])
def test_a_hostile_rest_is_refused_in_linear_time(answer: str) -> None:
    cut = said('{"items":[{"name":"pen","price":2.0},{"name":"in', "length")
    assert "is not valid" in text_of(play(plan_of(), cut, said(answer)).next)


def test_a_part_of_a_python_type_is_closed_as_the_type_is() -> None:
    cut = said('{"seller":"ACME","items":[{"name":"a","price":1},{"name":"b"', "length")
    assert "additional" not in json.dumps(
        play(plan_of(method="json_schema"), cut).next.body["response_format"]
    ).replace("additionalProperties", "")


def test_a_rest_that_is_cut_in_its_first_item_goes_on() -> None:
    first = said('{"seller":"ACME","items":[{"name":"pen"', "length", tokens=9000)
    second = said('{"items":{"rest_of_item":{"price":2},"following_items":[{"name":"ink","pri', "length", tokens=9000)
    third = said('{"items":[{"name":"ink","price":3},{"na', "length", tokens=9000)
    played = play(plan_of(), first, second, third, said('{"items":[{"name":"cap","price":4}]}'))
    assert [item.name for item in played.value.items] == ["pen", "ink", "cap"]


def test_a_rest_that_was_cut_too_goes_on_with_the_item_in_which_it_was() -> None:
    first = said(BETWEEN, "length", tokens=9000)
    second = said('{"items":[{"name":"hat","price":5},{"name":"box","price":6', "length", tokens=9000)
    played = play(plan_of(), first, second, said('{"items":[{"name":"nib","price":7}]}'))
    assert "does not begin with the item that was cut" in text_of(played.next)


def test_another_item_than_the_one_that_was_cut_is_believed_when_it_is_said_twice() -> None:
    other = said('{"items":[{"name":"cap","price":4}]}')
    played = play(plan_of(), said(ITEM_OPEN, "length"), other, other)
    assert [item.name for item in played.value.items] == ["pen", "cap"]
